#include "tests/integration/toy_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "gtest/gtest.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {

ToyProcess::ToyProcess(const WorkerOptions& options, bool crashes) {
  step_file_ = absl::StrCat(testing::TempDir(), "/", options.kafka.instance, ".steps");
  const int file = ::open(step_file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  PICKET_CHECK(file >= 0 && ::ftruncate(file, 1) == 0);
  void* const mapped = ::mmap(nullptr, 1, PROT_READ, MAP_SHARED, file, 0);
  PICKET_CHECK(mapped != MAP_FAILED);
  ::close(file);
  steps_ = static_cast<const unsigned char*>(mapped);

  std::vector<std::string> arguments = {TOY_WORKER,
                                        options.kafka.bootstrap_servers,
                                        options.topics.prefix,
                                        absl::StrCat(options.topics.partitions),
                                        options.kafka.instance,
                                        step_file_,
                                        crashes ? "crash" : "no"};
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  PICKET_CHECK(::posix_spawn(&pid_, TOY_WORKER, nullptr, nullptr, pointers.data(), environ) == 0);
}

ToyProcess::~ToyProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    Wait();
  }
  ::munmap(const_cast<unsigned char*>(steps_), 1);
  ::unlink(step_file_.c_str());
}

WorkerStep ToyProcess::step() const {
  return static_cast<WorkerStep>(*static_cast<const volatile unsigned char*>(steps_));
}

bool ToyProcess::StopAt(WorkerStep wanted) {
  return WaitFor([&] {
    if (step() != wanted) return false;
    ::kill(pid_, SIGSTOP);
    int status = 0;
    PICKET_CHECK(::waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status));
    if (step() == wanted) return true;
    ::kill(pid_, SIGCONT);
    return false;
  });
}

void ToyProcess::Continue() { ::kill(pid_, SIGCONT); }

bool ToyProcess::HasEnded() {
  if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ <= 0;
}

int ToyProcess::Terminate() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  return Wait();
}

int ToyProcess::Wait() {
  if (pid_ > 0) {
    ::waitpid(pid_, &status_, 0);
    pid_ = -1;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

}  // namespace picket::kafka
