#include "tests/support/ocsf_schema.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
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

// Returns the value, or ends the test program on an error. The program must not continue without
// the schema, because tests that validate events would then check nothing.
template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

EventSchemas ReducedSchemas() {
  const std::string table = OrDie(ReadFile("tests/data/ocsf-required.json"));
  std::map<int64_t, JsonSchema> classes;
  for (const int64_t uid : kClasses) {
    classes.emplace(uid, OrDie(JsonSchema::Parse(table, absl::StrCat("/classes/", uid))));
  }
  return EventSchemas(std::move(classes));
}

}  // namespace

const OcsfSchemas& OcsfSchemas::Get() {
  static const OcsfSchemas schemas;
  return schemas;
}

OcsfSchemas::OcsfSchemas() : reduced_(ReducedSchemas()) {
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
  whole_ = OrDie(EventSchemas::Load(folder + "/ocsf_schema"));
  fs::remove_all(folder);
}

std::vector<std::string> OcsfSchemas::Validate(std::string_view event_json) const {
  std::vector<std::string> faults;
  const auto add = [&](const EventSchemas& schemas) {
    for (const SchemaFault& fault : schemas.Validate(event_json)) {
      std::string text = fault.Text();
      if (std::find(faults.begin(), faults.end(), text) == faults.end())
        faults.push_back(std::move(text));
    }
  };
  add(reduced_);
  if (whole()) add(*whole_);
  return faults;
}

}  // namespace picket
