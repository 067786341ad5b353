#pragma once

// What follows from a record's workload, operation and type alone. A log holds few of them, so they are looked up once.

#include <array>
#include <cstdint>
#include <string_view>

#include "model/mapping.h"

namespace picket::parser {

// Threads: one. Lifetime: one a normaliser. Memory: bounded; of two that share a slot the later one stays.
class KnownOperations {
 public:
  struct Known {
    Mapping mapping;
    std::string_view record_type_name;  // empty: Microsoft's lists lack the number
  };
  // See MapOperation; the names are still escaped. The result is valid until the next call. Complexity: mostly one
  // comparison of the names when the operation is known. Makes no allocation once warm.
  const Known& Find(std::string_view workload, std::string_view operation, int32_t record_type,
                    bool has_resource);

 private:
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kNeighbours = 4;  // the slots from its own on in which one may be
  // In lines of the cache: what is found, and the names that it is found by; longer ones are looked up each time.
  struct alignas(64) Slot {
    Known known;
    int32_t record_type = 0;
    bool has_resource = false;
    bool is_filled = false;
    uint8_t operation_size = 0;
    uint8_t workload_size = 0;
    char names[128] = {};  // the operation, the workload
  };
  std::array<Slot, kSlots> slots_;
  Known other_;
};

}  // namespace picket::parser
