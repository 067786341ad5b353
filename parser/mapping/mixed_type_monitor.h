#pragma once

// Monitors the JSON types of undocumented fields. A search index takes the type of a field from the
// first event that has the field, and rejects events in which the field has another type. The
// operator must therefore know which names have two types.

#include <cstdint>
#include <string>
#include <string_view>

#include "common/metrics.h"
#include "common/strings.h"
#include "json/json_tokens.h"

namespace picket::parser {

// Counts the names that have more than one type. The metric is
// picket_normalizer_mixed_type_fields_total. A name is counted once, when its second type occurs.
// Null does not count as a type. Makes no allocation for a known name.
// Threads: Only one thread may use an instance. Lifetime: Each normaliser has one instance.
// Memory: Names come from outside, so at most kMostNames of them are kept. Further names are
// ignored.
class MixedTypeMonitor {
 public:
  static constexpr size_t kMostNames = 4096;
  static constexpr size_t kLongestName = 128;

  explicit MixedTypeMonitor(Metrics& metrics) : metrics_(metrics) {}

  // Records the type of one value. `name` must be unescaped.
  void Observe(std::string_view name, JsonValue::Kind kind);

 private:
  static uint8_t TypeBit(JsonValue::Kind kind);
  void Add(std::string_view name, uint8_t type, uint8_t& types);

  Metrics& metrics_;
  StringMap<uint8_t> unknown_;
  int counted_ = 0;
};

}  // namespace picket::parser
