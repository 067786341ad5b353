#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/mutex.h"

namespace picket {

// Passes a new version of an immutable value to the workers, such as the rules that are in force.
// Workers check between transactions whether the value has changed.
// Threads: Any thread may use the object. Lifetime: The object must outlive the workers. Failure:
// No call fails; Get returns null until a value is set.
template <typename T>
class Handover {
 public:
  explicit Handover(std::shared_ptr<const T> value = nullptr) : value_(std::move(value)) {}

  // Returns a counter that changes with every Set. A worker compares the counter with its earlier
  // value to detect a new value without the lock. Call generation() before Get(). If Set is called
  // between these two calls, the worker then detects the change at its next comparison.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  std::shared_ptr<const T> Get() const {
    MutexLock lock(mu_);
    return value_;
  }
  void Set(std::shared_ptr<const T> value) {
    MutexLock lock(mu_);
    value_.swap(value);  // the old value is freed after the lock is released
    generation_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable Mutex mu_;
  std::shared_ptr<const T> value_ ABSL_GUARDED_BY(mu_);
  std::atomic<uint64_t> generation_ = 0;
};

}  // namespace picket
