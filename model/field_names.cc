#include "model/field_names.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/strings.h"
#include "model/audit_fields.h"
#include "model/field_paths.h"

namespace picket {
namespace {

// The members that an event can have at its top level.
constexpr std::string_view kOcsfRoots[] = {
    "access_list",
    "activity_id",
    "activity_name",
    "actor",
    "ai_model",
    "api",
    "app",
    "auth_factors",
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
    "disposition",
    "disposition_id",
    "dst_endpoint",
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
    "is_mfa",
    "logon_type",
    "logon_type_id",
    "malware",
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
    "verdict",
    "verdict_id",
    "web_resources",
    "web_resources_result",
};

// Fields whose strings contain JSON. `unmapped.decoded` contains the leaves of that JSON. Each leaf
// is named by its path.
constexpr std::string_view kDecodedTexts[] = {"Data", "AdditionalInfo", "ActivityParameters",
                                              "Actions"};

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

void AddPath(std::string_view path, std::vector<EventPath>& paths) {
  EventPath added = PathOf(path);
  for (const EventPath& known : paths) {
    if (known.member.empty() && known.segments == added.segments) return;
  }
  paths.push_back(std::move(added));
}

// Returns the path of the leaf with this name in `unmapped.decoded`.
EventPath DecodedPath(std::string name) {
  return {{"unmapped", "decoded"}, std::move(name), "value"};
}

// Returns the paths that FieldPaths() has for a raw name (a field name of the audit record). At
// these paths is the field's own value, or a name that stands for a number. Returns no paths if
// FieldPaths() has no row for the name.
std::vector<EventPath> RawPaths(std::string_view name) {
  std::vector<EventPath> paths;
  for (const FieldPath& row : FieldPaths()) {
    if (row.kept == Kept::kCopy || !EqualsIgnoreCase(row.sources, name)) continue;
    const std::string own = "unmapped." + std::string(row.sources);
    if (row.kept == Kept::kName) {
      AddPath(own, paths);
      AddPath(own + "_text", paths);
    }
    AddPath(row.ocsf, paths);
    if (row.kept == Kept::kTextOrUnmapped) AddPath(own, paths);
  }
  return paths;
}

std::vector<EventPath> EcsPaths(std::string_view name) {
  std::vector<EventPath> paths;
  for (const FieldPath& row : FieldPaths()) {
    if (!EqualsIgnoreCase(row.ecs, name)) continue;
    const std::string own = "unmapped." + std::string(row.sources);
    AddPath(row.ocsf.empty() ? std::string_view(own) : row.ocsf, paths);
    if (row.kept == Kept::kTextOrUnmapped) AddPath(own, paths);
  }
  return paths;
}

// Returns the paths of a whole list, such as "Parameters". They match any name and any value in the
// list.
std::vector<EventPath> ListPaths(const PairListPath& list) {
  std::vector<EventPath> paths;
  const std::string path(list.ocsf);
  AddPath(path + "." + std::string(list.name_key), paths);
  AddPath(path + "." + std::string(list.value_key), paths);
  if (list.value_key == "NewValue") AddPath(path + ".OldValue", paths);
  AddPath("unmapped." + std::string(list.name) + "_text", paths);
  return paths;
}

// `rest` is the part of a field name after the name of a list, such as "Value" in
// "Parameters.Value". Returns true if `rest` is "Name", "Value", "NewValue" or "OldValue", ignoring
// case. The field name then refers to this key in any element of the list.
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

// Resolves a member of a list: "Parameters.ForwardTo",
// "ModifiedProperties.Role.DisplayName.NewValue".
std::vector<EventPath> ResolvePair(const PairListPath& list, std::string_view rest) {
  if (IsPairKey(rest)) {
    EventPath path = PathOf(list.ocsf);
    path.segments.emplace_back(EqualsIgnoreCase(rest, "newvalue")   ? "NewValue"
                               : EqualsIgnoreCase(rest, "oldvalue") ? "OldValue"
                               : EqualsIgnoreCase(rest, "name")     ? list.name_key
                               : list.value_key == "NewValue"       ? "Value"
                                                                    : list.value_key);
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
  std::vector<std::string> names = {std::string(member)};
  if (member.find('_') != std::string_view::npos) {
    // Elastic replaces dots and blanks in a name with underscores. Therefore, the name is also
    // tried with dots and with blanks.
    std::string dotted(member);
    std::replace(dotted.begin(), dotted.end(), '_', '.');
    names.push_back(dotted);
    std::replace(dotted.begin(), dotted.end(), '.', ' ');
    names.push_back(dotted);
  }
  std::vector<EventPath> paths;
  for (const std::string& name : names) paths.push_back({Split(list.ocsf), name, key});
  if (list.field == Field::kParameters || list.field == Field::kDeviceProperties) return paths;
  // If the value is JSON, `unmapped.decoded` contains its leaves.
  const std::string suffix = list.field == Field::kModifiedProperties ? "." + key : "";
  for (const std::string& name : names) {
    paths.push_back(DecodedPath(std::string(list.name) + "." + name + suffix));
  }
  return paths;
}

// Returns true if an event can have the value of the field under <name>_text. A value is written
// there if it cannot be converted to the documented type.
bool HasTextBeside(const AuditField* field) {
  return field != nullptr && field->type != FieldType::kText;
}

// Fields of the record whose value is an address, which may have a port.
constexpr std::string_view kAddressFields[] = {"ActorIP",         "ActorIpAddress", "ClientIP",
                                               "ClientIPAddress", "ClientIPs",      "SenderIP",
                                               "SenderIp",        "UserIp"};

bool IsAddressField(const EventPath& path) {
  return path.segments.size() == 2 && path.segments[0] == "unmapped" &&
         std::find(std::begin(kAddressFields), std::end(kAddressFields), path.segments[1]) !=
             std::end(kAddressFields);
}

// Returns the parts of an event whose values are in the record itself.
std::vector<EventPath> KeywordPaths() {
  std::vector<EventPath> paths = {PathOf("unmapped")};
  for (const FieldPath& row : FieldPaths()) {
    const bool is_own = row.kept == Kept::kText || row.kept == Kept::kTextOrUnmapped;
    if (is_own && !row.ocsf.empty()) AddPath(row.ocsf, paths);
  }
  for (EventPath& path : paths) {
    // A record without a UserId gets an actor of this name.
    if (path.segments == Split("actor.user.name")) path.placeholder = "Unknown";
  }
  // Names that the normaliser gives to the leaves of JSON in a string, and keys of the record.
  for (const std::string_view names : {"unmapped.decoded.name", "unmapped.duplicate_keys.name"}) {
    EventPath path = PathOf(names);
    path.is_excluded = true;
    paths.push_back(std::move(path));
  }
  return paths;
}

std::vector<EventPath> Resolve(std::string_view name) {
  static constexpr std::string_view kElasticPrefix = "o365.audit.";
  const bool elastic = name.size() > kElasticPrefix.size() &&
                       EqualsIgnoreCase(name.substr(0, kElasticPrefix.size()), kElasticPrefix);
  if (elastic) name.remove_prefix(kElasticPrefix.size());
  for (const PairListPath& list : PairListPaths()) {
    if (EqualsIgnoreCase(list.name, name)) return ListPaths(list);
  }
  if (std::vector<EventPath> paths = RawPaths(name); !paths.empty()) return paths;
  if (!elastic) {
    if (std::vector<EventPath> paths = EcsPaths(name); !paths.empty()) return paths;
  }
  const std::string_view root = name.substr(0, name.find('.'));
  const std::string_view rest =
      root.size() == name.size() ? std::string_view() : name.substr(root.size() + 1);
  if (!elastic) {
    for (const std::string_view ocsf : kOcsfRoots) {
      // The comparison respects case, because "Status" is a raw field of alert records and "status"
      // is an OCSF attribute.
      if (ocsf == root) return {PathOf(name)};
    }
  }
  if (!rest.empty()) {
    for (const PairListPath& list : PairListPaths()) {
      if (EqualsIgnoreCase(list.name, root)) return ResolvePair(list, rest);
    }
  }
  const AuditField* const field = FindAuditField(root);
  EventPath path;
  path.segments = {"unmapped", std::string(field == nullptr ? root : field->name())};
  std::vector<EventPath> paths;
  if (!rest.empty()) {
    for (std::string& segment : Split(rest)) path.segments.push_back(std::move(segment));
    paths.push_back(path);
    const AuditField* member = field;
    for (const std::string& segment : Split(rest)) {
      if (member != nullptr) member = FindAuditMember(member->members, segment);
    }
    if (HasTextBeside(member)) {
      path.segments.back() += "_text";
      paths.push_back(std::move(path));
    }
    for (const std::string_view text : kDecodedTexts) {
      if (EqualsIgnoreCase(root, text)) {
        paths.push_back(DecodedPath(std::string(text) + "." + std::string(rest)));
      }
    }
    return paths;
  }
  paths.push_back(path);
  if (HasTextBeside(field)) {
    path.segments.back() += "_text";
    paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace

std::vector<EventPath> ResolveFieldName(std::string_view name) {
  if (name.empty()) return KeywordPaths();
  std::vector<EventPath> paths = Resolve(name);
  for (EventPath& path : paths) path.is_address = IsAddressField(path);
  return paths;
}

}  // namespace picket
