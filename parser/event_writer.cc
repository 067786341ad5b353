#include "parser/event_writer.h"

#include <algorithm>

#include "common/sha256.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "model/field_paths.h"
#include "parser/class_attributes.h"
#include "parser/subject_facts.h"
#include "parser/text_values.h"

namespace picket::parser {
namespace {

struct OcsfWriter {
  const RecordFacts& facts;
  Bytes& out;
  const AuditRecord& record = *facts.record;
  const EventFrame& frame = *facts.frame;
  const JsonTokens& tokens = facts.tokens();
  const Mapping& mapping = facts.mapping;

  template <typename Text>
  void Put(const Text& text) {
    out.Put(text);
  }
  template <typename Key>
  void PutKeyText(const Key& key, std::string_view escaped) {
    out.PutText(key, escaped);
  }
  template <typename Key>
  void PutIfText(const Key& key, std::string_view escaped) {
    if (!escaped.empty()) out.PutText(key, escaped);
  }
  std::string_view Text(Field field) const { return record.Text(field); }

  void Write();
  void Result();
  void Metadata();
  void Actor();
  void Session();
  void Device();
  void Api();
  void TypedPairs(Field list);
  void CallProperties();
  void Messages();
  void Observables();
  void Unmapped();
};

void OcsfWriter::Result() {
  Put(",\"severity_id\":");
  out.PutSmall(facts.severity_id);
  switch (facts.outcome.status) {
    case Outcome::kUnknown:
      Put(",\"status_id\":0,\"status\":\"Unknown\"");
      break;
    case Outcome::kSuccess:
      Put(",\"status_id\":1,\"status\":\"Success\"");
      break;
    case Outcome::kFailure:
      Put(",\"status_id\":2,\"status\":\"Failure\"");
      break;
    case Outcome::kOther:
      Put(",\"status_id\":99");
      PutKeyText(",\"status\":", facts.outcome.other);
  }
  PutIfText(",\"status_code\":", facts.outcome.code);
  PutIfText(",\"status_detail\":", facts.outcome.detail);
}

void OcsfWriter::Metadata() {
  Put(",\"metadata\":{");
  PutKeyText("\"event_code\":", facts.operation);
  PutKeyText(",\"uid\":", frame.uid);
  PutKeyText(",\"tenant_uid\":", frame.tenant);
  if (record.Get(Field::kId).is_text()) {
    PutKeyText(",\"original_event_uid\":", Text(Field::kId));
  }
  if (record.Get(Field::kCreationTime).is_text()) {
    PutKeyText(",\"original_time\":", Text(Field::kCreationTime));
  }
  PutIfText(",\"type\":", facts.record_type_name);
  PutIfText(",\"log_name\":", frame.content_type);
  if (frame.logged_time_ms >= 0) {
    Put(",\"logged_time\":");
    out.PutInteger(frame.logged_time_ms);
  }
  if (frame.processed_time_ms >= 0) {
    Put(",\"processed_time\":");
    out.PutInteger(frame.processed_time_ms);
  }
  PutIfText(",\"correlation_uid\":", facts.correlation);
  if (!facts.labels.empty()) {
    Put(",\"labels\":[");
    bool first = true;
    for (const std::string_view label : facts.labels) {
      PutKeyText(first ? "" : ",", label);
      first = false;
    }
    Put("]");
  }
  if (facts.remarks != 0) {
    Put(",\"debug\":");
    PutRemarks(facts.remarks, out);
  }
  Put(mapping.subject == Subject::kAi ? ",\"profiles\":[\"cloud\",\"host\",\"ai_operation\"]"
                                      : ",\"profiles\":[\"cloud\",\"host\"]");
  Put(",\"version\":\"1.8.0\",\"product\":{\"name\":\"Microsoft "
      "365\",\"vendor_name\":\"Microsoft\"");
  if (!facts.workload.empty()) PutKeyText(",\"feature\":{\"name\":", facts.workload), Put("}");
  Put("},\"transformation_info_list\":[{\"name\":\"picket-mapping\",\"uid\":\"");
  Put(kMappingVersion);
  Put("\"}]}");
}

void OcsfWriter::Actor() {
  Put(",\"actor\":{\"user\":{");
  const ActorFacts& actor = facts.actor;
  PutKeyText("\"name\":", actor.name);
  if (LooksLikeAddress(actor.name)) PutKeyText(",\"email_addr\":", actor.name);
  PutIfText(",\"uid\":", actor.uid);
  if (record.Get(Field::kUserKey).is_text()) PutKeyText(",\"uid_alt\":", actor.user_key);
  if (actor.has_user_type) {
    switch (actor.user_type) {
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
  Session();
  PutIfText(",\"app_uid\":", actor.app_uid);
  PutIfText(",\"app_name\":", actor.app_name);
  Put("}");
  if (mapping.class_uid == 3002) Session();
}

void OcsfWriter::Session() {
  const ActorFacts& actor = facts.actor;
  if (actor.session.empty() && actor.token.empty()) return;
  Put(",\"session\":{");
  PutIfText("\"uid\":", actor.session);
  PutIfText(actor.session.empty() ? "\"credential_uid\":" : ",\"credential_uid\":", actor.token);
  Put("}");
}

void OcsfWriter::Device() {
  const auto& [uid, name, os, is_compliant, is_managed] = facts.device;
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
    out.PutInteger(type);
    Put("}");
  }
  const auto boolean = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    Put(key);
    Put(EqualsIgnoreCase(value, "true") ? "true" : "false");
  };
  boolean(",\"is_compliant\":", is_compliant);
  boolean(",\"is_managed\":", is_managed);
  Put("}");
}

// Cmdlet parameters have their OCSF home in the call; what other lists say of it stands beside them under its name.
void OcsfWriter::Api() {
  const bool has_parameters = !record.parameters().empty();
  const bool has_properties = record.Has(Field::kOperationProperties);
  const bool is_setting = mapping.subject == Subject::kCmdlet && !has_parameters;
  if (mapping.class_uid != 6003 && !has_parameters && !has_properties) return;
  PutKeyText(",\"api\":{\"operation\":", facts.operation);
  if (!facts.workload.empty()) {
    PutKeyText(",\"service\":{\"name\":", facts.workload);
    Put("}");
  }
  const size_t begin = out.size();
  Put(",\"request\":{\"uid\":\"");
  Put(frame.uid);
  Put("\",\"data\":");
  const size_t first = out.size();
  if (has_parameters) {
    Put(",\"parameters\":");
    Put(record.parameters().view());
    TypedPairs(Field::kParameters);
  }
  if (has_properties) CallProperties();
  if (is_setting) TypedPairs(Field::kModifiedProperties);
  if (mapping.subject == Subject::kAi) Messages();
  if (out.size() == first) {
    out.Cut(begin);
  } else {
    out.data()[first] = '{';  // in place of the first comma
    Put("}}");
  }
  Put("}");
}

// Members that rules ask for by name, the first of each.
void OcsfWriter::TypedPairs(Field list) {
  uint64_t written = 0;
  for (const NameValue& pair : record.Pairs(list)) {
    if (!pair.is_text) continue;
    const PairName* const name = FindPairName(list, pair.name);
    if (name == nullptr || (written >> name->number & 1) != 0) continue;
    written |= uint64_t{1} << name->number;
    Put(",");
    PutKeyText(name->key_json, pair.value);
  }
}

// OperationProperties of mailbox records: how mail was read, what an inbox rule does.
void OcsfWriter::CallProperties() {
  const auto property = [&](std::string_view name) {
    return record.PairValue(Field::kOperationProperties, name);
  };
  PutIfText(",\"MailAccessType\":", property("MailAccessType"));
  if (const std::string_view throttled = property("IsThrottled"); !throttled.empty()) {
    if (EqualsIgnoreCase(throttled, "true")) {
      Put(",\"IsThrottled\":true");
    } else if (EqualsIgnoreCase(throttled, "false")) {
      Put(",\"IsThrottled\":false");
    }
  }
  if (mapping.subject != Subject::kInboxRule) return;
  PutIfText(",\"Name\":", property("RuleName"));
  const InboxRuleActions actions = ActionsOf(facts);
  PutIfText(",\"ForwardTo\":", actions.forward_to);
  PutIfText(",\"RedirectTo\":", actions.redirect_to);
  PutIfText(",\"ForwardAsAttachmentTo\":", actions.forward_as_attachment_to);
  PutIfText(",\"MoveToFolder\":", actions.move_to_folder);
  if (actions.deletes) Put(",\"DeleteMessage\":\"True\"");
}

// How many prompts and answers there are.
void OcsfWriter::Messages() {
  int64_t prompts = 0;
  int64_t responses = 0;
  tokens.ForEach(tokens.Member(record.Get(Field::kCopilotEventData), "Messages"),
                 [&](const JsonValue& message) {
                   const JsonValue is_prompt = tokens.Member(message, "isPrompt");
                   prompts += is_prompt.kind == JsonValue::kTrue;
                   responses += is_prompt.kind == JsonValue::kFalse;
                 });
  Put(",\"prompt_count\":");
  out.PutInteger(prompts);
  Put(",\"response_count\":");
  out.PutInteger(responses);
}

void OcsfWriter::Observables() {
  bool first = true;
  const auto observe = [&](std::string_view name, int type, std::string_view value) {
    if (value.empty()) return;
    Put(first ? ",\"observables\":[" : ",");
    first = false;
    PutKeyText("{\"name\":", name);
    Put(",\"type_id\":");
    out.PutInteger(type);
    PutKeyText(",\"value\":", value);
    Put("}");
  };
  if (facts.addresses.size() > 1) {
    for (const Address& found : facts.addresses) {
      if (!found.ip.empty()) {
        observe("src_endpoint.ip", 2, found.ip);
      } else {
        observe("src_endpoint.hostname", 1, found.hostname);
      }
    }
  }
  if (mapping.subject == Subject::kSharing) {
    observe("unmapped.TargetUserOrGroupName", 4, Text(Field::kTargetUserOrGroupName));
  }
  if (mapping.subject == Subject::kTeam) {
    tokens.ForEach(record.Get(Field::kMembers), [&](const JsonValue& member) {
      const JsonValue upn = tokens.Member(member, "UPN");
      if (upn.is_text()) observe("unmapped.Members.UPN", 4, upn.inner());
    });
  }
  if (mapping.subject == Subject::kTeam) {
    // Organisations that take part and are not the tenant.
    const auto tenant = [&](std::string_view id) {
      if (!EqualsIgnoreCase(id, frame.tenant)) {
        observe("unmapped.ParticipantInfo.ParticipatingTenantIds", 10, id);
      }
    };
    ForEachText(facts, tokens.Member(record.Get(Field::kParticipantInfo), "ParticipatingTenantIds"),
                tenant);
  }
  if (!first) Put("]");
}

// What has no OCSF home, and what the class has no place for.
void OcsfWriter::Unmapped() {
  if (!frame.unmapped) return;
  const size_t begin = out.size();
  Put(",\"unmapped\":");
  const size_t first = out.size();
  Put(record.unmapped().view());
  if (facts.record_type_is_name) {  // the number stands beside it
    Put(",\"RecordType\":");
    out.PutInteger(facts.record_type);
  }
  const JsonValue& agent = record.Get(Field::kUserAgent);
  if (!facts.activity->ocsf_class->has_http_request && agent.is_text()) {
    Put(",\"UserAgent\":");
    Put(agent.raw);
  }
  // The organisation as the record writes it, where that is not the tenant.
  if (const JsonValue& organization = record.Get(Field::kOrganizationId);
      organization.is_text() && organization.inner() != frame.tenant) {
    Put(",\"OrganizationId\":");
    Put(organization.raw);
  }
  if (const JsonValue& work = record.Get(Field::kWorkload);
      work.is_text() && work.inner().empty()) {
    Put(",\"Workload\":\"\"");
  }
  if (!facts.decoded.empty()) {
    Put(",\"decoded\":[");
    Put(facts.decoded);
    Put("]");
  }
  if (out.size() == first) {
    out.Cut(begin);
    return;
  }
  out.data()[first] = '{';  // in place of the first comma
  Put("}");
}

void OcsfWriter::Write() {
  const int32_t uid = mapping.class_uid;
  Put(std::string_view(facts.activity->ocsf_kind));
  out.PutInteger(frame.time_ms);
  Result();
  if (mapping.activity_id == 99) {
    PutKeyText(",\"activity_name\":", FirstOf(mapping.detail, facts.operation));
  }
  PutKeyText(std::string_view(facts.activity->ocsf_names), facts.operation);
  Metadata();
  Put(",\"cloud\":{\"provider\":\"Microsoft 365\",\"org\":{\"uid\":\"");
  Put(frame.tenant);
  Put("\"}}");
  Actor();
  if (facts.activity->ocsf_class->has_src_endpoint) {
    if (!facts.addresses.empty()) {
      Put(",\"src_endpoint\":{");
      PutSource(out, facts);
      Put("}");
    } else if (uid == 6003 || uid == 6006) {
      std::string_view server = record.Text(Field::kOriginatingServer);
      const auto ends = [](char c) { return c == ' ' || c == '(' || c == '\\'; };
      server = server.substr(0, std::find_if(server.begin(), server.end(), ends) - server.begin());
      if (server.empty())
        server = facts.workload.empty() ? std::string_view("Microsoft 365") : facts.workload;
      PutKeyText(",\"src_endpoint\":{\"svc_name\":", server);
      Put("}");
    }
  }
  const bool has_agent = record.Get(Field::kUserAgent).is_text();
  if (facts.activity->ocsf_class->has_http_request) {
    if (has_agent || !facts.user_agent.empty()) {
      PutKeyText(",\"http_request\":{\"user_agent\":", facts.user_agent);
      Put("}");
    }
  }
  Device();
  Api();
  WriteClassAttributes(facts, out);
  Observables();
  if (frame.raw_data) {
    Put(",\"raw_data\":\"");
    out.PutEscaped(record.raw());
    Put("\",\"raw_data_size\":");
    out.PutInteger(static_cast<int64_t>(record.raw().size()));
    Put(",\"raw_data_hash\":{\"algorithm_id\":3,\"algorithm\":\"SHA-256\",\"value\":\"");
    Put(HexPrefix(Sha256(record.raw())));
    Put("\"}");
  }
  Unmapped();
  Put("}");
}

}  // namespace

void PutRemarks(uint16_t remarks, Bytes& out) {
  static constexpr struct {
    Remark remark;
    std::string_view code;
  } kRemarks[] = {{kIpUnparsed, "ip_unparsed"},      {kTimeMissing, "time_missing"},
                  {kUtf8Repaired, "utf8_repaired"},  {kDupKey, "dup_key"},
                  {kInnerJsonBad, "inner_json_bad"}, {kTruncated, "truncated"},
                  {kIdMissing, "id_missing"},        {kOrgMismatch, "org_mismatch"}};
  char open = '[';
  for (const auto& one : kRemarks) {
    if ((remarks & one.remark) == 0) continue;
    out.Put(open);
    out.PutText("", one.code);
    open = ',';
  }
  out.Put(']');
}

void WriteOcsfEvent(const RecordFacts& facts, Bytes& out) { OcsfWriter{facts, out}.Write(); }

}  // namespace picket::parser
