#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "kafka/io.h"
#include "kafka/worker/name_conflict.h"
#include "kafka/worker/worker_context.h"

namespace picket::kafka {

// Decides when a worker whose membership has ended joins its group again. A worker joins again any
// number of times, with growing waits if a membership lasts only a short time. After a fence, it
// takes part in a roll call of its name for a few minutes, and first finds out whether another
// process uses the name (NameConflict).
// Threads: The worker's thread makes all calls. Lifetime: It lives as long as its worker. Failure:
// MayJoin returns FailedPrecondition if another live process uses the worker's name and this
// process must end.
class Rejoin {
 public:
  // `context` must outlive the object.
  explicit Rejoin(const WorkerContext& context);

  // Called when the worker has joined or has tried to join.
  void OnJoin();
  // Called when the membership has ended with `error`.
  void OnLost(const absl::Status& error);
  // Returns true if the worker may join now. Each call takes only a short time.
  absl::StatusOr<bool> MayJoin();
  // Keeps up the part in the roll call. Called about once a second, also while the worker is a
  // member.
  void Poll();

  // Returns why the worker is not a member, for /readyz.
  std::string Reason() const;

 private:
  absl::StatusOr<std::vector<NameUser>> Others();

  const WorkerContext& context_;
  NameConflict conflict_;
  std::unique_ptr<RollCall> roll_call_;  // exists only for some time after a fence
  MonotonicTime fenced_;
  Backoff backoff_;
  MonotonicTime joined_;
  MonotonicTime not_before_ = MonotonicTime::InfinitePast();
  bool was_fenced_ = false;
  std::string error_;
};

}  // namespace picket::kafka
