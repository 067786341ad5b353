#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
//     late heartbeat of its own client.
//   - a member of a dead predecessor whose last join arrived late.
//   - a member of another live process. One of the two processes must end.
// So every fenced process takes part in a roll call of its name (RollCall), where two processes of
// one name soon find each other: the join of one fences the other, which then takes part as well.
//
// Of two processes, the elder is the one whose id is smaller (ProcessId). It joins again at once,
// any number of times. The other one, the newcomer, stays outside the group and ends if the elder
// takes part for ProofTime without a break. A dead process disappears from the roll call before
// that, so its last member ends nothing. If nobody else takes part, the worker joins again, but
// only kUntilOthersAppear after its previous join: the process that this join has fenced needs some
// time to take part.
//
// The ids contain the times at which the processes started, by the clocks of their hosts. Both
// processes compare the same two ids, so exactly one ends whatever the clocks show. But if the
// clock of one host is wrong by more than the time between the two starts, the process that ends is
// the one that has run for longer.
//
// Threads: One thread uses it. Lifetime: One instance per worker. Failure: Without an answer about
// the roll call there is no decision to end. The worker then joins again after a while.
class NameConflict {
 public:
  enum class Decision : uint8_t {
    kAskLater,  // ask at next_question() who takes part
    kJoin,      // join again now
    kEnd,       // end the process; other() is the other process
  };

  static constexpr absl::Duration kUntilOthersAppear = absl::Seconds(10);

  NameConflict(const ProcessId& own, absl::Duration session_timeout, uint64_t random_seed);

  // Called when the worker has joined the group or has tried to join.
  void OnJoin(MonotonicTime now) { joined_ = now; }
  // Begins a new investigation. Called when the group has fenced the worker.
  void OnFenced(MonotonicTime now);
  // Returns the time of the next question.
  MonotonicTime next_question() const { return next_question_; }
  // Decides with the processes that take part besides this one, or with an error status if there
  // was no answer.
  Decision Decide(const absl::StatusOr<std::vector<NameUser>>& others, MonotonicTime now);

  // Returns the other process that the last answer has shown, if there is one.
  const std::optional<NameUser>& other() const { return other_; }

  // The time for which an elder process must take part. It is longer than the session timeout of
  // the roll call, after which a dead process disappears.
  absl::Duration ProofTime() const;

 private:
  const ProcessId own_;
  const absl::Duration session_timeout_;
  Backoff backoff_;  // between questions that are not answered
  MonotonicTime joined_ = MonotonicTime::InfinitePast();
  MonotonicTime next_question_;
  MonotonicTime last_answer_;
  std::optional<NameUser> other_;
  // The time since which all answers have shown the elder other_. Empty if other_ is no elder.
  std::optional<MonotonicTime> elder_since_;
};

// Describes a process for messages, such as "host 10.0.0.7, running since 2026-12-01T08:00:00Z".
std::string DescribeUser(const NameUser& user);

}  // namespace picket::kafka
