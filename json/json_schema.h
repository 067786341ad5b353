#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace picket {

// A violation of a schema.
struct SchemaFault {
  std::string path;  // "actor.user.type_id", "resources[2].uid", "(root)"
  // "is not one of the allowed values". Contains nothing of the value, so that it may be logged.
  std::string what;
  std::string value;  // the value, shortened; empty if the fault is not about one value

  // "actor.user.type_id: 17 is not one of the allowed values"
  std::string Text() const;
};

// A JSON Schema (2020-12), with the keywords that the OCSF schemas use: $ref into the document,
// type, properties, required, additionalProperties, items, enum, const, anyOf, oneOf, pattern,
// maxLength, minimum, maximum. Any other keyword that could reject a document is an error of Parse,
// so that no rule of a schema is silently ignored
// (docs/decisions/0012-events-are-validated-by-our-own-json-schema.md).
// Threads: const, any. Lifetime: owns its data. Equal parts of the schema are stored once.
class JsonSchema {
 public:
  // Reads the schema at `pointer` ("/classes/3005") in the document. Its $refs are resolved from the
  // document's root. InvalidArgument if the schema is not valid, or uses another keyword.
  static absl::StatusOr<JsonSchema> Parse(std::string_view document, std::string_view pointer = "");
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  // Returns every fault of a JSON document; empty if it is valid. A key that occurs twice in an
  // object is a fault, too.
  std::vector<SchemaFault> Validate(std::string_view json) const;

 private:
  struct Nodes;
  explicit JsonSchema(std::unique_ptr<Nodes> nodes);
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace picket
