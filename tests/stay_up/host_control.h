#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace picket {

// The memory that a test shares with the services that it starts with the library
// `picket_interposed_host` (interposed_host.h). It is mapped from a file. If all bytes are zero,
// nothing is changed.
struct HostControl {
  // A connection to port `from` goes to port `to` instead. An entry is unused if `from` is 0.
  struct Redirect {
    std::atomic<uint16_t> from;
    std::atomic<uint16_t> to;
  };

  // The difference between the time of day that the service sees and the true time.
  std::atomic<int64_t> clock_shift_nanos;
  std::array<Redirect, 16> redirects;
};
static_assert(std::atomic<int64_t>::is_always_lock_free);
static_assert(std::atomic<uint16_t>::is_always_lock_free);

// The environment variable that contains the path of the file.
inline constexpr char kHostControlVariable[] = "PICKET_TEST_HOST_CONTROL";

}  // namespace picket
