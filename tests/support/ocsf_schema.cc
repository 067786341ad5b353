#include "tests/support/ocsf_schema.h"

#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "common/check.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/support/shared_data.h"

namespace picket {
namespace {

constexpr int64_t kClasses[] = {0,    2004, 2006, 3001, 3002, 3003, 3004,
                                3005, 3006, 4009, 6001, 6002, 6003, 6006};

// A schema that cannot be read makes every test that uses it worthless, so it ends the test program.
template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

}  // namespace

const OcsfSchemas& OcsfSchemas::Get() {
  static const OcsfSchemas schemas;
  return schemas;
}

OcsfSchemas::OcsfSchemas() {
  const std::string table = OrDie(ReadFile("tests/data/ocsf-required.json"));
  for (const int64_t uid : kClasses) {
    reduced_.emplace(uid, OrDie(JsonSchema::Parse(table, absl::StrCat("/classes/", uid))));
  }

  const std::optional<std::string> archive = SharedData("ocsf/ocsf-1.8.0-json-schema.tar.xz");
  if (!archive.has_value()) return;
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "ocsf-schema.XXXXXX").string();
  PICKET_CHECK(mkdtemp(folder.data()) != nullptr);
  const std::string command = absl::StrCat("tar -xJf '", *archive, "' -C '", folder, "'");
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "cannot unpack %s; are tar and xz-utils installed?\n", archive->c_str());
    std::abort();
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const size_t suffix = name.find(".schema.json");
    if (suffix == std::string::npos) continue;
    const int64_t uid = std::atoll(name.substr(name.rfind('_', suffix) + 1).c_str());
    whole_.emplace(uid, OrDie(JsonSchema::Parse(OrDie(ReadFile(entry.path().string())))));
  }
  fs::remove_all(folder);
  for (const int64_t uid : kClasses) PICKET_CHECK(whole_.contains(uid));
}

std::vector<std::string> OcsfSchemas::Validate(std::string_view event_json) const {
  simdjson::dom::parser parser;
  simdjson::dom::element event;
  const auto error = parser.parse(event_json.data(), event_json.size()).get(event);
  if (error != simdjson::SUCCESS)
    return {absl::StrCat("no JSON: ", simdjson::error_message(error))};
  int64_t class_uid = 0;
  int64_t activity_id = 0;
  int64_t category_uid = 0;
  int64_t type_uid = 0;
  if (event["class_uid"].get(class_uid) != simdjson::SUCCESS ||
      event["activity_id"].get(activity_id) != simdjson::SUCCESS ||
      event["category_uid"].get(category_uid) != simdjson::SUCCESS ||
      event["type_uid"].get(type_uid) != simdjson::SUCCESS) {
    return {"class_uid, activity_id, category_uid or type_uid is missing or no integer"};
  }
  const auto reduced = reduced_.find(class_uid);
  if (reduced == reduced_.end()) return {absl::StrCat("class_uid: ", class_uid, " is not used")};
  std::vector<std::string> faults = reduced->second.Validate(event_json);
  if (category_uid != class_uid / 1000)
    faults.push_back("category_uid: does not fit the class_uid");
  if (type_uid != class_uid * 100 + activity_id) {
    faults.push_back("type_uid: is not class_uid * 100 + activity_id");
  }
  // A profile brings attributes that the schema of the class alone leaves optional.
  simdjson::dom::array profiles;
  if (event["metadata"]["profiles"].get(profiles) == simdjson::SUCCESS) {
    for (const simdjson::dom::element profile : profiles) {
      std::string_view name;
      const bool is_cloud = profile.get(name) == simdjson::SUCCESS && name == "cloud";
      if (is_cloud && event["cloud"].error() != simdjson::SUCCESS) {
        faults.push_back("cloud: is missing, though metadata.profiles names it");
      }
    }
  }
  if (whole()) {
    for (std::string& fault : whole_.at(class_uid).Validate(event_json)) {
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

}  // namespace picket
