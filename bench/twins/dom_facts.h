#pragma once

// Finds the facts of a record from which an event is built: its mapping, outcome, actor and
// addresses.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/twins/dom_record.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "model/mapping.h"
#include "model/ocsf_class.h"
#include "model/operation_lookup.h"
#include "model/record_types.h"

namespace picket::twins {

struct Frame {
  std::string tenant;
  std::string uid;
  std::string_view content_type;
  int64_t logged_time_ms = -1;
  int64_t processed_time_ms = -1;
  int64_t time_ms = 0;
  bool id_missing = false;
  bool time_missing = false;
  bool org_mismatch = false;
};

struct NamedOne {
  std::string_view name;
  std::string_view uid;
  bool known() const { return !name.empty() || !uid.empty(); }
};

struct ActorOrTarget {
  std::string_view upn;
  std::string_view name;
  std::string_view guid;
};

struct Leaf {
  std::string name;  // a path such as "Data.f3u"
  std::string value;
};

struct RuleActions {
  std::string forward_to;
  std::string redirect_to;
  std::string forward_as_attachment_to;
  std::string_view move_to_folder;
  bool deletes = false;
};

template <typename Dom>
struct DomFacts {
  using Record = DomRecord<Dom>;
  using Value = typename Dom::Value;

  Dom& dom;
  Record& record;
  const Frame& frame;

  Mapping mapping;
  const OcsfClass* ocsf_class = nullptr;
  std::string_view operation;
  std::string_view workload;
  std::string activity_name;
  int64_t record_type = -1;
  std::string_view record_type_name;
  bool record_type_is_name = false;
  int severity_id = 1;
  int status_id = 0;
  std::string_view status;
  std::string_view status_code;
  std::string_view status_detail;
  std::string_view user_name;
  std::string_view user_uid;
  std::string_view session;
  std::string_view token;
  std::string_view app_uid;
  std::string_view app_name;
  std::string_view correlation;
  std::string_view user_agent;
  std::vector<PlainAddress> addresses;
  std::vector<std::string_view> labels;
  std::vector<Leaf> decoded;
  ActorOrTarget target;
  bool ip_unparsed = false;
  bool inner_json_bad = false;

  std::string_view Text(Field field) const { return record.Text(field); }
  std::string_view Parameter(std::string_view name) const {
    return record.PairValue(Field::kParameters, name);
  }
  std::string_view Modified(std::string_view name) const {
    return record.PairValue(Field::kModifiedProperties, name);
  }

  void Find() {
    operation = Text(Field::kOperation);
    workload = Text(Field::kWorkload);
    FindDecoded();
    FindMapping();
    ocsf_class = FindOcsfClass(mapping.class_uid);
    activity_name = mapping.activity_id == ocsf::kOtherActivity
                        ? FirstOf(mapping.detail, operation)
                        : ActivityName(*ocsf_class, mapping.activity_id);
    FindLabels();
    FindOutcome();
    FindSeverity();
    FindAddresses();
    FindActor();
    target = ReadIdentity(record.Get(Field::kTarget));
  }

  // Returns the new value of a modified property, or the old value if the property was removed.
  std::string_view Property(std::string_view name) const {
    const Pair* const pair = record.FindPair(Field::kModifiedProperties, name);
    if (pair == nullptr) return {};
    const std::string_view value = ReadListOfOne(pair->value);
    return value.empty() || value == "[]" ? ReadListOfOne(pair->old_value) : value;
  }

  // Returns the new value of a modified property, or an empty view if the property was removed.
  std::string_view NewValue(std::string_view name) const {
    const std::string_view value = ReadListOfOne(Modified(name));
    return value == "[]" ? std::string_view() : value;
  }

  // Returns the item type as a name, even if the record contains a number.
  std::string_view ItemType() const {
    static constexpr std::pair<int64_t, std::string_view> kTypes[] = {
        {1, "File"},   {5, "Folder"},          {6, "Web"},  {7, "Site"},
        {8, "Tenant"}, {9, "DocumentLibrary"}, {11, "Page"}};
    const std::optional<int64_t> number = record.Integer(Field::kItemType);
    for (const auto& [type, name] : kTypes) {
      if (number == type) return name;
    }
    return Text(Field::kItemType);
  }

  RuleActions InboxRuleActions() const {
    static constexpr std::string_view kPath = "OperationProperties.RuleActions.";
    RuleActions actions;
    std::string_view type;
    for (const Leaf& leaf : decoded) {
      if (!StartsWith(leaf.name, kPath)) continue;
      const std::string_view key = std::string_view(leaf.name).substr(kPath.size());
      if (key == "ActionType") {
        type = leaf.value;
        actions.deletes |= Contains(type, "Delete");
      } else if (StartsWith(key, "Recipients")) {
        std::string& to = type == "Redirect"              ? actions.redirect_to
                          : type == "ForwardAsAttachment" ? actions.forward_as_attachment_to
                                                          : actions.forward_to;
        if (leaf.value.empty()) continue;
        to += (to.empty() ? "" : ";") + leaf.value;
      } else if (Contains(key, "Folder") && actions.move_to_folder.empty()) {
        actions.move_to_folder = leaf.value;
      }
    }
    return actions;
  }

  // Calls `function` for each rule of each matched policy.
  template <typename Function>
  void ForEachPolicyRule(Function function) const {
    Record::ForEach(record.Get(Field::kPolicyDetails), [&](const Value& policy) {
      Record::ForEach(Record::Member(&policy, "Rules"), function);
    });
  }

 private:
  void FindDecoded() {
    const auto decode = [&](const std::string& name, std::string_view text, bool always_json) {
      if (!StartsLikeJson(text)) return;
      const size_t before = decoded.size();
      const Value* const inner = dom.ParseInner(text);
      if (inner != nullptr && AddLeaves(name, *inner, 1)) return;
      decoded.resize(before);
      inner_json_bad |= always_json;
    };
    if (const std::string_view server = Text(Field::kOriginatingServer); !server.empty()) {
      const std::string_view trimmed = TrimBlanks(server);
      const bool ends_blank =
          !trimmed.empty() && trimmed.data() + trimmed.size() != server.data() + server.size();
      if (ends_blank) decoded.push_back({"OriginatingServer", std::string(trimmed)});
    }
    for (const auto& [field, name] : {std::pair<Field, const char*>{Field::kData, "Data"},
                                      {Field::kAdditionalInfo, "AdditionalInfo"},
                                      {Field::kActivityParameters, "ActivityParameters"},
                                      {Field::kOperationProperties, "OperationProperties"}}) {
      decode(name, Text(field), true);
      const Value* const value = record.Get(field);
      if (value == nullptr || field == Field::kOperationProperties) continue;
      if (!Dom::IsObject(*value) && !Dom::IsArray(*value)) continue;
      const size_t before = decoded.size();
      if (!AddLeaves(name, *value, 1)) decoded.resize(before);
    }
    Record::ForEachText(record.Get(Field::kActions),
                        [&](std::string_view action) { decode("Actions", action, false); });
    for (const Pair& pair : record.Pairs(Field::kModifiedProperties)) {
      const std::string name = "ModifiedProperties." + std::string(pair.name);
      decode(name + ".NewValue", pair.value, false);
      decode(name + ".OldValue", pair.old_value, false);
    }
    for (const auto& [field, name] :
         {std::pair<Field, const char*>{Field::kExtendedProperties, "ExtendedProperties."},
          {Field::kOperationProperties, "OperationProperties."}}) {
      for (const Pair& pair : record.Pairs(field)) {
        decode(name + std::string(pair.name), pair.value, false);
        decode(name + std::string(pair.name) + ".OldValue", pair.old_value, false);
      }
    }
  }

  // Adds the leaves of `value` to `decoded`. Returns false if the value is nested too deeply.
  bool AddLeaves(const std::string& name, const Value& value, int depth) {
    bool fits = depth <= 64;
    if (Dom::IsObject(value)) {
      Dom::ForEachMember(value, [&](std::string_view key, const Value& member) {
        fits = fits && AddLeaves(name + "." + std::string(key), member, depth + 1);
      });
    } else if (Dom::IsArray(value)) {
      Dom::ForEach(value,
                   [&](const Value& member) { fits = fits && AddLeaves(name, member, depth + 1); });
    } else {
      decoded.push_back(
          {name, Dom::IsText(value) ? std::string(Dom::GetText(value)) : Dom::Dump(value)});
    }
    return fits;
  }

  void FindMapping() {
    if (const std::optional<int64_t> number = record.Integer(Field::kRecordType)) {
      record_type = *number;
      record_type_name = RecordTypeName(static_cast<int32_t>(record_type)).name();
    } else {
      const std::string_view name = Text(Field::kRecordType);
      record_type = RecordTypeNumber(name, RecordTypeList::kManagementApi);
      record_type_is_name = record_type >= 0;
      if (record_type_is_name) record_type_name = name;
    }
    const bool has_resource = !Text(Field::kObjectId).empty() || !Text(Field::kSiteUrl).empty() ||
                              !Text(Field::kUrl).empty() || !Text(Field::kURL).empty();
    mapping = MapOperation(workload, operation, static_cast<int32_t>(record_type), has_resource);
    if (mapping.subject == Subject::kTargetUser && mapping.detail == "Update") FindUserUpdate();
    if (mapping.subject == Subject::kDlp && mapping.class_uid == ocsf::kFileHostingActivity) {
      const Value* const policies = record.Get(Field::kPolicyDetails);
      if (policies != nullptr && !(Dom::IsArray(*policies) && Dom::Size(*policies) == 0)) {
        mapping.class_uid = ocsf::kDataSecurityFinding;
        mapping.activity_id = 1;
      }
    }
    if (mapping.class_uid == ocsf::kDetectionFinding) {
      const std::string_view state = Text(Field::kStatus);
      if (mapping.activity_id == 2 && state == "Resolved") mapping.activity_id = 3;
      if (mapping.subject == Subject::kInvestigation && !state.empty()) {
        const bool over = Contains(state, "emediated") || Contains(state, "losed") ||
                          Contains(state, "ompleted") || Contains(state, "erminated") ||
                          Contains(state, "ailed") || Contains(state, "o Threats") ||
                          Contains(state, "o threats");
        mapping.activity_id = Contains(state, "artially") ? 2
                              : over                      ? 3
                              : Contains(state, "tarted") ? 1
                                                          : 2;
      }
    }
    const std::string_view item_type = ItemType();
    if (mapping.subject == Subject::kSharing && mapping.activity_id == 12 &&
        (item_type == "Web" || item_type == "Site")) {
      mapping.class_uid = ocsf::kWebResourcesActivity;
      mapping.activity_id = 8;
    }
  }

  void FindUserUpdate() {
    for (const Pair& pair : record.Pairs(Field::kModifiedProperties)) {
      if (pair.name == "AccountEnabled") {
        mapping.activity_id = Contains(pair.value, "true") ? 2 : 5;
        return;
      }
      if (StartsWith(pair.name, "StrongAuthentication")) {
        const bool removed = pair.value.empty() || pair.value == "[]";
        mapping.activity_id = removed ? 11 : 10;
        if (removed) mapping.severity_id = 3;
        return;
      }
    }
  }

  void AddLabel(std::string_view label) {
    labels.push_back(label);
    mapping.severity_id = std::max<uint8_t>(mapping.severity_id, 3);
  }

  void FindLabels() {
    if (!mapping.label.empty()) labels.push_back(mapping.label);
    if (mapping.class_uid != ocsf::kApiActivity) return;
    static constexpr std::string_view kForwarding[] = {
        "ForwardTo",         "RedirectTo",  "ForwardAsAttachmentTo", "ForwardingSmtpAddress",
        "ForwardingAddress", "BlindCopyTo", "RedirectMessageTo"};
    const std::vector<Pair>& parameters = record.Pairs(Field::kParameters);
    if (std::any_of(parameters.begin(), parameters.end(), [](const Pair& pair) {
          return !pair.value.empty() && std::find(std::begin(kForwarding), std::end(kForwarding),
                                                  pair.name) != std::end(kForwarding);
        })) {
      AddLabel("forwarding");
    }
    if (mapping.subject == Subject::kInboxRule) {
      const RuleActions actions = InboxRuleActions();
      if (!actions.forward_to.empty() || !actions.redirect_to.empty() ||
          !actions.forward_as_attachment_to.empty()) {
        AddLabel("forwarding");
      }
    }
    const std::string_view audit = Parameter("AuditEnabled");
    if (EqualsIgnoreCase(audit, "false") || audit == "$false") AddLabel("security_control_change");
  }

  // Returns 1 if the field is true or "true", and 0 if it is false or "false". Returns -1 if the
  // field is absent or has any other value.
  int Truth(Field field) const {
    const Value* const value = record.Get(field);
    if (value == nullptr) return -1;
    if (Dom::IsBool(*value)) return Dom::GetBool(*value) ? 1 : 0;
    if (EqualsIgnoreCase(Text(field), "true")) return 1;
    return EqualsIgnoreCase(Text(field), "false") ? 0 : -1;
  }

  void FindOutcome() {
    const std::string_view error = Text(Field::kLogonError);
    const Value* const result_value = record.Get(Field::kResultStatus);
    const bool is_boolean = result_value != nullptr && Dom::IsBool(*result_value);
    const std::string_view result = !is_boolean                   ? Text(Field::kResultStatus)
                                    : Dom::GetBool(*result_value) ? "true"
                                                                  : "false";
    if (const Value* const number = record.Get(Field::kErrorNumber);
        number != nullptr && (Dom::IsText(*number) || Dom::IsNumber(*number))) {
      status_code = record.AsText(*number);
    }
    if (const Value* const number = record.Get(Field::kErrorCode);
        mapping.class_uid == ocsf::kAuthentication && status_code.empty() && number != nullptr &&
        (Dom::IsText(*number) || Dom::IsNumber(*number))) {
      status_code = record.AsText(*number);
    }
    const auto is = [&](std::string_view word) { return EqualsIgnoreCase(result, word); };
    const bool has_error = !status_code.empty() && status_code != "0";
    const bool is_sign_in = mapping.class_uid == ocsf::kAuthentication;
    const std::string_view trimmed = TrimOperation(operation);
    if (EqualsIgnoreCase(trimmed, "UserLoginFailed") ||
        EqualsIgnoreCase(trimmed, "UnmanagedSyncClientBlocked")) {
      status_id = 2;
    } else if (is_sign_in && (!error.empty() || (has_error && status_code != "50140"))) {
      status_id = 2;
    } else if (is_sign_in && status_code == "50140") {
      status_id = 1;
    } else if (is("true") || is("success") || is("succeeded") || is("successful")) {
      status_id = 1;
    } else if (is("partiallysucceeded")) {
      status_id = 1;
      status_detail = "partial";
    } else if (is("false") || is("failed") || is("failure") || Truth(Field::kIsSuccess) == 0) {
      status_id = 2;
    } else if (!result.empty()) {
      status_id = 99;
    } else if (Truth(Field::kIsSuccess) == 1) {
      status_id = 1;
    }
    status = status_id == 0   ? "Unknown"
             : status_id == 1 ? "Success"
             : status_id == 2 ? "Failure"
                              : result;
    if (!error.empty()) status_detail = error;
    if (is_sign_in && status_code.empty()) {
      if (const Value* const login = record.Get(Field::kLoginStatus);
          login != nullptr && (Dom::IsText(*login) || Dom::IsNumber(*login))) {
        status_code = record.AsText(*login);
      }
      status_detail =
          FirstOf(status_detail, record.PairValue(Field::kExtendedProperties, "LoginError"));
    }
  }

  void FindSeverity() {
    const auto rank = [](std::string_view word, int other) {
      static constexpr std::string_view kWords[] = {"informational", "low", "medium", "high"};
      for (int i = 0; i < 4; ++i) {
        if (EqualsIgnoreCase(word, kWords[i])) return i + 1;
      }
      return other;
    };
    severity_id = mapping.severity_id;
    if (mapping.class_uid == ocsf::kDetectionFinding ||
        mapping.class_uid == ocsf::kDataSecurityFinding) {
      int highest = 0;
      if (mapping.class_uid == ocsf::kDataSecurityFinding) {
        ForEachPolicyRule([&](const Value& rule) {
          const Value* const severity = Record::Member(&rule, "Severity");
          if (severity == nullptr || !Dom::IsText(*severity)) return;
          highest = std::max(highest, rank(Dom::GetText(*severity), 1));
        });
      }
      severity_id = highest > 0 ? highest : rank(Text(Field::kSeverity), severity_id);
    }
    if (status_id == 2) severity_id = std::max(severity_id, 2);
  }

  void FindAddresses() {
    const auto add = [&](const Value& value) {
      const std::string_view text = Record::TextOf(&value);
      if (Dom::IsText(value) && (TrimBlanks(text).empty() || KnownOrEmpty(text).empty())) return;
      const std::vector<PlainAddress> found = ReadAddresses(text);
      if (found[0] == PlainAddress()) {
        ip_unparsed = true;
        return;
      }
      for (const PlainAddress& one : found) {
        if (one == PlainAddress() ||
            std::find(addresses.begin(), addresses.end(), one) != addresses.end()) {
          continue;
        }
        if (addresses.size() >= 16 && &one != &found[0]) break;
        addresses.push_back(one);
      }
    };
    for (const Field field : {Field::kClientIP, Field::kClientIPAddress, Field::kActorIpAddress,
                              Field::kUserIp, Field::kActorIP, Field::kSenderIp}) {
      if (record.Has(field) && !Dom::IsNull(*record.Get(field))) add(*record.Get(field));
    }
    Record::ForEach(record.Get(Field::kClientIPs), add);
  }

  ActorOrTarget ReadIdentity(const Value* list) const {
    ActorOrTarget identity;
    std::string_view claim;
    Record::ForEach(list, [&](const Value& member) {
      const std::string_view id = Record::MemberText(&member, "ID");
      const Value* const type = Record::Member(&member, "Type");
      if (id.empty() || type == nullptr || !Dom::IsNumber(*type)) return;
      switch (Dom::GetInteger(*type).value_or(-1)) {
        case 5:
          if (identity.upn.empty()) identity.upn = id;
          break;
        case 1:
          if (identity.name.empty()) identity.name = id;
          break;
        case 2: {
          const size_t underscore = id.find('_');
          if (underscore != std::string_view::npos && IsGuid(id.substr(underscore + 1))) {
            identity.guid = id.substr(underscore + 1);  // the form is User_<guid>
          } else if (IsGuid(id) && identity.guid.empty()) {
            identity.guid = id;
          }
          break;
        }
        case 0:
          if (claim.empty() && IsGuid(id)) claim = id;
          break;
        default:
          break;
      }
    });
    if (identity.guid.empty()) identity.guid = claim;
    return identity;
  }

  void FindActor() {
    const Value* const context = record.Get(Field::kAppAccessContext);
    const auto of_context = [&](std::string_view name) {
      return Record::MemberText(context, name);
    };
    user_name = record.IsText(Field::kUserId) ? Text(Field::kUserId) : "Unknown";
    user_uid = FirstOf(
        KnownOrEmpty(ReadIdentity(record.Get(Field::kActor)).guid),
        FirstOf(KnownOrEmpty(Text(Field::kTokenObjectId)), KnownOrEmpty(Text(Field::kUserKey))));
    session = FirstOf(KnownOrEmpty(Text(Field::kSessionId)),
                      FirstOf(KnownOrEmpty(of_context("AADSessionId")),
                              record.PairValue(Field::kDeviceProperties, "SessionId")));
    token = of_context("UniqueTokenId");
    app_uid = FirstOf(FirstOf(Text(Field::kAppId), Text(Field::kClientAppId)),
                      FirstOf(Text(Field::kApplicationId), of_context("ClientAppId")));
    app_name = FirstOf(Text(Field::kApplicationDisplayName), of_context("ClientAppName"));
    correlation = FirstOf(FirstOf(KnownOrEmpty(Text(Field::kInterSystemsId)),
                                  KnownOrEmpty(Text(Field::kCorrelationId))),
                          KnownOrEmpty(of_context("CorrelationId")));
    user_agent = record.IsText(Field::kUserAgent)
                     ? Text(Field::kUserAgent)
                     : FirstOf(Text(Field::kClientInfoString),
                               record.PairValue(Field::kExtendedProperties, "UserAgent"));
    if (!record.IsText(Field::kUserAgent)) {
      for (const Leaf& leaf : decoded) {
        if (!user_agent.empty()) break;
        if (leaf.name == "ExtendedProperties.additionalDetails.User-Agent") user_agent = leaf.value;
      }
    }
    const Value* const client = record.Get(Field::kCommon);
    app_uid = FirstOf(app_uid, Record::MemberText(client, "ApplicationId"));
    app_name = FirstOf(app_name, Record::MemberText(client, "ApplicationName"));
  }
};

}  // namespace picket::twins
