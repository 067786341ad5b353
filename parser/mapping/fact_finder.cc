#include "parser/mapping/fact_finder.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/strings.h"
#include "common/tenant.h"
#include "model/ocsf_class.h"
#include "model/operation_lookup.h"
#include "model/record_types.h"
#include "parser/geo/geo.h"
#include "parser/mapping/remarks.h"
#include "parser/mapping/subject_facts.h"

namespace picket::parser {
namespace {

constexpr Field kAddressFields[] = {
    Field::kClientIP, Field::kClientIPAddress, Field::kActorIpAddress, Field::kUserIp,
    Field::kActorIP,  Field::kSenderIp,        Field::kClientIPs};

template <size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  for (const std::string_view one : names) {
    if (one == name) return true;
  }
  return false;
}

// Returns true if the operation of a record has this name. Ignores case, surrounding blanks and
// final full stops, as FindMappingRow does.
bool IsOperation(std::string_view written, std::string_view name) {
  return written.size() >= name.size() && EqualsIgnoreCase(TrimOperation(written), name);
}

constexpr std::string_view kForwarding[] = {
    "ForwardTo",         "RedirectTo",  "ForwardAsAttachmentTo", "ForwardingSmtpAddress",
    "ForwardingAddress", "BlindCopyTo", "RedirectMessageTo",
};
bool IsForwarding(std::string_view parameter) {
  if (parameter.empty()) return false;
  const char first = parameter[0];  // a quick test that rules out most parameters
  return (first == 'F' || first == 'R' || first == 'B') && Contains(kForwarding, parameter);
}

// Reads an element of exactly the form {"ID":"…","Type":5}, without blanks. Compares only bytes,
// because an element of this form always has nine tokens. Returns false for any other form.
bool ReadPlainIdentity(const JsonTokens& tokens, const JsonValue& list, uint32_t token,
                       std::string_view& id, std::string_view& type) {
  static constexpr std::string_view kId = "{\"ID\":\"";
  static constexpr std::string_view kType = ",\"Type\":";
  if (token + 9 >= list.end_token) return false;
  const std::string_view text = tokens.text();
  const size_t open = tokens.position(token);
  const size_t comma = tokens.position(token + 4);
  const size_t close = tokens.position(token + 8);
  if (text.compare(open, kId.size(), kId) != 0 || text[comma - 1] != '"' ||
      comma <= open + kId.size() || text.compare(comma, kType.size(), kType) != 0 ||
      close != comma + kType.size() + 1 || text[close] != '}' || text[close - 1] == '{') {
    return false;
  }
  id = text.substr(open + kId.size(), comma - 1 - open - kId.size());
  type = text.substr(close - 1, 1);
  return true;
}

void ReadIdentity(const AuditRecord& record, Field field, Identity& identity) {
  std::string_view claim;
  const auto add = [&](std::string_view text, std::string_view type) {
    if (text.empty()) return;
    if (type == "5") {
      if (identity.upn.empty()) identity.upn = text;
    } else if (type == "1") {
      if (identity.name.empty()) identity.name = text;
    } else if (type == "2") {
      const size_t underscore = text.find('_');
      if (underscore != std::string_view::npos && IsGuid(text.substr(underscore + 1))) {
        identity.guid = text.substr(underscore + 1);
        identity.kind = text.substr(0, underscore);
      } else if (IsGuid(text)) {
        if (identity.guid.empty()) identity.guid = text;
      }
    } else if (type == "0") {
      if (claim.empty() && IsGuid(text)) claim = text;
    }
  };
  const JsonTokens& tokens = record.tokens();
  const JsonValue& list = record.Get(field);
  uint32_t token = list.token + 1;
  std::string_view id;
  std::string_view type;
  while (list.kind == JsonValue::kArray && token + 1 < list.end_token) {
    if (ReadPlainIdentity(tokens, list, token, id, type)) {
      add(id, type);
      token += 9;
    } else {
      const JsonValue member = tokens.ValueAt(token);
      const JsonValue named = tokens.Member(member, "ID");
      if (named.is_text()) add(named.inner(), tokens.Member(member, "Type").raw);
      token = member.end_token;
    }
    if (token + 1 < list.end_token) ++token;  // skip the comma
  }
  if (identity.guid.empty()) identity.guid = claim;
}

// Returns the activity for the status of an investigation, such as "Investigation Started",
// "Partially Remediated", "No Threats Found" or "Terminated By User". The first letter of each word
// is not compared, so that its case does not matter.
uint8_t InvestigationActivity(std::string_view status) {
  const auto has = [&](std::string_view word) {
    return status.find(word) != std::string_view::npos;
  };
  if (has("artially")) return ocsf::kFindingUpdate;
  for (const std::string_view word : {"emediated", "losed", "ompleted", "erminated", "ailed"}) {
    if (has(word)) return ocsf::kFindingClose;
  }
  if (has("o Threats") || has("o threats")) return ocsf::kFindingClose;
  return has("tarted") ? ocsf::kFindingCreate : ocsf::kFindingUpdate;
}

// Returns the name of a platform. Records of Microsoft Purview Information Protection identify a
// platform by its number.
std::string_view PlatformName(const JsonValue& platform) {
  const std::string_view number = ScalarText(platform);
  return number == "1"   ? "Windows"
         : number == "2" ? "macOS"
         : number == "3" ? "iOS"
         : number == "4" ? "Android"
                         : std::string_view();
}

}  // namespace

FactFinder::FactFinder() {
  facts_.addresses.reserve(16);
  facts_.labels.reserve(8);
}

// Derives the activity of "Update user." from the modified properties.
void FactFinder::FindUserActivity() {
  for (const NameValue& pair : facts_.record->Pairs(Field::kModifiedProperties)) {
    if (pair.name == "AccountEnabled") {
      facts_.mapping.activity_id = pair.value.find("true") != std::string_view::npos
                                       ? ocsf::kAccountEnable
                                       : ocsf::kAccountDisable;
      return;
    }
    if (pair.name.substr(0, 20) == "StrongAuthentication") {
      // An empty list means that all methods of strong authentication were removed. Any other value
      // means that a method was set up.
      const std::string_view value = pair.value;
      const bool none = value.empty() || value == "[]";
      facts_.mapping.activity_id = none ? ocsf::kAccountMfaDisable : ocsf::kAccountMfaEnable;
      if (none) facts_.mapping.severity_id = 3;
      return;
    }
  }
}

// Finds the mapping of the operation. Then adjusts the mapping to other fields of the record.
void FactFinder::FindMapping() {
  const AuditRecord& record = *facts_.record;
  std::string_view record_type_name;
  facts_.record_type_is_name = false;
  if (!record.GetInteger(Field::kRecordType, facts_.record_type)) {
    record_type_name = record.Text(Field::kRecordType);
    facts_.record_type = RecordTypeNumber(record_type_name, RecordTypeList::kManagementApi);
    facts_.record_type_is_name = facts_.record_type >= 0;
  }
  const OperationCache::Entry& known = operations_.Find(
      facts_.workload, facts_.operation, static_cast<int32_t>(facts_.record_type),
      !record.Text(Field::kObjectId).empty() || !record.Text(Field::kSiteUrl).empty() ||
          !record.Text(Field::kUrl).empty() || !record.Text(Field::kURL).empty());
  facts_.record_type_name = facts_.record_type_is_name ? record_type_name : known.record_type_name;
  Mapping& mapping = facts_.mapping;
  mapping = known.mapping;
  if (mapping.subject == Subject::kTargetUser && mapping.detail == "Update") FindUserActivity();
  if (mapping.subject == Subject::kDlp && mapping.class_uid == ocsf::kFileHostingActivity &&
      !record.Get(Field::kPolicyDetails).raw.empty() &&
      record.Get(Field::kPolicyDetails).raw != "[]") {
    mapping.class_uid = ocsf::kDataSecurityFinding;
    mapping.activity_id = ocsf::kFindingCreate;
  }
  if (mapping.class_uid == ocsf::kDetectionFinding) {
    const std::string_view status = record.Text(Field::kStatus);
    if (mapping.activity_id == ocsf::kFindingUpdate && status == "Resolved") {
      mapping.activity_id = ocsf::kFindingClose;
    }
    if (mapping.subject == Subject::kInvestigation && !status.empty()) {
      mapping.activity_id = InvestigationActivity(status);
    }
  }
  if (mapping.subject == Subject::kSharing && mapping.activity_id == ocsf::kFileShare) {
    const std::string_view item_type = ItemTypeOf(record);
    if (item_type == "Web" || item_type == "Site") {
      mapping.class_uid = ocsf::kWebResourcesActivity;
      mapping.activity_id = ocsf::kWebShare;
    }
  }
}

void FactFinder::FindLabels() {
  Mapping& mapping = facts_.mapping;
  facts_.labels.clear();
  if (!mapping.label.empty()) facts_.labels.push_back(mapping.label);
  if (mapping.class_uid == ocsf::kApiActivity) {
    for (const NameValue& pair : facts_.record->Pairs(Field::kParameters)) {
      if (IsForwarding(pair.name) && !pair.value.empty()) {
        facts_.labels.push_back("forwarding");
        mapping.severity_id = std::max<uint8_t>(mapping.severity_id, 3);
        break;
      }
    }
    if (mapping.subject == Subject::kInboxRule) {
      bool sends_on = false;
      ForEachRuleRecipient(facts_, [&](RuleRecipients, std::string_view) { sends_on = true; });
      if (sends_on) {
        facts_.labels.push_back("forwarding");
        mapping.severity_id = std::max<uint8_t>(mapping.severity_id, 3);
      }
    }
    if (const std::string_view value = facts_.Parameter("AuditEnabled");
        !value.empty() && (EqualsIgnoreCase(value, "false") || value == "$false")) {
      facts_.labels.push_back("security_control_change");
      mapping.severity_id = std::max<uint8_t>(mapping.severity_id, 3);
    }
  }
}

void FactFinder::FindOutcome() {
  const AuditRecord& record = *facts_.record;
  Outcome& outcome = facts_.outcome;
  outcome = {};
  const JsonValue& status = record.Get(Field::kResultStatus);
  const bool is_boolean = status.kind == JsonValue::kTrue || status.kind == JsonValue::kFalse;
  const std::string_view result = is_boolean ? status.raw : record.Text(Field::kResultStatus);
  const std::string_view error = record.Text(Field::kLogonError);
  const JsonValue& number = record.Get(Field::kErrorNumber);
  outcome.code = number.is_text()                    ? number.inner()
                 : number.kind == JsonValue::kNumber ? number.raw
                                                     : std::string_view();
  const bool is_sign_in = facts_.mapping.class_uid == ocsf::kAuthentication;
  // Microsoft's documentation names this field ErrorCode. If a sign-in has both ErrorNumber and
  // ErrorCode, ErrorNumber is used.
  if (is_sign_in && outcome.code.empty()) {
    outcome.code = ScalarText(record.Get(Field::kErrorCode));
  }
  const std::string_view code = outcome.code;
  if (IsOperation(facts_.operation, "UserLoginFailed")) {
    outcome.status = Outcome::kFailure;
  } else if (is_sign_in && (!error.empty() || (!code.empty() && code != "0" && code != "50140"))) {
    outcome.status = Outcome::kFailure;
  } else if (is_sign_in && code == "50140") {
    outcome.status = Outcome::kSuccess;
  } else if (IsOperation(facts_.operation, "UnmanagedSyncClientBlocked")) {
    outcome.status = Outcome::kFailure;
  } else if (!result.empty() || record.Has(Field::kIsSuccess)) {
    const JsonValue& success = record.Get(Field::kIsSuccess);
    const bool is_text = success.is_text();
    if (EqualsIgnoreCase(result, "true") || EqualsIgnoreCase(result, "success") ||
        EqualsIgnoreCase(result, "succeeded") || EqualsIgnoreCase(result, "successful")) {
      outcome.status = Outcome::kSuccess;
    } else if (EqualsIgnoreCase(result, "partiallysucceeded")) {
      outcome.status = Outcome::kSuccess;
      outcome.detail = "partial";
    } else if (EqualsIgnoreCase(result, "false") || EqualsIgnoreCase(result, "failed") ||
               EqualsIgnoreCase(result, "failure") || success.kind == JsonValue::kFalse ||
               (is_text && EqualsIgnoreCase(success.inner(), "false"))) {
      outcome.status = Outcome::kFailure;
    } else if (result.empty()) {
      const bool is_success = success.kind == JsonValue::kTrue ||
                              (is_text && EqualsIgnoreCase(success.inner(), "true"));
      if (is_success) outcome.status = Outcome::kSuccess;
    } else {
      outcome.status = Outcome::kOther;
      outcome.other = result;
    }
  }
  if (!error.empty()) outcome.detail = error;
  if (is_sign_in && code.empty()) {  // older records, which have no ErrorNumber
    outcome.code = ScalarText(record.Get(Field::kLoginStatus));
    outcome.detail =
        FirstOf(outcome.detail, record.PairValue(Field::kExtendedProperties, "LoginError"));
  }
}

void FactFinder::FindSeverity() {
  const AuditRecord& record = *facts_.record;
  const int32_t class_uid = facts_.mapping.class_uid;
  const auto rank = [](std::string_view name, int other) {
    return EqualsIgnoreCase(name, "high")            ? 4
           : EqualsIgnoreCase(name, "medium")        ? 3
           : EqualsIgnoreCase(name, "low")           ? 2
           : EqualsIgnoreCase(name, "informational") ? 1
                                                     : other;
  };
  facts_.severity_id = facts_.mapping.severity_id;
  if (class_uid == ocsf::kDetectionFinding || class_uid == ocsf::kDataSecurityFinding) {
    int highest = 0;
    // The severity of a data security finding is the highest severity of its matched rules.
    if (class_uid == ocsf::kDataSecurityFinding) {
      const JsonTokens& tokens = facts_.tokens();
      tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
        tokens.ForEach(tokens.Member(policy, "Rules"), [&](const JsonValue& rule) {
          const JsonValue severity = tokens.Member(rule, "Severity");
          if (severity.is_text()) highest = std::max(highest, rank(severity.inner(), 1));
        });
      });
    }
    facts_.severity_id =
        highest > 0 ? highest : rank(record.Text(Field::kSeverity), facts_.severity_id);
  }
  if (facts_.outcome.status == Outcome::kFailure) {
    facts_.severity_id = std::max(facts_.severity_id, 2);
  }
}

void FactFinder::FindActor() {
  const AuditRecord& record = *facts_.record;
  ActorFacts& actor = facts_.actor;
  actor.name = record.Get(Field::kUserId).is_text() ? record.Text(Field::kUserId) : "Unknown";
  const std::string_view user_key = record.Text(Field::kUserKey);
  actor.user_key = user_key;
  Identity identity;
  if (record.Has(Field::kActor)) ReadIdentity(record, Field::kActor, identity);
  actor.uid =
      FirstOf(KnownOrEmpty(identity.guid),
              FirstOf(KnownOrEmpty(record.Text(Field::kTokenObjectId)), KnownOrEmpty(user_key)));
  actor.has_user_type = record.GetInteger(Field::kUserType, actor.user_type);

  std::string_view session;
  std::string_view client_app;
  std::string_view client_app_name;
  std::string_view correlation;
  actor.token = {};
  if (record.Has(Field::kAppAccessContext)) {
    std::string_view ignored = "";
    facts_.tokens().ForEachMember(
        record.Get(Field::kAppAccessContext), [&](std::string_view key, const JsonValue& value) {
          // As everywhere, the first value of a repeated name is used.
          std::string_view& wanted = key == "AADSessionId"    ? session
                                     : key == "UniqueTokenId" ? actor.token
                                     : key == "ClientAppId"   ? client_app
                                     : key == "ClientAppName" ? client_app_name
                                     : key == "CorrelationId" ? correlation
                                                              : ignored;
          if (wanted.data() != nullptr) return;
          wanted = value.is_text() ? value.inner() : std::string_view("");
        });
  }
  actor.session = FirstOf(
      KnownOrEmpty(record.Text(Field::kSessionId)),
      FirstOf(KnownOrEmpty(session), record.PairValue(Field::kDeviceProperties, "SessionId")));
  actor.app_uid = FirstOf(FirstOf(record.Text(Field::kAppId), record.Text(Field::kClientAppId)),
                          FirstOf(record.Text(Field::kApplicationId), client_app));
  actor.app_name = FirstOf(record.Text(Field::kApplicationDisplayName), client_app_name);
  facts_.correlation = FirstOf(FirstOf(KnownOrEmpty(record.Text(Field::kInterSystemsId)),
                                       KnownOrEmpty(record.Text(Field::kCorrelationId))),
                               KnownOrEmpty(correlation));
  // An empty string is a value too. It means that there was no user agent.
  facts_.user_agent = record.Text(Field::kUserAgent);
  if (!record.Get(Field::kUserAgent).is_text()) {
    facts_.user_agent = FirstOf(record.Text(Field::kClientInfoString),
                                record.PairValue(Field::kExtendedProperties, "UserAgent"));
    if (facts_.user_agent.empty() && record.Has(Field::kExtendedProperties)) {
      facts_.user_agent = DecodedOf(facts_, "ExtendedProperties.additionalDetails.User-Agent");
    }
  }
}

void FactFinder::FindDevice() {
  const AuditRecord& record = *facts_.record;
  DeviceFacts& device = facts_.device;
  if (!record.Has(Field::kDeviceProperties)) {
    device = {record.Text(Field::kDeviceId), record.Text(Field::kDeviceDisplayName), {}, {}, {}};
  } else {
    const auto property = [&](std::string_view name) {
      return record.PairValue(Field::kDeviceProperties, name);
    };
    device = {FirstOf(property("Id"), record.Text(Field::kDeviceId)),
              FirstOf(property("DisplayName"), record.Text(Field::kDeviceDisplayName)),
              property("OS"), property("IsCompliant"), property("IsCompliantAndManaged")};
  }
  if (record.Has(Field::kIsManagedDevice) && device.is_managed.empty()) {
    const JsonValue& managed = record.Get(Field::kIsManagedDevice);
    const std::string_view text = managed.is_text() ? managed.inner() : managed.raw;
    if (EqualsIgnoreCase(text, "true") || EqualsIgnoreCase(text, "false")) device.is_managed = text;
  }
  if (record.Has(Field::kCommon) || record.Has(Field::kPlatform) ||
      record.Has(Field::kEndpointMetaData)) {
    FindClient();
  }
}

// Finds the device and the application of a record that comes from an endpoint or from a client of
// Microsoft Purview Information Protection.
void FactFinder::FindClient() {
  const AuditRecord& record = *facts_.record;
  const JsonValue& common = record.Get(Field::kCommon);
  DeviceFacts& device = facts_.device;
  device.name = FirstOf(FirstOf(device.name, facts_.MemberText(common, "DeviceName")),
                        facts_.MemberText(record.Get(Field::kEndpointMetaData), "DeviceName"));
  if (device.os.empty()) {
    device.os = FirstOf(PlatformName(record.Get(Field::kPlatform)),
                        PlatformName(facts_.tokens().Member(common, "Platform")));
  }
  ActorFacts& actor = facts_.actor;
  actor.app_uid = FirstOf(actor.app_uid, facts_.MemberText(common, "ApplicationId"));
  actor.app_name = FirstOf(actor.app_name, facts_.MemberText(common, "ApplicationName"));
}

void FactFinder::FindAddresses() {
  if (!unescaped_addresses_.empty()) unescaped_addresses_.clear();
  facts_.addresses.clear();
  facts_.place = nullptr;
  for (const Field field : kAddressFields) {
    const JsonValue& value = facts_.record->Get(field);
    if (value.kind == JsonValue::kAbsent || value.kind == JsonValue::kNull) continue;
    if (field != Field::kClientIPs) {
      AddAddresses(value);
    } else {
      facts_.tokens().ForEach(value, [&](const JsonValue& one) { AddAddresses(one); });
    }
  }
  if (facts_.frame->geo != nullptr && !facts_.addresses.empty() &&
      !facts_.addresses.front().ip.empty()) {
    facts_.place = facts_.frame->geo->Find(facts_.addresses.front().ip);
  }
}

void FactFinder::AddAddresses(const JsonValue& value) {
  std::string_view text = value.is_text() ? value.inner() : std::string_view();
  const bool is_plain = IsIpV4(text);  // the most frequent case
  if (!is_plain) {
    if (text.find('\\') != std::string_view::npos) [[unlikely]] {
      AppendJsonUnescaped(text, unescaped_addresses_.emplace_back());
      text = unescaped_addresses_.back();
    }
    if (value.is_text() && (TrimBlanks(text).empty() || IsNullLike(text))) return;
  }
  for (const NetworkAddress& found : facts_.addresses) {
    // Several fields often have the same address.
    if (!found.ip.empty() && EqualsInline(found.ip, text)) return;
  }
  std::vector<NetworkAddress>& addresses = facts_.addresses;
  if (is_plain) {
    addresses.emplace_back().ip = text;
    return;
  }
  ParseAddress(text, addresses.emplace_back());
  if (!addresses.back().known()) {
    facts_.remarks |= kIpUnparsed;
    return addresses.pop_back();
  }
  while (true) {
    const NetworkAddress& address = addresses.back();
    const std::string_view more = address.more;
    bool wanted = address.known();
    for (size_t i = 0; i + 1 < addresses.size(); ++i) {
      wanted &= addresses[i].ip != address.ip || addresses[i].hostname != address.hostname;
    }
    if (!wanted) addresses.pop_back();
    if (more.empty() || addresses.size() >= 16) break;
    ParseAddress(more, addresses.emplace_back());
  }
}

void FactFinder::Decode(std::string_view name, std::string_view escaped, bool always_json) {
  NoteResult(inner_json_.Append(name, escaped, decoded_), always_json);
}

void FactFinder::NoteResult(InnerJson::Result result, bool always_json) {
  switch (result) {
    case InnerJson::Result::kBad:
      // If `always_json` is false, the value may be prose that begins with a bracket. Prose is not
      // an anomaly.
      if (always_json) facts_.remarks |= kInnerJsonBad;
      break;
    case InnerJson::Result::kTooLarge:
      facts_.remarks |= kTruncated;
      break;
    default:
      break;
  }
}

// OriginatingServer is the name of an Exchange server. If the name ends with blanks or a line
// break, the name without them is added to `decoded`.
void FactFinder::FindServer() {
  static constexpr std::string_view kLineBreak = "\\r\\n";
  const std::string_view server = facts_.record->Text(Field::kOriginatingServer);
  const size_t n = server.size();
  const bool ends_blank = n > 0 && server[n - 1] == ' ';
  const bool ends_in_escape =
      (n >= 2 && server[n - 2] == '\\') || (n >= 6 && server[n - 6] == '\\');
  if (!ends_blank && !ends_in_escape) return;
  std::string_view name = server.substr(0, n - std::min(n, kLineBreak.size()));
  const bool is_plain = server.substr(name.size()) == kLineBreak && TrimBlanks(name) == name &&
                        name.find('\\') == std::string_view::npos;
  if (!is_plain) {  // the rare case
    decoded_name_.clear();
    AppendJsonUnescaped(server, decoded_name_);
    name = TrimBlanks(decoded_name_);
    if (name.size() == decoded_name_.size()) return;
  }
  if (name.empty()) return;
  Appender to(decoded_);
  to.Put("{\"name\":\"OriginatingServer\",\"value\":\"");
  if (is_plain) {
    to.Put(name);
  } else {
    to.PutEscaped(name);
  }
  to.Put("\"}");
}

void FactFinder::FindDecoded() {
  const AuditRecord& record = *facts_.record;
  decoded_.Clear();
  FindServer();
  for (const auto& [field, name] : {std::pair<Field, std::string_view>{Field::kData, "Data"},
                                    {Field::kAdditionalInfo, "AdditionalInfo"},
                                    {Field::kActivityParameters, "ActivityParameters"},
                                    {Field::kOperationProperties, "OperationProperties"}}) {
    const JsonValue& value = record.Get(field);
    if (value.is_text()) {
      Decode(name, value.inner(), true);
    } else if (field != Field::kOperationProperties &&
               (value.kind == JsonValue::kObject || value.kind == JsonValue::kArray)) {
      NoteResult(inner_json_.AppendJson(name, value.raw, decoded_), false);
    }
  }
  // The actions of an investigation are strings that contain JSON.
  if (record.Has(Field::kActions)) {
    ForEachText(facts_, record.Get(Field::kActions), [&](std::string_view action) {
      if (InnerJson::LooksLikeJson(action)) Decode("Actions", action, false);
    });
  }
  for (const auto& [field, name, key] :
       {std::tuple<Field, std::string_view, std::string_view>{Field::kModifiedProperties,
                                                              "ModifiedProperties.", ".NewValue"},
        {Field::kExtendedProperties, "ExtendedProperties.", ""},
        {Field::kOperationProperties, "OperationProperties.", ""}}) {
    for (const NameValue& pair : record.Pairs(field)) {
      const bool new_json = InnerJson::LooksLikeJson(pair.value);
      const bool old_json = InnerJson::LooksLikeJson(pair.old_value);
      if (!new_json && !old_json) continue;
      decoded_name_.assign(name);
      decoded_name_.append(pair.name);
      const size_t length = decoded_name_.size();
      if (new_json) {
        decoded_name_.append(key);
        Decode(decoded_name_, pair.value, false);
        decoded_name_.resize(length);
      }
      if (old_json) {
        decoded_name_.append(".OldValue");
        Decode(decoded_name_, pair.old_value, false);
      }
    }
  }
  facts_.decoded = decoded_.view();
}

const RecordFacts& FactFinder::Find(const AuditRecord& record, const EventFrame& frame) {
  facts_.record = &record;
  facts_.frame = &frame;
  facts_.remarks = frame.remarks | record.remarks();
  facts_.operation = record.Text(Field::kOperation);
  facts_.workload = record.Text(Field::kWorkload);
  FindDecoded();
  FindMapping();
  FindLabels();
  facts_.activity = &ActivityJsonOf(facts_.mapping.class_uid, facts_.mapping.activity_id);
  FindOutcome();
  FindSeverity();
  FindAddresses();
  FindActor();
  FindDevice();
  facts_.target = {};
  if (record.Has(Field::kTarget)) ReadIdentity(record, Field::kTarget, facts_.target);
  return facts_;
}

}  // namespace picket::parser
