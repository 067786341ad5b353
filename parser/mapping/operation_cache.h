#pragma once

// Caches what depends only on a record's workload, operation and type. A log has few combinations
// of these, so each is looked up once.

#include <array>
#include <cstdint>
#include <string_view>

#include "model/mapping.h"

namespace picket::parser {

// Threads: one. Lifetime: one per normaliser. Memory: bounded; if all slots of an operation are
// taken, the new one replaces the first.
class OperationCache {
 public:
  struct Entry {
    Mapping mapping;
    std::string_view record_type_name;  // empty if Microsoft's lists lack the number
  };
  // See MapOperation; the names are still escaped. The result is valid until the next call.
  // Complexity: for a cached operation usually one comparison of the names. Makes no allocation
  // once warm.
  const Entry& Find(std::string_view workload, std::string_view operation, int32_t record_type,
                    bool has_resource);

 private:
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kNeighbours = 4;  // an entry is in its home slot or one of the next three
  // Aligned to cache lines. Operations whose names do not fit are looked up every time.
  struct alignas(64) Slot {
    Entry entry;
    int32_t record_type = 0;
    bool has_resource = false;
    bool is_filled = false;
    uint8_t operation_size = 0;
    uint8_t workload_size = 0;
    char names[128] = {};  // the operation, the workload
  };
  std::array<Slot, kSlots> slots_;
  Entry other_;
};

}  // namespace picket::parser
