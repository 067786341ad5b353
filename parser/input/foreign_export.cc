#include "parser/input/foreign_export.h"

#include <algorithm>

#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_skip.h"
#include "parser/input/native_record_writer.h"
#include "parser/input/unwrapper.h"

namespace picket::parser {
namespace {

struct Magic {
  std::string_view bytes;
  std::string_view what;
};
using namespace std::string_view_literals;
constexpr Magic kMagics[] = {
    {"\xff\xfe\0\0"sv, "text in UTF-32"},
    {"\x04\x22\x4d\x18"sv, "an LZ4 stream (decompress it first)"},
    {"\x02\x21\x4c\x18"sv, "an LZ4 stream (decompress it first)"},
    {"LZIP\x01"sv, "an lzip stream (decompress it first)"},
    {"\x5d\0\0"sv, "an LZMA stream (decompress it first)"},
    {"\x89LZO"sv, "an LZO stream (decompress it first)"},
    {"\x1f\x9d"sv, "a compress stream (.Z; decompress it first)"},
    {"\x1f\xa0"sv, "a compress stream (.Z; decompress it first)"},
    {"\xff\x06\0\0sNaPpY"sv, "a Snappy stream (decompress it first)"},
    {"\x78\x01"sv, "a zlib stream (decompress it first)"},
    {"\x78\x9c"sv, "a zlib stream (decompress it first)"},
    {"\x78\xda"sv, "a zlib stream (decompress it first)"},
    {"Rar!\x1a\x07"sv, "a RAR archive (unpack it first)"},
    {"MSCF"sv, "a CAB archive (unpack it first)"},
    {"!<arch>\n"sv, "an ar archive (unpack it first)"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an Office document (save its table as CSV)"},
    {"%PDF-"sv, "a PDF document"},
    {"PAR1"sv, "a Parquet file (convert it to JSON lines)"},
    {"Obj\x01"sv, "an Avro file (convert it to JSON lines)"},
    {"ORC\x01"sv, "an ORC file (convert it to JSON lines)"},
    {"SQLite format 3"sv, "an SQLite database"},
    {"ElfFile\0"sv, "a Windows event log"},
    {"\x89PNG"sv, "an image"},
    {"\xff\xd8\xff"sv, "an image"},
    {"GIF8"sv, "an image"},
    {"\x7f"
     "ELF"sv,
     "a program"},
    {"MZ\x90\0"sv, "a program"},
};

// A kind of export, recognised by its members or columns. A file is of this kind if it has one of
// `any` and all of `all`.
struct ForeignKind {
  std::string_view what;
  std::vector<std::string_view> all;
  std::vector<std::string_view> any;
};

const std::vector<ForeignKind>& Kinds() {
  static const auto* const kinds = new std::vector<ForeignKind>{
      {"Picket's own output or other normalised events (OCSF)",
       {"class_uid"},
       {"metadata", "time"}},
      {"normalised events (OCSF and ECS)", {"ocsf", "ecs"}, {}},
      {"normalised events (ECS)", {"@timestamp", "ecs"}, {"event", "data_stream"}},
      {"normalised events (ECS)", {"@timestamp", "ecs.version"}, {}},
      {"normalised events (ECS)", {"@timestamp", "event.action"}, {"event.dataset", "event.kind"}},
      {"an Entra sign-in export",
       {"appDisplayName"},
       {"conditionalAccessStatus", "clientAppUsed", "ipAddress", "signInEventTypes", "ResultType"}},
      {"an Entra sign-in export",
       {"Request ID", "Correlation ID"},
       {"Sign-in error code", "Username"}},
      {"an Entra sign-in export", {"Request ID", "Conditional Access"}, {}},
      {"an Entra audit log export",
       {"activityDisplayName"},
       {"initiatedBy", "targetResources", "loggedByService", "activityDateTime"}},
      {"an Entra audit log export", {"Activity", "Date (UTC)"}, {"Service", "Category", "Result"}},
      {"an Entra audit log export", {"Target1DisplayName"}, {}},
      {"an Azure activity log",
       {"operationName"},
       {"resourceId", "ResourceId", "caller", "Caller", "eventTimestamp"}},
      {"an Azure activity log", {"Operation name", "Event initiated by"}, {}},
      {"a message trace", {"SenderAddress", "RecipientAddress"}, {}},
      {"a message trace",
       {"sender_address", "recipient_address"},
       {"recipient_status", "message_id"}},
      {"a message trace", {"sender_address"}, {"recipient_status"}},
      {"an advanced hunting table without RawEventData", {"Timestamp", "ActionType"}, {}},
      {"an AWS CloudTrail log", {"eventVersion", "awsRegion"}, {}},
      {"a mailbox audit log export", {"MailboxGuid", "LastAccessed"}, {}},
  };
  return *kinds;
}

bool Has(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return EqualsIgnoreCase(TrimBlanks(one), name);
  });
}

// Returns the kind of a record, or an empty view.
std::string_view DescribeRecord(std::string_view record) {
  const std::string text(record);
  std::string native;
  if (!IsJsonDocument(text) || Unwrapper().Unwrap(text, native)) return {};
  std::vector<std::string> names;
  std::string_view properties;
  for (JsonMembers members(record); members.Next();) {
    if (members.name() == "properties" || members.name() == "_source") properties = members.value();
    // A kind may have some of its names in a wrapper and others in the content of the wrapper.
    names.emplace_back(members.name());
  }
  for (JsonMembers members(properties); members.Next();) names.emplace_back(members.name());
  return DescribeForeignNames(names);
}

}  // namespace

std::string_view DescribeForeignBytes(std::string_view start) {
  for (const Magic& magic : kMagics) {
    if (start.substr(0, magic.bytes.size()) == magic.bytes) return magic.what;
  }
  const std::string_view trimmed = TrimBlanks(start);
  if (EqualsIgnoreCase(trimmed.substr(0, 14), "<!DOCTYPE html") ||
      EqualsIgnoreCase(trimmed.substr(0, 5), "<html")) {
    return "a web page";
  }
  if (trimmed.substr(0, 1) == "<" && trimmed.substr(0, 5) == "<?xml") return "an XML document";
  if (!start.empty() && start.find_first_not_of('\0') == std::string_view::npos) {
    return "a file of zero bytes only";
  }
  return {};
}

std::string_view DescribeForeignNames(const std::vector<std::string>& names) {
  // Everything with an operation may be a record.
  if (Has(names, "Operation") || Has(names, "Operations") || Has(names, "AuditData")) return {};
  for (const ForeignKind& kind : Kinds()) {
    const auto has = [&](std::string_view name) { return Has(names, name); };
    if (!std::all_of(kind.all.begin(), kind.all.end(), has)) continue;
    if (kind.any.empty() || std::any_of(kind.any.begin(), kind.any.end(), has)) return kind.what;
  }
  return {};
}

std::string_view DescribeForeignJson(std::string_view text) {
  std::string_view rest = text;
  if (const std::string_view records = EnvelopeRecords(text); !records.empty()) rest = records;
  std::string_view kind;
  while (true) {
    size_t at = 0;
    while (at < rest.size() &&
           (rest[at] == '[' || rest[at] == ',' || rest[at] == ']' || rest[at] == ' ' ||
            rest[at] == '\r' || rest[at] == '\n' || rest[at] == '\t')) {
      ++at;
    }
    rest.remove_prefix(at);
    if (rest.empty() || rest.front() != '{') break;
    const size_t end = SkipJsonContainer(rest, 0);
    if (end == std::string_view::npos) break;
    const std::string_view found = DescribeRecord(rest.substr(0, end));
    if (found.empty() || (!kind.empty() && found != kind)) return {};
    kind = found;
    rest.remove_prefix(end);
  }
  return kind;
}

}  // namespace picket::parser
