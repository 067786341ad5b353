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

// Kills and stops the processes of one stage, and counts how often it has done so.
// Threads: one at a time.
struct FaultInjector {
  std::string stage;
  std::vector<ServiceProcess*> processes;
  int kills_per_step = 5;
  int wanted_stops = 2;

  KillCounts tries;
  KillCounts kills;  // tries in which a worker reached the step
  std::vector<absl::Time> killed_at;
  int stops = 0;

  // Injects one fault: usually a kill at the step that was tried least, sometimes a stop that is
  // longer than the session. The tries decide, not the kills: a step that a loaded machine does not
  // reach in time must not keep the other steps from their turn.
  void InjectFault(std::mt19937& random, absl::Duration session_timeout);
  // Fails the test and returns false if a process has ended by itself.
  bool ExpectRunning() const;
  bool HasEnoughFaults() const;
  // Prints the number of kills in each step. Fails the test if there were too few.
  void ExpectEnoughFaults() const;
};

}  // namespace picket
