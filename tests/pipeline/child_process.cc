#include "tests/pipeline/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/check.h"

namespace picket {

ChildProcess::ChildProcess(std::vector<std::string> arguments, std::string log_path,
                           std::vector<std::string> environment)
    : arguments_(std::move(arguments)),
      log_path_(std::move(log_path)),
      environment_(std::move(environment)) {}

ChildProcess::~ChildProcess() {
  if (running()) Kill();
}

void ChildProcess::Start() {
  PICKET_CHECK(!running());
  std::vector<char*> argv;
  for (std::string& argument : arguments_) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
  for (std::string& entry : environment_) envp.push_back(entry.data());
  envp.push_back(nullptr);

  pid_ = fork();
  PICKET_CHECK(pid_ >= 0);
  if (pid_ > 0) return;
  // Between fork and exec, only async-signal-safe calls are allowed in the child.
  const int log = open(log_path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

void ChildProcess::Signal(int number) {
  PICKET_CHECK(running());
  kill(pid_, number);
}

void ChildProcess::Kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::optional<int> ChildProcess::Wait(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (absl::Now() > deadline) return std::nullopt;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

double ChildProcess::CpuSeconds() const {
  std::ifstream file(absl::StrCat("/proc/", pid_, "/stat"));
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string PicketBinary() {
  // The binary is in the folder of this program or in a parent folder. This program is in a folder
  // such as build/<preset>/tests/pipeline.
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (std::filesystem::is_regular_file(folder / "picket")) return (folder / "picket").string();
  }
  PICKET_CHECK(!"the binary `picket` is not built");
  return {};
}

}  // namespace picket
