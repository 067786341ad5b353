#pragma once

#include <stop_token>
#include <thread>

namespace picket {

// Turns SIGTERM and SIGINT into a stop request; a second signal ends the process at once.
// Threads: construct on the main thread before any other thread exists (the signals are blocked in all threads that
// start later). Lifetime: until the process ends.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  std::stop_token token() const { return source_.get_token(); }
  // The same as a signal, for a command that ends by itself.
  void Stop() { source_.request_stop(); }

 private:
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace picket
