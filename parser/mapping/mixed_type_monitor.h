#pragma once

// The JSON types of undocumented fields. A search index takes the type of a field from the first
// event and rejects events with another type, so the operator must learn about a name with two
// types.

#include <cstdint>
#include <string>
#include <string_view>

#include "common/metrics.h"
#include "common/strings.h"
#include "json/json_tokens.h"

namespace picket::parser {

// Counts each name once, in picket_normalizer_mixed_type_fields_total, when its second type occurs.
// Null is not a type here.
// Threads: one. Lifetime: one per normaliser. Memory: names come from outside, so at most
// kMostNames are kept; later ones are ignored. Makes no allocation for a known name.
class MixedTypeMonitor {
 public:
  static constexpr size_t kMostNames = 4096;
  static constexpr size_t kLongestName = 128;

  explicit MixedTypeMonitor(Metrics& metrics) : metrics_(metrics) {}

  // `name` is not escaped.
  void Observe(std::string_view name, JsonValue::Kind kind);

 private:
  static uint8_t TypeBit(JsonValue::Kind kind);
  void Add(std::string_view name, uint8_t type, uint8_t& types);

  Metrics& metrics_;
  StringMap<uint8_t> unknown_;
  int counted_ = 0;
};


}  // namespace picket::parser
