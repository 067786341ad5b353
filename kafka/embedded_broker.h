#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/config.h"

namespace picket::kafka {

// A broker inside this process (librdkafka's mock cluster) with all topics made: for `picket demo` and unit tests.
// It listens on a free port of the loopback, for this machine's processes alone. Everything is in memory and goes with
// it; about 5 MiB a partition are kept, older rows vanish. Transactions are checked but an aborted one stays visible,
// and offsets of transactions are not stored: it proves nothing about exactly-once, and a stage cannot be restarted.
// Threads: any. Lifetime: outlives every client of it. Failure: only at the start.
class EmbeddedBroker {
 public:
  // Partitions and prefix by `topics`; the replication factor is always 1.
  static absl::StatusOr<std::unique_ptr<EmbeddedBroker>> Start(const TopicsConfig& topics);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  // "127.0.0.1:41233"
  const std::string& bootstrap_servers() const { return bootstrap_servers_; }

  // A configuration for its clients.
  KafkaConfig ClientConfig() const;

  // Answers the next `count` requests of a kind (its number in Kafka's protocol) with a wire error code: for tests.
  void FailRequests(int16_t api_key, int16_t error_code, int count);

  // Few partitions, since each keeps memory: what the demo and the tests take.
  static TopicsConfig SmallTopics();

 private:
  struct Impl;
  explicit EmbeddedBroker(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  std::string bootstrap_servers_;
};

}  // namespace picket::kafka
