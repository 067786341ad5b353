#include "kafka/worker/workers.h"

#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/backoff.h"
#include "common/error.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "kafka/worker/crash_trial.h"
#include "kafka/worker/librdkafka_clients.h"
#include "kafka/worker/worker_loop.h"
#include "kafka/worker/worker_metrics.h"
#include "kafka/worker/worker_progress_file.h"
#include "kafka/worker/worker_readiness.h"

namespace picket::kafka {
namespace {

// The interval at which a running service checks that its topics still match the configuration.
constexpr absl::Duration kTopicsCheckInterval = absl::Seconds(60);

// The maximum time to wait for a broker's answer. A stop may be delayed by this time.
constexpr absl::Duration kBrokerTimeout = absl::Seconds(3);

uint64_t RandomNonce() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

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
        process{absl::ToUnixMicros(clock.Now()), RandomNonce()} {}

  // Returns Ok as soon as the topics match the configuration, or FailedPrecondition if an operator
  // must act.
  absl::Status WaitForTopics(std::stop_token stop) {
    Backoff backoff(absl::Milliseconds(500), absl::Seconds(10));
    while (!stop.stop_requested()) {
      const absl::Status status = clients.CheckTopics(kBrokerTimeout);
      if (status.ok() || !IsRetryable(status)) return status;
      const std::string reason = absl::StrCat("broker unreachable: ", status.message());
      for (int worker = 0; worker < options.workers; ++worker) board.Set(worker, reason);
      LogWarning("topics_check_failed",
                 {{"servers", options.kafka.bootstrap_servers}, {"error", status}});
      clock.Wait(backoff.Next(), stop);
    }
    return absl::CancelledError("a stop was requested");
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
    while (impl_->clock.Wait(kTopicsCheckInterval, stop_all.get_token())) {
      const absl::Status status = impl_->clients.CheckTopics(kBrokerTimeout);
      if (absl::IsFailedPrecondition(status)) fail(status);
    }
  }
  return first_failure;
}

Readiness Workers::ReadinessNow() const { return impl_->board.At(impl_->clock.MonotonicNow()); }

}  // namespace picket::kafka
