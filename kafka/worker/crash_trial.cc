#include "kafka/worker/crash_trial.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <new>

#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"

namespace picket::kafka {
namespace {

// Memory that the child writes and the parent reads.
struct Progress {
  std::atomic<size_t> current{0};
};

[[noreturn]] void RunChild(size_t count, Progress& progress,
                           const std::function<void(size_t)>& step) {
  // A crash must end the child at once, without a core dump and without the parent's handlers.
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const int fault : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) ::signal(fault, SIG_DFL);
  for (size_t i = 0; i < count; ++i) {
    progress.current.store(i);
    step(i);
  }
  ::_exit(0);
}

}  // namespace

std::optional<size_t> FindCrash(size_t count, absl::Duration limit,
                                const std::function<void(size_t)>& step) {
  void* const shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return std::nullopt;
  auto* const progress = new (shared) Progress;

  std::optional<size_t> crashed;
  const pid_t child = ::fork();
  if (child == 0) RunChild(count, *progress, step);
  if (child < 0) {
    LogWarning("crash_trial_failed", {{"error", ErrnoText(errno)}});
  } else {
    size_t seen = 0;
    // Uses the real clock, because the child is a real process.
    const SystemClock clock;
    MonotonicTime since = clock.MonotonicNow();
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      const size_t now_at = progress->current.load();
      if (now_at != seen) {
        seen = now_at;
        since = clock.MonotonicNow();
      } else if (clock.MonotonicNow() - since > limit) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        break;
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) crashed = progress->current.load();
  }
  ::munmap(shared, sizeof(Progress));
  return crashed;
}

}  // namespace picket::kafka
