#include "tests/pipeline/step_killer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/time/clock.h"
#include "common/check.h"

namespace picket {

StepView::StepView(const std::string& path, int workers) : workers_(workers) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  PICKET_CHECK(file >= 0);
  PICKET_CHECK(ftruncate(file, workers) == 0);
  void* const address = mmap(nullptr, workers, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  PICKET_CHECK(address != MAP_FAILED);
  bytes_ = static_cast<const volatile unsigned char*>(address);
}

StepView::~StepView() { munmap(const_cast<unsigned char*>(bytes_), workers_); }

kafka::WorkerStep StepView::At(int worker) const {
  return static_cast<kafka::WorkerStep>(bytes_[worker]);
}

std::string_view StepName(kafka::WorkerStep step) {
  switch (step) {
    case kafka::WorkerStep::kStarting:
      return "starting";
    case kafka::WorkerStep::kPolling:
      return "polling";
    case kafka::WorkerStep::kProducing:
      return "producing";
    case kafka::WorkerStep::kOffsetsSent:
      return "offsets sent";
    case kafka::WorkerStep::kCommitting:
      return "committing";
    case kafka::WorkerStep::kRestoring:
      return "restoring";
    case kafka::WorkerStep::kStopped:
      return "stopped";
  }
  return "unknown";
}

bool KillAt(ChildProcess& process, const StepView& steps, kafka::WorkerStep step,
            absl::Duration timeout, KillCounts& counts) {
  const auto is_at_step = [&] {
    for (int worker = 0; worker < steps.workers(); ++worker) {
      if (steps.At(worker) == step) return true;
    }
    return false;
  };
  const absl::Time deadline = absl::Now() + timeout;
  while (absl::Now() < deadline) {
    if (!is_at_step()) {
      absl::SleepFor(absl::Microseconds(50));
      continue;
    }
    process.Signal(SIGSTOP);
    int status = 0;
    PICKET_CHECK(waitpid(process.pid(), &status, WUNTRACED) == process.pid());
    PICKET_CHECK(WIFSTOPPED(status));  // the process must not have ended by itself
    if (is_at_step()) {
      process.Kill();
      ++counts[step];
      return true;
    }
    process.Signal(SIGCONT);
  }
  return false;
}

}  // namespace picket
