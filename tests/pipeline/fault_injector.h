#pragma once

#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kafka/worker/workers.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/step_killer.h"

namespace picket {

inline constexpr kafka::WorkerStep kKilledSteps[] = {
    kafka::WorkerStep::kPolling, kafka::WorkerStep::kProducing, kafka::WorkerStep::kOffsetsSent,
    kafka::WorkerStep::kCommitting, kafka::WorkerStep::kRestoring};

// Kills the processes of one stage, or stops them for a time (SIGSTOP). Counts the kills and the
// stops.
// Threads: One thread at a time uses it.
struct FaultInjector {
  std::string stage;
  std::vector<ServiceProcess*> processes;
  int kills_per_step = 5;
  int wanted_stops = 2;

  KillCounts tries;
  KillCounts kills;  // kills that succeeded because a worker reached the step in time
  std::vector<absl::Time> killed_at;
  int stops = 0;

  // Injects one fault. Usually, tries to kill a process at the step with the fewest tries so far.
  // Sometimes, stops a process for longer than the session timeout instead. The choice of the step
  // depends on the tries, not on the kills, because a worker on a loaded machine may not reach the
  // step in time. Such a step must not prevent kills at the other steps.
  void InjectFault(std::mt19937& random, absl::Duration session_timeout);
  // Fails the test and returns false if a process has ended by itself.
  bool ExpectRunning() const;
  bool HasEnoughFaults() const;
  // Prints the number of kills at each step and the number of stops. Fails the test if any of these
  // numbers is too low.
  void ExpectEnoughFaults() const;
};

}  // namespace picket
