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

// The JSON Schema of each OCSF class, to check events against. The binary carries none: they are
// made from the OCSF schema by its own tools.
// Threads: const, any. Lifetime: owns all that it was made from.
class EventSchemas {
 public:
  // From the files `*.json` of a folder: each whose property `class_uid` has one value is the
  // schema of that class, others are left out. An error names the file that is no schema of ours,
  // two of one class, or the classes that rows of the mapping name and the folder lacks.
  static absl::StatusOr<EventSchemas> Load(const std::string& dir);

  explicit EventSchemas(std::map<int64_t, JsonSchema> classes) : classes_(std::move(classes)) {}

  size_t size() const { return classes_.size(); }

  // What is wrong with an event: by the schema of its class, and by what that cannot say (type_uid
  // is made of class and activity, a profile that is named brings its attributes).
  std::vector<SchemaFault> Validate(std::string_view event_json) const;

 private:
  std::map<int64_t, JsonSchema> classes_;
};

}  // namespace picket
