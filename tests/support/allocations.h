#pragma once

// Counts heap allocations of the thread, for tests that warm code allocates nothing.

#include <cstdint>

namespace picket {

// False under ASan and TSan, which have their own heap.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kHeapIsCounted = false;
#else
inline constexpr bool kHeapIsCounted = true;
#endif

// The number of calls of operator new by this thread.
int64_t Allocations();

}  // namespace picket
