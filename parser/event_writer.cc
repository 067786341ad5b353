#include "parser/event_writer.h"

#include <array>
#include <vector>

#include "common/sha256.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "parser/text_values.h"

namespace picket::parser {
namespace {

constexpr Field kAddressFields[] = {Field::kClientIP,       Field::kClientIPAddress,
                                    Field::kActorIpAddress, Field::kUserIp,
                                    Field::kActorIP,        Field::kSenderIp};

// Parameters that rules ask for most: each stands beside the list under its own name.
constexpr std::string_view kTypedParameters[] = {
    "Identity",
    "ForwardTo",
    "RedirectTo",
    "ForwardAsAttachmentTo",
    "DeleteMessage",
    "MoveToFolder",
    "SubjectContainsWords",
    "SubjectOrBodyContainsWords",
    "ForwardingSmtpAddress",
    "ForwardingAddress",
    "DeliverToMailboxAndForward",
    "AuditEnabled",
    "AuditBypassEnabled",
    "GrantSendOnBehalfTo",
    "AccessRights",
    "User",
    "Trustee",
    "BlindCopyTo",
    "RedirectMessageTo",
    "SetSCL",
    "AllowFederatedUsers",
    "AllowGuestUser",
    "UnifiedAuditLogIngestionEnabled",
    "Role",
};
constexpr std::string_view kForwarding[] = {
    "ForwardTo",         "RedirectTo",  "ForwardAsAttachmentTo", "ForwardingSmtpAddress",
    "ForwardingAddress", "BlindCopyTo", "RedirectMessageTo",
};

template <size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  for (const std::string_view one : names) {
    if (one == name) return true;
  }
  return false;
}

std::string_view FirstOf(std::string_view a, std::string_view b) { return a.empty() ? b : a; }

bool LooksLikeAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
         text.find(' ') == std::string_view::npos;
}

// An Actor or Target list boiled down; texts still escaped.
struct Identity {
  std::string_view upn;   // type 5
  std::string_view name;  // type 1
  std::string_view guid;  // type 2, else 0
  std::string_view kind;  // "User", "ServicePrincipal"
};

Identity ReadIdentity(const AuditRecord& record, Field field) {
  Identity identity;
  std::string_view claim;
  record.ForEach(record.Get(field), [&](const JsonValue& member) {
    if (member.kind != JsonValue::kObject) return;
    const JsonValue id = record.Member(member, "ID");
    const JsonValue type = record.Member(member, "Type");
    if (!id.is_text() || id.inner().empty()) return;
    const std::string_view text = id.inner();
    if (type.raw == "5") {
      if (identity.upn.empty()) identity.upn = text;
    } else if (type.raw == "1") {
      if (identity.name.empty()) identity.name = text;
    } else if (type.raw == "2") {
      const size_t underscore = text.find('_');
      if (underscore != std::string_view::npos && IsGuid(text.substr(underscore + 1))) {
        identity.guid = text.substr(underscore + 1);
        identity.kind = text.substr(0, underscore);
      } else if (IsGuid(text)) {
        if (identity.guid.empty()) identity.guid = text;
      }
    } else if (type.raw == "0") {
      if (claim.empty() && IsGuid(text)) claim = text;
    }
  });
  if (identity.guid.empty()) identity.guid = claim;
  return identity;
}

}  // namespace

struct EventWriter::Impl {
  Bytes* out = nullptr;
  AuditRecord* record = nullptr;
  const EventFrame* frame = nullptr;
  const OcsfClass* ocsf_class = nullptr;
  Mapping mapping;
  std::string_view operation;  // escaped
  std::string_view workload;
  uint16_t remarks = 0;
  // Addresses of the record, the first is the source.
  struct Found {
    Address address;
    bool observed = false;
  };
  std::vector<Found> addresses;
  std::vector<std::string_view> labels;
  std::string decoded;
  JsonTokens inner_tokens;
  AuditRecord inner_record;
  // Names of activities by class and number, so that no record searches text.
  struct KnownClass {
    int32_t uid;
    const OcsfClass* ocsf_class;
    std::array<std::string_view, 18> activities;
  };
  std::vector<KnownClass> classes;

  const KnownClass& ClassOf(int32_t uid) {
    for (const KnownClass& known : classes) {
      if (known.uid == uid) return known;
    }
    KnownClass known{uid, FindOcsfClass(uid), {}};
    for (size_t i = 0; i < known.activities.size(); ++i) {
      known.activities[i] = ActivityName(*known.ocsf_class, static_cast<int>(i));
    }
    classes.push_back(known);
    return classes.back();
  }

  void Put(std::string_view text) { out->Put(text); }
  void PutKeyText(std::string_view key_with_colon, std::string_view escaped) {
    out->Put(key_with_colon);
    out->Put('"');
    out->Put(escaped);
    out->Put('"');
  }
  // Only when there is something to say.
  void PutIfText(std::string_view comma_key_colon, std::string_view escaped) {
    if (!escaped.empty()) PutKeyText(comma_key_colon, escaped);
  }
  std::string_view Text(Field field) const { return record->Text(field); }
  std::string_view Modified(std::string_view name) const {
    return record->PairValue(Field::kModifiedProperties, name);
  }
  std::string_view Parameter(std::string_view name) const {
    return record->PairValue(Field::kParameters, name);
  }

  // NewValue may be a JSON list of one text: ["x"] with line breaks, escaped once more. What it holds, if it is that.
  std::string_view Unlisted(std::string_view escaped) const {
    const size_t open = escaped.find("\\\"");
    if (escaped.empty() || escaped[0] != '[' || open == std::string_view::npos) return escaped;
    const size_t close = escaped.find("\\\"", open + 2);
    if (close == std::string_view::npos) return escaped;
    if (escaped.find("\\\"", close + 2) != std::string_view::npos) return escaped;
    const std::string_view text = escaped.substr(open + 2, close - open - 2);
    return text.find('\\') == std::string_view::npos ? text : escaped;
  }

  void Labels();
  void Outcome();
  void Metadata();
  void Actor();
  void Endpoints();
  void Device();
  void Api();
  void ApiParameters();
  void Observables();
  void ClassAttributes();
  void User(std::string_view key, std::string_view name, std::string_view uid, bool is_guest);
  void TargetUser(std::string_view key);
  void Privileges();
  void SplitInto(std::string_view escaped, char separator, bool& first);
  void Resource(std::string_view name, std::string_view uid, std::string_view type);
  void Group();
  void Entity();
  void File();
  void WebResources();
  void Email();
  void Finding();
  void DataSecurity();
  void Address(const struct Address& address);
  void InnerData();
  int Severity();
  void UpdateUserActivity();
};

EventWriter::EventWriter() : impl_(std::make_unique<Impl>()) {
  impl_->addresses.reserve(16);
  impl_->labels.reserve(8);
  impl_->classes.reserve(16);
}
EventWriter::~EventWriter() = default;

// "Update user." says in its properties what it did.
void EventWriter::Impl::UpdateUserActivity() {
  for (const NameValue& pair : record->Pairs(Field::kModifiedProperties)) {
    if (pair.name == "AccountEnabled") {
      mapping.activity_id = pair.value.find("true") != std::string_view::npos ? 2 : 5;
      return;
    }
    if (pair.name.substr(0, 20) == "StrongAuthentication") {
      // A method that is gone was taken away; anything else sets one up.
      const std::string_view value = pair.value;
      const bool none = value.empty() || value == "[]";
      mapping.activity_id = none ? 11 : 10;
      if (none) mapping.severity_id = 3;
      return;
    }
  }
}

int EventWriter::Impl::Severity() {
  if (mapping.class_uid == 2004 || mapping.class_uid == 2006) {
    std::string_view text = Text(Field::kSeverity);
    if (mapping.class_uid == 2006) {  // the highest of the rules that matched
      int highest = 0;
      record->ForEach(record->Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
        record->ForEach(record->Member(policy, "Rules"), [&](const JsonValue& rule) {
          const JsonValue severity = record->Member(rule, "Severity");
          if (!severity.is_text()) return;
          const std::string_view name = severity.inner();
          const int rank = EqualsIgnoreCase(name, "high")     ? 4
                           : EqualsIgnoreCase(name, "medium") ? 3
                           : EqualsIgnoreCase(name, "low")    ? 2
                                                              : 1;
          highest = std::max(highest, rank);
        });
      });
      if (highest > 0) return highest;
    }
    if (EqualsIgnoreCase(text, "Informational")) return 1;
    if (EqualsIgnoreCase(text, "Low")) return 2;
    if (EqualsIgnoreCase(text, "Medium")) return 3;
    if (EqualsIgnoreCase(text, "High")) return 4;
  }
  return mapping.severity_id;
}

void EventWriter::Impl::Labels() {
  labels.clear();
  if (!mapping.label.empty()) labels.push_back(mapping.label);
  if (mapping.class_uid == 6003) {
    for (const NameValue& pair : record->Pairs(Field::kParameters)) {
      if (Contains(kForwarding, pair.name) && !pair.value.empty()) {
        labels.push_back("forwarding");
        mapping.severity_id = std::max<uint8_t>(mapping.severity_id, 3);
        break;
      }
    }
    if (const std::string_view value = Parameter("AuditEnabled");
        !value.empty() && (EqualsIgnoreCase(value, "false") || value == "$false")) {
      labels.push_back("security_control_change");
      mapping.severity_id = std::max<uint8_t>(mapping.severity_id, 3);
    }
  }
}

// How a record ended: the operation, then the sign-in's error, then ResultStatus.
void EventWriter::Impl::Outcome() {
  int status = 0;
  std::string_view other;
  std::string_view detail;
  const std::string_view result = Text(Field::kResultStatus);
  const std::string_view error = Text(Field::kLogonError);
  const JsonValue& number = record->Get(Field::kErrorNumber);
  const std::string_view code = number.is_text()                    ? number.inner()
                                : number.kind == JsonValue::kNumber ? number.raw
                                                                    : std::string_view();
  const bool is_sign_in = mapping.class_uid == 3002;
  const bool login_failed = TrimBlanks(operation) == "UserLoginFailed";
  if (login_failed) {
    status = 2;
  } else if (is_sign_in && (!error.empty() || (!code.empty() && code != "0" && code != "50140"))) {
    status = 2;
  } else if (is_sign_in && code == "50140") {
    status = 1;
  } else if (operation == "UnmanagedSyncClientBlocked") {
    status = 2;
  } else if (!result.empty()) {
    if (EqualsIgnoreCase(result, "true") || EqualsIgnoreCase(result, "success") ||
        EqualsIgnoreCase(result, "succeeded") || EqualsIgnoreCase(result, "successful")) {
      status = 1;
    } else if (EqualsIgnoreCase(result, "partiallysucceeded")) {
      status = 1;
      detail = "partial";
    } else if (EqualsIgnoreCase(result, "false") || EqualsIgnoreCase(result, "failed") ||
               EqualsIgnoreCase(result, "failure")) {
      status = 2;
    } else {
      status = 99;
      other = result;
    }
  } else {
    const JsonValue& success = record->Get(Field::kIsSuccess);
    if (success.kind == JsonValue::kTrue) status = 1;
    if (success.kind == JsonValue::kFalse) status = 2;
  }
  int severity = Severity();
  if (status == 2) severity = std::max(severity, 2);
  Put(",\"severity_id\":");
  out->PutInteger(severity);
  switch (status) {
    case 0:
      Put(",\"status_id\":0,\"status\":\"Unknown\"");
      break;
    case 1:
      Put(",\"status_id\":1,\"status\":\"Success\"");
      break;
    case 2:
      Put(",\"status_id\":2,\"status\":\"Failure\"");
      break;
    default:
      Put(",\"status_id\":99");
      PutKeyText(",\"status\":", other);
  }
  PutIfText(",\"status_code\":", code);
  PutIfText(",\"status_detail\":", FirstOf(error, detail));
}

void EventWriter::Impl::Metadata() {
  Put(",\"metadata\":{");
  PutKeyText("\"event_code\":", operation);
  // The uid holds the Id as plain text, which may need escapes.
  Put(",\"uid\":\"");
  out->PutEscaped(frame->uid);
  Put("\",\"tenant_uid\":\"");
  Put(frame->tenant);
  Put("\"");
  if (record->Get(Field::kId).is_text()) {
    PutKeyText(",\"original_event_uid\":", Text(Field::kId));
  }
  if (record->Get(Field::kCreationTime).is_text()) {
    PutKeyText(",\"original_time\":", Text(Field::kCreationTime));
  }
  int64_t record_type = 0;
  if (record->GetInteger(Field::kRecordType, record_type)) {
    const std::string_view name = RecordTypeName(static_cast<int32_t>(record_type)).name();
    PutIfText(",\"type\":", name);
  } else if (const std::string_view name = Text(Field::kRecordType); RecordTypeNumber(name) >= 0) {
    PutIfText(",\"type\":", name);
  }
  PutIfText(",\"log_name\":", frame->content_type);
  if (frame->logged_time_ms >= 0) {
    Put(",\"logged_time\":");
    out->PutInteger(frame->logged_time_ms);
  }
  std::string_view correlation = Text(Field::kInterSystemsId);
  if (correlation.empty()) correlation = Text(Field::kCorrelationId);
  if (correlation.empty()) {
    const JsonValue inner = record->Member(record->Get(Field::kAppAccessContext), "CorrelationId");
    if (inner.is_text()) correlation = inner.inner();
  }
  PutIfText(",\"correlation_uid\":", correlation);
  if (!labels.empty()) {
    Put(",\"labels\":[");
    bool first = true;
    for (const std::string_view label : labels) {
      PutKeyText(first ? "" : ",", label);
      first = false;
    }
    Put("]");
  }
  if (remarks != 0) {
    static constexpr struct {
      Remark remark;
      std::string_view code;
    } kRemarks[] = {{kIpUnparsed, "ip_unparsed"},      {kTimeMissing, "time_missing"},
                    {kUtf8Repaired, "utf8_repaired"},  {kDupKey, "dup_key"},
                    {kInnerJsonBad, "inner_json_bad"}, {kTruncated, "truncated"},
                    {kIdMissing, "id_missing"},        {kOrgMismatch, "org_mismatch"}};
    Put(",\"debug\":[");
    bool first = true;
    for (const auto& one : kRemarks) {
      if ((remarks & one.remark) == 0) continue;
      PutKeyText(first ? "" : ",", one.code);
      first = false;
    }
    Put("]");
  }
  Put(mapping.subject == Subject::kAi ? ",\"profiles\":[\"cloud\",\"host\",\"ai_operation\"]"
                                      : ",\"profiles\":[\"cloud\",\"host\"]");
  Put(",\"version\":\"1.8.0\",\"product\":{\"name\":\"Microsoft "
      "365\",\"vendor_name\":\"Microsoft\"");
  if (!workload.empty()) PutKeyText(",\"feature\":{\"name\":", workload), Put("}");
  Put("},\"transformation_info_list\":[{\"name\":\"picket-mapping\",\"uid\":\"");
  Put(kMappingVersion);
  Put("\"}]}");
}

void EventWriter::Impl::Actor() {
  Put(",\"actor\":{\"user\":{");
  const bool has_name = record->Get(Field::kUserId).is_text();
  const std::string_view name = has_name ? Text(Field::kUserId) : std::string_view("Unknown");
  PutKeyText("\"name\":", name);
  if (LooksLikeAddress(name)) PutKeyText(",\"email_addr\":", name);
  const std::string_view key = Text(Field::kUserKey);
  std::string_view uid;
  if (record->Has(Field::kActor)) uid = ReadIdentity(*record, Field::kActor).guid;
  if (uid.empty()) uid = Text(Field::kTokenObjectId);
  if (uid.empty()) uid = key;
  PutIfText(",\"uid\":", uid);
  if (record->Get(Field::kUserKey).is_text()) PutKeyText(",\"uid_alt\":", key);
  int64_t user_type = -1;
  if (record->GetInteger(Field::kUserType, user_type)) {
    switch (user_type) {
      case 0:
        Put(",\"type_id\":1,\"type\":\"User\"");
        break;
      case 10:
        Put(",\"type_id\":1,\"type\":\"Guest\"");
        break;
      case 2:
        Put(",\"type_id\":2,\"type\":\"Admin\"");
        break;
      case 3:
      case 4:
      case 7:
      case 8:
        Put(",\"type_id\":3,\"type\":\"System\"");
        break;
      case 5:
      case 6:
        Put(",\"type_id\":4,\"type\":\"Service\"");
        break;
      case 9:
        Put(",\"type_id\":99,\"type\":\"PartnerTechnician\"");
        break;
      default:
        Put(",\"type_id\":0,\"type\":\"Unknown\"");
    }
  }
  Put("}");
  const JsonValue& context = record->Get(Field::kAppAccessContext);
  const auto context_text = [&](std::string_view member) {
    const JsonValue value = record->Member(context, member);
    return value.is_text() ? value.inner() : std::string_view();
  };
  std::string_view session = Text(Field::kSessionId);
  if (session.empty()) session = context_text("AADSessionId");
  if (session.empty()) session = record->PairValue(Field::kDeviceProperties, "SessionId");
  const std::string_view token = context_text("UniqueTokenId");
  if (!session.empty() || !token.empty()) {
    Put(",\"session\":{");
    PutIfText("\"uid\":", session);
    PutIfText(session.empty() ? "\"credential_uid\":" : ",\"credential_uid\":", token);
    Put("}");
  }
  std::string_view app = Text(Field::kAppId);
  if (app.empty()) app = Text(Field::kClientAppId);
  if (app.empty()) app = Text(Field::kApplicationId);
  if (app.empty()) app = context_text("ClientAppId");
  PutIfText(",\"app_uid\":", app);
  PutIfText(",\"app_name\":",
            FirstOf(Text(Field::kApplicationDisplayName), context_text("ClientAppName")));
  Put("}");
  if (mapping.class_uid == 3002 && (!session.empty() || !token.empty())) {
    Put(",\"session\":{");
    PutIfText("\"uid\":", session);
    PutIfText(session.empty() ? "\"credential_uid\":" : ",\"credential_uid\":", token);
    Put("}");
  }
}

// Reads every address of the record: the first is the source, all are observables when there are several.
void EventWriter::Impl::Endpoints() {
  addresses.clear();
  for (const Field field : kAddressFields) {
    const JsonValue& value = record->Get(field);
    if (value.kind == JsonValue::kAbsent || value.kind == JsonValue::kNull) continue;
    std::string_view text = value.is_text() ? value.inner() : std::string_view();
    if (value.is_text() && (TrimBlanks(text).empty() || text == "<null>")) continue;
    struct Address address = ParseAddress(text);
    if (!address.known()) {
      remarks |= kIpUnparsed;
      continue;
    }
    while (true) {
      bool known = false;
      for (const Found& found : addresses) {
        known |= found.address.ip == address.ip && found.address.hostname == address.hostname;
      }
      if (!known && address.known()) addresses.push_back({address, false});
      if (address.more.empty() || addresses.size() >= 16) break;
      address = ParseAddress(address.more);
    }
  }
}

void EventWriter::Impl::Address(const struct Address& address) {
  if (!address.ip.empty()) PutKeyText("\"ip\":", address.ip);
  if (!address.hostname.empty()) {
    PutKeyText(address.ip.empty() ? "\"hostname\":" : ",\"hostname\":", address.hostname);
  }
  if (address.port != 0) {
    Put(",\"port\":");
    out->PutInteger(address.port);
  }
}

void EventWriter::Impl::Device() {
  const auto property = [&](std::string_view name) {
    return record->PairValue(Field::kDeviceProperties, name);
  };
  const std::string_view uid = FirstOf(property("Id"), Text(Field::kDeviceId));
  const std::string_view name = FirstOf(property("DisplayName"), Text(Field::kDeviceDisplayName));
  const std::string_view os = property("OS");
  if (uid.empty() && name.empty() && os.empty()) return;
  Put(",\"device\":{\"type_id\":0");
  PutIfText(",\"uid\":", uid);
  // A device needs a name or an id; the browser's machine has neither.
  PutKeyText(",\"name\":", !name.empty() ? name : !uid.empty() ? uid : std::string_view("Unknown"));
  if (!os.empty()) {
    PutKeyText(",\"os\":{\"name\":", os);
    const int type = os.substr(0, 7) == "Windows" || os.substr(0, 7) == "windows" ? 100
                     : EqualsIgnoreCase(os.substr(0, 3), "mac")                   ? 300
                     : EqualsIgnoreCase(os.substr(0, 3), "ios")                   ? 301
                     : EqualsIgnoreCase(os.substr(0, 7), "android")               ? 201
                     : EqualsIgnoreCase(os.substr(0, 5), "linux")                 ? 200
                                                                                  : 0;
    Put(",\"type_id\":");
    out->PutInteger(type);
    Put("}");
  }
  const auto boolean = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    Put(key);
    Put(EqualsIgnoreCase(value, "true") ? "true" : "false");
  };
  boolean(",\"is_compliant\":", property("IsCompliant"));
  boolean(",\"is_managed\":", property("IsCompliantAndManaged"));
  Put("}");
}

// Cmdlet parameters have their OCSF home in the call.
void EventWriter::Impl::Api() {
  const bool has_parameters = !record->parameters().empty();
  if (mapping.class_uid != 6003 && !has_parameters) return;
  PutKeyText(",\"api\":{\"operation\":", operation);
  if (!workload.empty()) PutKeyText(",\"service\":{\"name\":", workload), Put("}");
  if (has_parameters) {
    Put(",\"request\":{\"uid\":\"");
    out->PutEscaped(frame->uid);
    Put("\",\"data\":{\"parameters\":");
    Put(record->parameters().view());
    ApiParameters();
    Put("}}");
  }
  Put("}");
}

void EventWriter::Impl::ApiParameters() {
  uint32_t written = 0;
  for (const NameValue& pair : record->Pairs(Field::kParameters)) {
    if (!pair.is_text) continue;
    for (size_t i = 0; i < std::size(kTypedParameters); ++i) {
      if (kTypedParameters[i].size() != pair.name.size() || kTypedParameters[i] != pair.name)
        continue;
      if ((written & 1u << i) == 0) {
        written |= 1u << i;
        Put(",\"");
        Put(pair.name);
        PutKeyText("\":", pair.value);
      }
      break;
    }
  }
}

void EventWriter::Impl::Observables() {
  bool first = true;
  const auto observe = [&](std::string_view name, int type, std::string_view value) {
    if (value.empty()) return;
    Put(first ? ",\"observables\":[" : ",");
    first = false;
    PutKeyText("{\"name\":", name);
    Put(",\"type_id\":");
    out->PutInteger(type);
    PutKeyText(",\"value\":", value);
    Put("}");
  };
  if (addresses.size() > 1) {
    for (const Found& found : addresses) {
      if (!found.address.ip.empty()) {
        observe("src_endpoint.ip", 2, found.address.ip);
      } else {
        observe("src_endpoint.hostname", 1, found.address.hostname);
      }
    }
  }
  if (mapping.subject == Subject::kSharing) {
    observe("unmapped.TargetUserOrGroupName", 4, Text(Field::kTargetUserOrGroupName));
  }
  if (mapping.subject == Subject::kTeam) {
    record->ForEach(record->Get(Field::kMembers), [&](const JsonValue& member) {
      const JsonValue upn = record->Member(member, "UPN");
      if (upn.is_text()) observe("unmapped.Members.UPN", 4, upn.inner());
    });
  }
  if (!first) Put("]");
}

void EventWriter::Impl::User(std::string_view key, std::string_view name, std::string_view uid,
                             bool is_guest) {
  Put(key);
  Put("{");
  if (name.empty() && uid.empty()) name = "Unknown";
  bool comma = false;
  if (!name.empty()) {
    PutKeyText("\"name\":", name);
    if (LooksLikeAddress(name)) PutKeyText(",\"email_addr\":", name);
    comma = true;
  }
  if (!uid.empty()) PutKeyText(comma ? ",\"uid\":" : "\"uid\":", uid);
  if (is_guest) Put(",\"type_id\":99,\"type\":\"Guest\"");
  Put("}");
}

void EventWriter::Impl::TargetUser(std::string_view key) {
  const Identity target = ReadIdentity(*record, Field::kTarget);
  std::string_view name = !target.upn.empty() ? target.upn : target.name;
  std::string_view uid = target.guid;
  if (mapping.subject == Subject::kRole || mapping.subject == Subject::kGroup) {
    // The member is the target; its name stands in the properties when the target lacks it.
    name = FirstOf(name, Text(Field::kObjectId));
  }
  if (mapping.subject == Subject::kAppRole) {
    name = FirstOf(Modified("User.UPN"), name);
    uid = FirstOf(Modified("User.ObjectID"), uid);
  }
  if (name.empty() && uid.empty()) name = Text(Field::kObjectId);
  User(key, name, uid, mapping.label == "guest_invited");
}

void EventWriter::Impl::SplitInto(std::string_view escaped, char separator, bool& first) {
  while (!escaped.empty()) {
    const size_t cut = escaped.find(separator);
    std::string_view one = TrimBlanks(escaped.substr(0, cut));
    if (!one.empty() && one.find('\\') == std::string_view::npos) {
      PutKeyText(first ? "" : ",", one);
      first = false;
    }
    if (cut == std::string_view::npos) break;
    escaped.remove_prefix(cut + 1);
  }
}

void EventWriter::Impl::Privileges() {
  Put(",\"privileges\":[");
  bool first = true;
  const auto one = [&](std::string_view text) {
    if (text.empty()) return;
    PutKeyText(first ? "" : ",", text);
    first = false;
  };
  switch (mapping.subject) {
    case Subject::kRole: {
      // A removal has its names on the old side.
      const NameValue* const role =
          record->FindPair(Field::kModifiedProperties, "Role.DisplayName");
      if (role != nullptr) one(Unlisted(FirstOf(role->value, role->old_value)));
      if (first) {
        const NameValue* const id = record->FindPair(Field::kModifiedProperties, "Role.TemplateId");
        if (id != nullptr) one(Unlisted(FirstOf(id->value, id->old_value)));
      }
      break;
    }
    case Subject::kAppRole: {
      for (const std::string_view name : {"AppRole.Value", "AppRole.DisplayName", "AppRole.Id"}) {
        const NameValue* const role = record->FindPair(Field::kModifiedProperties, name);
        if (first && role != nullptr) one(Unlisted(FirstOf(role->value, role->old_value)));
      }
      break;
    }
    case Subject::kDelegatedGrant: {
      const NameValue* const scope =
          record->FindPair(Field::kModifiedProperties, "DelegatedPermissionGrant.Scope");
      if (scope != nullptr)
        SplitInto(Unlisted(FirstOf(scope->value, scope->old_value)), ' ', first);
      break;
    }
    case Subject::kConsent: {
      std::string_view text = Modified("ConsentAction.Permissions");
      static constexpr std::string_view kScope = "Scope: ";
      for (size_t at = text.find(kScope); at != std::string_view::npos; at = text.find(kScope)) {
        text.remove_prefix(at + kScope.size());
        const size_t end = text.find_first_of(",]");
        SplitInto(text.substr(0, end), ' ', first);
      }
      break;
    }
    case Subject::kMailboxPermission:
      SplitInto(Parameter("AccessRights"), ',', first);
      break;
    case Subject::kFolderPermission: {
      const JsonValue folder = record->Member(record->Get(Field::kItem), "ParentFolder");
      const JsonValue rights = record->Member(folder, "MemberRights");
      if (rights.is_text()) SplitInto(rights.inner(), ',', first);
      break;
    }
    case Subject::kRoleAssignment:
      one(FirstOf(Parameter("Role"), Parameter("Identity")));
      break;
    default:
      one(mapping.detail);
  }
  if (first) one("Unknown");
  Put("]");
}

void EventWriter::Impl::Resource(std::string_view name, std::string_view uid,
                                 std::string_view type) {
  if (name.empty() && uid.empty()) return;
  Put(",\"resources\":[{");
  bool comma = false;
  if (!name.empty()) {
    PutKeyText("\"name\":", name);
    comma = true;
  }
  if (!uid.empty()) PutKeyText(comma ? ",\"uid\":" : "\"uid\":", uid);
  PutIfText(",\"type\":", type);
  Put("}]");
}

void EventWriter::Impl::Group() {
  std::string_view name;
  std::string_view uid;
  std::string_view user_name;
  std::string_view user_uid;
  if (mapping.subject == Subject::kGroup) {
    const Identity target = ReadIdentity(*record, Field::kTarget);
    const auto either = [&](std::string_view property) {
      const NameValue* const pair = record->FindPair(Field::kModifiedProperties, property);
      return pair == nullptr ? std::string_view() : Unlisted(FirstOf(pair->value, pair->old_value));
    };
    name = either("Group.DisplayName");
    uid = either("Group.ObjectID");
    if (mapping.activity_id == 3 || mapping.activity_id == 4) {
      user_name = FirstOf(target.upn, target.name);
      user_uid = target.guid;
      if (user_name.empty() && user_uid.empty()) user_name = Text(Field::kObjectId);
    } else {
      name = FirstOf(name, target.name);
      uid = FirstOf(uid, target.guid);
      if (name.empty()) name = either("DisplayName");
    }
  } else if (mapping.subject == Subject::kSiteGroup) {
    const std::string_view data = Text(Field::kEventData);
    static constexpr std::string_view kOpen = "<Group>";
    const size_t open = data.find(kOpen);
    const size_t close = data.find("</Group>");
    if (open != std::string_view::npos && close != std::string_view::npos && close > open) {
      name = data.substr(open + kOpen.size(), close - open - kOpen.size());
    }
    if (mapping.activity_id == 3 || mapping.activity_id == 4) {
      user_name = Text(Field::kTargetUserOrGroupName);
    } else {
      name = FirstOf(name, Text(Field::kTargetUserOrGroupName));
    }
    uid = Text(Field::kSiteUrl);
  } else {
    name = FirstOf(Text(Field::kTeamName), Text(Field::kGroupName));
    uid = FirstOf(Text(Field::kTeamGuid), Text(Field::kAADGroupId));
    record->ForEach(record->Get(Field::kMembers), [&](const JsonValue& member) {
      const JsonValue upn = record->Member(member, "UPN");
      if (user_name.empty() && upn.is_text()) user_name = upn.inner();
    });
  }
  if (name.empty() && uid.empty()) {
    name = Text(Field::kObjectId).empty() ? std::string_view("Unknown") : Text(Field::kObjectId);
  }
  Put(",\"group\":{");
  bool comma = false;
  if (!name.empty()) {
    PutKeyText("\"name\":", name);
    comma = true;
  }
  if (!uid.empty()) PutKeyText(comma ? ",\"uid\":" : "\"uid\":", uid);
  Put("}");
  if (!user_name.empty() || !user_uid.empty()) User(",\"user\":", user_name, user_uid, false);
}

void EventWriter::Impl::Entity() {
  const Identity target = ReadIdentity(*record, Field::kTarget);
  std::string_view name = FirstOf(target.name, target.upn);
  std::string_view uid = target.guid;
  if (mapping.subject == Subject::kDevice) {
    name = FirstOf(Unlisted(Modified("Device.DisplayName")), name);
    uid = FirstOf(Unlisted(Modified("Device.ObjectID")), uid);
  }
  if (mapping.subject == Subject::kDomain && record->Has(Field::kParameters)) {
    name = FirstOf(Parameter("DomainName"), FirstOf(Parameter("Identity"), Parameter("Name")));
  }
  if (name.empty()) name = Text(Field::kObjectId);
  if (name.empty() && uid.empty()) name = "Unknown";
  Put(",\"entity\":{");
  PutKeyText("\"type\":", mapping.detail);
  PutIfText(",\"name\":", name);
  PutIfText(",\"uid\":", uid);
  switch (mapping.subject) {
    case Subject::kDevice:
      Put(",\"device\":{\"type_id\":0");
      PutIfText(",\"uid\":", uid);
      PutKeyText(",\"name\":", name);
      Put("}");
      break;
    case Subject::kOrganization:
      Put(",\"org\":{");
      PutKeyText("\"name\":", name);
      PutIfText(",\"uid\":", uid);
      Put("}");
      break;
    case Subject::kPolicy:
      Put(",\"policy\":{");
      PutKeyText("\"name\":", name);
      PutIfText(",\"uid\":", uid);
      Put("}");
      break;
    case Subject::kCredential: {
      Put(",\"data\":{\"key_ids\":[");
      bool first = true;
      static constexpr std::string_view kKey = "KeyIdentifier=";
      for (const NameValue& pair : record->Pairs(Field::kModifiedProperties)) {
        if (pair.name != "KeyDescription") continue;
        for (std::string_view text : {pair.value, pair.old_value}) {
          for (size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey)) {
            text.remove_prefix(at + kKey.size());
            const std::string_view id = text.substr(0, text.find_first_of(",]"));
            if (!IsGuid(id)) continue;
            PutKeyText(first ? "" : ",", id);
            first = false;
          }
        }
      }
      Put("]}");
      break;
    }
    default:
      break;
  }
  Put("}");
  if (mapping.activity_id == 3 && !record->Pairs(Field::kModifiedProperties).empty()) {
    Put(",\"entity_result\":{");
    PutKeyText("\"type\":", mapping.detail);
    PutIfText(",\"name\":", name);
    PutIfText(",\"uid\":", uid);
    Put("}");
  }
}

void EventWriter::Impl::File() {
  const std::string_view object = Text(Field::kObjectId);
  std::string_view name = Text(Field::kSourceFileName);
  if (name.empty()) {
    // The last part of a URL or a path.
    const size_t slash = object.find_last_of("/\\");
    name = slash == std::string_view::npos ? object : object.substr(slash + 1);
    if (name.empty()) name = object;
  }
  if (name.empty()) name = "Unknown";
  const std::string_view item_type = Text(Field::kItemType);
  PutKeyText(",\"file\":{\"name\":", name);
  Put(",\"type_id\":");
  Put(item_type == "Folder" ? "2" : item_type.empty() || item_type == "File" ? "1" : "99");
  PutIfText(",\"ext\":", Text(Field::kSourceFileExtension));
  PutIfText(",\"path\":", object);
  PutIfText(",\"parent_folder\":", Text(Field::kSourceRelativeUrl));
  PutIfText(",\"uid\":", Text(Field::kListItemUniqueId));
  int64_t size = 0;
  if (record->GetInteger(Field::kFileSizeBytes, size) && size >= 0) {
    Put(",\"size\":");
    out->PutInteger(size);
  }
  if (object.substr(0, 4) == "http") {
    Put(",\"url\":{");
    PutKeyText("\"url_string\":", object);
    Put("}");
  }
  Put("}");
  const std::string_view new_name = Text(Field::kDestinationFileName);
  const std::string_view new_folder = Text(Field::kDestinationRelativeUrl);
  if (mapping.class_uid == 6006 && (!new_name.empty() || !new_folder.empty())) {
    PutKeyText(",\"file_result\":{\"name\":", FirstOf(new_name, name));
    Put(item_type == "Folder" ? ",\"type_id\":2" : ",\"type_id\":1");
    PutIfText(",\"ext\":", Text(Field::kDestinationFileExtension));
    PutIfText(",\"parent_folder\":", new_folder);
    Put("}");
  }
}

void EventWriter::Impl::WebResources() {
  Put(",\"web_resources\":[");
  bool first = true;
  const auto open = [&] {
    Put(first ? "{" : ",{");
    first = false;
  };
  const auto text_of = [&](const JsonValue& object, std::string_view member) {
    const JsonValue value = record->Member(object, member);
    return value.is_text() ? value.inner() : std::string_view();
  };
  const auto mail_item = [&](const JsonValue& item, std::string_view folder) {
    if (item.kind != JsonValue::kObject) return;
    const std::string_view message = text_of(item, "InternetMessageId");
    const std::string_view id = text_of(item, "Id");
    const std::string_view subject = text_of(item, "Subject");
    if (message.empty() && id.empty() && subject.empty()) return;
    open();
    PutKeyText("\"type\":", "mail");
    PutIfText(",\"uid\":", FirstOf(message, id));
    PutIfText(",\"name\":", subject);
    if (!message.empty()) PutIfText(",\"uid_alt\":", id);
    const JsonValue parent = record->Member(item, "ParentFolder");
    std::string_view path = text_of(parent, "Path");
    if (path.empty()) path = folder;
    const JsonValue size = record->Member(item, "SizeInBytes");
    if (!path.empty() || size.kind == JsonValue::kNumber) {
      Put(",\"data\":{");
      PutIfText("\"folder\":", path);
      if (size.kind == JsonValue::kNumber) {
        Put(path.empty() ? "\"size\":" : ",\"size\":");
        Put(size.raw);
      }
      Put("}");
    }
    Put("}");
  };
  if (mapping.subject == Subject::kMailItems || mapping.subject == Subject::kMailItem) {
    record->ForEach(record->Get(Field::kFolders), [&](const JsonValue& folder) {
      const std::string_view path = text_of(folder, "Path");
      record->ForEach(record->Member(folder, "FolderItems"),
                      [&](const JsonValue& item) { mail_item(item, path); });
    });
    mail_item(record->Get(Field::kItem), {});
    record->ForEach(record->Get(Field::kAffectedItems),
                    [&](const JsonValue& item) { mail_item(item, {}); });
    if (first && !Text(Field::kMailboxOwnerUPN).empty()) {
      open();
      PutKeyText("\"type\":\"mailbox\",\"name\":", Text(Field::kMailboxOwnerUPN));
      PutIfText(",\"uid\":", Text(Field::kMailboxGuid));
      Put("}");
    }
  } else if (mapping.subject == Subject::kTeam) {
    const std::string_view name = FirstOf(Text(Field::kChannelName), Text(Field::kTeamName));
    const std::string_view uid = Text(Field::kTeamGuid);
    if (!name.empty() || !uid.empty()) {
      open();
      PutKeyText("\"type\":", "channel");
      PutIfText(",\"name\":", name);
      PutIfText(",\"uid\":", uid);
      Put("}");
    }
  } else if (mapping.subject == Subject::kQuarantine) {
    const std::string_view uid = Text(Field::kNetworkMessageId);
    if (!uid.empty()) {
      open();
      PutKeyText("\"type\":\"mail\",\"uid\":", uid);
      Put("}");
    }
  }
  if (first) {
    open();
    std::string_view name = Text(Field::kObjectId);
    const bool is_url = name.substr(0, 4) == "http";
    const std::string_view title =
        FirstOf(Text(Field::kReportName), FirstOf(Text(Field::kItemName), Text(Field::kQueryText)));
    if (!title.empty()) {
      PutKeyText("\"name\":", title);
    } else {
      PutKeyText("\"name\":", name.empty() ? operation : name);
    }
    if (!name.empty()) PutKeyText(",\"uid\":", name);
    if (is_url) PutKeyText(",\"url_string\":", name);
    PutIfText(",\"type\":", Text(Field::kItemType));
    Put("}");
  }
  Put("]");
  const JsonValue destination = record->Get(Field::kDestFolder);
  if (const std::string_view path = text_of(destination, "Path"); !path.empty()) {
    PutKeyText(",\"web_resources_result\":[{\"type\":\"folder\",\"name\":", path);
    PutIfText(",\"uid\":", text_of(destination, "Id"));
    Put("}]");
  }
  int64_t count = 0;
  if (record->GetInteger(Field::kOperationCount, count) && count > 0) {
    Put(",\"count\":");
    out->PutInteger(count);
  }
}

void EventWriter::Impl::Email() {
  std::string_view from =
      FirstOf(Text(Field::kSendAsUserSmtp), Text(Field::kSendOnBehalfOfUserSmtp));
  if (from.empty()) from = FirstOf(Text(Field::kMailboxOwnerUPN), Text(Field::kUserId));
  if (from.empty()) from = "Unknown";
  const JsonValue item = record->Get(Field::kItem);
  const auto text_of = [&](std::string_view member) {
    const JsonValue value = record->Member(item, member);
    return value.is_text() ? value.inner() : std::string_view();
  };
  Put(",\"direction_id\":2,\"direction\":\"Outbound\"");
  PutKeyText(",\"email\":{\"from\":", from);
  bool first = true;
  record->ForEach(record->Get(Field::krecipientList), [&](const JsonValue& recipient) {
    if (!recipient.is_text()) return;
    PutKeyText(first ? ",\"to\":[" : ",", recipient.inner());
    first = false;
  });
  if (!first) Put("]");
  if (from != Text(Field::kUserId)) PutIfText(",\"sender\":", Text(Field::kUserId));
  PutIfText(",\"subject\":", text_of("Subject"));
  PutIfText(",\"message_uid\":", text_of("InternetMessageId"));
  PutIfText(",\"uid\":", text_of("Id"));
  const JsonValue size = record->Member(item, "SizeInBytes");
  if (size.kind == JsonValue::kNumber) {
    Put(",\"size\":");
    Put(size.raw);
  }
  Put("}");
}

// The JSON text of Data as JSON.
void EventWriter::Impl::InnerData() {
  const JsonValue& data = record->Get(Field::kData);
  if (!data.is_text() || data.inner().empty() || data.inner().front() != '{') return;
  decoded.clear();
  AppendUnescaped(data.inner(), decoded);
  uint32_t token = 0;
  inner_record.NewText();
  if (inner_tokens.Index(decoded) != Fault::kNone ||
      inner_record.Read(inner_tokens, token) != Fault::kNone || token != inner_tokens.count()) {
    remarks |= kInnerJsonBad;
  }
}

void EventWriter::Impl::Finding() {
  std::string_view uid;
  std::string_view title;
  switch (mapping.subject) {
    case Subject::kAlert:
      uid = Text(Field::kAlertId);
      title = Text(Field::kName);
      break;
    case Subject::kInvestigation:
      uid = Text(Field::kInvestigationId);
      title = Text(Field::kInvestigationType);
      break;
    case Subject::kThreatMail:
      uid = Text(Field::kNetworkMessageId);
      title = FirstOf(Text(Field::kVerdict), Text(Field::kSubject));
      break;
    case Subject::kDlp:
      uid = Text(Field::kIncidentId);
      record->ForEach(record->Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
        record->ForEach(record->Member(policy, "Rules"), [&](const JsonValue& rule) {
          const JsonValue name = record->Member(rule, "RuleName");
          if (title.empty() && name.is_text()) title = name.inner();
        });
      });
      break;
    default:
      break;
  }
  Put(",\"finding_info\":{\"uid\":\"");
  if (uid.empty()) {
    out->PutEscaped(frame->uid);
  } else {
    Put(uid);
  }
  Put("\"");
  PutKeyText(",\"title\":", title.empty() ? operation : title);
  if (mapping.subject == Subject::kInvestigation) Put(",\"types\":[\"investigation\"]");
  if (mapping.subject == Subject::kAlert) {
    const std::string_view category = Text(Field::kCategory);
    if (!category.empty()) {
      PutKeyText(",\"types\":[", category);
      Put("]");
    }
    PutIfText(",\"product_uid\":", Text(Field::kPolicyId));
  }
  Put("}");
  if (mapping.class_uid == 2006) return;
  Put(",\"is_alert\":true");
  bool first = true;
  const auto open = [&] {
    Put(first ? ",\"evidences\":[{" : ",{");
    first = false;
  };
  if (!addresses.empty()) {
    open();
    Put("\"src_endpoint\":{");
    Address(addresses.front().address);
    Put("}}");
  }
  if (mapping.subject == Subject::kAlert || mapping.subject == Subject::kInvestigation) {
    const JsonValue& data = record->Get(Field::kData);
    if (data.is_text() && !data.inner().empty() && data.inner().front() == '{' &&
        (remarks & kInnerJsonBad) == 0) {
      open();
      Put("\"data\":");
      // Read has walked it: token by token it is valid and without blanks.
      for (uint32_t token = 0; token < inner_tokens.count(); ++token) {
        Put(inner_tokens.bytes(token));
      }
      Put("}");
    }
    const std::string_view entity = Text(Field::kAlertEntityId);
    if (!entity.empty() && Text(Field::kEntityType) == "User") {
      open();
      User("\"user\":", entity, {}, false);
      Put("}");
    }
  }
  if (mapping.subject == Subject::kThreatMail && !Text(Field::kP1Sender).empty()) {
    open();
    PutKeyText("\"email\":{\"from\":", FirstOf(Text(Field::kP2Sender), Text(Field::kP1Sender)));
    bool first_to = true;
    record->ForEach(record->Get(Field::kRecipients), [&](const JsonValue& recipient) {
      if (!recipient.is_text()) return;
      PutKeyText(first_to ? ",\"to\":[" : ",", recipient.inner());
      first_to = false;
    });
    if (!first_to) Put("]");
    PutIfText(",\"subject\":", Text(Field::kSubject));
    PutIfText(",\"message_uid\":", Text(Field::kInternetMessageId));
    Put("}}");
  }
  if (mapping.subject == Subject::kThreatUrl && !Text(Field::kUrl).empty()) {
    open();
    PutKeyText("\"url\":{\"url_string\":", Text(Field::kUrl));
    Put("}}");
  }
  if (mapping.subject == Subject::kMalware) {
    open();
    const std::string_view name = FirstOf(Text(Field::kSourceFileName), Text(Field::kObjectId));
    PutKeyText("\"file\":{\"type_id\":1,\"name\":", name.empty() ? "Unknown" : name);
    Put("}}");
  }
  if (!first) Put("]");
}

void EventWriter::Impl::DataSecurity() {
  Finding();
  Put(",\"data_security\":{\"detection_system_id\":99,\"detection_system\":\"Microsoft Purview "
      "DLP\"");
  bool first = true;
  record->ForEach(record->Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    if (!first) return;
    const JsonValue name = record->Member(policy, "PolicyName");
    const JsonValue uid = record->Member(policy, "PolicyId");
    if (!name.is_text()) return;
    PutKeyText(",\"policy\":{\"name\":", name.inner());
    if (uid.is_text()) PutKeyText(",\"uid\":", uid.inner());
    Put("}");
    first = false;
  });
  Put("}");
}

void EventWriter::Impl::ClassAttributes() {
  switch (mapping.class_uid) {
    case 3002: {
      User(",\"user\":", Text(Field::kUserId), {}, false);
      std::string_view service = FirstOf(Text(Field::kApplicationId), Text(Field::kObjectId));
      Put(",\"service\":{");
      if (!service.empty()) {
        PutKeyText("\"uid\":", service);
      } else {
        PutKeyText("\"name\":", workload.empty() ? "Microsoft 365" : workload);
      }
      Put("}");
      const std::string_view request = record->PairValue(Field::kExtendedProperties, "RequestType");
      if (!request.empty()) {
        Put(request.find("OAuth2") != std::string_view::npos ? ",\"auth_protocol_id\":6"
            : request.find("Saml") != std::string_view::npos ? ",\"auth_protocol_id\":5"
                                                             : ",\"auth_protocol_id\":99");
        PutKeyText(",\"auth_protocol\":", request);
      }
      break;
    }
    case 3001:
      TargetUser(",\"user\":");
      break;
    case 3005:
      switch (mapping.subject) {
        case Subject::kMailboxPermission:
          User(",\"user\":", FirstOf(Parameter("User"), Parameter("Trustee")), {}, false);
          Privileges();
          Resource(FirstOf(Parameter("Identity"), Text(Field::kObjectId)), {}, "mailbox");
          break;
        case Subject::kFolderPermission: {
          const JsonValue folder = record->Member(record->Get(Field::kItem), "ParentFolder");
          const auto text_of = [&](std::string_view member) {
            const JsonValue value = record->Member(folder, member);
            return value.is_text() ? value.inner() : std::string_view();
          };
          User(",\"user\":", text_of("MemberUpn"), text_of("MemberSid"), false);
          Privileges();
          Resource(FirstOf(text_of("Path"), text_of("Name")), text_of("Id"), "folder");
          break;
        }
        case Subject::kRoleAssignment:
          User(",\"user\":",
               FirstOf(FirstOf(Parameter("User"), Parameter("Member")), Parameter("SecurityGroup")),
               {}, false);
          Privileges();
          Resource(FirstOf(Text(Field::kObjectId), Parameter("Name")), {}, "role");
          break;
        case Subject::kSiteAdmin: {
          const std::string_view name =
              FirstOf(Text(Field::kTargetUserOrGroupName), Modified("SiteAdmin"));
          User(",\"user\":", name.empty() ? Text(Field::kUserId) : name, {}, false);
          Privileges();
          Resource(FirstOf(Text(Field::kObjectId), Text(Field::kSiteUrl)), {}, "site");
          break;
        }
        case Subject::kConsent: {
          User(",\"user\":", Text(Field::kUserId), {}, false);
          Privileges();
          const Identity target = ReadIdentity(*record, Field::kTarget);
          const std::string_view object = Text(Field::kObjectId);
          Resource(FirstOf(target.name, object), IsGuid(object) ? object : target.guid,
                   "application");
          break;
        }
        case Subject::kRole: {
          TargetUser(",\"user\":");
          Privileges();
          const NameValue* const name =
              record->FindPair(Field::kModifiedProperties, "Role.DisplayName");
          const NameValue* const id =
              record->FindPair(Field::kModifiedProperties, "Role.TemplateId");
          Resource(name == nullptr ? std::string_view()
                                   : Unlisted(FirstOf(name->value, name->old_value)),
                   id == nullptr ? std::string_view() : Unlisted(FirstOf(id->value, id->old_value)),
                   "role");
          break;
        }
        default: {
          TargetUser(",\"user\":");
          Privileges();
          Resource(FirstOf(Modified("ServicePrincipal.DisplayName"),
                           FirstOf(Modified("Application.DisplayName"), Text(Field::kObjectId))),
                   FirstOf(Modified("ServicePrincipal.ObjectID"), Modified("Application.ObjectID")),
                   "application");
        }
      }
      break;
    case 3006:
      Group();
      break;
    case 3004:
      Entity();
      break;
    case 4009:
      Email();
      break;
    case 6001:
      WebResources();
      break;
    case 6002:
      PutKeyText(",\"app\":{\"vendor_name\":\"Unknown\",\"name\":",
                 Text(Field::kAddOnName).empty() ? operation : Text(Field::kAddOnName));
      PutIfText(",\"uid\":", Text(Field::kAddOnGuid));
      Put("}");
      break;
    case 6003:
      if (mapping.subject == Subject::kAi) {
        const JsonValue& data = record->Get(Field::kCopilotEventData);
        const auto text_of = [&](const JsonValue& object, std::string_view member) {
          const JsonValue value = record->Member(object, member);
          return value.is_text() ? value.inner() : std::string_view();
        };
        bool first = true;
        record->ForEach(
            record->Member(data, "ModelTransparencyDetails"), [&](const JsonValue& one) {
              const std::string_view name = text_of(one, "ModelName");
              if (!first || name.empty()) return;
              PutKeyText(",\"ai_model\":{\"ai_provider\":\"Microsoft\",\"name\":", name);
              Put("}");
              first = false;
            });
        if (first) Put(",\"ai_model\":{\"ai_provider\":\"Microsoft\",\"name\":\"Unknown\"}");
        PutKeyText(",\"message_context\":{\"service\":{\"name\":",
                   FirstOf(text_of(data, "AppHost"), workload.empty() ? "Copilot" : workload));
        Put("}");
        PutIfText(",\"uid\":", text_of(data, "ThreadId"));
        Put("}");
        first = true;
        record->ForEach(record->Member(data, "AccessedResources"), [&](const JsonValue& one) {
          const std::string_view name = FirstOf(text_of(one, "Name"), text_of(one, "SiteUrl"));
          const std::string_view uid = text_of(one, "Id");
          if (name.empty() && uid.empty()) return;
          Put(first ? ",\"resources\":[{" : ",{");
          first = false;
          PutKeyText("\"name\":", FirstOf(name, uid));
          PutIfText(",\"uid\":", uid);
          PutIfText(",\"type\":", text_of(one, "Type"));
          Put("}");
        });
        if (!first) Put("]");
      } else {
        Resource(Text(Field::kObjectId), {}, {});
      }
      break;
    case 6006:
      File();
      break;
    case 2004:
      Finding();
      break;
    case 2006:
      DataSecurity();
      break;
    default:
      break;
  }
}

Mapping EventWriter::Write(AuditRecord& record, const EventFrame& frame, Bytes& out) {
  Impl& w = *impl_;
  w.out = &out;
  w.record = &record;
  w.frame = &frame;
  w.remarks = frame.remarks | record.remarks();
  w.operation = record.Text(Field::kOperation);
  w.workload = record.Text(Field::kWorkload);
  int64_t record_type = -1;
  if (!record.GetInteger(Field::kRecordType, record_type)) {
    record_type = RecordTypeNumber(record.Text(Field::kRecordType));
    if (record_type >= 0) {  // a name in place of the number: the number stands beside it
      record.unmapped().Put(",\"RecordType\":");
      record.unmapped().PutInteger(record_type);
    }
  }
  w.mapping = MapOperation(w.workload, w.operation, static_cast<int32_t>(record_type),
                           !record.Text(Field::kObjectId).empty());
  Mapping& mapping = w.mapping;
  if (mapping.subject == Subject::kTargetUser && mapping.detail == "Update") w.UpdateUserActivity();
  if (mapping.subject == Subject::kDlp && mapping.class_uid == 6006 &&
      !record.Get(Field::kPolicyDetails).raw.empty() &&
      record.Get(Field::kPolicyDetails).raw != "[]") {
    mapping.class_uid = 2006;
    mapping.activity_id = 1;
  }
  if (mapping.class_uid == 2004) {
    const std::string_view status = record.Text(Field::kStatus);
    if (mapping.activity_id == 2 && status == "Resolved") mapping.activity_id = 3;
    if (mapping.subject == Subject::kInvestigation && !status.empty()) {
      mapping.activity_id = status.find("emediated") != std::string_view::npos ||
                                    status.find("losed") != std::string_view::npos ||
                                    status.find("ompleted") != std::string_view::npos
                                ? 3
                            : status.find("tarted") != std::string_view::npos ? 1
                                                                              : 2;
    }
    w.InnerData();
  }
  if (mapping.subject == Subject::kSharing && mapping.activity_id == 12 &&
      (record.Text(Field::kItemType) == "Web" || record.Text(Field::kItemType) == "Site")) {
    mapping.class_uid = 6001;
    mapping.activity_id = 8;
  }
  w.Labels();
  const Impl::KnownClass& known = w.ClassOf(mapping.class_uid);
  w.ocsf_class = known.ocsf_class;
  w.Endpoints();

  const int32_t uid = mapping.class_uid;
  w.Put("{\"class_uid\":");
  out.PutInteger(uid);
  w.Put(",\"category_uid\":");
  out.PutInteger(w.ocsf_class->category_uid);
  w.Put(",\"type_uid\":");
  out.PutInteger(int64_t{uid} * 100 + mapping.activity_id);
  w.Put(",\"activity_id\":");
  out.PutInteger(mapping.activity_id);
  w.Put(",\"time\":");
  out.PutInteger(frame.time_ms);
  w.Outcome();
  if (mapping.activity_id == 99) {
    w.PutKeyText(",\"activity_name\":", mapping.detail.empty() ? w.operation : mapping.detail);
  } else {
    w.PutKeyText(",\"activity_name\":", known.activities[mapping.activity_id]);
  }
  w.PutKeyText(",\"class_name\":", w.ocsf_class->name);
  w.PutKeyText(",\"message\":", w.operation);
  w.Metadata();
  w.Put(",\"cloud\":{\"provider\":\"Microsoft 365\",\"org\":{\"uid\":\"");
  w.Put(frame.tenant);
  w.Put("\"}}");
  w.Actor();
  if (w.ocsf_class->has_src_endpoint) {
    if (!w.addresses.empty()) {
      w.Put(",\"src_endpoint\":{");
      w.Address(w.addresses.front().address);
      w.Put("}");
    } else if (uid == 6003 || uid == 6006) {
      std::string_view server = record.Text(Field::kOriginatingServer);
      server = server.substr(0, server.find_first_of(" (\\"));
      if (server.empty())
        server = w.workload.empty() ? std::string_view("Microsoft 365") : w.workload;
      w.PutKeyText(",\"src_endpoint\":{\"svc_name\":", server);
      w.Put("}");
    }
  }
  const bool has_agent = record.Get(Field::kUserAgent).is_text();
  if (w.ocsf_class->has_http_request) {
    std::string_view agent = record.Text(Field::kUserAgent);
    if (!has_agent) agent = record.Text(Field::kClientInfoString);
    if (!has_agent && agent.empty()) {
      agent = record.PairValue(Field::kExtendedProperties, "UserAgent");
    }
    if (has_agent || !agent.empty()) {
      w.PutKeyText(",\"http_request\":{\"user_agent\":", agent);
      w.Put("}");
    }
  } else if (has_agent) {
    record.unmapped().Put(",\"UserAgent\":");
    record.unmapped().Put(record.Get(Field::kUserAgent).raw);
  }
  w.Device();
  w.Api();
  w.ClassAttributes();
  w.Observables();
  // The organisation as the record writes it, where that is not the tenant.
  if (const JsonValue& organization = record.Get(Field::kOrganizationId);
      organization.is_text() && organization.inner() != frame.tenant) {
    record.unmapped().Put(",\"OrganizationId\":");
    record.unmapped().Put(organization.raw);
  }
  if (const JsonValue& work = record.Get(Field::kWorkload);
      work.is_text() && work.inner().empty()) {
    record.unmapped().Put(",\"Workload\":\"\"");
  }
  if (frame.raw_data) {
    w.Put(",\"raw_data\":\"");
    out.PutEscaped(record.raw());
    w.Put("\",\"raw_data_size\":");
    out.PutInteger(static_cast<int64_t>(record.raw().size()));
    w.Put(",\"raw_data_hash\":{\"algorithm_id\":3,\"algorithm\":\"SHA-256\",\"value\":\"");
    w.Put(HexPrefix(Sha256(record.raw())));
    w.Put("\"}");
  }
  if (!record.unmapped().empty()) {
    w.Put(",\"unmapped\":{");
    w.Put(record.unmapped().view().substr(1));
    w.Put("}");
  }
  w.Put("}");
  return mapping;
}

}  // namespace picket::parser
