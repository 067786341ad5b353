#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace picket {

// What SIGHUP does. A service reads its configuration again. Other commands end, because SIGHUP
// then means that their terminal was closed.
enum class Hangup { kEndsProcess, kRequestsReload };

// Blocks SIGHUP if the command line names a service. SIGHUP then does not end the process before a
// StopSignals object exists. Call this function first in main.
void BlockHangupOfServices(int argc, char** argv);

// Turns SIGTERM and SIGINT into a stop request and, with kRequestsReload, SIGHUP into a request to
// read the configuration again. A SIGTERM or SIGINT after a stop request ends the process at once.
// The process ignores SIGPIPE.
// Threads: construct this object on the main thread before any other thread starts, because only
// threads that start later inherit the blocked signals. Any thread may call the functions.
// Lifetime: the object should exist until the process ends, because the signals stay blocked after
// its destructor.
class StopSignals {
 public:
  explicit StopSignals(Hangup hangup = Hangup::kEndsProcess);
  ~StopSignals();

  std::stop_token token() const { return source_.get_token(); }
  // Requests a stop, as a signal does. A command that ends without a signal calls this function, so
  // that its other threads stop.
  void Stop() { source_.request_stop(); }

  // Waits until a SIGHUP arrives. Returns at once if one has arrived since the last call, and
  // several count as one. Returns false if a stop is requested.
  bool WaitForHangup(const std::stop_token& stop);

 private:
  std::stop_source source_;
  std::mutex mu_;
  std::condition_variable_any hangup_arrived_;
  bool has_hangup_ = false;  // guarded by `mu_`
  std::jthread thread_;
};

}  // namespace picket
