#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/config.h"

namespace picket::kafka {

// `kafka:` of picket.yaml.
struct KafkaConfig {
  std::string bootstrap_servers = "127.0.0.1:9092";
  // Names this process among those of its stage; stable over restarts. Group instance id and transactional id are
  // picket-<stage>-<instance>-<worker>.
  std::string instance;  // default: the host's name
  std::map<std::string, std::string> properties;  // librdkafka settings: TLS, SASL, …

  absl::Duration session_timeout = absl::Seconds(10);
  absl::Duration transaction_timeout = absl::Seconds(10);
  absl::Duration commit_interval = absl::Milliseconds(100);
  int64_t batch_messages = 2000;
  int64_t batch_bytes = 8 << 20;
};
void Describe(ConfigVisitor& visitor, KafkaConfig& config);

// `topics:` of picket.yaml.
struct TopicsConfig {
  std::string prefix = "o365.";
  int64_t partitions = 24;
  int64_t replication_factor = 3;
  // Overrides of the table's retention: topic name without prefix → retention.ms.
  std::map<std::string, std::string> retention_ms;
};
void Describe(ConfigVisitor& visitor, TopicsConfig& config);

}  // namespace picket::kafka
