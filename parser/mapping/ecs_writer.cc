#include "parser/mapping/ecs_writer.h"

#include <cstring>

#include "common/strings.h"
#include "model/field_paths.h"
#include "model/ocsf_class.h"
#include "parser/geo/geo.h"
#include "parser/mapping/remarks.h"
#include "parser/mapping/subject_facts.h"

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

// Writes a time in the form "2026-03-04T05:06:07.000Z". All years that ParseTime accepts have four
// digits.
[[gnu::always_inline]] inline void PutTimestamp(Appender& to, int64_t time_ms) {
  int64_t days = time_ms / 86'400'000;
  int64_t rest = time_ms % 86'400'000;
  if (rest < 0) {
    rest += 86'400'000;
    --days;
  }
  // Computes the civil date from the days, in eras of 400 years. Era 0 starts on 0000-03-01.
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
  char* const text = to.Extend(24);
  // NOLINTNEXTLINE(bugprone-not-null-terminated-result)
  std::memcpy(text, "0000-00-00T00:00:00.000Z", 24);
  PutFourDigits(text, year);
  PutTwoDigits(text + 5, month);
  PutTwoDigits(text + 8, day);
  PutTwoDigits(text + 11, rest / 3'600'000);
  PutTwoDigits(text + 14, rest / 60'000 % 60);
  PutTwoDigits(text + 17, rest / 1000 % 60);
  const int64_t millis = rest % 1000;
  text[20] = static_cast<char>('0' + millis / 100);
  PutTwoDigits(text + 21, millis % 100);
}

// Returns true if the quote at `at` ends a string. A quote ends a string if an even number of
// backslashes precedes the quote.
bool IsQuote(std::string_view text, size_t at) {
  size_t start = at;
  while (start > 0 && text[start - 1] == '\\') --start;
  return (at - start) % 2 == 0;
}

// Writes the members of one object, separated by commas. Omits the object if it has no members. All
// methods are inlined, so that the Appender stays in registers.
class Members {
 public:
  Members(Appender& to, std::string_view open) : to_(to), open_(open) {}
  // If `key` is a literal, copying it compiles to a few wide stores.
  template <typename Key>
  [[gnu::always_inline]] void Text(const Key& key, std::string_view escaped) {
    if (escaped.empty()) return;
    Start();
    to_.PutText(key, escaped);
  }
  template <typename Key>
  [[gnu::always_inline]] Appender& Raw(const Key& key) {
    Start();
    to_.Put(key);
    return to_;
  }
  [[gnu::always_inline]] void Close() {
    if (!first_) to_.Put('}');
  }

 private:
  [[gnu::always_inline]] void Start() {
    if (!first_) return to_.Put(',');
    to_.Put(open_);
    first_ = false;
  }
  Appender& to_;
  std::string_view open_;  // `,"user":{`
  bool first_ = true;
};

// Methods without an Appender parameter create an Appender of their own.
struct EcsWriter {
  const RecordFacts& facts;
  const bool elastic_actions;
  ByteBuffer& out;
  const AuditRecord& record = *facts.record;

  void Write();
  void Event();
  void Users();
  void Endpoints();
  void Objects();
  [[gnu::always_inline]] inline void Related(Appender& to, const NamedThing& target);
  void Remarks();
  void Audit();
  void OwnFields();
  void Undocumented(Appender& to);
  void Flattened(Field list, std::string_view open);
  void FlattenedProperties();
};

void EcsWriter::Event() {
  Appender to(out);
  to.Put("{\"@timestamp\":\"");
  PutTimestamp(to, facts.frame->time_ms);
  to.Put("\",\"ecs\":{\"version\":\"8.17.0\"}");
  to.Put(",\"event\":{");
  // Elastic's integration adds the category "web" to many events, but to no event of the workload
  // AzureActiveDirectory.
  to.Put(std::string_view(facts.workload == "AzureActiveDirectory"
                              ? facts.activity->ecs_kind
                              : facts.activity->ecs_kind_of_service));
  to.Put(",\"module\":\"o365\",\"dataset\":\"o365.audit\"");
  std::string_view action = facts.operation;
  if (elastic_actions) {
    for (const ElasticAction& one : kElasticActions) {
      if (one.operation == action) action = one.action;
    }
  }
  to.PutText(",\"action\":", action);
  to.PutIfText(",\"code\":", facts.record_type_name);
  to.PutIfText(",\"provider\":", facts.workload);
  if (record.Get(Field::kId).is_text()) to.PutText(",\"id\":", record.Text(Field::kId));
  to.Put(facts.outcome.status == Outcome::kSuccess   ? ",\"outcome\":\"success\""
         : facts.outcome.status == Outcome::kFailure ? ",\"outcome\":\"failure\""
                                                     : ",\"outcome\":\"unknown\"");
  to.Put(",\"severity\":");
  to.PutSmall(facts.severity_id);
  if (facts.frame->raw_data) {
    to.Put(",\"original\":\"");
    to.PutEscaped(record.raw());
    to.Put('"');
  }
  to.Put("},\"organization\":{\"id\":\"");
  to.Put(facts.frame->tenant);
  to.Put('"');
  to.PutIfText(",\"name\":", record.Text(Field::kOrganizationName));
  to.Put('}');
}

// Writes the name, the email address and the domain of a user `name@domain`. Any other user is
// written as a name only.
[[gnu::always_inline]] inline void PutNameAndDomain(Members& members, std::string_view user) {
  const size_t at = LooksLikeAddress(user) ? user.find('@') : std::string_view::npos;
  members.Text("\"name\":", user.substr(0, at));
  if (at == std::string_view::npos) return;
  members.Text("\"email\":", user);
  members.Text("\"domain\":", user.substr(at + 1));
}

void EcsWriter::Users() {
  Appender to(out);
  const NamedThing target =
      facts.mapping.subject == Subject::kSignIn ? NamedThing() : TargetUserOf(facts);
  Members user(to, ",\"user\":{");
  if (record.Get(Field::kUserId).is_text()) {
    const std::string_view id = record.Text(Field::kUserId);
    user.Raw("\"id\":\"").Put(id);
    to.Put('"');
    PutNameAndDomain(user, id);
  }
  if (target.known()) {
    Members inner(user.Raw("\"target\":"), "{");
    inner.Text("\"id\":", target.uid);
    PutNameAndDomain(inner, target.name);
    inner.Close();
  }
  user.Close();
  Related(to, target);
}

void EcsWriter::Related(Appender& to, const NamedThing& target) {
  const std::string_view user = record.Text(Field::kUserId);
  const bool has_user = !user.empty();
  const bool has_target = !target.name.empty() && target.name != user;
  bool has_ip = false;
  for (const NetworkAddress& address : facts.addresses) has_ip |= !address.ip.empty();
  Members related(to, ",\"related\":{");
  if (has_user || has_target) {
    related.Raw("\"user\":[");
    if (has_user) to.PutText("", user);
    if (has_target) to.PutText(has_user ? "," : "", target.name);
    to.Put(']');
  }
  if (has_ip) {
    related.Raw("\"ip\":[");
    bool first = true;
    for (const NetworkAddress& address : facts.addresses) {
      if (address.ip.empty()) continue;
      to.PutText(first ? "" : ",", address.ip);
      first = false;
    }
    to.Put(']');
  }
  related.Close();
}

void EcsWriter::Endpoints() {
  Appender to(out);
  if (!facts.addresses.empty()) {
    const NetworkAddress& address = facts.addresses.front();
    for (const std::string_view open : {",\"source\":{", ",\"client\":{"}) {
      Members endpoint(to, open);
      endpoint.Text("\"address\":", FirstOf(address.ip, address.hostname));
      endpoint.Text("\"ip\":", address.ip);
      if (address.port != 0) endpoint.Raw("\"port\":").PutInteger(address.port);
      if (facts.place != nullptr && open.find("source") != std::string_view::npos) {
        to.Put(facts.place->ecs);
      }
      endpoint.Close();
    }
  }
  if (!facts.user_agent.empty()) {
    to.PutText(",\"user_agent\":{\"original\":", facts.user_agent);
    to.Put('}');
  }
  const DeviceFacts& device = facts.device;
  if (!device.uid.empty()) {
    to.PutText(",\"device\":{\"id\":", device.uid);
    to.Put('}');
  }
  Members host(to, ",\"host\":{");
  host.Text("\"id\":", device.uid);
  host.Text("\"name\":", device.name);
  if (!device.os.empty()) {
    host.Raw("\"os\":{").PutText("\"full\":", device.os);
    to.Put('}');
  }
  host.Close();
}

// Writes the objects that are specific to the class of the event.
void EcsWriter::Objects() {
  Appender to(out);
  const std::string_view object = record.Text(Field::kObjectId);
  if (object.substr(0, 4) == "http") {
    to.PutText(",\"url\":{\"original\":", object);
    to.Put('}');
  }
  if (const NamedThing group = GroupOf(facts); group.known()) {
    Members members(to, ",\"group\":{");
    members.Text("\"id\":", group.uid);
    members.Text("\"name\":", group.name);
    members.Close();
  }
  if (IsAboutFile(facts)) {
    Members file(to, ",\"file\":{");
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
  if (facts.activity->ocsf_class->category_uid == ocsf::kFindingsCategory) {
    const NamedThing finding = FindingOf(facts);
    Members rule(to, ",\"rule\":{");
    rule.Text("\"id\":", finding.uid);
    rule.Text("\"name\":", finding.name);
    rule.Close();
  }
  if (facts.mapping.subject == Subject::kSend || facts.mapping.subject == Subject::kThreatMail) {
    const MailFacts mail = MailOf(facts);
    Members email(to, ",\"email\":{");
    if (!mail.from.empty()) {
      email.Raw("\"from\":{").PutText("\"address\":[", mail.from);
      to.Put("]}");
    }
    if (!mail.sender.empty()) {
      email.Raw("\"sender\":{").PutText("\"address\":", mail.sender);
      to.Put('}');
    }
    bool first = true;
    ForEachRecipient(facts, mail, [&](std::string_view recipient) {
      if (first) email.Raw("\"to\":{\"address\":[");
      to.PutText(first ? "" : ",", recipient);
      first = false;
    });
    if (!first) to.Put("]}");
    email.Text("\"subject\":", mail.subject);
    email.Text("\"message_id\":", mail.message_id);
    email.Close();
  }
}

void EcsWriter::Flattened(Field list, std::string_view open) {
  Appender to(out);
  Members members(to, open);
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
  Appender to(out);
  Members members(to, ",\"ModifiedProperties\":{");
  uint64_t written = 0;
  for (const NameValue& pair : record.Pairs(Field::kModifiedProperties)) {
    if (!pair.is_text) continue;
    const PairName* const name = FindPairName(Field::kModifiedProperties, pair.name);
    if (name == nullptr || (written >> name->number & 1) != 0) continue;
    written |= uint64_t{1} << name->number;
    members.Raw(name->key_json).PutText("{\"NewValue\":", pair.value);
    to.PutText(",\"OldValue\":", pair.old_value);
    to.Put('}');
  }
  members.Close();
}

// Writes undocumented members with complex content as a list of names and strings. As objects, they
// would add a field to the search index for every member and for every part of a dotted name. The
// number of fields in an index is limited.
void EcsWriter::Undocumented(Appender& to) {
  to.Put(",\"undocumented\":");
  char separator = '[';
  for (const AuditRecord::Piece& piece : record.unmapped()) {
    if (piece.kind != AuditRecord::Piece::kUndocumented) continue;
    const std::string_view member = piece.view();  // ,"name":value
    size_t quote = member.find('"', 2);
    while (!IsQuote(member, quote)) quote = member.find('"', quote + 1);
    const std::string_view value = member.substr(quote + 2);
    to.Put(separator);
    separator = ',';
    to.PutText("{\"name\":", member.substr(2, quote - 2));
    to.Put(",\"value\":");
    if (value.front() == '"') {
      to.Put(value);
    } else {
      to.Put('"');
      to.PutEscaped(value);
      to.Put('"');
    }
    to.Put('}');
  }
  to.Put(']');
}

void EcsWriter::OwnFields() {
  Appender to(out);
  to.PutText(",\"o365\":{\"audit\":{\"Operation\":", facts.operation);
  const auto put_text = [&](Field field, const auto& key) {
    const JsonValue& value = record.Get(field);
    if (!value.is_text()) return;
    to.Put(key);
    to.Put(value.raw);
  };
  put_text(Field::kId, ",\"Id\":");
  put_text(Field::kCreationTime, ",\"CreationTime\":");
  put_text(Field::kOrganizationId, ",\"OrganizationId\":");
  put_text(Field::kWorkload, ",\"Workload\":");
  put_text(Field::kUserId, ",\"UserId\":");
  put_text(Field::kUserKey, ",\"UserKey\":");
  put_text(Field::kUserAgent, ",\"UserAgent\":");
  if (facts.record_type_is_name) {
    to.Put(",\"RecordType\":");
    to.PutInteger(facts.record_type);
  }
  // Each list of pairs is written twice: here as a JSON list that keeps the order, and in Audit as
  // an object. The object has the name of the list. Therefore, the name of the JSON list gets the
  // suffix _kv.
  bool has_undocumented = false;
  for (const AuditRecord::Piece& piece : record.unmapped()) {
    if (piece.kind == AuditRecord::Piece::kUndocumented) {
      has_undocumented = true;
      continue;
    }
    to.Put(piece.view());
    if (piece.kind == AuditRecord::Piece::kListName) to.Put("_kv");
  }
  if (has_undocumented) Undocumented(to);
  if (record.HasParameters()) {
    to.Put(",\"Parameters_kv\":");
    record.PutParameters(to);
  }
}

// Writes all fields of the record under `o365.audit`.
void EcsWriter::Audit() {
  OwnFields();
  if (record.HasParameters()) Flattened(Field::kParameters, ",\"Parameters\":{");
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

void EcsWriter::Remarks() {
  Appender to(out);
  if (!facts.labels.empty()) {
    to.Put(",\"tags\":[");
    bool first = true;
    for (const std::string_view label : facts.labels) {
      to.PutText(first ? "" : ",", label);
      first = false;
    }
    to.Put(']');
  }
  if (facts.remarks != 0) {
    to.Put(",\"error\":{\"message\":");
    to.Put(RemarksJson(facts.remarks));
    to.Put('}');
  }
  to.Put(",\"picket\":{\"mapping_version\":\"");
  to.Put(kMappingVersion);
  to.Put("\",\"class_uid\":");
  to.PutInteger(facts.mapping.class_uid);
  to.Put(",\"uid\":\"");
  to.Put(facts.frame->uid);
  to.Put("\"}");
}

void EcsWriter::Write() {
  Event();
  Users();
  Endpoints();
  Objects();
  Remarks();
  if (facts.frame->unmapped) Audit();
  out.Put('}');
}

}  // namespace

void WriteEcsEvent(const RecordFacts& facts, bool elastic_actions, ByteBuffer& out) {
  EcsWriter{facts, elastic_actions, out}.Write();
}

}  // namespace picket::parser
