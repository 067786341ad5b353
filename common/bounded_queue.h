#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <stop_token>
#include <utility>

#include "absl/time/time.h"
#include "common/mutex.h"

namespace picket {

// A first-in-first-out queue between threads that holds at most `capacity` elements.
// Threads: any number of producers and consumers.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Waits for room. False (and `value` dropped) when a stop was asked for or the queue is closed.
  bool Push(T value, std::stop_token stop) {
    {
      MutexLock lock(mu_);
      if (!room_.wait(mu_, stop, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
            return closed_ || values_.size() < capacity_;
          })) {
        return false;
      }
      if (closed_) return false;
      values_.push_back(std::move(value));
    }
    filled_.notify_one();
    return true;
  }

  // The oldest element; nothing when none came within `timeout`, a stop was asked for, or the queue is closed and empty.
  std::optional<T> Pop(absl::Duration timeout, std::stop_token stop) {
    std::optional<T> value;
    {
      MutexLock lock(mu_);
      filled_.wait_for(mu_, stop, absl::ToChronoNanoseconds(timeout),
                       [this]()
                           ABSL_NO_THREAD_SAFETY_ANALYSIS { return closed_ || !values_.empty(); });
      if (values_.empty()) return std::nullopt;
      value = std::move(values_.front());
      values_.pop_front();
    }
    room_.notify_one();
    return value;
  }

  void Close() {
    {
      MutexLock lock(mu_);
      closed_ = true;
    }
    room_.notify_all();
    filled_.notify_all();
  }

  size_t size() const {
    MutexLock lock(mu_);
    return values_.size();
  }

 private:
  const size_t capacity_;
  mutable Mutex mu_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<T> values_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace picket
