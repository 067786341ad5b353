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

// Kills and stops the processes of one stage, and counts the kills and stops.
// Threads: one at a time.
struct FaultInjector {
  std::string stage;
  std::vector<ServiceProcess*> processes;
  int kills_per_step = 5;
  int wanted_stops = 2;

  KillCounts tries;
  KillCounts kills;  // successful kills, for which a worker reached the step
  std::vector<absl::Time> killed_at;
  int stops = 0;

  // Injects one fault. Usually, the fault is a kill at the step with the fewest tries. Sometimes,
  // the fault is a stop that is longer than the session timeout. The step is chosen by the number
  // of tries, not by the number of kills. On a loaded machine, a worker may not reach a step in
  // time, and such a step must not prevent kills at the other steps.
  void InjectFault(std::mt19937& random, absl::Duration session_timeout);
  // Fails the test and returns false if a process has ended by itself.
  bool ExpectRunning() const;
  bool HasEnoughFaults() const;
  // Prints the number of kills at each step and the number of stops. Fails the test if any of these
  // numbers is too low.
  void ExpectEnoughFaults() const;
};

}  // namespace picket
