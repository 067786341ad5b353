#pragma once

// Caches what depends only on the workload, operation and type of a record, and on whether the
// record has a resource. A log has few combinations of these values, so each combination is usually
// looked up only once.

#include <array>
#include <cstdint>
#include <string_view>

#include "model/mapping.h"

namespace picket::parser {

// Caches the mapping of operations and the names of record types.
// Threads: Only one thread may use an instance. Lifetime: Each normaliser has one instance.
// Memory: The size is fixed. If all slots for an operation are taken, the new entry replaces the
// entry in its home slot.
class OperationCache {
 public:
  struct Entry {
    Mapping mapping;
    std::string_view record_type_name;  // empty if Microsoft's lists lack the number
  };
  // Returns the entry for the arguments of MapOperation. `workload` and `operation` are still
  // escaped. The result is valid until the next call. Makes no allocation for a cached operation.
  // Complexity: Usually one comparison of the names for a cached operation.
  const Entry& Find(std::string_view workload, std::string_view operation, int32_t record_type,
                    bool has_resource);

 private:
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kNeighbours = 4;  // an entry is in its home slot or one of the next three
  // Slots are aligned to cache lines. Operations whose names do not fit into a slot are looked up
  // every time.
  struct alignas(64) Slot {
    Entry entry;
    int32_t record_type = 0;
    bool has_resource = false;
    bool is_filled = false;
    uint8_t operation_size = 0;
    uint8_t workload_size = 0;
    char names[128] = {};  // the operation, followed by the workload
  };
  std::array<Slot, kSlots> slots_;
  Entry other_;
};

}  // namespace picket::parser
