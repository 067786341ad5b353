#include "parser/mapping/event_writer.h"

#include <algorithm>
#include <string>

#include "common/strings.h"
#include "common/tenant.h"
#include "common/xxh3.h"
#include "model/field_paths.h"
#include "model/ocsf_class.h"
#include "parser/mapping/class_attributes.h"
#include "parser/mapping/class_writer.h"
#include "parser/mapping/remarks.h"
#include "parser/mapping/subject_facts.h"

namespace picket::parser {
namespace {

struct OcsfWriter {
  const RecordFacts& facts;
  ByteBuffer& out;
  const AuditRecord& record = *facts.record;
  const EventFrame& frame = *facts.frame;
  const JsonTokens& tokens = facts.tokens();
  const Mapping& mapping = facts.mapping;

  std::string_view Text(Field field) const { return record.Text(field); }

  // These methods are inlined into Write, so that the position of the Appender stays in a register.
  [[gnu::always_inline]] inline void Result(Appender& to);
  [[gnu::always_inline]] inline void Metadata(Appender& to);
  [[gnu::always_inline]] inline void Actor(Appender& to);
  [[gnu::always_inline]] inline void Session(Appender& to);
  [[gnu::always_inline]] inline void Source(Appender& to);
  [[gnu::always_inline]] inline void Device(Appender& to);
  void Write();
  void Api();
  [[gnu::always_inline]] inline void NamedPairs(Appender& to, Field list);
  void CallProperties();
  void Messages();
  void Observables();
  void RawData();
  void Unmapped();
};

void OcsfWriter::Result(Appender& to) {
  to.Put(",\"severity_id\":");
  to.PutSmall(facts.severity_id);
  switch (facts.outcome.status) {
    case Outcome::kUnknown:
      to.Put(",\"status_id\":0,\"status\":\"Unknown\"");
      break;
    case Outcome::kSuccess:
      to.Put(",\"status_id\":1,\"status\":\"Success\"");
      break;
    case Outcome::kFailure:
      to.Put(",\"status_id\":2,\"status\":\"Failure\"");
      break;
    case Outcome::kOther:
      to.Put(",\"status_id\":99");
      to.PutText(",\"status\":", facts.outcome.other);
  }
  to.PutIfText(",\"status_code\":", facts.outcome.code);
  to.PutIfText(",\"status_detail\":", facts.outcome.detail);
}

void OcsfWriter::Metadata(Appender& to) {
  to.Put(",\"metadata\":{");
  to.PutText("\"event_code\":", facts.operation);
  to.PutText(",\"uid\":", frame.uid);
  to.PutText(",\"tenant_uid\":", frame.tenant);
  if (record.Get(Field::kId).is_text()) {
    to.PutText(",\"original_event_uid\":", Text(Field::kId));
  }
  if (record.Get(Field::kCreationTime).is_text()) {
    to.PutText(",\"original_time\":", Text(Field::kCreationTime));
  }
  to.PutIfText(",\"type\":", facts.record_type_name);
  to.PutIfText(",\"log_name\":", frame.content_type);
  if (frame.logged_time_ms >= 0) {
    to.Put(",\"logged_time\":");
    to.PutTime(frame.logged_time_ms);
  }
  if (frame.processed_time_ms >= 0) {
    to.Put(",\"processed_time\":");
    to.PutTime(frame.processed_time_ms);
  }
  to.PutIfText(",\"correlation_uid\":", facts.correlation);
  if (!facts.labels.empty()) {
    to.Put(",\"labels\":[");
    bool first = true;
    for (const std::string_view label : facts.labels) {
      to.PutText(first ? "" : ",", label);
      first = false;
    }
    to.Put("]");
  }
  if (facts.remarks != 0) {
    to.Put(",\"debug\":");
    to.Put(RemarksJson(facts.remarks));
  }
  to.Put(mapping.subject == Subject::kAi ? ",\"profiles\":[\"cloud\",\"host\",\"ai_operation\"]"
                                         : ",\"profiles\":[\"cloud\",\"host\"]");
  to.Put(
      ",\"version\":\"1.8.0\",\"product\":{\"name\":\"Microsoft "
      "365\",\"vendor_name\":\"Microsoft\"");
  if (!facts.workload.empty()) to.PutText(",\"feature\":{\"name\":", facts.workload), to.Put("}");
  to.Put("},\"transformation_info_list\":[{\"name\":\"picket-mapping\",\"uid\":\"");
  to.Put(kMappingVersion);
  to.Put("\"}]}");
}

void OcsfWriter::Actor(Appender& to) {
  to.Put(",\"actor\":{\"user\":{");
  const ActorFacts& actor = facts.actor;
  to.PutText("\"name\":", actor.name);
  if (LooksLikeAddress(actor.name)) to.PutText(",\"email_addr\":", actor.name);
  to.PutIfText(",\"uid\":", actor.uid);
  if (record.Get(Field::kUserKey).is_text()) to.PutText(",\"uid_alt\":", actor.user_key);
  if (actor.has_user_type) {
    switch (actor.user_type) {
      case 0:
        to.Put(",\"type_id\":1,\"type\":\"User\"");
        break;
      case 10:
        to.Put(",\"type_id\":1,\"type\":\"Guest\"");
        break;
      case 2:
        to.Put(",\"type_id\":2,\"type\":\"Admin\"");
        break;
      case 3:
      case 4:
      case 7:
      case 8:
        to.Put(",\"type_id\":3,\"type\":\"System\"");
        break;
      case 5:
      case 6:
        to.Put(",\"type_id\":4,\"type\":\"Service\"");
        break;
      case 9:
        to.Put(",\"type_id\":99,\"type\":\"PartnerTechnician\"");
        break;
      default:
        to.Put(",\"type_id\":0,\"type\":\"Unknown\"");
    }
  }
  to.Put("}");
  Session(to);
  to.PutIfText(",\"app_uid\":", actor.app_uid);
  to.PutIfText(",\"app_name\":", actor.app_name);
  to.Put("}");
  if (mapping.class_uid == ocsf::kAuthentication) Session(to);
}

void OcsfWriter::Session(Appender& to) {
  const ActorFacts& actor = facts.actor;
  if (actor.session.empty() && actor.token.empty()) return;
  to.Put(",\"session\":{");
  to.PutIfText("\"uid\":", actor.session);
  to.PutIfText(actor.session.empty() ? "\"credential_uid\":" : ",\"credential_uid\":", actor.token);
  to.Put("}");
}

void OcsfWriter::Device(Appender& to) {
  const auto& [uid, name, os, is_compliant, is_managed] = facts.device;
  if (uid.empty() && name.empty() && os.empty() && is_compliant.empty() && is_managed.empty()) {
    return;
  }
  to.Put(",\"device\":{\"type_id\":0");
  to.PutIfText(",\"uid\":", uid);
  // OCSF requires a device to have a name or an id. A record from a browser has neither.
  to.PutText(",\"name\":", !name.empty() ? name : !uid.empty() ? uid : std::string_view("Unknown"));
  if (!os.empty()) {
    to.PutText(",\"os\":{\"name\":", os);
    const int type = os.substr(0, 7) == "Windows" || os.substr(0, 7) == "windows" ? 100
                     : EqualsIgnoreCase(os.substr(0, 3), "mac")                   ? 300
                     : EqualsIgnoreCase(os.substr(0, 3), "ios")                   ? 301
                     : EqualsIgnoreCase(os.substr(0, 7), "android")               ? 201
                     : EqualsIgnoreCase(os.substr(0, 5), "linux")                 ? 200
                                                                                  : 0;
    to.Put(",\"type_id\":");
    to.PutInteger(type);
    to.Put("}");
  }
  const auto boolean = [&](std::string_view key, std::string_view value) {
    const bool is_true = EqualsIgnoreCase(value, "true");
    if (!is_true && !EqualsIgnoreCase(value, "false")) return;  // unknown values are omitted
    to.Put(key);
    to.Put(is_true ? "true" : "false");
  };
  boolean(",\"is_compliant\":", is_compliant);
  boolean(",\"is_managed\":", is_managed);
  to.Put("}");
}

// Writes the API call. The parameters of cmdlets go to api.request.data.parameters. Related
// properties from other lists are written next to `parameters`, each under its own name.
void OcsfWriter::Api() {
  const bool has_parameters = record.HasParameters();
  const bool has_properties = record.Has(Field::kOperationProperties);
  const bool is_setting = mapping.subject == Subject::kCmdlet && !has_parameters;
  if (mapping.class_uid != ocsf::kApiActivity && !has_parameters && !has_properties) return;
  size_t begin;
  size_t first;
  {
    Appender to(out);
    to.PutText(",\"api\":{\"operation\":", facts.operation);
    if (!facts.workload.empty()) {
      to.PutText(",\"service\":{\"name\":", facts.workload);
      to.Put('}');
    }
    begin = to.size();
    to.Put(",\"request\":{\"uid\":\"");
    to.Put(frame.uid);
    to.Put("\",\"data\":");
    first = to.size();
    if (has_parameters) {
      to.Put(",\"parameters\":");
      record.PutParameters(to);
      NamedPairs(to, Field::kParameters);
    }
  }
  if (has_properties) CallProperties();
  if (is_setting) {
    Appender to(out);
    NamedPairs(to, Field::kModifiedProperties);
  }
  if (mapping.subject == Subject::kAi) Messages();
  if (out.size() == first) {
    out.Cut(begin);
  } else {
    out.data()[first] = '{';  // overwrites the first comma
    out.Put("}}");
  }
  out.Put('}');
}

// Writes the members of `list` whose names are in PairNames() (model/field_paths.h). If a name is
// repeated, its first value is used.
void OcsfWriter::NamedPairs(Appender& to, Field list) {
  uint64_t written = 0;
  for (const NameValue& pair : record.Pairs(list)) {
    if (!pair.is_text) continue;
    const PairName* const name = FindPairName(list, pair.name);
    if (name == nullptr || (written >> name->number & 1) != 0) continue;
    written |= uint64_t{1} << name->number;
    to.Put(",");
    to.PutText(name->key_json, pair.value);
  }
}

// Writes some OperationProperties of a mailbox record. These properties describe how mail was read
// and what an inbox rule does.
void OcsfWriter::CallProperties() {
  Appender to(out);
  const auto property = [&](std::string_view name) {
    return record.PairValue(Field::kOperationProperties, name);
  };
  to.PutIfText(",\"MailAccessType\":", property("MailAccessType"));
  if (const std::string_view throttled = property("IsThrottled"); !throttled.empty()) {
    if (EqualsIgnoreCase(throttled, "true")) {
      to.Put(",\"IsThrottled\":true");
    } else if (EqualsIgnoreCase(throttled, "false")) {
      to.Put(",\"IsThrottled\":false");
    }
  }
  if (mapping.subject != Subject::kInboxRule) return;
  // Returns true if the name has been written from Parameters.
  const auto is_written = [&](std::string_view name) {
    for (const NameValue& pair : record.Pairs(Field::kParameters)) {
      if (pair.is_text && pair.name == name) return true;
    }
    return false;
  };
  const auto put = [&](std::string_view name, std::string_view value) {
    if (value.empty() || is_written(name)) return;
    to.Put(",\"");
    to.Put(name);
    to.PutText("\":", value);
  };
  put("Name", property("RuleName"));
  const InboxRuleActions actions = ActionsOf(facts);
  // Writes the recipients as one string, as in the parameters of cmdlets.
  const auto put_recipients = [&](std::string_view name, RuleRecipients kind) {
    if (is_written(name)) return;
    bool first = true;
    ForEachRuleRecipient(facts, [&](RuleRecipients other, std::string_view address) {
      if (other != kind) return;
      if (first) {
        to.Put(",\"");
        to.Put(name);
        to.Put("\":\"");
      } else {
        to.Put(';');
      }
      to.Put(address);
      first = false;
    });
    if (!first) to.Put('"');
  };
  put_recipients("ForwardTo", RuleRecipients::kForward);
  put_recipients("RedirectTo", RuleRecipients::kRedirect);
  put_recipients("ForwardAsAttachmentTo", RuleRecipients::kForwardAsAttachment);
  put("MoveToFolder", actions.move_to_folder);
  if (actions.deletes) put("DeleteMessage", "True");
}

// Writes how many prompts and how many responses the record contains.
void OcsfWriter::Messages() {
  Appender to(out);
  int64_t prompts = 0;
  int64_t responses = 0;
  tokens.ForEach(tokens.Member(record.Get(Field::kCopilotEventData), "Messages"),
                 [&](const JsonValue& message) {
                   const JsonValue is_prompt = tokens.Member(message, "isPrompt");
                   prompts += is_prompt.kind == JsonValue::kTrue;
                   responses += is_prompt.kind == JsonValue::kFalse;
                 });
  to.Put(",\"prompt_count\":");
  to.PutInteger(prompts);
  to.Put(",\"response_count\":");
  to.PutInteger(responses);
}

void OcsfWriter::Observables() {
  Appender to(out);
  bool first = true;
  const auto observe = [&](std::string_view name, int type, std::string_view value) {
    if (value.empty()) return;
    to.Put(first ? ",\"observables\":[" : ",");
    first = false;
    to.PutText("{\"name\":", name);
    to.Put(",\"type_id\":");
    to.PutInteger(type);
    to.PutText(",\"value\":", value);
    to.Put("}");
  };
  if (facts.addresses.size() > 1) {
    for (const NetworkAddress& found : facts.addresses) {
      if (!found.ip.empty()) {
        observe("src_endpoint.ip", 2, found.ip);
      } else {
        observe("src_endpoint.hostname", 1, found.hostname);
      }
    }
  }
  if (mapping.subject == Subject::kSharing) {
    observe("unmapped.TargetUserOrGroupName", 4, Text(Field::kTargetUserOrGroupName));
    observe("unmapped.UserSharedWith", 4, Text(Field::kUserSharedWith));
  }
  if (mapping.subject == Subject::kTeam) {
    tokens.ForEach(record.Get(Field::kMembers), [&](const JsonValue& member) {
      const JsonValue upn = tokens.Member(member, "UPN");
      if (upn.is_text()) observe("unmapped.Members.UPN", 4, upn.inner());
    });
  }
  if (mapping.subject == Subject::kTeam) {
    // The tenants that participated, except the tenant of the event.
    const auto tenant = [&](std::string_view id) {
      if (!EqualsIgnoreCase(id, frame.tenant)) {
        observe("unmapped.ParticipantInfo.ParticipatingTenantIds", 10, id);
      }
    };
    ForEachText(facts, tokens.Member(record.Get(Field::kParticipantInfo), "ParticipatingTenantIds"),
                tenant);
  }
  if (!first) to.Put("]");
}

// Writes a hash of the raw record and, if configured, the raw record itself.
void OcsfWriter::RawData() {
  Appender to(out);
  if (frame.raw_data) {
    to.Put(",\"raw_data\":\"");
    to.PutEscaped(record.raw());
    to.Put("\",\"raw_data_size\":");
    to.PutInteger(static_cast<int64_t>(record.raw().size()));
  }
  const Xxh3Digest hash = Xxh3(record.raw());
  to.Put(
      ",\"raw_data_hash\":{\"algorithm_id\":17,\"algorithm\":\"xxHash H3 "
      "128-bit\",\"value\":\"");
  to.PutHex(hash.high);
  to.PutHex(hash.low);
  to.Put("\"}");
}

// Writes `unmapped`, which contains the fields without an attribute in the class of the event.
void OcsfWriter::Unmapped() {
  if (!frame.unmapped) return;
  Appender to(out);
  const size_t begin = to.size();
  to.Put(",\"unmapped\":");
  const size_t first = to.size();
  for (const AuditRecord::Piece& piece : record.unmapped()) to.Put(piece.view());
  // If the record has the name of its type instead of the number, the pieces above contain no
  // RecordType. The number is then added, so that RecordType is always a number.
  if (facts.record_type_is_name) {
    to.Put(",\"RecordType\":");
    to.PutInteger(facts.record_type);
  }
  const JsonValue& agent = record.Get(Field::kUserAgent);
  if (!facts.activity->ocsf_class->has_http_request && agent.is_text()) {
    to.Put(",\"UserAgent\":");
    to.Put(agent.raw);
  }
  // The record may spell the organisation id differently from the canonical tenant id. `unmapped`
  // then keeps the record's spelling.
  if (const JsonValue& organization = record.Get(Field::kOrganizationId);
      organization.is_text() && organization.inner() != frame.tenant) {
    to.Put(",\"OrganizationId\":");
    to.Put(organization.raw);
  }
  if (const JsonValue& work = record.Get(Field::kWorkload);
      work.is_text() && work.inner().empty()) {
    to.Put(",\"Workload\":\"\"");
  }
  if (!facts.decoded.empty()) {
    to.Put(",\"decoded\":[");
    to.Put(facts.decoded);
    to.Put("]");
  }
  if (to.size() == first) {
    to.Cut(begin);
    return;
  }
  to.data()[first] = '{';  // overwrites the first comma
  to.Put("}");
}

// Writes the source of the operation. If the record has no address and the class requires a source,
// the source is the server or the service itself.
void OcsfWriter::Source(Appender& to) {
  const int32_t uid = mapping.class_uid;
  if (!facts.addresses.empty()) {
    to.Put(",\"src_endpoint\":{");
    PutSource(to, facts);
    to.Put('}');
  } else if (uid == ocsf::kApiActivity || uid == ocsf::kFileHostingActivity) {
    std::string_view server = record.Text(Field::kOriginatingServer);
    const auto ends = [](char c) { return c == ' ' || c == '(' || c == '\\'; };
    server = server.substr(0, std::find_if(server.begin(), server.end(), ends) - server.begin());
    to.PutText(",\"src_endpoint\":{\"svc_name\":",
               FirstOf(server, FirstOf(facts.workload, "Microsoft 365")));
    to.Put('}');
  }
}

void OcsfWriter::Write() {
  {
    Appender to(out);
    to.Put(std::string_view(facts.activity->ocsf_kind));
    to.PutTime(frame.time_ms);
    Result(to);
    if (mapping.activity_id == ocsf::kOtherActivity) {
      to.PutText(",\"activity_name\":", FirstOf(mapping.detail, facts.operation));
    }
    to.PutText(std::string_view(facts.activity->ocsf_names), facts.operation);
    Metadata(to);
    to.Put(",\"cloud\":{\"provider\":\"Microsoft 365\",\"org\":{\"uid\":\"");
    to.Put(frame.tenant);
    to.Put("\"}}");
    Actor(to);
    if (facts.activity->ocsf_class->has_src_endpoint) Source(to);
    const bool has_agent = record.Get(Field::kUserAgent).is_text();
    if (facts.activity->ocsf_class->has_http_request && (has_agent || !facts.user_agent.empty())) {
      to.PutText(",\"http_request\":{\"user_agent\":", facts.user_agent);
      to.Put('}');
    }
    Device(to);
  }
  Api();
  WriteClassAttributes(facts, out);
  Observables();
  RawData();
  Unmapped();
  out.Put('}');
}

}  // namespace

void WriteOcsfEvent(const RecordFacts& facts, ByteBuffer& out) { OcsfWriter{facts, out}.Write(); }

}  // namespace picket::parser
