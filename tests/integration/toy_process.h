#pragma once

#include <sys/types.h>

#include <string>

#include "kafka/worker/worker.h"

namespace picket::kafka {

// The toy stage as a process of its own, one worker.
// Lifetime: killed in the destructor.
class ToyProcess {
 public:
  // `crashes`: a message of value "crash" ends it.
  ToyProcess(const WorkerOptions& options, bool crashes);
  ~ToyProcess();

  // Where its worker stands, or stood when it ended.
  WorkerStep step() const;
  // Stops it (SIGSTOP) while its worker stands at `step`.
  bool StopAt(WorkerStep step);
  void Continue();
  bool HasEnded();
  // SIGTERM; the exit status.
  int Terminate();

 private:
  int Wait();

  std::string step_file_;
  const unsigned char* steps_ = nullptr;
  pid_t pid_ = -1;
  int status_ = 0;
};

}  // namespace picket::kafka
