#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "kafka/worker/workers.h"
#include "tests/pipeline/child_process.h"

namespace picket {

// Reads the step file of another process (kafka/worker/worker_progress_file.h), which contains the
// current step of each worker. The process maps the file into memory, so the file still contains
// the last step after a kill.
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

// The number of kills at each step.
using KillCounts = std::map<kafka::WorkerStep, int>;

// Kills `process` with SIGKILL while one of its workers is at `step`. To do so, stops the process,
// checks whether the worker is still at the step, and only then kills the process. If no kill
// succeeds within `timeout`, lets the process continue and returns false.
bool KillAt(ChildProcess& process, const StepView& steps, kafka::WorkerStep step,
            absl::Duration timeout, KillCounts& counts);

}  // namespace picket
