#include "parser/mapping/operation_cache.h"

#include <cstring>
#include <string>

#include "common/strings.h"
#include "json/json_tokens.h"
#include "model/record_types.h"

namespace picket::parser {
namespace {

OperationCache::Entry LookUp(std::string_view workload, std::string_view operation,
                             int32_t record_type, bool has_resource) {
  // A record may write an en dash as \u2013. The operation is unescaped, because the mapping has
  // operations without JSON escapes.
  std::string unescaped;
  if (operation.find('\\') != std::string_view::npos) {
    AppendJsonUnescaped(operation, unescaped);
    operation = unescaped;
  }
  return {MapOperation(workload, operation, record_type, has_resource),
          RecordTypeName(record_type).name()};
}

// The first and last eight bytes and the length distinguish operations well enough.
size_t Hash(std::string_view operation, int32_t record_type, bool has_resource) {
  uint64_t first = 0;
  uint64_t last = 0;
  if (operation.size() >= 8) {
    std::memcpy(&first, operation.data(), 8);
    std::memcpy(&last, operation.data() + operation.size() - 8, 8);
  } else {
    for (const char c : operation) first = first << 8 | static_cast<uint8_t>(c);
  }
  const uint64_t mixed = first ^ (last << 21 | last >> 43) ^ operation.size() << 7 ^
                         static_cast<uint64_t>(record_type) << 40 ^
                         static_cast<uint64_t>(has_resource);
  return static_cast<size_t>(mixed * 0x9e3779b97f4a7c15ull >> 54);
}

}  // namespace

const OperationCache::Entry& OperationCache::Find(std::string_view workload,
                                                  std::string_view operation, int32_t record_type,
                                                  bool has_resource) {
  static_assert(kSlots == 1 << 10, "the hash has ten bits");
  const size_t home = Hash(operation, record_type, has_resource);
  Slot* free = nullptr;
  for (size_t i = 0; i < kNeighbours; ++i) {
    Slot& slot = slots_[(home + i) % kSlots];
    if (!slot.is_filled) {
      free = &slot;
      break;
    }
    const std::string_view found(slot.names, slot.operation_size);
    if (slot.record_type == record_type && slot.has_resource == has_resource &&
        EqualsInline(found, operation) &&
        EqualsInline({slot.names + slot.operation_size, slot.workload_size}, workload)) [[likely]] {
      return slot.entry;
    }
  }
  if (operation.size() + workload.size() > sizeof(Slot::names)) {
    return other_ = LookUp(workload, operation, record_type, has_resource);
  }
  Slot& slot = free != nullptr ? *free : slots_[home];
  operation.copy(slot.names, operation.size());
  workload.copy(slot.names + operation.size(), workload.size());
  slot.operation_size = static_cast<uint8_t>(operation.size());
  slot.workload_size = static_cast<uint8_t>(workload.size());
  slot.record_type = record_type;
  slot.has_resource = has_resource;
  slot.is_filled = true;
  return slot.entry = LookUp(workload, operation, record_type, has_resource);
}

}  // namespace picket::parser
