#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "kafka/worker/worker.h"
#include "tests/pipeline/child_process.h"

namespace picket {

// The step file of a process (kafka/worker/step_file.h), seen from outside: mapped, so that it tells where each worker stood even after a kill.
class StepView {
 public:
  StepView(const std::string& path, int workers);
  ~StepView();
  StepView(const StepView&) = delete;
  StepView& operator=(const StepView&) = delete;

  kafka::WorkerStep At(int worker) const;
  int workers() const { return workers_; }

 private:
  int workers_;
  const volatile unsigned char* bytes_;
};

std::string_view StepName(kafka::WorkerStep step);

// How many kills fell into which step.
using KillCounts = std::map<kafka::WorkerStep, int>;

// Kills `process` with SIGKILL while one of its workers stands at `step`: stops it first, looks whether it still stands
// there, and only then kills. False when that did not come about within `timeout`; the process then runs on.
bool KillAt(ChildProcess& process, const StepView& steps, kafka::WorkerStep step,
            absl::Duration timeout, KillCounts& counts);

}  // namespace picket
