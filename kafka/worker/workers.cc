#include "kafka/worker/workers.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "common/backoff.h"
#include "common/error.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "kafka/connection_error.h"
#include "kafka/worker/crash_trial.h"
#include "kafka/worker/librdkafka_clients.h"
#include "kafka/worker/topic_watch.h"
#include "kafka/worker/worker_loop.h"
#include "kafka/worker/worker_metrics.h"
#include "kafka/worker/worker_progress_file.h"
#include "kafka/worker/worker_readiness.h"

namespace picket::kafka {
namespace {

// The longest interval between two checks of the topics while a difference blocks the service.
constexpr absl::Duration kBlockedCheckInterval = absl::Seconds(5);

// The maximum time that a check of the topics waits for a broker. A stop may be delayed by this
// time.
constexpr absl::Duration kBrokerTimeout = absl::Seconds(3);

}  // namespace

struct Workers::Impl {
  Impl(WorkerOptions worker_options, StageFactory stage_factory, Metrics& process_metrics,
       std::unique_ptr<KafkaClients> clients_owned, KafkaClients* clients_borrowed,
       Clock* clock_borrowed)
      : options(std::move(worker_options)),
        factory(std::move(stage_factory)),
        metrics(process_metrics),
        board(options.workers),
        own_clients(std::move(clients_owned)),
        clients(clients_borrowed != nullptr ? *clients_borrowed : *own_clients),
        clock(clock_borrowed != nullptr ? *clock_borrowed : own_clock),
        process(MakeProcessId(clock.Now())),
        topics(clients, options.uses.empty() ? AllTopicUses() : options.uses,
               options.kafka.bootstrap_servers, metrics) {}

  // Returns Ok as soon as the stage can use its topics, Cancelled if a stop is requested, or
  // another error if an operator must act.
  absl::Status WaitForTopics(std::stop_token stop) {
    Backoff backoff(absl::Milliseconds(500), absl::Seconds(10));
    while (!stop.stop_requested()) {
      const absl::Status status = topics.Check(kBrokerTimeout);
      if (!status.ok() && !IsRetryable(status)) return status;
      if (status.ok() && topics.MayStart()) return status;
      if (!status.ok()) {
        const std::string reason = absl::StrCat("broker unreachable: ", status.message());
        for (int worker = 0; worker < options.workers; ++worker) board.Set(worker, reason);
        LogWarning("topics_check_failed",
                   {{"servers", options.kafka.bootstrap_servers}, {"error", status}});
      }
      clock.Wait(backoff.Next(), stop);
    }
    return absl::CancelledError("a stop was requested");
  }

  // Runs workers until a restart or a stop is requested, or until a worker ends by itself.
  absl::Status RunWorkers(const std::stop_token& stop, WorkerProgressFile* steps, bool is_restart);

  // Checks the topics of the running workers until `stop_all` is requested. Calls `fail` if an
  // operator must act.
  void WatchTopics(const std::stop_token& stop_all, bool checks_at_once,
                   const std::function<void(const absl::Status&)>& fail);

  // Returns the time until the next check of the topics of the running service.
  absl::Duration CheckInterval() const {
    return topics.WhyNotReady().empty()
               ? options.topics.check_interval
               : std::min(options.topics.check_interval, kBlockedCheckInterval);
  }

  const WorkerOptions options;
  const StageFactory factory;
  Metrics& metrics;
  WorkerReadiness board;
  SystemClock own_clock;
  const std::unique_ptr<KafkaClients> own_clients;
  KafkaClients& clients;
  Clock& clock;
  const ProcessId process;
  TopicWatch topics;

  Mutex mu;
  std::stop_source restart ABSL_GUARDED_BY(mu);     // ends the workers that run now
  std::stop_source check_soon ABSL_GUARDED_BY(mu);  // ends the wait between two checks
};

absl::Status Workers::Impl::RunWorkers(const std::stop_token& stop, WorkerProgressFile* steps,
                                       bool is_restart) {
  // A worker that ends by itself ends all workers, since it ends only if an operator must act.
  std::stop_source stop_all;
  {
    MutexLock lock(mu);
    restart = stop_all;
  }
  const std::stop_callback forward(stop, [&stop_all] { stop_all.request_stop(); });
  Mutex failure_mu;
  absl::Status first_failure;
  const auto fail = [&](const absl::Status& status) {
    MutexLock lock(failure_mu);
    if (first_failure.ok()) first_failure = status;
    stop_all.request_stop();
  };
  if (is_restart) {
    for (int number = 0; number < options.workers; ++number) {
      board.Set(number, "its Kafka clients are being replaced");
    }
  }
  std::unique_ptr<WorkerMetrics> worker_metrics;
  std::vector<std::unique_ptr<WorkerLoop>> loops;
  for (int number = 0; number < options.workers; ++number) {
    std::unique_ptr<Stage> stage = factory(number);
    if (worker_metrics == nullptr) {
      worker_metrics = std::make_unique<WorkerMetrics>(metrics, stage->spec().name,
                                                       stage->spec().input, options.topics.prefix);
    }
    loops.push_back(std::make_unique<WorkerLoop>(
        options, number, std::move(stage), WorkerEnvironment{clients, clock, FindCrash, process},
        *worker_metrics, board, steps));
  }
  std::vector<std::jthread> threads;
  for (const auto& loop : loops) {
    threads.emplace_back([&loop, &fail, &stop_all, is_restart] {
      const absl::Status status =
          loop->Run(stop_all.get_token(),
                    is_restart ? WorkerLoop::Begin::kRetries : WorkerLoop::Begin::kReportsErrors);
      if (!status.ok()) fail(status);
    });
  }
  WatchTopics(stop_all.get_token(), is_restart, fail);
  threads.clear();  // waits for the workers
  return first_failure;
}

void Workers::Impl::WatchTopics(const std::stop_token& stop_all, bool checks_at_once,
                                const std::function<void(const absl::Status&)>& fail) {
  bool is_due = checks_at_once;
  while (!stop_all.stop_requested()) {
    if (is_due) {
      // Other errors say that the check was not possible. The workers notice themselves whether
      // they can reach the cluster.
      const absl::Status status = topics.Check(kBrokerTimeout);
      if (absl::IsFailedPrecondition(status)) fail(status);
      if (!status.ok()) LogDebug("topics_not_checked", {{"error", status}});
    }
    std::stop_source end_of_wait;
    {
      MutexLock lock(mu);
      check_soon = end_of_wait;
    }
    const std::stop_callback forward(stop_all, [&end_of_wait] { end_of_wait.request_stop(); });
    // The uses may have changed before `check_soon` was set.
    clock.Wait(topics.HasUncheckedUses() ? absl::ZeroDuration() : CheckInterval(),
               end_of_wait.get_token());
    is_due = true;
  }
}

Workers::Workers(WorkerOptions options, StageFactory factory, Metrics& metrics) {
  auto clients = std::make_unique<LibrdkafkaClients>(options.kafka, options.topics);
  impl_ = std::make_unique<Impl>(std::move(options), std::move(factory), metrics,
                                 std::move(clients), nullptr, nullptr);
}

Workers::Workers(WorkerOptions options, StageFactory factory, Metrics& metrics,
                 KafkaClients& clients, Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(factory), metrics, nullptr,
                                   &clients, &clock)) {}

Workers::~Workers() = default;

absl::Status Workers::Run(const std::stop_token& stop) {
  for (const std::string& warning : ConnectionWarnings(impl_->options.kafka)) {
    LogWarning("kafka_login_may_fail", {{"reason", warning}});
  }
  if (const absl::Status status = impl_->WaitForTopics(stop); !status.ok()) {
    return absl::IsCancelled(status) ? absl::OkStatus() : status;
  }
  std::unique_ptr<WorkerProgressFile> steps;
  if (!impl_->options.progress_file.empty()) {
    ASSIGN_OR_RETURN(
        steps, WorkerProgressFile::Open(impl_->options.progress_file, impl_->options.workers));
  }

  for (bool is_restart = false;; is_restart = true) {
    const absl::Status status = impl_->RunWorkers(stop, steps.get(), is_restart);
    if (!status.ok() || stop.stop_requested()) return status;
    LogInfo("kafka_clients_replaced");
  }
}

void Workers::Restart() {
  std::stop_source restart(std::nostopstate);
  {
    MutexLock lock(impl_->mu);
    restart = impl_->restart;
  }
  restart.request_stop();
}

void Workers::SetUses(std::vector<TopicUse> uses) {
  impl_->topics.SetUses(std::move(uses));
  std::stop_source check_soon(std::nostopstate);
  {
    MutexLock lock(impl_->mu);
    check_soon = impl_->check_soon;
  }
  check_soon.request_stop();
}

Readiness Workers::ReadinessNow() const {
  if (std::string reason = impl_->topics.WhyNotReady(); !reason.empty()) {
    return {false, std::move(reason)};
  }
  return impl_->board.At(impl_->clock.MonotonicNow());
}

}  // namespace picket::kafka
