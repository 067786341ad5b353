#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace picket {

// A JSON Schema (2020-12) as far as the OCSF schemas use it: $ref into the document, type, properties, required,
// additionalProperties, items, enum, const, anyOf, oneOf, pattern, maxLength, minimum, maximum. Any other keyword is
// an error of Parse, so that no rule of a schema is passed over in silence.
// Threads: const, any. Lifetime: owns all that it was made from.
class JsonSchema {
 public:
  // The schema at `pointer` ("/classes/3005") of the document; its $refs are looked up from the document's root.
  static absl::StatusOr<JsonSchema> Parse(std::string_view document, std::string_view pointer = "");
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  // What is wrong with the text, each fault with its place: "actor.user.type_id: 17 is none of the allowed values".
  // A key that stands twice in an object is a fault too.
  std::vector<std::string> Validate(std::string_view json) const;

 private:
  struct Impl;
  explicit JsonSchema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket
