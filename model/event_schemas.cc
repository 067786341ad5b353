#include "model/event_schemas.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_join.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "model/ocsf_class.h"
#include "model/operation_rows.h"

namespace picket {
namespace {

absl::StatusOr<std::vector<std::string>> JsonFiles(const std::string& dir) {
  std::error_code error;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path().string());
  }
  if (error) return absl::InvalidArgumentError(absl::StrCat("read ", dir, ": ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

// Returns the class that the schema in `document` describes, or -1 if the document is not the
// schema of a class.
int64_t ClassOf(const std::string& document) {
  simdjson::dom::parser parser;
  simdjson::dom::element schema;
  int64_t uid = -1;
  if (parser.parse(document).get(schema) != simdjson::SUCCESS) return -1;
  const auto class_uid = schema["properties"]["class_uid"];
  if (class_uid["const"].get(uid) == simdjson::SUCCESS) return uid;
  simdjson::dom::array values;
  if (class_uid["enum"].get(values) == simdjson::SUCCESS && values.size() == 1 &&
      values.at(0).get(uid) == simdjson::SUCCESS) {
    return uid;
  }
  return -1;
}

// Returns the classes of the mapping that have no schema in `classes`.
std::vector<int64_t> MissingOf(const std::map<int64_t, JsonSchema>& classes) {
  std::vector<int64_t> missing;
  for (const MappingRow& row : MappingRows()) {
    if (!classes.contains(row.class_uid)) missing.push_back(row.class_uid);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  return missing;
}

void CheckProfiles(const simdjson::dom::element& event, std::vector<SchemaFault>& faults) {
  simdjson::dom::array profiles;
  if (event["metadata"]["profiles"].get(profiles) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element profile : profiles) {
    std::string_view name;
    if (profile.get(name) == simdjson::SUCCESS && name == "cloud" &&
        event["cloud"].error() != simdjson::SUCCESS) {
      faults.push_back({"cloud", "is missing, though metadata.profiles names it", ""});
    }
  }
}

}  // namespace

absl::StatusOr<EventSchemas> EventSchemas::Load(const std::string& dir) {
  ASSIGN_OR_RETURN(const std::vector<std::string> files, JsonFiles(dir));
  std::map<int64_t, JsonSchema> classes;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const std::string document, ReadFile(file));
    const int64_t uid = ClassOf(document);
    if (uid < 0) continue;
    absl::StatusOr<JsonSchema> schema = JsonSchema::Parse(document);
    if (!schema.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": ", schema.status().message()));
    }
    if (!classes.emplace(uid, *std::move(schema)).second) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": a second schema of class ", uid));
    }
  }
  if (const std::vector<int64_t> missing = MissingOf(classes); !missing.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(dir, ": no JSON Schema (OCSF ", ToAbsl(kOcsfVersion),
                     ", a file NAME.json) of class ", absl::StrJoin(missing, ", ")));
  }
  return EventSchemas(std::move(classes));
}

std::vector<SchemaFault> EventSchemas::Validate(std::string_view event_json) const {
  simdjson::dom::parser parser;
  simdjson::dom::element event;
  const auto error = parser.parse(event_json.data(), event_json.size()).get(event);
  if (error != simdjson::SUCCESS) {
    return {{"(root)", absl::StrCat("not JSON: ", simdjson::error_message(error)), ""}};
  }
  int64_t class_uid = 0;
  int64_t activity_id = 0;
  int64_t category_uid = 0;
  int64_t type_uid = 0;
  if (event["class_uid"].get(class_uid) != simdjson::SUCCESS ||
      event["activity_id"].get(activity_id) != simdjson::SUCCESS ||
      event["category_uid"].get(category_uid) != simdjson::SUCCESS ||
      event["type_uid"].get(type_uid) != simdjson::SUCCESS) {
    return {{"(root)",
             "class_uid, activity_id, category_uid or type_uid is missing or not an integer", ""}};
  }
  const auto schema = classes_.find(class_uid);
  if (schema == classes_.end()) {
    return {{"class_uid", "is of no known class", absl::StrCat(class_uid)}};
  }
  std::vector<SchemaFault> faults = schema->second.Validate(event_json);
  if (category_uid != class_uid / 1000) {
    faults.push_back({"category_uid", "does not fit the class_uid", ""});
  }
  if (type_uid != class_uid * 100 + activity_id) {
    faults.push_back({"type_uid", "is not class_uid * 100 + activity_id", ""});
  }
  CheckProfiles(event, faults);
  return faults;
}

}  // namespace picket
