#pragma once

#include <stop_token>
#include <thread>

namespace picket {

// Turns SIGTERM and SIGINT into a stop request. A second signal ends the process at once. SIGPIPE
// is ignored.
// Threads: construct this object on the main thread before any other thread starts, because only
// threads that start later inherit the blocked signals. Lifetime: the object must exist until the
// process ends.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  std::stop_token token() const { return source_.get_token(); }
  // Requests a stop, as a signal does. Commands that end by themselves call this function.
  void Stop() { source_.request_stop(); }

 private:
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace picket
