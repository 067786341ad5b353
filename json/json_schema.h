#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace picket {

// What is wrong with a JSON text.
struct SchemaFault {
  std::string path;  // "actor.user.type_id", "resources[2].uid", "(root)"
  std::string
      what;  // "is none of the allowed values"; tells nothing of the value, so that a log may say it
  std::string value;  // that value, shortened; empty where the fault is not about one

  // "actor.user.type_id: 17 is none of the allowed values"
  std::string Text() const;
};

// A JSON Schema (2020-12) as far as the OCSF schemas use it: $ref into the document, type, properties, required,
// additionalProperties, items, enum, const, anyOf, oneOf, pattern, maxLength, minimum, maximum. Any other keyword that
// could refuse a text is an error of Parse, so that no rule of a schema is passed over in silence.
// Threads: const, any. Lifetime: owns all that it was made from. Equal parts of the schema are kept once.
class JsonSchema {
 public:
  // The schema at `pointer` ("/classes/3005") of the document; its $refs are looked up from the document's root.
  static absl::StatusOr<JsonSchema> Parse(std::string_view document, std::string_view pointer = "");
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  // Every fault of the text; none when it is valid. A key that stands twice in an object is a fault too.
  std::vector<SchemaFault> Validate(std::string_view json) const;

 private:
  struct Nodes;
  explicit JsonSchema(std::unique_ptr<Nodes> nodes);
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace picket
