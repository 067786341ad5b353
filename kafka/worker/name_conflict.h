#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "kafka/io.h"
#include "kafka/process_id.h"

namespace picket::kafka {

// Decides what a worker does after the group has fenced it: whether it joins again, or whether its
// process must end because another process uses its name.
//
// A fence alone proves nothing. The member that now has the name can be
//   - a member of this process: an earlier join whose answer was lost, or the worker itself after a
//     late heartbeat of its own client. The worker joins again.
//   - a member of a dead process: a predecessor whose last join arrived late. It sends no
//     heartbeats, so the group removes it after its session timeout. The worker waits for that.
//   - a member of another live process. The process that started later must end.
// The coordinator shows whose member it is, since each client id contains the id of its process.
//
// The process that started first takes the name back at once. It never ends because of the other
// process. The process that started later ends when the other process has kept the name for longer
// than a dead member can. So of two processes exactly one ends, whichever of them is fenced first.
//
// Threads: One thread uses it. Lifetime: One instance per worker. Failure: Without an answer from
// the coordinator there is no decision to end. The worker then joins again after a while.
class NameConflict {
 public:
  enum class Decision : uint8_t {
    kAskLater,  // ask the coordinator at next_question()
    kJoin,      // join again now
    kEnd,       // end the process; holder() is the member of the other process
  };

  NameConflict(const ProcessId& own, absl::Duration session_timeout, uint64_t random_seed);

  // Begins a new investigation. Called when the group has fenced the worker.
  void OnFenced(MonotonicTime now);
  // Returns the time at which the coordinator should be asked.
  MonotonicTime next_question() const { return next_question_; }
  // Decides with the coordinator's answer, or with an error status if there was no answer.
  Decision Decide(const absl::StatusOr<NameReport>& report, MonotonicTime now);

  // Returns the last known member of another process. Returns nothing if no other process is known.
  const std::optional<NameHolder>& holder() const { return holder_; }

  // The time for which another process must keep the name before it counts as alive.
  absl::Duration ProofTime() const { return session_timeout_ * 2 + absl::Seconds(2); }

 private:
  bool IsSameProcess(const NameHolder& other) const;

  const ProcessId own_;
  const absl::Duration session_timeout_;
  Backoff backoff_;  // between questions that are not answered
  MonotonicTime fenced_;
  MonotonicTime next_question_;
  std::optional<NameHolder> holder_;
  // The beginning and the end of the time during which every answer showed the same process, in a
  // group without a rebalance.
  MonotonicTime held_since_;
  MonotonicTime last_answer_;
};

// Describes a holder for messages, such as "host 10.0.0.7, running since 2026-12-01T08:00:00Z,
// client id picket-…".
std::string DescribeHolder(const NameHolder& holder);

}  // namespace picket::kafka
