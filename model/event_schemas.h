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

// The JSON Schemas of OCSF classes, to check events against. The binary contains none: OCSF's own
// tools generate them from the OCSF schema.
// Threads: const, any. Lifetime: owns everything it was loaded from.
class EventSchemas {
 public:
  // Loads the files `*.json` of a folder. A file whose property `class_uid` has exactly one value
  // is the schema of that class; other files are ignored. An error names a file that is not a
  // supported schema, a second schema of a class, or the classes of the mapping for which the
  // folder has no schema.
  static absl::StatusOr<EventSchemas> Load(const std::string& dir);

  explicit EventSchemas(std::map<int64_t, JsonSchema> classes) : classes_(std::move(classes)) {}

  size_t size() const { return classes_.size(); }

  // Returns the faults of an event by the schema of its class, and by rules that a schema cannot
  // express: type_uid must match class and activity, and a profile that is named needs its
  // attributes.
  std::vector<SchemaFault> Validate(std::string_view event_json) const;

 private:
  std::map<int64_t, JsonSchema> classes_;
};

}  // namespace picket
