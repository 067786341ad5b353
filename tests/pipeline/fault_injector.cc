#include "tests/pipeline/fault_injector.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "absl/time/clock.h"

namespace picket {
namespace {

int CountAt(const KillCounts& kills, kafka::WorkerStep step) {
  const auto found = kills.find(step);
  return found == kills.end() ? 0 : found->second;
}

kafka::WorkerStep LeastTried(const KillCounts& tries) {
  kafka::WorkerStep least = kKilledSteps[0];
  for (const kafka::WorkerStep step : kKilledSteps) {
    if (CountAt(tries, step) < CountAt(tries, least)) least = step;
  }
  return least;
}

}  // namespace

void FaultInjector::InjectFault(std::mt19937& random, absl::Duration session_timeout) {
  ServiceProcess& victim = *processes[random() % processes.size()];
  if (stops < wanted_stops && random() % 8 == 0) {
    victim.process->Signal(SIGSTOP);
    // While the process is stopped, other processes take over its partitions.
    absl::SleepFor(session_timeout + absl::Seconds(2));
    victim.process->Signal(SIGCONT);
    ++stops;
    return;
  }
  const kafka::WorkerStep step = LeastTried(tries);
  ++tries[step];
  absl::Duration patience = absl::Seconds(5);
  if (step == kafka::WorkerStep::kRestoring) {
    // The process is restarted first, because a process restores the state of its partitions after
    // a start. If the group is rebalancing, the new process may get its partitions only after the
    // session timeout.
    victim.process->Kill();
    victim.process->Start();
    patience += session_timeout;
  }
  if (KillAt(*victim.process, *victim.steps, step, patience, kills)) {
    killed_at.push_back(absl::Now());
    victim.process->Start();
  }
}

bool FaultInjector::ExpectRunning() const {
  for (ServiceProcess* service : processes) {
    const std::optional<int> ended = service->process->Wait(absl::ZeroDuration());
    if (!ended.has_value()) continue;
    ADD_FAILURE() << service->stage << " " << service->instance << " ended by itself with "
                  << *ended << ", see " << service->process->log_path();
    return false;
  }
  return true;
}

bool FaultInjector::HasEnoughFaults() const {
  if (stops < wanted_stops) return false;
  for (const kafka::WorkerStep step : kKilledSteps) {
    if (CountAt(kills, step) < kills_per_step) return false;
  }
  return true;
}

void FaultInjector::ExpectEnoughFaults() const {
  std::printf("%-7s", stage.c_str());
  for (const kafka::WorkerStep step : kKilledSteps) {
    std::printf("  %s %d", std::string(StepName(step)).c_str(), CountAt(kills, step));
    EXPECT_GE(CountAt(kills, step), kills_per_step) << stage << " at " << StepName(step);
  }
  std::printf("  stopped and continued %d\n", stops);
  EXPECT_GE(stops, wanted_stops) << stage;
}

}  // namespace picket
