#include "kafka/worker/workers.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

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

// The maximum time to wait for a broker's answer. A stop may be delayed by this time.
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
        process(options.process.value_or(MakeProcessId(clock.Now()))),
        topics(clients, options.uses.empty() ? AllTopicUses() : options.uses,
               options.kafka.bootstrap_servers, metrics) {}

  // Returns Ok as soon as the stage can use its topics, or FailedPrecondition if an operator must
  // act.
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
};

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

  // If one worker ends early, all workers end, since a worker ends early only if an operator must
  // act.
  std::stop_source stop_all;
  std::stop_callback forward(stop, [&stop_all] { stop_all.request_stop(); });
  Mutex mu;
  absl::Status first_failure;
  const auto fail = [&](const absl::Status& status) {
    MutexLock lock(mu);
    if (first_failure.ok()) first_failure = status;
    stop_all.request_stop();
  };
  {
    std::unique_ptr<WorkerMetrics> metrics;
    std::vector<std::unique_ptr<WorkerLoop>> loops;
    for (int number = 0; number < impl_->options.workers; ++number) {
      std::unique_ptr<Stage> stage = impl_->factory(number);
      if (metrics == nullptr) {
        metrics = std::make_unique<WorkerMetrics>(
            impl_->metrics, stage->spec().name, stage->spec().input, impl_->options.topics.prefix);
      }
      loops.push_back(std::make_unique<WorkerLoop>(
          impl_->options, number, std::move(stage),
          WorkerEnvironment{impl_->clients, impl_->clock, FindCrash, impl_->process}, *metrics,
          impl_->board, steps.get()));
    }
    std::vector<std::jthread> threads;
    for (const auto& loop : loops) {
      threads.emplace_back([&loop, &fail, &stop_all] {
        if (const absl::Status status = loop->Run(stop_all.get_token()); !status.ok()) fail(status);
      });
    }
    while (impl_->clock.Wait(impl_->CheckInterval(), stop_all.get_token())) {
      // Other errors say that the check was not possible. The workers notice themselves whether
      // they can reach the cluster.
      const absl::Status status = impl_->topics.Check(kBrokerTimeout);
      if (absl::IsFailedPrecondition(status)) fail(status);
    }
  }
  return first_failure;
}

Readiness Workers::ReadinessNow() const {
  if (std::string reason = impl_->topics.WhyNotReady(); !reason.empty()) {
    return {false, std::move(reason)};
  }
  return impl_->board.At(impl_->clock.MonotonicNow());
}

}  // namespace picket::kafka
