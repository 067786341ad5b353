#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "json/json_schema.h"

namespace picket {

// The JSON Schemas of OCSF classes, against which events are checked. The binary does not
// contain these schemas. Load reads them from files that OCSF's own tools generate.
// Threads: Const methods may be called from any thread. Lifetime: An instance owns the schemas and
// does not need the files after Load.
class EventSchemas {
 public:
  // Loads the files `*.json` of a folder. A file is the schema of a class if its property
  // `class_uid` allows exactly one value, which identifies the class. Other files are ignored.
  // Returns an error if a schema is not supported, if two files describe the same class, or if
  // classes of the mapping have no schema in the folder. The error names the file or the classes.
  static absl::StatusOr<EventSchemas> Load(const std::string& dir);

  explicit EventSchemas(std::map<int64_t, JsonSchema> classes) : classes_(std::move(classes)) {}

  size_t size() const { return classes_.size(); }

  // Checks an event against the schema of its class, and against rules that a schema cannot
  // express: category_uid must match the class, type_uid must match class and activity, and an
  // event that names the profile `cloud` must have the attribute `cloud`. Returns the errors found.
  std::vector<SchemaFault> Validate(std::string_view event_json) const;

 private:
  std::map<int64_t, JsonSchema> classes_;
};

}  // namespace picket
