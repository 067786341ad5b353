#pragma once

// Counts the heap allocations of a thread. Tests use the count to show that code allocates nothing
// after its first calls.

#include <cstdint>

namespace picket {

// Whether allocations are counted. They are not counted under ASan and TSan, which replace the
// heap.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kHeapIsCounted = false;
#else
inline constexpr bool kHeapIsCounted = true;
#endif

// Returns how many times this thread has called operator new.
int64_t Allocations();

}  // namespace picket
