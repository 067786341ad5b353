#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/config.h"

namespace picket::kafka {

// A broker inside this process (librdkafka's mock cluster) that has all topics: for `picket demo`
// and unit tests. It listens on a free port of the loopback interface, so only this machine's
// processes reach it. Everything is in memory and is lost with the broker; it keeps about 5 MiB per
// partition and drops older rows. It checks transactions, but an aborted one stays visible, and it
// does not store offsets of transactions: it proves nothing about exactly-once, and a stage cannot
// be restarted.
// Threads: any. Lifetime: outlives its clients. Failure: only at the start.
class EmbeddedBroker {
 public:
  // `topics` gives the partitions and the prefix; the replication factor is always 1.
  static absl::StatusOr<std::unique_ptr<EmbeddedBroker>> Start(const TopicsConfig& topics);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  // "127.0.0.1:41233"
  const std::string& bootstrap_servers() const { return bootstrap_servers_; }

  // The configuration of a client.
  KafkaConfig ClientConfig() const;

  // For tests: answers the next `count` requests of this kind with this error. Both are numbers of
  // Kafka's protocol.
  void FailRequests(int16_t api_key, int16_t error_code, int count);

  // Few partitions, since each one uses memory: for the demo and the tests.
  static TopicsConfig SmallTopics();

 private:
  struct Impl;
  explicit EmbeddedBroker(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  std::string bootstrap_servers_;
};

}  // namespace picket::kafka
