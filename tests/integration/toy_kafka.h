#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/metrics.h"
#include "gtest/gtest.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/message.h"
#include "kafka/worker/librdkafka_clients.h"
#include "kafka/worker/workers.h"
#include "tests/integration/toy_stage.h"
#include "tests/support/kafka/interfering_clients.h"

namespace picket::kafka {

// Waits until `condition` is true. Returns false if that takes longer than `limit`.
bool WaitFor(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(30));

// A copy of a consumed message.
struct Row {
  int32_t partition;
  int64_t offset;
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;
};

// A test with its own topics on the cluster named by PICKET_TEST_KAFKA.
class ToyKafka : public testing::Test {
 protected:
  static constexpr int kPartitions = 4;
  static constexpr int kKeys = 12;

  void SetUp() override;

  // Returns options for `workers` workers of this instance. The workers use this test's topics.
  WorkerOptions Options(const std::string& instance, int workers = 1) const;

  // Produces `count` messages for each key, without a transaction. The values are "0", "1", …, and
  // each call continues where the last call ended. `padding` is the number of bytes added to each
  // value.
  void Send(int count, size_t padding = 0);
  // Produces one message with this key and value. EveryMessageOnce expects no event for this
  // message, and sent() does not count this message.
  void SendOne(const std::string& key, const std::string& value);

  std::vector<Row> Read(Topic topic) const;
  // Succeeds if `events` contains exactly "1 <first value>", "2 <second value>", … for each key
  // that Send has used. The failure message describes the difference.
  testing::AssertionResult EveryMessageOnce() const;
  // Returns the number of committed events.
  size_t EventCount() const { return Read(Topic::kEvents).size(); }
  bool WaitForEvents(size_t count, absl::Duration limit = absl::Seconds(30)) const {
    return WaitFor([&] { return EventCount() >= count; }, limit);
  }
  size_t sent() const { return sent_count_; }

  KafkaConfig kafka_;
  TopicsConfig topics_;
  std::string run_;  // makes this test's names unique on the cluster
  std::map<std::string, std::vector<std::string>> sent_;

 private:
  size_t sent_count_ = 0;
};

// Workers of the toy stage that run in this process.
class RunningWorkers {
 public:
  explicit RunningWorkers(WorkerOptions options, std::map<int32_t, ToyCopy>* copies = nullptr,
                          InterferingClients::Interfere interfere = nullptr);
  ~RunningWorkers() { Stop().IgnoreError(); }

  absl::Status Stop();
  void Restart() { workers_.Restart(); }
  bool ended() const { return ended_; }
  const absl::Status& status() const { return status_; }
  Readiness ReadinessNow() const { return workers_.ReadinessNow(); }
  bool WaitUntilReady(absl::Duration limit = absl::Seconds(30)) {
    return WaitFor([&] { return ReadinessNow().ready; }, limit);
  }

  Metrics metrics;
  ToySwitches switches;

 private:
  LibrdkafkaClients cluster_;
  InterferingClients clients_;
  SystemClock clock_;
  Workers workers_;
  std::atomic<bool> ended_{false};
  absl::Status status_;
  std::jthread thread_;
};

}  // namespace picket::kafka
