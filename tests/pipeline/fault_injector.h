#pragma once

#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kafka/worker/worker.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/step_killer.h"

namespace picket {

inline constexpr kafka::WorkerStep kKilledSteps[] = {
    kafka::WorkerStep::kPolling, kafka::WorkerStep::kProducing, kafka::WorkerStep::kOffsetsSent,
    kafka::WorkerStep::kCommitting, kafka::WorkerStep::kRestoring};

// What the processes of one stage suffer, and how much of it they are to suffer.
// Threads: one at a time.
struct Suffering {
  std::string stage;
  std::vector<ServiceProcess*> processes;
  int kills_a_step = 5;
  int stops_wanted = 2;

  KillCounts tries;
  KillCounts kills;  // the tries that found their step
  std::vector<absl::Time> killed_at;
  int stops = 0;

  // One act: mostly a kill at the step that was tried least, now and then a stop that outlasts the session. One that a
  // loaded machine does not reach in time must not keep the others from their turn while records flow.
  void Strike(std::mt19937& random, absl::Duration session_timeout);
  // Fails the test where a process ended by itself; false then.
  bool ExpectRunning() const;
  bool Enough() const;
  // The kills of each step on standard output; fails the test where there were too few.
  void ExpectEnough() const;
};

}  // namespace picket
