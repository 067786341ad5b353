#pragma once

// Fields that no document gives one type, and the JSON types that they come with. An index that takes events learns a
// field's type from the first and refuses the rest, so that a name with two types is for the operator to know of.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/json_tokens.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "model/audit_fields.h"

namespace picket::parser {

// Counts each name once, in picket_normalizer_mixed_type_fields_total, when it comes with its second type. Null is none.
// Threads: one. Lifetime: one a normaliser. Memory: kMostNames names, which come from outside; what comes later is not
// looked at. Makes no allocation for a name that is known.
class FieldTypes {
 public:
  static constexpr size_t kMostNames = 4096;
  static constexpr size_t kLongestName = 128;

  explicit FieldTypes(Metrics& metrics) : metrics_(metrics) {}

  // A field of the table without a type of its own.
  void Saw(const AuditField& field, JsonValue::Kind kind) {
    const uint8_t type = TypeBit(kind);
    if ((known_[field.number] | type) != known_[field.number]) [[unlikely]]
      Add(field.name(), type, known_[field.number]);
  }
  // A field that the table has not. `name`: unescaped.
  void Saw(std::string_view name, JsonValue::Kind kind);

 private:
  static uint8_t TypeBit(JsonValue::Kind kind);
  void Add(std::string_view name, uint8_t type, uint8_t& types);

  Metrics& metrics_;
  std::array<uint8_t, kMostAuditFields> known_{};  // by number of the field
  StringMap<uint8_t> unknown_;
  int counted_ = 0;
};

}  // namespace picket::parser
