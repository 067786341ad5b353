#pragma once

#include <sys/types.h>

#include <string>

#include "kafka/worker/workers.h"

namespace picket::kafka {

// A separate process that runs the toy stage with one worker.
// Lifetime: The destructor kills the process.
class ToyProcess {
 public:
  // If `crashes` is true, a message with the value "crash" ends the process.
  ToyProcess(const WorkerOptions& options, bool crashes);
  ~ToyProcess();

  // Returns the current step of the worker, or its last step if the process has ended.
  WorkerStep step() const;
  // Stops the process (SIGSTOP) while its worker is at `step`. Returns true if the process was
  // stopped at that step.
  bool StopAt(WorkerStep step);
  void Continue();
  bool HasEnded();
  // Sends SIGTERM and returns the exit status.
  int Terminate();

 private:
  int Wait();

  std::string step_file_;
  const unsigned char* steps_ = nullptr;
  pid_t pid_ = -1;
  int status_ = 0;
};

}  // namespace picket::kafka
