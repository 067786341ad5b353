#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace picket {

// A program that a test starts, stops, continues and kills. The program's output is appended to a
// file.
// Threads: One thread uses it. Lifetime: The destructor kills the process if it is still running.
class ChildProcess {
 public:
  // `arguments[0]` is the program's path. `environment` is added to the environment of the test.
  ChildProcess(std::vector<std::string> arguments, std::string log_path,
               std::vector<std::string> environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Start();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }

  void Signal(int number);
  // Sends SIGKILL and waits for the process to end.
  void Kill();
  // Waits for the process to end. Returns the exit status, or 128 + n if signal n ended the
  // process, or nullopt if the process is still running after `timeout`.
  std::optional<int> Wait(absl::Duration timeout);

  // Returns the CPU time that the running process has used so far, in seconds.
  double CpuSeconds() const;

  const std::string& log_path() const { return log_path_; }

 private:
  std::vector<std::string> arguments_;
  std::string log_path_;
  std::vector<std::string> environment_;
  pid_t pid_ = -1;
};

// Returns the path of the `picket` binary of this build.
std::string PicketBinary();

}  // namespace picket
