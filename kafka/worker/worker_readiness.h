#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/readiness.h"

namespace picket::kafka {

// Records for /readyz why each worker of a process is not ready.
// Threads: Any thread may use it.
class WorkerReadiness {
 public:
  // A worker whose transaction takes longer than this is not ready. It cannot report this itself,
  // because it waits for the broker in the meantime.
  static constexpr absl::Duration kSlowTransaction = absl::Seconds(5);

  explicit WorkerReadiness(int workers)
      : reasons_(workers, "starting"), obstacles_(workers), transactions_began_(workers) {}

  // An empty reason means that the worker is ready.
  void Set(int worker, std::string reason) {
    MutexLock lock(mu_);
    reasons_[worker] = std::move(reason);
  }

  // Records the result of Stage::Obstacle.
  void SetObstacle(int worker, std::optional<std::string> obstacle) {
    MutexLock lock(mu_);
    obstacles_[worker] = std::move(obstacle);
  }

  // Records that a worker's transaction is in progress, from the constructor to the destructor.
  class OpenTransaction {
   public:
    OpenTransaction(WorkerReadiness& board, int worker, MonotonicTime now)
        : board_(board), worker_(worker) {
      board_.SetTransaction(worker_, now);
    }
    ~OpenTransaction() { board_.SetTransaction(worker_, std::nullopt); }
    OpenTransaction(const OpenTransaction&) = delete;
    OpenTransaction& operator=(const OpenTransaction&) = delete;

   private:
    WorkerReadiness& board_;
    const int worker_;
  };

  // Returns a reason if some worker is not ready, or if some worker has an obstacle and no worker
  // can do its work. Otherwise returns ready.
  Readiness At(MonotonicTime now) const {
    MutexLock lock(mu_);
    for (size_t worker = 0; worker < reasons_.size(); ++worker) {
      if (!reasons_[worker].empty()) return {false, reasons_[worker]};
      const std::optional<MonotonicTime> began = transactions_began_[worker];
      if (began.has_value() && now - *began > kSlowTransaction) {
        return {false, absl::StrCat("worker ", worker, ": the brokers have not answered its ",
                                    "transaction for ", absl::ToInt64Seconds(now - *began), " s")};
      }
    }
    std::string obstacle;
    for (const std::optional<std::string>& of_worker : obstacles_) {
      if (!of_worker.has_value()) continue;
      if (of_worker->empty()) return {true, "ready"};
      if (obstacle.empty()) obstacle = *of_worker;
    }
    if (!obstacle.empty()) return {false, obstacle};
    return {true, "ready"};
  }

 private:
  void SetTransaction(int worker, std::optional<MonotonicTime> began) {
    MutexLock lock(mu_);
    transactions_began_[worker] = began;
  }

  mutable Mutex mu_;
  std::vector<std::string> reasons_ ABSL_GUARDED_BY(mu_);
  std::vector<std::optional<std::string>> obstacles_ ABSL_GUARDED_BY(mu_);
  std::vector<std::optional<MonotonicTime>> transactions_began_ ABSL_GUARDED_BY(mu_);
};

}  // namespace picket::kafka
