#include "cli/demo/demo_services.h"

#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "cli/services/service.h"
#include "common/file.h"
#include "common/free_port.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket {
namespace {

constexpr std::array<ServiceKind, 3> kKinds = {ServiceKind::kFetch, ServiceKind::kParse,
                                               ServiceKind::kDetect};
constexpr std::array<const char*, 3> kNames = {"fetch", "parse", "detect"};

class ServicesInProcess final : public DemoServices {
 public:
  absl::Status Start(const std::string& config_path, bool embedded) {
    const std::vector<std::string> faults = LoadPicketConfig(config_path, config_);
    if (!faults.empty()) return absl::InvalidArgumentError(faults.front());
    config_.kafka.is_embedded = embedded;
    for (size_t i = 0; i < kKinds.size(); ++i) {
      ASSIGN_OR_RETURN(services_[i], MakeService(kKinds[i], config_, {}, metrics_));
    }
    for (size_t i = 0; i < kKinds.size(); ++i) {
      threads_.emplace_back([this, i](const std::stop_token& stop) {
        const absl::Status status = services_[i]->Run(stop);
        MutexLock lock(mu_);
        if (!status.ok()) failure_ = absl::StrCat(kNames[i], ": ", status.message());
      });
    }
    return absl::OkStatus();
  }

  std::string WaitingFor() override {
    for (size_t i = 0; i < kKinds.size(); ++i) {
      const Readiness state = services_[i]->ReadinessNow();
      if (!state.ready) return absl::StrCat(kNames[i], ": ", state.reason);
    }
    return {};
  }
  std::string Failure() override {
    MutexLock lock(mu_);
    return failure_;
  }
  MetricsText ReadMetrics() override { return MetricsText(metrics_.Render()); }

 private:
  PicketConfig config_;
  Metrics metrics_;
  std::array<std::unique_ptr<Service>, 3> services_;
  Mutex mu_;
  std::string failure_ ABSL_GUARDED_BY(mu_);
  std::vector<std::jthread>
      threads_;  // declared last, so that the threads are joined before the services are destroyed
};

class ServiceProcesses final : public DemoServices {
 public:
  ~ServiceProcesses() override {
    for (const pid_t pid : pids_) {
      if (pid > 0) kill(pid, SIGTERM);
    }
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    for (pid_t& pid : pids_) {
      while (pid > 0 && waitpid(pid, nullptr, WNOHANG) == 0) {
        if (absl::Now() > deadline) kill(pid, SIGKILL);
        absl::SleepFor(absl::Milliseconds(20));
      }
    }
  }

  absl::Status Start(const std::string& folder, const std::string& config_text) {
    for (size_t i = 0; i < kNames.size(); ++i) {
      ASSIGN_OR_RETURN(ports_[i], FreePort());
      const std::string base = absl::StrCat(folder, "/", kNames[i]);
      logs_[i] = absl::StrCat(base, ".log");
      const std::string config_path = absl::StrCat(base, ".yaml");
      RETURN_IF_ERROR(WriteFile(
          config_path, absl::StrCat(config_text, "admin:\n  listen: 127.0.0.1:", ports_[i], "\n")));
      RETURN_IF_ERROR(Spawn(i, config_path));
    }
    return absl::OkStatus();
  }

  std::string WaitingFor() override {
    for (size_t i = 0; i < kNames.size(); ++i) {
      const httplib::Result answer = Client(i).Get("/readyz");
      if (answer == nullptr) return absl::StrCat(kNames[i], ": starting");
      if (answer->status != 200) {
        return absl::StrCat(kNames[i], ": ", ToAbsl(TrimBlanks(answer->body)));
      }
    }
    return {};
  }
  std::string Failure() override {
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (pids_[i] > 0 && waitpid(pids_[i], nullptr, WNOHANG) == pids_[i]) {
        pids_[i] = -1;
        return absl::StrCat(kNames[i], " has ended; its log is ", logs_[i]);
      }
    }
    return {};
  }
  MetricsText ReadMetrics() override {
    std::string pages;
    for (size_t i = 0; i < kNames.size(); ++i) {
      if (const httplib::Result answer = Client(i).Get("/metrics"); answer != nullptr) {
        absl::StrAppend(&pages, answer->body, "\n");
      }
    }
    return MetricsText(pages);
  }

 private:
  httplib::Client Client(size_t i) const { return httplib::Client("127.0.0.1", ports_[i]); }

  absl::Status Spawn(size_t i, const std::string& config_path) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logs_[i].c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    // StopSignals has blocked signals in this process. The new process must start with these
    // signals unblocked.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::array<std::string, 4> arguments = {"picket", kNames[i], "--config", config_path};
    std::array<char*, 5> argv = {arguments[0].data(), arguments[1].data(), arguments[2].data(),
                                 arguments[3].data(), nullptr};
    const int error =
        posix_spawn(&pids_[i], "/proc/self/exe", &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error == 0) return absl::OkStatus();
    pids_[i] = -1;
    return absl::InternalError(absl::StrCat("cannot start picket ", kNames[i], ": ",
                                            std::generic_category().message(error)));
  }

  std::array<pid_t, 3> pids_ = {-1, -1, -1};
  std::array<int, 3> ports_ = {};
  std::array<std::string, 3> logs_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DemoServices>> StartServicesInProcess(const std::string& config_path,
                                                                     bool embedded) {
  auto services = std::make_unique<ServicesInProcess>();
  RETURN_IF_ERROR(services->Start(config_path, embedded));
  return services;
}

absl::StatusOr<std::unique_ptr<DemoServices>> StartServiceProcesses(
    const std::string& folder, const std::string& config_text) {
  auto services = std::make_unique<ServiceProcesses>();
  RETURN_IF_ERROR(services->Start(folder, config_text));
  return services;
}

}  // namespace picket
