#include "simulator/content/published_blob.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "simdjson.h"

namespace picket::simulator {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%E3SZ";

absl::Status NotARow(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a row of a publish log: ", ToAbsl(what)));
}

}  // namespace

std::string PublishedRow(const PublishedBlob& blob) {
  std::string line;
  line.reserve(256 + blob.records.size() * 64);
  JsonWriter json(&line);
  json.BeginObject().Key("tenant").Value(blob.tenant);
  json.Key("content_type").Value(blob.content_type).Key("content_id").Value(blob.content_id);
  json.Key("created").Value(absl::FormatTime(kTimeFormat, blob.created, absl::UTCTimeZone()));
  json.Key("bytes").Value(blob.bytes).Key("records").BeginArray();
  for (const RecordDigest& record : blob.records) {
    const std::string hash = absl::StrCat(absl::Hex(record.hash, absl::kZeroPad16));
    json.BeginArray().Value(record.id).Value(hash).EndArray();
  }
  json.EndArray().EndObject();
  line += "\n";
  return line;
}

absl::StatusOr<PublishedBlob> ParsePublishedRow(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::element row;
  if (parser.parse(line.data(), line.size()).get(row) != simdjson::SUCCESS) {
    return NotARow("not JSON");
  }
  PublishedBlob blob;
  std::string_view tenant;
  std::string_view type;
  std::string_view id;
  std::string_view created;
  simdjson::dom::array records;
  if (row["tenant"].get(tenant) != simdjson::SUCCESS ||
      row["content_type"].get(type) != simdjson::SUCCESS ||
      row["content_id"].get(id) != simdjson::SUCCESS ||
      row["created"].get(created) != simdjson::SUCCESS ||
      row["bytes"].get(blob.bytes) != simdjson::SUCCESS ||
      row["records"].get(records) != simdjson::SUCCESS) {
    return NotARow("a member is missing");
  }
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(created), &blob.created, &error)) {
    return NotARow("created is not a time");
  }
  blob.tenant = std::string(tenant);
  blob.content_type = std::string(type);
  blob.content_id = std::string(id);
  blob.records.reserve(records.size());
  for (const simdjson::dom::element entry : records) {
    std::string_view record_id;
    std::string_view hash;
    RecordDigest digest;
    if (entry.at(0).get(record_id) != simdjson::SUCCESS ||
        entry.at(1).get(hash) != simdjson::SUCCESS ||
        !absl::SimpleHexAtoi(ToAbsl(hash), &digest.hash)) {
      return NotARow("a record is not [Id, hash]");
    }
    digest.id = std::string(record_id);
    blob.records.push_back(std::move(digest));
  }
  return blob;
}

}  // namespace picket::simulator
