#pragma once

// Whether a value has the type that is documented for its field (model/audit_fields.h).

#include <cstdint>
#include <string_view>

#include "json/json_tokens.h"
#include "model/audit_fields.h"

namespace picket::parser {

// Parses a string or a number that is a whole number of 64 bits: "4096", "1.0", "1e9".
bool ToInteger(std::string_view text, int64_t& value);
inline bool IsInteger(std::string_view text) {
  int64_t value = 0;
  return ToInteger(text, value);
}

// Whether a value has the documented type of its field and can be copied unchanged.
inline bool HasType(FieldType type, const JsonValue& value) {
  constexpr auto kBit = [](int kind) { return static_cast<uint16_t>(1 << kind); };
  constexpr int kIntegral = 8;
  constexpr uint16_t kKinds[] = {
      0xffff,                                            // kAny
      kBit(JsonValue::kText),                            // kText
      kBit(kIntegral),                                   // kInteger
      kBit(JsonValue::kTrue) | kBit(JsonValue::kFalse),  // kBoolean
      kBit(JsonValue::kArray),                           // kList
      0,                                                 // kPairs
      kBit(JsonValue::kObject),                          // kObject
  };
  const bool is_integer = value.kind == JsonValue::kNumber && value.integral &&
                          (value.raw.size() < 19 || IsInteger(value.raw));
  const int kind = is_integer ? kIntegral : static_cast<int>(value.kind);
  return (kKinds[static_cast<size_t>(type)] >> kind & 1) != 0;
}

}  // namespace picket::parser
