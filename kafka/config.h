#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/config.h"

namespace picket::kafka {

// `kafka:` of picket.yaml.
struct KafkaConfig {
  std::string bootstrap_servers = "127.0.0.1:9092";
  // Names this process among those of its stage; stable over restarts. Group instance id and transactional id are
  // picket-<stage>-<instance>-<worker>.
  std::string instance;                           // default: the host's name
  std::map<std::string, std::string> properties;  // librdkafka settings: TLS, SASL, …
  // Files that hold the secrets among them.
  std::string sasl_password_file;
  std::string sasl_oauthbearer_client_secret_file;
  std::string ssl_key_password_file;

  // Threads a service, each a member of the stage's group; 0: one a core.
  int64_t workers = 0;

  absl::Duration session_timeout = absl::Seconds(10);
  absl::Duration transaction_timeout = absl::Seconds(10);
  absl::Duration commit_interval = absl::Milliseconds(100);
  int64_t batch_messages = 10000;
  int64_t batch_bytes = 8 << 20;

  // The servers are an EmbeddedBroker, which tells of its topics their names and partitions and nothing more: checks
  // leave the topics' settings out. Set by who starts one; no option of the file.
  bool is_embedded = false;
};
void Describe(ConfigVisitor& visitor, KafkaConfig& config);

// What every librdkafka handle of ours starts from: the servers, `properties`, and the secrets read from their files.
// NotFound and the like where a file cannot be read.
absl::StatusOr<std::map<std::string, std::string>> ClientProperties(const KafkaConfig& config);

// The reason why `kafka.properties` may not set this librdkafka property, or nothing.
std::string RefusalOfProperty(std::string_view name);

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
