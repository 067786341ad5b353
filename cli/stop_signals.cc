#include "cli/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>
#include <string_view>

#include "common/log.h"

namespace picket {

void BlockHangupOfServices(int argc, char** argv) {
  if (argc < 2) return;
  const std::string_view command = argv[1];
  if (command != "fetch" && command != "parse" && command != "detect") return;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::StopSignals(Hangup hangup) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (hangup == Hangup::kRequestsReload) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this, signals](const std::stop_token& ended) {
    const timespec wait{.tv_sec = 0, .tv_nsec = 100'000'000};
    while (!ended.stop_requested()) {
      const int number = sigtimedwait(&signals, nullptr, &wait);
      if (number < 0) continue;
      if (number == SIGHUP) {
        const std::lock_guard lock(mu_);
        has_hangup_ = true;
        hangup_arrived_.notify_all();
        continue;
      }
      if (source_.stop_requested()) _exit(128 + number);
      LogInfo("stop_requested", {{"signal", number}});
      source_.request_stop();
    }
  });
}

StopSignals::~StopSignals() = default;

bool StopSignals::WaitForHangup(const std::stop_token& stop) {
  std::unique_lock lock(mu_);
  if (!hangup_arrived_.wait(lock, stop, [this] { return has_hangup_; })) return false;
  has_hangup_ = false;
  return true;
}

}  // namespace picket
