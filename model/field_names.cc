#include "model/field_names.h"

#include <algorithm>

#include "common/strings.h"
#include "model/audit_fields.h"

namespace picket {
namespace {

struct Alias {
  std::string_view name;   // lower case
  std::string_view paths;  // separated by '|'
};

// Raw names whose text stands at an OCSF path.
constexpr Alias kRawNames[] = {
    {"id", "metadata.original_event_uid"},
    {"creationtime", "metadata.original_time"},
    {"organizationid", "metadata.tenant_uid|unmapped.OrganizationId"},
    {"operation", "metadata.event_code"},
    {"workload", "metadata.product.feature.name"},
    {"userid", "actor.user.name"},
    {"userkey", "actor.user.uid_alt"},
    {"useragent", "http_request.user_agent|unmapped.UserAgent"},
    {"recordtype", "unmapped.RecordType|unmapped.RecordType_text|metadata.type"},
    {"parameters",
     "api.request.data.parameters.name|api.request.data.parameters.value|unmapped.Parameters_text"},
    {"modifiedproperties",
     "unmapped.ModifiedProperties.Name|unmapped.ModifiedProperties.NewValue|"
     "unmapped.ModifiedProperties.OldValue|unmapped.ModifiedProperties_text"},
    {"extendedproperties",
     "unmapped.ExtendedProperties.Name|unmapped.ExtendedProperties.Value|"
     "unmapped.ExtendedProperties_text"},
    {"deviceproperties",
     "unmapped.DeviceProperties.Name|unmapped.DeviceProperties.Value|"
     "unmapped.DeviceProperties_text"},
    {"operationproperties",
     "unmapped.OperationProperties.Name|unmapped.OperationProperties.Value|"
     "unmapped.OperationProperties_text"},
};

// ECS names as Elastic's integration fills them for this source.
constexpr Alias kEcsNames[] = {
    {"@timestamp", "time"},
    {"event.action", "metadata.event_code"},
    {"event.code", "metadata.type"},
    {"event.id", "metadata.original_event_uid"},
    {"event.outcome", "status"},
    {"event.provider", "metadata.product.feature.name"},
    {"event.severity", "severity_id"},
    {"organization.id", "metadata.tenant_uid"},
    {"organization.name", "unmapped.OrganizationName"},
    {"user.id", "actor.user.name"},
    {"user.name", "actor.user.name"},
    {"user.email", "actor.user.email_addr"},
    {"user.target.id", "user.uid"},
    {"user.target.name", "user.name"},
    {"user.target.email", "user.email_addr"},
    {"source.ip", "src_endpoint.ip"},
    {"source.port", "src_endpoint.port"},
    {"source.address", "src_endpoint.ip"},
    {"client.ip", "src_endpoint.ip"},
    {"client.address", "src_endpoint.ip"},
    {"client.port", "src_endpoint.port"},
    {"user_agent.original", "http_request.user_agent|unmapped.UserAgent"},
    {"url.original", "unmapped.ObjectId"},
    {"file.extension", "file.ext"},
    {"file.directory", "file.parent_folder"},
    {"group.id", "group.uid"},
    {"rule.id", "finding_info.uid"},
    {"rule.name", "finding_info.title"},
    {"email.from.address", "email.from"},
    {"email.to.address", "email.to"},
    {"email.message_id", "email.message_uid"},
    {"device.id", "device.uid"},
    {"host.id", "device.uid"},
    {"host.name", "device.name"},
};

// What an event may have at its top.
constexpr std::string_view kOcsfRoots[] = {
    "activity_id",
    "activity_name",
    "actor",
    "ai_model",
    "api",
    "app",
    "auth_protocol",
    "auth_protocol_id",
    "category_uid",
    "class_name",
    "class_uid",
    "cloud",
    "count",
    "data_security",
    "device",
    "direction",
    "direction_id",
    "email",
    "entity",
    "entity_result",
    "evidences",
    "file",
    "file_result",
    "finding_info",
    "group",
    "http_request",
    "is_alert",
    "message",
    "message_context",
    "metadata",
    "observables",
    "privileges",
    "raw_data",
    "resources",
    "service",
    "session",
    "severity_id",
    "src_endpoint",
    "status",
    "status_code",
    "status_detail",
    "status_id",
    "time",
    "type_uid",
    "unmapped",
    "user",
    "user_result",
    "web_resources",
    "web_resources_result",
};

struct PairList {
  std::string_view name;
  std::string_view path;
  std::string_view value_key;
};
constexpr PairList kPairLists[] = {
    {"Parameters", "api.request.data.parameters", "value"},
    {"ModifiedProperties", "unmapped.ModifiedProperties", "NewValue"},
    {"ExtendedProperties", "unmapped.ExtendedProperties", "Value"},
    {"DeviceProperties", "unmapped.DeviceProperties", "Value"},
    {"OperationProperties", "unmapped.OperationProperties", "Value"},
};

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  while (true) {
    const size_t dot = path.find('.');
    segments.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return segments;
    path.remove_prefix(dot + 1);
  }
}

EventPath PathOf(std::string_view path) { return {Split(path), {}, {}}; }

std::vector<EventPath> PathsOf(std::string_view paths) {
  std::vector<EventPath> all;
  while (true) {
    const size_t bar = paths.find('|');
    all.push_back(PathOf(paths.substr(0, bar)));
    if (bar == std::string_view::npos) return all;
    paths.remove_prefix(bar + 1);
  }
}

template <size_t N>
const Alias* FindAlias(const Alias (&aliases)[N], std::string_view lower) {
  for (const Alias& alias : aliases) {
    if (alias.name == lower) return &alias;
  }
  return nullptr;
}

// "Name", "Value", "NewValue", "OldValue" in any case: the key itself, of any member.
bool IsPairKey(std::string_view rest) {
  for (const std::string_view key : {"name", "value", "newvalue", "oldvalue"}) {
    if (EqualsIgnoreCase(rest, key)) return true;
  }
  return false;
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (text.size() <= suffix.size() ||
      !EqualsIgnoreCase(text.substr(text.size() - suffix.size()), suffix)) {
    return false;
  }
  text.remove_suffix(suffix.size());
  return true;
}

// "Parameters.ForwardTo", "ModifiedProperties.Role.DisplayName.NewValue".
std::vector<EventPath> ResolvePair(const PairList& list, std::string_view rest) {
  if (IsPairKey(rest)) {
    std::string key(rest);
    if (list.name == "Parameters") key = LowerAscii(rest);
    EventPath path = PathOf(list.path);
    path.segments.push_back(EqualsIgnoreCase(rest, "newvalue")   ? "NewValue"
                            : EqualsIgnoreCase(rest, "oldvalue") ? "OldValue"
                            : list.name == "Parameters"          ? key
                            : EqualsIgnoreCase(rest, "name")     ? "Name"
                                                                 : "Value");
    return {path};
  }
  std::string_view member = rest;
  std::string key(list.value_key);
  if (TakeSuffix(member, ".NewValue")) {
    key = "NewValue";
  } else if (TakeSuffix(member, ".OldValue")) {
    key = "OldValue";
  } else if (TakeSuffix(member, ".Value")) {
    key = list.value_key;
  }
  std::vector<EventPath> paths;
  paths.push_back({Split(list.path), std::string(member), key});
  if (member.find('_') != std::string_view::npos) {
    // Elastic writes dots and blanks of a name as underscores.
    std::string dotted(member);
    std::replace(dotted.begin(), dotted.end(), '_', '.');
    paths.push_back({Split(list.path), dotted, key});
    std::replace(dotted.begin(), dotted.end(), '.', ' ');
    paths.push_back({Split(list.path), dotted, key});
  }
  return paths;
}

}  // namespace

std::vector<EventPath> ResolveFieldName(std::string_view name) {
  static constexpr std::string_view kElasticPrefix = "o365.audit.";
  const bool elastic = name.size() > kElasticPrefix.size() &&
                       EqualsIgnoreCase(name.substr(0, kElasticPrefix.size()), kElasticPrefix);
  if (elastic) name.remove_prefix(kElasticPrefix.size());
  if (name.empty()) return {PathOf("unmapped")};

  const std::string lower = LowerAscii(name);
  if (const Alias* const alias = FindAlias(kRawNames, lower)) return PathsOf(alias->paths);
  if (!elastic) {
    if (const Alias* const alias = FindAlias(kEcsNames, lower)) return PathsOf(alias->paths);
  }
  const std::string_view root = name.substr(0, name.find('.'));
  const std::string_view rest =
      root.size() == name.size() ? std::string_view() : name.substr(root.size() + 1);
  if (!elastic) {
    for (const std::string_view ocsf : kOcsfRoots) {
      // Raw names are capitalised, OCSF's are not: "Status" is a field of alerts, "status" is OCSF's.
      if (ocsf == root) return {PathOf(name)};
    }
  }
  if (!rest.empty()) {
    for (const PairList& list : kPairLists) {
      if (EqualsIgnoreCase(list.name, root)) return ResolvePair(list, rest);
    }
  }
  const AuditField* const field = FindAuditField(root);
  EventPath path;
  path.segments = {"unmapped", std::string(field == nullptr ? root : field->name)};
  std::vector<EventPath> paths;
  if (!rest.empty()) {
    for (std::string& segment : Split(rest)) path.segments.push_back(std::move(segment));
    paths.push_back(std::move(path));
    return paths;
  }
  paths.push_back(path);
  if (field != nullptr && field->type != FieldType::kText && field->type != FieldType::kAny) {
    path.segments.back() += "_text";
    paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace picket
