#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/stay_up/host_control.h"

namespace picket {

// Changes what a service sees of its host, namely the time of day and the target of connections to
// a port. The service must be started with Environment(). The changes take effect at once, even in
// a running service.
// Threads: Any thread may use it. Lifetime: The services may outlive this object, and then keep the
// last changes.
// Failure: Any error aborts the program.
class InterposedHost {
 public:
  // Creates the file `control_path`, which the services map into their memory.
  explicit InterposedHost(std::string control_path);
  ~InterposedHost();
  InterposedHost(const InterposedHost&) = delete;
  InterposedHost& operator=(const InterposedHost&) = delete;

  // Returns the environment variables for ChildProcess.
  std::vector<std::string> Environment() const;
  // Sets the difference between the time of day that the services see and the true time.
  void ShiftClock(absl::Duration shift);
  // Makes new connections to port `from` of any host go to port `to`.
  void Redirect(int from, int to);

 private:
  const std::string control_path_;
  HostControl* control_;
};

}  // namespace picket
