#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/config.h"

namespace picket::kafka {

// A broker inside this process, for `picket demo` and unit tests. It has all topics. The broker is
// librdkafka's mock cluster and listens on a free port of the loopback interface, so only processes
// on this machine can reach it. All data is in memory and is lost with the broker. The broker keeps
// about 5 MiB per partition and drops older messages.
//
// The broker checks transactions, but an aborted transaction stays visible, and offsets sent in a
// transaction are not stored. So a test with this broker proves nothing about exactly-once
// processing. A stage that uses this broker cannot be restarted.
//
// Threads: Any thread may use it. Lifetime: It must outlive its clients. Failure: Only Start can
// fail.
class EmbeddedBroker {
 public:
  // `topics` determines the partition count and the prefix. The replication factor is always 1.
  static absl::StatusOr<std::unique_ptr<EmbeddedBroker>> Start(const TopicsConfig& topics);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  // Returns the address of the broker, such as "127.0.0.1:41233".
  const std::string& bootstrap_servers() const { return bootstrap_servers_; }

  // Returns the configuration of a client of this broker.
  KafkaConfig ClientConfig() const;

  // Makes the broker answer the next `count` requests of the type `api_key` with the error
  // `error_code`. Kafka's protocol defines the values of `api_key` and `error_code`. Only tests use
  // this function.
  void FailRequests(int16_t api_key, int16_t error_code, int count);

  // Makes the broker report `error_code` for a topic in its metadata. If `error_code` is 0, the
  // broker stops reporting an error. Only tests use this function.
  void SetTopicError(const std::string& topic, int16_t error_code);

  // Returns a configuration for the demo and the tests. It has few partitions, since each partition
  // uses memory.
  static TopicsConfig SmallTopics();

 private:
  struct Impl;
  explicit EmbeddedBroker(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  std::string bootstrap_servers_;
};

}  // namespace picket::kafka
