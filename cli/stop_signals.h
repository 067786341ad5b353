#pragma once

#include <stop_token>
#include <thread>

namespace picket {

// Turns SIGTERM and SIGINT into a stop request. A second signal ends the process at once. SIGPIPE
// is ignored.
// Threads: construct this object on the main thread before any other thread starts. The constructor
// blocks the signals in its thread, and later threads inherit this. A thread that already runs
// would still be ended by a signal. Lifetime: the object must exist until the process ends.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  std::stop_token token() const { return source_.get_token(); }
  // Requests a stop, as a signal does. A command that ends without a signal calls this function, so
  // that its other threads stop.
  void Stop() { source_.request_stop(); }

 private:
  std::stop_source source_;
  std::jthread thread_;
};

}  // namespace picket
