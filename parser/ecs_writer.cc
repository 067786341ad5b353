#include "parser/ecs_writer.h"

#include <utility>

#include "common/strings.h"
#include "model/field_paths.h"
#include "parser/event_writer.h"
#include "parser/geo.h"
#include "parser/subject_facts.h"

namespace picket::parser {
namespace {

struct ElasticAction {
  std::string_view operation;
  std::string_view action;
};
constexpr ElasticAction kElasticActions[] = {
    {"Add user.", "added-user-account"},
    {"Update user.", "modified-user-account"},
    {"Delete user.", "deleted-user-account"},
    {"Add group.", "added-group-account-to"},
    {"Add member to group.", "added-users-to-group"},
};

void PutTwoDigits(char* at, int64_t value) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

// "2026-03-04T05:06:07.000Z". The years that ParseTime lets through have four digits.
void PutTimestamp(Bytes& out, int64_t time_ms) {
  int64_t days = time_ms / 86'400'000;
  int64_t rest = time_ms % 86'400'000;
  if (rest < 0) {
    rest += 86'400'000;
    --days;
  }
  // Civil date from days: eras of 400 years from 0000-03-01.
  const int64_t shifted = days + 719'468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const int64_t day_of_era = shifted - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_shifted = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
  const int64_t month = month_shifted < 10 ? month_shifted + 3 : month_shifted - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  char text[] = "0000-00-00T00:00:00.000Z";
  PutTwoDigits(text, year / 100);
  PutTwoDigits(text + 2, year % 100);
  PutTwoDigits(text + 5, month);
  PutTwoDigits(text + 8, day);
  PutTwoDigits(text + 11, rest / 3'600'000);
  PutTwoDigits(text + 14, rest / 60'000 % 60);
  PutTwoDigits(text + 17, rest / 1000 % 60);
  const int64_t millis = rest % 1000;
  text[20] = static_cast<char>('0' + millis / 100);
  PutTwoDigits(text + 21, millis % 100);
  out.Put(std::string_view(text, 24));
}

// Members of one object: each with a comma but the first.
class Members {
 public:
  Members(Bytes& out, std::string_view open) : out_(out), open_(open) {}
  void Text(std::string_view key, std::string_view escaped) {
    if (escaped.empty()) return;
    Start();
    out_.PutText(key, escaped);
  }
  Bytes& Raw(std::string_view key) {
    Start();
    out_.Put(key);
    return out_;
  }
  void Close() {
    if (!first_) out_.Put('}');
  }

 private:
  void Start() {
    out_.Put(first_ ? open_ : std::string_view(","));
    first_ = false;
  }
  Bytes& out_;
  std::string_view open_;  // `,"user":{`
  bool first_ = true;
};

struct EcsWriter {
  const RecordFacts& facts;
  const bool elastic_actions;
  Bytes& out;
  const AuditRecord& record = *facts.record;

  void Write();
  void Event();
  void Users();
  void Endpoints();
  void Things();
  void Related(const NamedThing& target);
  void Audit();
  void Flattened(Field list, std::string_view open);
  void FlattenedProperties();
};

void EcsWriter::Event() {
  out.Put(",\"event\":{");
  out.Put(std::string_view(facts.activity->ecs_kind));
  out.Put(",\"module\":\"o365\",\"dataset\":\"o365.audit\"");
  std::string_view action = facts.operation;
  if (elastic_actions) {
    for (const ElasticAction& one : kElasticActions) {
      if (one.operation == action) action = one.action;
    }
  }
  out.PutText(",\"action\":", action);
  out.PutIfText(",\"code\":", facts.record_type_name);
  out.PutIfText(",\"provider\":", facts.workload);
  if (record.Get(Field::kId).is_text()) out.PutText(",\"id\":", record.Text(Field::kId));
  out.Put(facts.outcome.status == Outcome::kSuccess   ? ",\"outcome\":\"success\""
          : facts.outcome.status == Outcome::kFailure ? ",\"outcome\":\"failure\""
                                                      : ",\"outcome\":\"unknown\"");
  out.Put(",\"severity\":");
  out.PutInteger(facts.severity_id);
  if (facts.frame->raw_data) {
    out.Put(",\"original\":\"");
    out.PutEscaped(record.raw());
    out.Put('"');
  }
  out.Put("},\"organization\":{\"id\":\"");
  out.Put(facts.frame->tenant);
  out.Put('"');
  out.PutIfText(",\"name\":", record.Text(Field::kOrganizationName));
  out.Put('}');
}

// `a@b`: name a, domain b; anything else is a name.
void PutNameAndDomain(Members& members, std::string_view user) {
  const size_t at = LooksLikeAddress(user) ? user.find('@') : std::string_view::npos;
  members.Text("\"name\":", user.substr(0, at));
  if (at == std::string_view::npos) return;
  members.Text("\"email\":", user);
  members.Text("\"domain\":", user.substr(at + 1));
}

void EcsWriter::Users() {
  const NamedThing target =
      facts.mapping.subject == Subject::kSignIn ? NamedThing() : TargetUserOf(facts);
  Members user(out, ",\"user\":{");
  if (record.Get(Field::kUserId).is_text()) {
    const std::string_view id = record.Text(Field::kUserId);
    user.Raw("\"id\":\"").Put(id);
    out.Put('"');
    PutNameAndDomain(user, id);
  }
  if (target.known()) {
    Members inner(user.Raw("\"target\":"), "{");
    inner.Text("\"id\":", target.uid);
    PutNameAndDomain(inner, target.name);
    inner.Close();
  }
  user.Close();
  Related(target);
}

void EcsWriter::Related(const NamedThing& target) {
  const bool has_user = !record.Text(Field::kUserId).empty();
  bool has_ip = false;
  for (const Address& address : facts.addresses) has_ip |= !address.ip.empty();
  Members related(out, ",\"related\":{");
  if (has_user || !target.name.empty()) {
    related.Raw("\"user\":[");
    if (has_user) out.PutText("", record.Text(Field::kUserId));
    if (!target.name.empty()) out.PutText(has_user ? "," : "", target.name);
    out.Put(']');
  }
  if (has_ip) {
    related.Raw("\"ip\":[");
    bool first = true;
    for (const Address& address : facts.addresses) {
      if (address.ip.empty()) continue;
      out.PutText(first ? "" : ",", address.ip);
      first = false;
    }
    out.Put(']');
  }
  related.Close();
}

void EcsWriter::Endpoints() {
  if (!facts.addresses.empty()) {
    const Address& address = facts.addresses.front();
    for (const std::string_view open : {",\"source\":{", ",\"client\":{"}) {
      Members endpoint(out, open);
      endpoint.Text("\"address\":", FirstOf(address.ip, address.hostname));
      endpoint.Text("\"ip\":", address.ip);
      if (address.port != 0) endpoint.Raw("\"port\":").PutInteger(address.port);
      if (facts.place != nullptr && open.find("source") != std::string_view::npos) {
        out.Put(facts.place->ecs);
      }
      endpoint.Close();
    }
  }
  if (!facts.user_agent.empty()) {
    out.PutText(",\"user_agent\":{\"original\":", facts.user_agent);
    out.Put('}');
  }
  const DeviceFacts& device = facts.device;
  if (!device.uid.empty()) {
    out.PutText(",\"device\":{\"id\":", device.uid);
    out.Put('}');
  }
  Members host(out, ",\"host\":{");
  host.Text("\"id\":", device.uid);
  host.Text("\"name\":", device.name);
  if (!device.os.empty()) {
    host.Raw("\"os\":{").PutText("\"full\":", device.os);
    out.Put('}');
  }
  host.Close();
}

// What the class is about.
void EcsWriter::Things() {
  const std::string_view object = record.Text(Field::kObjectId);
  if (object.substr(0, 4) == "http") {
    out.PutText(",\"url\":{\"original\":", object);
    out.Put('}');
  }
  if (const NamedThing group = GroupOf(facts); group.known()) {
    Members members(out, ",\"group\":{");
    members.Text("\"id\":", group.uid);
    members.Text("\"name\":", group.name);
    members.Close();
  }
  if (IsAboutFile(facts)) {
    Members file(out, ",\"file\":{");
    file.Text("\"name\":", FileNameOf(facts));
    file.Text("\"extension\":", record.Text(Field::kSourceFileExtension));
    file.Text("\"directory\":", record.Text(Field::kSourceRelativeUrl));
    file.Text("\"path\":", object);
    int64_t size = 0;
    if (record.GetInteger(Field::kFileSizeBytes, size) && size >= 0) {
      file.Raw("\"size\":").PutInteger(size);
    }
    file.Close();
  }
  if (facts.activity->ocsf_class->category_uid == 2) {
    const NamedThing finding = FindingOf(facts);
    Members rule(out, ",\"rule\":{");
    rule.Text("\"id\":", finding.uid);
    rule.Text("\"name\":", finding.name);
    rule.Close();
  }
  if (facts.mapping.subject == Subject::kSend || facts.mapping.subject == Subject::kThreatMail) {
    const MailFacts mail = MailOf(facts);
    Members email(out, ",\"email\":{");
    if (!mail.from.empty()) {
      email.Raw("\"from\":{").PutText("\"address\":[", mail.from);
      out.Put("]}");
    }
    if (!mail.sender.empty()) {
      email.Raw("\"sender\":{").PutText("\"address\":", mail.sender);
      out.Put('}');
    }
    bool first = true;
    ForEachText(facts, *mail.recipients, [&](std::string_view recipient) {
      if (first) email.Raw("\"to\":{\"address\":[");
      out.PutText(first ? "" : ",", recipient);
      first = false;
    });
    if (!first) out.Put("]}");
    email.Text("\"subject\":", mail.subject);
    email.Text("\"message_id\":", mail.message_id);
    email.Close();
  }
}

void EcsWriter::Flattened(Field list, std::string_view open) {
  Members members(out, open);
  uint64_t written = 0;
  for (const NameValue& pair : record.Pairs(list)) {
    if (!pair.is_text) continue;
    const PairName* const name = FindPairName(list, pair.name);
    if (name == nullptr || (written >> name->number & 1) != 0) continue;
    written |= uint64_t{1} << name->number;
    members.Raw(name->key_json).PutText("", pair.value);
  }
  members.Close();
}

void EcsWriter::FlattenedProperties() {
  Members members(out, ",\"ModifiedProperties\":{");
  uint64_t written = 0;
  for (const NameValue& pair : record.Pairs(Field::kModifiedProperties)) {
    if (!pair.is_text) continue;
    const PairName* const name = FindPairName(Field::kModifiedProperties, pair.name);
    if (name == nullptr || (written >> name->number & 1) != 0) continue;
    written |= uint64_t{1} << name->number;
    members.Raw(name->key_json).PutText("{\"NewValue\":", pair.value);
    out.PutText(",\"OldValue\":", pair.old_value);
    out.Put('}');
  }
  members.Close();
}

// The record's own fields: what the OCSF event keeps in `unmapped`, and those that it has elsewhere.
void EcsWriter::Audit() {
  out.PutText(",\"o365\":{\"audit\":{\"Operation\":", facts.operation);
  for (const auto& [field, key] : {std::pair<Field, std::string_view>{Field::kId, ",\"Id\":"},
                                   {Field::kCreationTime, ",\"CreationTime\":"},
                                   {Field::kOrganizationId, ",\"OrganizationId\":"},
                                   {Field::kWorkload, ",\"Workload\":"},
                                   {Field::kUserId, ",\"UserId\":"},
                                   {Field::kUserKey, ",\"UserKey\":"},
                                   {Field::kUserAgent, ",\"UserAgent\":"}}) {
    const JsonValue& value = record.Get(field);
    if (!value.is_text()) continue;
    out.Put(key);
    out.Put(value.raw);
  }
  if (facts.record_type_is_name) {
    out.Put(",\"RecordType\":");
    out.PutInteger(facts.record_type);
  }
  // Ordered lists give their names to the flattened members.
  for (const AuditRecord::Piece& piece : record.unmapped()) {
    out.Put(piece.view());
    if (piece.names_list) out.Put("_kv");
  }
  if (record.HasParameters()) {
    out.Put(",\"Parameters_kv\":");
    {
      Appender to(out);
      record.PutParameters(to);
    }
    Flattened(Field::kParameters, ",\"Parameters\":{");
  }
  FlattenedProperties();
  Flattened(Field::kExtendedProperties, ",\"ExtendedProperties\":{");
  Flattened(Field::kDeviceProperties, ",\"DeviceProperties\":{");
  Flattened(Field::kOperationProperties, ",\"OperationProperties\":{");
  if (!facts.decoded.empty()) {
    out.Put(",\"decoded\":[");
    out.Put(facts.decoded);
    out.Put(']');
  }
  out.Put("}}");
}

void EcsWriter::Write() {
  out.Put("{\"@timestamp\":\"");
  PutTimestamp(out, facts.frame->time_ms);
  out.Put("\",\"ecs\":{\"version\":\"8.17.0\"}");
  Event();
  Users();
  Endpoints();
  Things();
  if (!facts.labels.empty()) {
    out.Put(",\"tags\":[");
    bool first = true;
    for (const std::string_view label : facts.labels) {
      out.PutText(first ? "" : ",", label);
      first = false;
    }
    out.Put(']');
  }
  if (facts.remarks != 0) {
    out.Put(",\"error\":{\"message\":");
    out.Put(RemarksJson(facts.remarks));
    out.Put('}');
  }
  out.Put(",\"picket\":{\"mapping_version\":\"");
  out.Put(kMappingVersion);
  out.Put("\",\"class_uid\":");
  out.PutInteger(facts.mapping.class_uid);
  out.Put(",\"uid\":\"");
  out.Put(facts.frame->uid);
  out.Put("\"}");
  if (facts.frame->unmapped) Audit();
  out.Put('}');
}

}  // namespace

void WriteEcsEvent(const RecordFacts& facts, bool elastic_actions, Bytes& out) {
  EcsWriter{facts, elastic_actions, out}.Write();
}

}  // namespace picket::parser
