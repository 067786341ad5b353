#pragma once

// Builds an event as a tree, with the attributes that all OCSF classes have. dom_class_event.h adds
// the attributes that only the event's class has.

#include <string>
#include <string_view>
#include <utility>

#include "bench/twins/dom_class_event.h"
#include "bench/twins/dom_facts.h"

namespace picket::twins {

template <typename Dom>
struct DomEvent {
  using Value = typename Dom::Value;
  using Record = DomRecord<Dom>;

  Dom& dom;
  DomFacts<Dom>& facts;
  Record& record = facts.record;
  const Frame& frame = facts.frame;
  const Mapping& mapping = facts.mapping;

  std::string_view Text(Field field) const { return record.Text(field); }
  void SetText(Value& object, std::string_view key, std::string_view text) {
    dom.Set(object, key, dom.Text(text));
  }
  void SetIfText(Value& object, std::string_view key, std::string_view text) {
    if (!text.empty()) SetText(object, key, text);
  }
  void SetNumber(Value& object, std::string_view key, int64_t number) {
    dom.Set(object, key, dom.Number(number));
  }
  // Returns {"key":"text"}.
  Value Named(std::string_view key, std::string_view text) {
    Value object = dom.Object();
    SetText(object, key, text);
    return object;
  }

  // Builds the event. Moves members of the record into it, so the record must not be used
  // afterwards.
  Value Build() {
    const int64_t class_uid = mapping.class_uid;
    Value event = dom.Object();
    SetNumber(event, "class_uid", class_uid);
    SetNumber(event, "category_uid", facts.ocsf_class->category_uid);
    SetNumber(event, "type_uid", class_uid * 100 + mapping.activity_id);
    SetNumber(event, "activity_id", mapping.activity_id);
    SetNumber(event, "time", frame.time_ms);
    SetNumber(event, "severity_id", facts.severity_id);
    SetNumber(event, "status_id", facts.status_id);
    SetText(event, "status", facts.status);
    SetIfText(event, "status_code", facts.status_code);
    SetIfText(event, "status_detail", facts.status_detail);
    SetText(event, "activity_name", facts.activity_name);
    SetText(event, "class_name", facts.ocsf_class->name);
    SetText(event, "message", facts.operation);
    dom.Set(event, "metadata", Metadata());
    Value cloud = Named("provider", "Microsoft 365");
    dom.Set(cloud, "org", Named("uid", frame.tenant));
    dom.Set(event, "cloud", std::move(cloud));
    AddActor(event);
    if (facts.ocsf_class->has_src_endpoint) AddSource(event);
    if (facts.ocsf_class->has_http_request &&
        (record.IsText(Field::kUserAgent) || !facts.user_agent.empty())) {
      dom.Set(event, "http_request", Named("user_agent", facts.user_agent));
    }
    AddDevice(event);
    AddApi(event);
    DomClassEvent<Dom>{dom, facts, event}.Add();
    AddObservables(event);
    AddUnmapped(event);
    return event;
  }

 private:
  Value Metadata() {
    Value metadata = Named("event_code", facts.operation);
    SetText(metadata, "uid", frame.uid);
    SetText(metadata, "tenant_uid", frame.tenant);
    if (record.IsText(Field::kId)) SetText(metadata, "original_event_uid", Text(Field::kId));
    if (record.IsText(Field::kCreationTime)) {
      SetText(metadata, "original_time", Text(Field::kCreationTime));
    }
    SetIfText(metadata, "type", facts.record_type_name);
    SetIfText(metadata, "log_name", frame.content_type);
    if (frame.logged_time_ms >= 0) SetNumber(metadata, "logged_time", frame.logged_time_ms);
    if (frame.processed_time_ms >= 0) {
      SetNumber(metadata, "processed_time", frame.processed_time_ms);
    }
    SetIfText(metadata, "correlation_uid", facts.correlation);
    if (!facts.labels.empty()) {
      Value labels = dom.Array();
      for (const std::string_view label : facts.labels) dom.Push(labels, dom.Text(label));
      dom.Set(metadata, "labels", std::move(labels));
    }
    Value remarks = dom.Array();
    for (const auto& [is_so, remark] :
         {std::pair<bool, std::string_view>{facts.ip_unparsed, "ip_unparsed"},
          {frame.time_missing, "time_missing"},
          {record.has_duplicates(), "dup_key"},
          {facts.inner_json_bad, "inner_json_bad"},
          {frame.id_missing, "id_missing"},
          {frame.org_mismatch, "org_mismatch"}}) {
      if (is_so) dom.Push(remarks, dom.Text(remark));
    }
    if (Dom::Size(remarks) > 0) dom.Set(metadata, "debug", std::move(remarks));
    Value profiles = dom.Array();
    dom.Push(profiles, dom.Text("cloud"));
    dom.Push(profiles, dom.Text("host"));
    if (mapping.subject == Subject::kAi) dom.Push(profiles, dom.Text("ai_operation"));
    dom.Set(metadata, "profiles", std::move(profiles));
    SetText(metadata, "version", kOcsfVersion);
    Value product = Named("name", "Microsoft 365");
    SetText(product, "vendor_name", "Microsoft");
    if (!facts.workload.empty()) dom.Set(product, "feature", Named("name", facts.workload));
    dom.Set(metadata, "product", std::move(product));
    Value transformations = dom.Array();
    Value transformation = Named("name", "picket-mapping");
    SetText(transformation, "uid", kMappingVersion);
    dom.Push(transformations, std::move(transformation));
    dom.Set(metadata, "transformation_info_list", std::move(transformations));
    return metadata;
  }

  void AddActor(Value& event) {
    Value user = Named("name", facts.user_name);
    if (IsMailAddress(facts.user_name)) SetText(user, "email_addr", facts.user_name);
    SetIfText(user, "uid", facts.user_uid);
    if (record.IsText(Field::kUserKey)) SetText(user, "uid_alt", Text(Field::kUserKey));
    if (const std::optional<int64_t> type = record.Integer(Field::kUserType)) {
      const auto is = [&](int64_t type_id, std::string_view name) {
        SetNumber(user, "type_id", type_id);
        SetText(user, "type", name);
      };
      switch (*type) {
        case 0:
          is(1, "User");
          break;
        case 10:
          is(1, "Guest");
          break;
        case 2:
          is(2, "Admin");
          break;
        case 3:
        case 4:
        case 7:
        case 8:
          is(3, "System");
          break;
        case 5:
        case 6:
          is(4, "Service");
          break;
        case 9:
          is(99, "PartnerTechnician");
          break;
        default:
          is(0, "Unknown");
      }
    }
    Value actor = dom.Object();
    dom.Set(actor, "user", std::move(user));
    AddSession(actor);
    SetIfText(actor, "app_uid", facts.app_uid);
    SetIfText(actor, "app_name", facts.app_name);
    dom.Set(event, "actor", std::move(actor));
    if (mapping.class_uid == ocsf::kAuthentication) AddSession(event);
  }

  void AddSession(Value& object) {
    if (facts.session.empty() && facts.token.empty()) return;
    Value session = dom.Object();
    SetIfText(session, "uid", facts.session);
    SetIfText(session, "credential_uid", facts.token);
    dom.Set(object, "session", std::move(session));
  }

  void AddSource(Value& event) {
    if (!facts.addresses.empty()) {
      dom.Set(event, "src_endpoint", DomClassEvent<Dom>{dom, facts, event}.Source());
    } else if (mapping.class_uid == ocsf::kApiActivity ||
               mapping.class_uid == ocsf::kFileHostingActivity) {
      std::string_view server = Text(Field::kOriginatingServer);
      server = server.substr(0, server.find_first_of(" (\\\"\r\n\t\b\f"));
      server = FirstOf(server, FirstOf(facts.workload, "Microsoft 365"));
      dom.Set(event, "src_endpoint", Named("svc_name", server));
    }
  }

  void AddDevice(Value& event) {
    const auto property = [&](std::string_view name) {
      return record.PairValue(Field::kDeviceProperties, name);
    };
    const std::string_view uid = FirstOf(property("Id"), Text(Field::kDeviceId));
    const Value* const client = record.Get(Field::kCommon);
    const std::string_view name =
        FirstOf(FirstOf(property("DisplayName"), Text(Field::kDeviceDisplayName)),
                FirstOf(Record::MemberText(client, "DeviceName"),
                        Record::MemberText(record.Get(Field::kEndpointMetaData), "DeviceName")));
    const std::string_view os =
        FirstOf(property("OS"), FirstOf(PlatformName(record.Get(Field::kPlatform)),
                                        PlatformName(Record::Member(client, "Platform"))));
    const std::string_view is_managed = FirstOf(property("IsCompliantAndManaged"), IsManaged());
    if (uid.empty() && name.empty() && os.empty() && property("IsCompliant").empty() &&
        is_managed.empty()) {
      return;
    }
    Value device = dom.Object();
    SetNumber(device, "type_id", 0);
    SetIfText(device, "uid", uid);
    SetText(device, "name", FirstOf(name, FirstOf(uid, "Unknown")));
    if (!os.empty()) {
      Value system = Named("name", os);
      const auto begins = [&](std::string_view word) {
        return EqualsIgnoreCase(os.substr(0, word.size()), word);
      };
      const bool windows = StartsWith(os, "Windows") || StartsWith(os, "windows");
      SetNumber(system, "type_id",
                windows             ? 100
                : begins("mac")     ? 300
                : begins("ios")     ? 301
                : begins("android") ? 201
                : begins("linux")   ? 200
                                    : 0);
      dom.Set(device, "os", std::move(system));
    }
    for (const auto& [key, value] :
         {std::pair<std::string_view, std::string_view>{"is_compliant", property("IsCompliant")},
          {"is_managed", is_managed}}) {
      const bool is_true = EqualsIgnoreCase(value, "true");
      if (is_true || EqualsIgnoreCase(value, "false")) dom.Set(device, key, dom.Bool(is_true));
    }
    dom.Set(event, "device", std::move(device));
  }

  std::string_view PlatformName(const Value* platform) {
    if (platform == nullptr || !(Dom::IsText(*platform) || Dom::IsNumber(*platform))) return {};
    const std::string_view number = record.AsText(*platform);
    return number == "1"   ? "Windows"
           : number == "2" ? "macOS"
           : number == "3" ? "iOS"
           : number == "4" ? "Android"
                           : "";
  }

  std::string_view IsManaged() {
    const Value* const managed = record.Get(Field::kIsManagedDevice);
    if (managed == nullptr || !(Dom::IsText(*managed) || Dom::IsBool(*managed))) return {};
    const std::string_view text = record.AsText(*managed);
    return EqualsIgnoreCase(text, "true") || EqualsIgnoreCase(text, "false") ? text : "";
  }

  void AddApi(Value& event) {
    std::optional<Value> parameters = record.Parameters();
    const bool has_properties = record.Has(Field::kOperationProperties);
    if (mapping.class_uid != ocsf::kApiActivity && !parameters && !has_properties) return;
    Value api = Named("operation", facts.operation);
    if (!facts.workload.empty()) dom.Set(api, "service", Named("name", facts.workload));
    Value data = dom.Object();
    if (parameters) {
      dom.Set(data, "parameters", std::move(*parameters));
      AddPairsByName(data, Field::kParameters);
    }
    if (has_properties) AddCallProperties(data);
    if (mapping.subject == Subject::kCmdlet && !parameters) {
      AddPairsByName(data, Field::kModifiedProperties);
    }
    if (mapping.subject == Subject::kAi) AddMessageCounts(data);
    if (Dom::Size(data) > 0) {
      Value request = Named("uid", frame.uid);
      dom.Set(request, "data", std::move(data));
      dom.Set(api, "request", std::move(request));
    }
    dom.Set(event, "api", std::move(api));
  }

  void AddPairsByName(Value& data, Field list) {
    uint64_t written = 0;
    for (const Pair& pair : record.Pairs(list)) {
      const PairName* const name = pair.is_text ? FindPairName(list, pair.name) : nullptr;
      if (name == nullptr || (written >> name->number & 1) != 0) continue;
      written |= uint64_t{1} << name->number;
      const std::string_view key = name->key_json.substr(1, name->key_json.size() - 3);
      SetText(data, key, pair.value);
    }
  }

  void AddCallProperties(Value& data) {
    const auto property = [&](std::string_view name) {
      return record.PairValue(Field::kOperationProperties, name);
    };
    SetIfText(data, "MailAccessType", property("MailAccessType"));
    const std::string_view throttled = property("IsThrottled");
    const bool is_throttled = EqualsIgnoreCase(throttled, "true");
    if (is_throttled || EqualsIgnoreCase(throttled, "false")) {
      dom.Set(data, "IsThrottled", dom.Bool(is_throttled));
    }
    if (mapping.subject != Subject::kInboxRule) return;
    const RuleActions actions = facts.InboxRuleActions();
    // Sets a member, unless Parameters has already set it.
    const auto set = [&](std::string_view name, std::string_view value) {
      if (Dom::Find(data, name) == nullptr) SetIfText(data, name, value);
    };
    set("Name", property("RuleName"));
    set("ForwardTo", record.Keep(actions.forward_to));
    set("RedirectTo", record.Keep(actions.redirect_to));
    set("ForwardAsAttachmentTo", record.Keep(actions.forward_as_attachment_to));
    set("MoveToFolder", actions.move_to_folder);
    set("DeleteMessage", actions.deletes ? "True" : "");
  }

  void AddMessageCounts(Value& data) {
    int64_t prompts = 0;
    int64_t responses = 0;
    const Value* const copilot = record.Get(Field::kCopilotEventData);
    Record::ForEach(Record::Member(copilot, "Messages"), [&](const Value& message) {
      const Value* const is_prompt = Record::Member(&message, "isPrompt");
      if (is_prompt == nullptr || !Dom::IsBool(*is_prompt)) return;
      ++(Dom::GetBool(*is_prompt) ? prompts : responses);
    });
    SetNumber(data, "prompt_count", prompts);
    SetNumber(data, "response_count", responses);
  }

  void AddObservables(Value& event) {
    Value observables = dom.Array();
    const auto observe = [&](std::string_view name, int64_t type_id, std::string_view value) {
      if (value.empty()) return;
      Value one = Named("name", name);
      SetNumber(one, "type_id", type_id);
      SetText(one, "value", value);
      dom.Push(observables, std::move(one));
    };
    if (facts.addresses.size() > 1) {
      for (const PlainAddress& address : facts.addresses) {
        if (address.ip.empty()) {
          observe("src_endpoint.hostname", 1, address.hostname);
        } else {
          observe("src_endpoint.ip", 2, address.ip);
        }
      }
    }
    if (mapping.subject == Subject::kSharing) {
      observe("unmapped.TargetUserOrGroupName", 4, Text(Field::kTargetUserOrGroupName));
      observe("unmapped.UserSharedWith", 4, Text(Field::kUserSharedWith));
    }
    if (mapping.subject == Subject::kTeam) {
      Record::ForEach(record.Get(Field::kMembers), [&](const Value& member) {
        observe("unmapped.Members.UPN", 4, Record::MemberText(&member, "UPN"));
      });
      Record::ForEachText(
          Record::Member(record.Get(Field::kParticipantInfo), "ParticipatingTenantIds"),
          [&](std::string_view id) {
            if (EqualsIgnoreCase(id, frame.tenant)) return;
            observe("unmapped.ParticipantInfo.ParticipatingTenantIds", 10, id);
          });
    }
    if (Dom::Size(observables) > 0) dom.Set(event, "observables", std::move(observables));
  }

  void AddUnmapped(Value& event) {
    Value unmapped = dom.Object();
    // In most events, an attribute contains the value of such a field. If the event has no such
    // attribute, the value is added to `unmapped`.
    if (!facts.ocsf_class->has_http_request && record.IsText(Field::kUserAgent)) {
      SetText(unmapped, "UserAgent", Text(Field::kUserAgent));
    }
    if (record.IsText(Field::kOrganizationId) && Text(Field::kOrganizationId) != frame.tenant) {
      SetText(unmapped, "OrganizationId", Text(Field::kOrganizationId));
    }
    if (record.IsText(Field::kWorkload) && facts.workload.empty()) {
      SetText(unmapped, "Workload", "");
    }
    if (facts.record_type_is_name) SetNumber(unmapped, "RecordType", facts.record_type);
    record.TakeUnmapped(unmapped);
    if (!facts.decoded.empty()) {
      Value decoded = dom.Array();
      for (const Leaf& leaf : facts.decoded) {
        Value one = Named("name", leaf.name);
        SetText(one, "value", leaf.value);
        dom.Push(decoded, std::move(one));
      }
      dom.Set(unmapped, "decoded", std::move(decoded));
    }
    if (Dom::Size(unmapped) > 0) dom.Set(event, "unmapped", std::move(unmapped));
  }
};

}  // namespace picket::twins
