#pragma once

#include <sys/types.h>

#include <string>

#include "kafka/worker/workers.h"

namespace picket::kafka {

// The toy stage with one worker in its own process.
// Lifetime: the destructor kills the process.
class ToyProcess {
 public:
  // `crashes`: a message with the value "crash" ends the process.
  ToyProcess(const WorkerOptions& options, bool crashes);
  ~ToyProcess();

  // The step of its worker, or its last step if it has ended.
  WorkerStep step() const;
  // Stops it (SIGSTOP) while its worker is at `step`.
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
