#include "tests/pipeline/suffering.h"

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

void Suffering::Strike(std::mt19937& random, absl::Duration session_timeout) {
  ServiceProcess& victim = *processes[random() % processes.size()];
  if (stops < stops_wanted && random() % 8 == 0) {
    victim.process->Signal(SIGSTOP);
    absl::SleepFor(session_timeout + absl::Seconds(2));  // others take its partitions
    victim.process->Signal(SIGCONT);
    ++stops;
    return;
  }
  const kafka::WorkerStep step = LeastTried(tries);
  ++tries[step];
  absl::Duration patience = absl::Seconds(5);
  if (step == kafka::WorkerStep::kRestoring) {
    // It restores only after a start, once the group has given up the one that was killed.
    victim.process->Kill();
    victim.process->Start();
    patience += session_timeout;
  }
  if (KillAt(*victim.process, *victim.steps, step, patience, kills)) {
    killed_at.push_back(absl::Now());
    victim.process->Start();
  }
}

bool Suffering::ExpectRunning() const {
  for (ServiceProcess* service : processes) {
    const std::optional<int> ended = service->process->Wait(absl::ZeroDuration());
    if (!ended.has_value()) continue;
    ADD_FAILURE() << service->stage << " " << service->instance << " ended by itself with "
                  << *ended << ", see " << service->process->log_path();
    return false;
  }
  return true;
}

bool Suffering::Enough() const {
  if (stops < stops_wanted) return false;
  for (const kafka::WorkerStep step : kKilledSteps) {
    if (CountAt(kills, step) < kills_a_step) return false;
  }
  return true;
}

void Suffering::ExpectEnough() const {
  std::printf("%-7s", stage.c_str());
  for (const kafka::WorkerStep step : kKilledSteps) {
    std::printf("  %s %d", std::string(StepName(step)).c_str(), CountAt(kills, step));
    EXPECT_GE(CountAt(kills, step), kills_a_step) << stage << " at " << StepName(step);
  }
  std::printf("  stopped and continued %d\n", stops);
  EXPECT_GE(stops, stops_wanted) << stage;
}

}  // namespace picket
