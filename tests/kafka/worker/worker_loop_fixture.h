#pragma once

// A process with one worker on a model of Kafka, with a simulated clock. The tests of a worker's
// decisions use it.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kafka/client_config.h"
#include "kafka/worker/worker_loop.h"
#include "tests/kafka/worker/counting_stage.h"
#include "tests/kafka/worker/fake_clients.h"
#include "tests/kafka/worker/log_model.h"

namespace picket::kafka {

inline constexpr int64_t kSecond = 1'000'000;

// A process with one worker. Tests may run several processes on one model.
class TestProcess {
 public:
  TestProcess(LogModel& model, SimulatedClock& clock, WorkerMetrics& metrics,
              const std::string& instance)
      : clients(model, clock, fake, [this](Call call) { return Decide(call); }),
        clock_(clock),
        metrics_(metrics) {
    options.kafka.instance = instance;
    options.kafka.batch_messages = 8;
    // The interval is longer than the idle poll, so that a batch is open between two steps.
    options.kafka.commit_interval = absl::Milliseconds(300);
    options.kafka.session_timeout = absl::Seconds(2);
    options.kafka.transaction_timeout = absl::Seconds(3);
    options.topics.prefix = "";
  }

  void Start(CountingOptions stage_options = {}) {
    auto made = std::make_unique<CountingStage>(std::move(stage_options));
    stage = made.get();
    Start(std::move(made));
  }
  void Start(std::unique_ptr<Stage> made) {
    fake.is_dead = false;
    fake.member = 0;
    static uint64_t processes = 0;
    id = {clock_.micros(), ++processes};
    const CrashFinder find_crash = [this](size_t count, absl::Duration,
                                          const std::function<void(size_t)>& step) {
      ++trials;
      std::optional<size_t> crashed;
      const CountingStage::State state = stage->Save();
      for (size_t i = 0; i < count && !crashed.has_value(); ++i) {
        try {
          step(i);
        } catch (const SimulatedCrash&) {
          crashed = i;
        }
      }
      stage->Restore(state);
      return crashed;
    };
    loop = std::make_unique<WorkerLoop>(options, 0, std::move(made),
                                        WorkerEnvironment{clients, clock_, find_crash, id, 1},
                                        metrics_, board, nullptr);
    ASSERT_TRUE(loop->Start().ok());
  }
  // Kills the process without a clean shutdown, like SIGKILL.
  void Kill() {
    fake.is_dead = true;
    loop.reset();
  }
  // Steps until `condition` is true. Returns false if it never became true.
  bool StepUntil(const std::function<bool()>& condition) {
    for (int i = 0; i < 300; ++i) {
      if (condition()) return true;
      if (!loop->Step().ok()) return condition();
    }
    return condition();
  }
  bool StepUntilActivity(WorkerActivity activity) {
    return StepUntil([&] { return loop->activity() == activity; });
  }
  std::string reason() const { return board.At(clock_.MonotonicNow()).reason; }

  WorkerOptions options;
  FakeProcess fake;
  FakeClients clients;
  ProcessId id;
  std::map<Call, std::deque<Failure>> failures;  // failures of the next calls
  std::map<Call, Failure> lasting_failures;      // failures of all calls
  std::map<Call, int> calls;
  std::function<void(Call)> on_call = [](Call) {};
  WorkerReadiness board{1};
  CountingStage* stage = nullptr;
  std::unique_ptr<WorkerLoop> loop;
  int trials = 0;

 private:
  Failure Decide(Call call) {
    ++calls[call];
    on_call(call);
    if (const auto every = lasting_failures.find(call); every != lasting_failures.end()) {
      return every->second;
    }
    std::deque<Failure>& next = failures[call];
    if (next.empty()) return Failure::kNone;
    const Failure failure = next.front();
    next.pop_front();
    return failure;
  }

  SimulatedClock& clock_;
  WorkerMetrics& metrics_;
};

class WorkerLoopTest : public testing::Test {
 protected:
  void Send(int32_t partition, const std::string& key, const std::string& value) {
    LogModel::Entry entry;
    entry.key = key;
    entry.value = value;
    model_.Append(0, Topic::kRaw, partition, entry);
  }
  // Returns the committed events as "key → value".
  std::vector<std::string> Events(int32_t partition, Topic topic = Topic::kEvents) {
    std::vector<std::string> events;
    for (const auto& [offset, entry] : model_.Committed(topic, partition)) {
      events.push_back(absl::StrCat(entry->key, " → ", entry->value));
    }
    return events;
  }
  std::vector<std::string> DeadLetters(int32_t partition) {
    std::vector<std::string> letters;
    for (const auto& [offset, entry] : model_.Committed(Topic::kDeadLetters, partition)) {
      std::map<std::string, std::string> headers(entry->headers.begin(), entry->headers.end());
      letters.push_back(
          absl::StrCat(headers["dead-letter-offset"], " ", headers["dead-letter-reason"]));
    }
    return letters;
  }
  std::vector<std::string> GapRows(int32_t partition) {
    std::vector<std::string> rows;
    for (const auto& [offset, entry] : model_.Committed(Topic::kCoverage, partition)) {
      rows.push_back(entry->value);
    }
    return rows;
  }
  int64_t Committed(int32_t partition) {
    const auto committed = model_.CommittedOffset(partition);
    return committed.has_value() ? committed->offset : -1;
  }
  std::string Mark(int32_t partition) { return model_.CommittedOffset(partition)->metadata; }
  bool IsProcessed(int32_t partition) {
    return std::max<int64_t>(Committed(partition), 0) >= model_.log(Topic::kRaw, partition).end();
  }
  bool Finish(TestProcess& process) {
    return process.StepUntil([&] { return IsProcessed(0) && IsProcessed(1); });
  }
  // Starts a rebalance and steps `process` until the rebalance is complete. The group then assigns
  // all partitions again.
  void Rebalance(TestProcess& process) {
    model_.StartRebalance(clock_.micros());
    ASSERT_TRUE(process.StepUntil([&] { return !model_.is_rebalancing(); }));
  }
  std::unique_ptr<TestProcess> MakeProcess(const std::string& instance) {
    return std::make_unique<TestProcess>(model_, clock_, worker_metrics_, instance);
  }

  SimulatedClock clock_;
  LogModel model_{2, 2 * kSecond, 3 * kSecond};
  Metrics metrics_;
  WorkerMetrics worker_metrics_{metrics_, "toy", Topic::kRaw, ""};
  TestProcess a_{model_, clock_, worker_metrics_, "a"};
};

}  // namespace picket::kafka
