#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace picket {

// A program that a test starts, stops, continues and kills. Its output goes to a file, which a
// failing test prints.
// Threads: one. Lifetime: the destructor kills the process if it still runs.
class ChildProcess {
 public:
  // `arguments[0]` is the program's path. `environment` is added to that of the test.
  ChildProcess(std::vector<std::string> arguments, std::string log_path,
               std::vector<std::string> environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Start();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }

  void Signal(int number);
  // Sends SIGKILL and waits for the end.
  void Kill();
  // Waits for the end of the process. Returns its exit status, 128 + n after signal n, or an empty
  // optional if it still runs after `timeout`.
  std::optional<int> Wait(absl::Duration timeout);

  const std::string& log_path() const { return log_path_; }

 private:
  std::vector<std::string> arguments_;
  std::string log_path_;
  std::vector<std::string> environment_;
  pid_t pid_ = -1;
};

// The `picket` binary of this build.
std::string PicketBinary();

}  // namespace picket
