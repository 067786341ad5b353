#pragma once

#include <atomic>
#include <cstdint>

namespace picket::fetcher {

// Limits how many bytes are in use at the same time. Callers never wait for the budget. A caller
// that cannot acquire the bytes must proceed without them.
// Threads: any thread may call any method.
class ByteBudget {
 public:
  explicit ByteBudget(int64_t bytes) : free_(bytes), total_(bytes) {}

  bool TryAcquire(int64_t bytes) {
    int64_t free = free_.load(std::memory_order_relaxed);
    while (free >= bytes) {
      if (free_.compare_exchange_weak(free, free - bytes, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void Release(int64_t bytes) { free_.fetch_add(bytes, std::memory_order_relaxed); }
  int64_t used() const { return total_ - free_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> free_;
  const int64_t total_;
};

}  // namespace picket::fetcher
