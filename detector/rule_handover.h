#pragma once

// Passes new rules to the workers.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/mutex.h"
#include "detector/active_rules.h"

namespace picket::detector {

// Holds the rules that are in force now. Workers check between transactions whether the rules have
// changed.
// Threads: Any thread may use the object. Lifetime: The object must outlive the workers. Failure:
// No call fails; Get returns null until rules are set.
class RuleHandover {
 public:
  explicit RuleHandover(std::shared_ptr<const ActiveRules> rules = nullptr)
      : rules_(std::move(rules)) {}

  // Returns a counter that changes with every Set. Workers need only this atomic read to detect new
  // rules.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  std::shared_ptr<const ActiveRules> Get() const {
    MutexLock lock(mu_);
    return rules_;
  }
  void Set(std::shared_ptr<const ActiveRules> rules) {
    MutexLock lock(mu_);
    rules_.swap(rules);  // the old rules are freed after the lock is released
    generation_.fetch_add(1, std::memory_order_release);
  }

 private:
  mutable Mutex mu_;
  std::shared_ptr<const ActiveRules> rules_ ABSL_GUARDED_BY(mu_);
  std::atomic<uint64_t> generation_ = 0;
};

}  // namespace picket::detector
