#include "cli/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>

#include "common/log.h"

namespace picket {

StopSignals::StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this, signals](const std::stop_token& ended) {
    const timespec wait{.tv_sec = 0, .tv_nsec = 100'000'000};
    while (!ended.stop_requested()) {
      const int number = sigtimedwait(&signals, nullptr, &wait);
      if (number < 0) continue;
      if (source_.stop_requested()) _exit(128 + number);
      LogInfo("stop_requested", {{"signal", number}});
      source_.request_stop();
    }
  });
}

StopSignals::~StopSignals() = default;

}  // namespace picket
