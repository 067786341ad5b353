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
  // The name of this process among those of its stage; the same after a restart. The group instance
  // id and the transactional id are picket-<stage>-<instance>-<worker>.
  std::string instance;                           // default: the host's name
  std::map<std::string, std::string> properties;  // librdkafka settings: TLS, SASL, …
  // Files with the properties that are secrets.
  std::string sasl_password_file;
  std::string sasl_oauthbearer_client_secret_file;
  std::string ssl_key_password_file;

  // Threads per service, each a member of the stage's group; 0: one per core.
  int64_t workers = 0;

  absl::Duration session_timeout = absl::Seconds(10);
  absl::Duration transaction_timeout = absl::Seconds(10);
  absl::Duration commit_interval = absl::Milliseconds(100);
  int64_t batch_messages = 10000;
  int64_t batch_bytes = 8 << 20;

  // The servers are an EmbeddedBroker. It reports only names and partitions of its topics, so
  // checks leave out the topics' settings. Set by the code that starts the broker; not an option of
  // the file.
  bool is_embedded = false;
};
void Describe(ConfigVisitor& visitor, KafkaConfig& config);

// The properties that all our librdkafka clients start with: the servers, `properties`, and the
// secrets from their files. An error such as NotFound if a file cannot be read.
absl::StatusOr<std::map<std::string, std::string>> ClientProperties(const KafkaConfig& config);

// The reason why `kafka.properties` must not set this librdkafka property, or an empty string.
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
