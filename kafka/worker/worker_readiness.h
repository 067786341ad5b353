#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/readiness.h"
#include "common/mutex.h"

namespace picket::kafka {

// Records for /readyz why each worker of a process is not ready.
// Threads: Any thread may use it.
class WorkerReadiness {
 public:
  explicit WorkerReadiness(int workers) : reasons_(workers, "starting") {}

  // An empty reason means that the worker is ready.
  void Set(int worker, std::string reason) {
    MutexLock lock(mu_);
    reasons_[worker] = std::move(reason);
  }

  // Returns ready if every worker is ready, otherwise the reason of the first worker that is not
  // ready.
  Readiness Now() const {
    MutexLock lock(mu_);
    for (const std::string& reason : reasons_) {
      if (!reason.empty()) return {false, reason};
    }
    return {true, "ready"};
  }

 private:
  mutable Mutex mu_;
  std::vector<std::string> reasons_ ABSL_GUARDED_BY(mu_);
};

}  // namespace picket::kafka
