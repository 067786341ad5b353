#pragma once

// Counts what the thread takes from the heap, for tests that something warm takes nothing.

#include <cstdint>

namespace picket {

// Under ASan and TSan, which have a heap of their own, nothing is counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kHeapIsCounted = false;
#else
inline constexpr bool kHeapIsCounted = true;
#endif

// Calls of operator new by this thread so far.
int64_t Allocations();

}  // namespace picket
