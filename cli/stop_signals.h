#pragma once

#include <stop_token>
#include <thread>

namespace picket {

// Turns SIGTERM and SIGINT into a stop request. A second signal ends the process at once. SIGPIPE
// is ignored.
// Threads: construct on the main thread before any other thread exists, because only threads that
// start later inherit the blocked signals. Lifetime: until the process ends.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  std::stop_token token() const { return source_.get_token(); }
  // Requests a stop as a signal does, for a command that ends by itself.
  void Stop() { source_.request_stop(); }

 private:
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace picket
