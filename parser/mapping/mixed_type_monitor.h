#pragma once

// Fields that are not documented, and the JSON types that they come with. An index that takes events learns a
// field's type from the first and refuses the rest, so that a name with two types is for the operator to know of.

#include <cstdint>
#include <string>
#include <string_view>

#include "common/metrics.h"
#include "common/strings.h"
#include "json/json_tokens.h"

namespace picket::parser {

// Counts each name once, in picket_normalizer_mixed_type_fields_total, when it comes with its second type. Null is none.
// Threads: one. Lifetime: one a normaliser. Memory: kMostNames names, which come from outside; what comes later is not
// looked at. Makes no allocation for a name that is known.
class FieldTypes {
 public:
  static constexpr size_t kMostNames = 4096;
  static constexpr size_t kLongestName = 128;

  explicit FieldTypes(Metrics& metrics) : metrics_(metrics) {}

  // `name`: unescaped.
  void Saw(std::string_view name, JsonValue::Kind kind);

 private:
  static uint8_t TypeBit(JsonValue::Kind kind);
  void Add(std::string_view name, uint8_t type, uint8_t& types);

  Metrics& metrics_;
  StringMap<uint8_t> unknown_;
  int counted_ = 0;
};

}  // namespace picket::parser
