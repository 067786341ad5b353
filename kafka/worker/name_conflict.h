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
//   - a member of a dead process: a predecessor whose last join arrived late, or a process that has
//     stopped since it took the name. It never joins again.
//   - a member of another live process. One of the two processes must end.
// The coordinator shows whose member it is, since each client id contains the id of its process.
//
// Of two processes, the elder is the one whose id is smaller (ProcessId). The elder takes the name
// back at once, any number of times, and never ends because of the other process. The other one,
// the newcomer, waits until the elder has had the name for ProofTime. Then it challenges the elder:
// it joins once more, which fences the elder's member. A live elder takes its name back, so the
// newcomer is fenced again, by a member of the elder with a new member id, and ends. If the elder
// has stopped, nobody answers the challenge, and the newcomer keeps the name. So of two processes
// exactly one ends, whichever of them is fenced first.
//
// The ids contain the times at which the processes started, by the clocks of their hosts. Both
// processes compare the same two ids, so exactly one ends whatever the clocks show. But if the
// clock of one host is wrong by more than the time between the two starts, the process that ends is
// the one that has run for longer.
//
// Threads: One thread uses it. Lifetime: One instance per worker. Failure: Without an answer from
// the coordinator there is no decision to end. The worker then joins again after a while.
class NameConflict {
 public:
  enum class Decision : uint8_t {
    kAskLater,   // ask the coordinator at next_question()
    kJoin,       // join again now
    kChallenge,  // join again now, to find out whether the process of holder() still runs
    kEnd,        // end the process; holder() is the member of the other process
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

  // The time for which an elder process must have the name before it is challenged. The group
  // removes a member of a dead process meanwhile, unless the session timeout is long. The limit
  // keeps the whole decision below two minutes for every session timeout.
  absl::Duration ProofTime() const;

 private:
  struct Challenge {
    MonotonicTime joined;   // the time of the join that was the challenge
    std::string member_id;  // the member that was challenged
  };

  bool IsAnsweredBy(const NameHolder& elder) const;

  const ProcessId own_;
  const absl::Duration session_timeout_;
  Backoff backoff_;  // between questions that are not answered
  MonotonicTime fenced_;
  MonotonicTime next_question_;
  std::optional<NameHolder> holder_;
  // The time since which every answer has shown an elder process. Empty before the first answer.
  std::optional<MonotonicTime> held_since_;
  // The beginning and the end of an unbroken sequence of answers.
  MonotonicTime answering_since_;
  MonotonicTime last_answer_;
  std::optional<Challenge> challenge_;  // the last challenge, kept over the fence that follows it
};

// Describes a holder for messages, such as "host 10.0.0.7, running since 2026-12-01T08:00:00Z,
// client id picket-…".
std::string DescribeHolder(const NameHolder& holder);

}  // namespace picket::kafka
