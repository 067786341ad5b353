#include "simulator/record_frame.h"

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket::simulator {

void WritePairs(JsonWriter& json, std::string_view key, const NameValues& pairs) {
  json.Key(key).BeginArray();
  for (const auto& [name, value] : pairs) {
    json.BeginObject().Key("Name").Value(name).Key("Value").Value(value).EndObject();
  }
  json.EndArray();
}

std::string SharePointKey(const Person& person) {
  return absl::StrCat("i:0h.f|membership|", LowerAscii(person.puid), "@live.com");
}

std::string FolderOf(const Site& site) {
  return site.name == "OneDrive" ? "Documents" : "Shared Documents";
}

RecordFrame::RecordFrame(const Company& company, uint64_t seed)
    : company(company), random(SeedFor(seed, company.tenant().id)) {}

AuditRecord RecordFrame::Begin(JsonWriter& json, const RecordHead& head) {
  AuditRecord record;
  record.created = absl::FromUnixSeconds(absl::ToUnixSeconds(head.time));
  record.available = record.created;
  record.id = random.Guid();
  record.content_type = head.content_type;
  json.BeginObject().Key("CreationTime");
  json.Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", record.created, absl::UTCTimeZone()));
  json.Key("Id").Value(record.id).Key("Operation").Value(head.operation);
  json.Key("OrganizationId").Value(company.tenant().id);
  json.Key("RecordType").Value(head.record_type);
  if (head.result_status.has_value()) json.Key("ResultStatus").Value(*head.result_status);
  json.Key("UserKey").Value(head.user_key).Key("UserType").Value(head.user_type);
  json.Key("Version").Value(1).Key("Workload").Value(head.workload);
  if (head.client_ip.has_value()) json.Key("ClientIP").Value(*head.client_ip);
  if (head.object_id.has_value()) json.Key("ObjectId").Value(*head.object_id);
  json.Key("UserId").Value(head.user_id);
  return record;
}

AuditRecord RecordFrame::Write(const RecordHead& head,
                               const std::function<void(JsonWriter&)>& write_other_members) {
  std::string text;
  JsonWriter json(&text);
  AuditRecord record = Begin(json, head);
  write_other_members(json);
  json.EndObject();
  record.json = std::move(text);
  return record;
}

std::string RecordFrame::ItemId(std::string_view prefix) {
  return absl::StrCat(ToAbsl(prefix), "AAAAD", random.Hex(24), "AAAAAAEMAAB", random.Hex(16),
                      "AAA");
}

std::string RecordFrame::MessageId() {
  return absl::StrCat("<", random.Hex(28), "@mail.", company.tenant().domain, ">");
}

std::string RecordFrame::FileName() {
  static constexpr std::string_view kSubjects[] = {
      "Budget",  "Contract", "Minutes", "Offer",   "Roadmap",  "Invoice list", "Staff plan",
      "Product", "Customer", "Press",   "Release", "Training", "Risk",         "Forecast"};
  static constexpr std::string_view kKinds[] = {"overview", "draft", "final", "notes",
                                                "figures",  "plan",  "review"};
  static constexpr std::string_view kExtensions[] = {"docx", "xlsx", "pptx", "pdf", "csv"};
  return absl::StrCat(ToAbsl(random.Pick(kSubjects)), " ", ToAbsl(random.Pick(kKinds)), " ",
                      random.Between(1, 400), ".", ToAbsl(random.Pick(kExtensions)));
}

}  // namespace picket::simulator
