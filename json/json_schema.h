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
  // A message such as "is not one of the allowed values". It can be logged, because it contains no
  // part of the value.
  std::string what;
  std::string value;  // the offending value, shortened; empty if no single value is the cause

  // Returns text such as "actor.user.type_id: 17 is not one of the allowed values".
  std::string Text() const;
};

// A JSON Schema (2020-12). It supports the keywords that the OCSF schemas use: $ref into the
// document, type, properties, required, additionalProperties, items, enum, const, anyOf, oneOf,
// pattern, maxLength, minimum, maximum. Parse returns an error for any other keyword that restricts
// documents, so that no restriction is silently ignored
// (docs/decisions/0012-events-are-validated-by-our-own-json-schema.md).
// Threads: const functions can be called from any thread. Lifetime: the object owns its data.
// Memory: equal parts of the schema are stored once.
class JsonSchema {
 public:
  // Reads the schema at `pointer` (for example "/classes/3005") in the document. Each $ref is
  // resolved from the document's root. Returns InvalidArgument if the schema is invalid or uses an
  // unsupported keyword.
  static absl::StatusOr<JsonSchema> Parse(std::string_view document, std::string_view pointer = "");
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  // Returns every violation in a JSON document, or an empty list if the document is valid. A key
  // that occurs twice in an object is a violation, too.
  std::vector<SchemaFault> Validate(std::string_view json) const;

 private:
  struct Nodes;
  explicit JsonSchema(std::unique_ptr<Nodes> nodes);
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace picket
