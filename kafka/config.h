#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/config.h"

namespace picket::kafka {

// The `kafka:` section of picket.yaml.
struct KafkaConfig {
  std::string bootstrap_servers = "127.0.0.1:9092";
  // The name of this process, unique within its stage and unchanged by a restart. The group
  // instance id and the transactional id are picket-<prefix><stage>-<instance>-<worker>.
  std::string instance;                           // defaults to the host name
  std::map<std::string, std::string> properties;  // librdkafka settings (TLS, SASL, …)
  // Files that contain the secret properties.
  std::string sasl_password_file;
  std::string sasl_oauthbearer_client_secret_file;
  std::string ssl_key_password_file;

  // The number of threads per service. Each thread is a member of the stage's group. Zero means one
  // thread per core.
  int64_t workers = 0;

  absl::Duration session_timeout = absl::Seconds(10);
  absl::Duration transaction_timeout = absl::Seconds(10);
  absl::Duration commit_interval = absl::Milliseconds(100);
  int64_t batch_messages = 10000;
  int64_t batch_bytes = 8 << 20;

  // True if `bootstrap_servers` is the address of an EmbeddedBroker. Such a broker reports only the
  // names and partitions of its topics, so checks skip the topics' settings. The code that starts
  // the broker sets this field, and picket.yaml has no such option.
  bool is_embedded = false;
};
void Describe(ConfigVisitor& visitor, KafkaConfig& config);

// Returns the properties that all our librdkafka clients start with. They are the servers,
// `properties`, and the secrets read from their files. Returns an error such as NotFound if a file
// cannot be read.
absl::StatusOr<std::map<std::string, std::string>> ClientProperties(const KafkaConfig& config);

// Returns why `kafka.properties` must not set this librdkafka property, or an empty string if the
// property is allowed.
std::string RefusalOfProperty(std::string_view name);

// The `topics:` section of picket.yaml.
struct TopicsConfig {
  std::string prefix = "o365.";
  int64_t partitions = 24;
  int64_t replication_factor = 3;
  // Overrides of the default retention (kafka/topics.h). Maps the name of a topic, without the
  // prefix, to the value of retention.ms.
  std::map<std::string, std::string> retention_ms;
  absl::Duration check_interval = absl::Seconds(60);
};
void Describe(ConfigVisitor& visitor, TopicsConfig& config);

}  // namespace picket::kafka
