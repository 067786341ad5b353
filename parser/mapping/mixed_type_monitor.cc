#include "parser/mapping/mixed_type_monitor.h"

namespace picket::parser {
namespace {

constexpr int kMostLabels = 200;

}  // namespace

uint8_t MixedTypeMonitor::TypeBit(JsonValue::Kind kind) {
  switch (kind) {
    case JsonValue::kText:
      return 1;
    case JsonValue::kNumber:
      return 2;
    case JsonValue::kTrue:
    case JsonValue::kFalse:
      return 4;
    case JsonValue::kArray:
      return 8;
    case JsonValue::kObject:
      return 16;
    case JsonValue::kNull:
    case JsonValue::kAbsent:
      break;
  }
  return 0;
}

void MixedTypeMonitor::Observe(std::string_view name, JsonValue::Kind kind) {
  const uint8_t type = TypeBit(kind);
  auto found = unknown_.find(name);
  if (found == unknown_.end()) {
    if (unknown_.size() >= kMostNames || name.size() > kLongestName) return;
    found = unknown_.try_emplace(std::string(name), 0).first;
  }
  if ((found->second | type) != found->second) Add(name, type, found->second);
}

void MixedTypeMonitor::Add(std::string_view name, uint8_t type, uint8_t& types) {
  const bool is_second = types != 0 && (types & (types - 1)) == 0;
  types |= type;
  if (!is_second) return;
  // Names beyond the first kMostLabels share one counter.
  const std::string label = ++counted_ > kMostLabels ? "other" : std::string(name);
  metrics_.GetCounter("picket_normalizer_mixed_type_fields_total", {{"field", label}}).Increment();
}

}  // namespace picket::parser
