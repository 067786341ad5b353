#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/pipeline/pipeline.h"

namespace picket {

// The services of a test. None of them may end by itself.
// Threads: One thread uses it.
class Fleet {
 public:
  void Add(ServiceProcess& service) { services_.push_back(&service); }
  const std::vector<ServiceProcess*>& services() const { return services_; }

  // Fails the test for each service that has ended by itself, and starts it again, as a supervisor
  // does. So the test also shows how later faults end.
  void ExpectRunning();
  // Repeats ExpectRunning for this time.
  void ExpectRunningFor(absl::Duration time);
  // Repeats ExpectRunning until the condition is true. Returns false after `timeout`.
  bool ExpectRunningUntil(absl::Duration timeout, const std::function<bool()>& condition);
  int ended() const { return ended_; }

 private:
  std::vector<ServiceProcess*> services_;
  int ended_ = 0;
};

// Returns the lines of a file that contain `text`, at most the last `limit`.
std::string LinesWith(const std::string& path, const std::string& text, size_t limit);

}  // namespace picket
