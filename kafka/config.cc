#include "kafka/config.h"

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/error.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/topics.h"

namespace picket::kafka {
namespace {

struct Refusal {
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kExactlyOnce = "exactly-once delivery depends on it, so Picket sets it";
constexpr std::string_view kOffsets = "offsets are committed only in the transaction of the output";
constexpr std::string_view kTable = "the table of topics sets it for each topic";
constexpr std::string_view kSecret = "secrets must not be in this file; name a file with";

constexpr Refusal kRefusals[] = {
    {"transactional.id", "it consists of prefix, stage, kafka.instance and worker, which fences a zombie"},
    {"group.instance.id", "it consists of prefix, stage, kafka.instance and worker, which fences a zombie"},
    {"group.id", "each stage is one group, picket-<prefix><stage>"},
    {"group.protocol", kExactlyOnce},
    {"group.protocol.type", kExactlyOnce},
    {"isolation.level", "every stage reads only committed rows, and uncommitted ends of logs"},
    {"enable.idempotence", kExactlyOnce},
    {"enable.gapless.guarantee", kExactlyOnce},
    {"acks", kExactlyOnce},
    {"request.required.acks", kExactlyOnce},
    {"max.in.flight", kExactlyOnce},
    {"max.in.flight.requests.per.connection", kExactlyOnce},
    {"retries", kExactlyOnce},
    {"message.send.max.retries", kExactlyOnce},
    {"enable.auto.commit", kOffsets},
    {"auto.commit.enable", kOffsets},
    {"auto.commit.interval.ms", kOffsets},
    {"enable.auto.offset.store", kOffsets},
    {"offset.store.method", kOffsets},
    {"auto.offset.reset", "an offset out of range must become a gap row, not a silent jump"},
    {"partitioner", "the tenant is the partition, on every topic"},
    {"partitioner_cb", "the tenant is the partition, on every topic"},
    {"sticky.partitioning.linger.ms", "the tenant is the partition, on every topic"},
    {"partition.assignment.strategy",
     "partition p of two topics must go to one worker, which only `range` does"},
    {"allow.auto.create.topics",
     "a topic that is created by accident has the wrong number of partitions; use "
     "`picket topics create`"},
    {"compression.codec", kTable},
    {"compression.type", kTable},
    {"batch.size", "a request must fit into the 8 MiB of max.message.bytes"},
    {"message.max.bytes", "it is the 8 MiB of max.message.bytes, on every topic"},
    {"bootstrap.servers", "write kafka.bootstrap_servers"},
    {"metadata.broker.list", "write kafka.bootstrap_servers"},
    {"session.timeout.ms", "write kafka.session_timeout_secs"},
    {"transaction.timeout.ms", "write kafka.transaction_timeout_secs"},
    {"message.timeout.ms", "it follows kafka.transaction_timeout_secs"},
    {"delivery.timeout.ms", "it follows kafka.transaction_timeout_secs"},
    {"linger.ms", "a commit flushes; write kafka.commit_interval_secs"},
    {"queue.buffering.max.ms", "a commit flushes; write kafka.commit_interval_secs"},
    {"test.mock.num.brokers", "the broker that it starts forgets its topics; run `picket demo`"},
    {"test.mock.broker.rtt", "it is for a broker that forgets its topics; run `picket demo`"},
    {"plugin.library.paths", "it loads code into the process"},
};

// A librdkafka property whose value is secret. Instead of the value, an option in the `kafka:`
// section names a file that contains the value.
struct Secret {
  std::string_view property;
  std::string_view option;
  std::string KafkaConfig::*file;
};
constexpr Secret kSecrets[] = {
    {"sasl.password", "sasl_password_file", &KafkaConfig::sasl_password_file},
    {"sasl.oauthbearer.client.secret", "sasl_oauthbearer_client_secret_file",
     &KafkaConfig::sasl_oauthbearer_client_secret_file},
    {"ssl.key.password", "ssl_key_password_file", &KafkaConfig::ssl_key_password_file},
};

// Returns why librdkafka refuses the property, or an empty string if it accepts the property.
std::string RefusalOfLibrary(const std::string& name, const std::string& value) {
  const std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> scratch(
      rd_kafka_conf_new(), rd_kafka_conf_destroy);
  std::array<char, 512> wrong{};
  if (rd_kafka_conf_set(scratch.get(), name.c_str(), value.c_str(), wrong.data(), wrong.size()) ==
      RD_KAFKA_CONF_OK) {
    return "";
  }
  return wrong.data();
}

std::string CheckProperty(const std::string& name, const std::string& value) {
  const std::string refusal = RefusalOfProperty(name);
  return refusal.empty() ? RefusalOfLibrary(name, value) : absl::StrCat("not allowed: ", refusal);
}

std::string CheckServers(const std::string& servers) {
  for (const absl::string_view part : absl::StrSplit(servers, ',')) {
    const std::string_view server = TrimBlanks(ToStd(part));
    const size_t colon = server.rfind(':');
    if (colon == 0 || colon == std::string_view::npos || colon + 1 == server.size() ||
        server.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) {
      return absl::StrCat("expected host:port, with commas between several; '", ToAbsl(server),
                          "' is not");
    }
  }
  return "";
}

// Returns an error message if Kafka would not accept `name` for topics and group members, otherwise
// an empty string.
std::string CheckName(const std::string& name) {
  const size_t bad =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
  if (bad == std::string::npos && name.size() <= 200) return "";
  return "expected at most 200 letters, digits, '.', '_' and '-'";
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace

std::string RefusalOfProperty(std::string_view name) {
  for (const Refusal& refusal : kRefusals) {
    if (refusal.name == name) return std::string(refusal.reason);
  }
  for (const Secret& secret : kSecrets) {
    if (secret.property == name) {
      return absl::StrCat(ToAbsl(kSecret), " kafka.", ToAbsl(secret.option));
    }
  }
  for (const std::string_view pem : {"ssl.key.pem", "ssl.keystore.password"}) {
    if (name == pem) {
      return "secrets must not be in this file; use ssl.key.location and "
             "kafka.ssl_key_password_file";
    }
  }
  return "";
}

void Describe(ConfigVisitor& visitor, KafkaConfig& config) {
  visitor.String("bootstrap_servers",
                 "The first brokers to contact: host:port, separated by commas.",
                 &config.bootstrap_servers, kOptional, CheckServers);
  visitor.String("instance",
                 "The name of this process among those of its stage. It must stay the same after a "
                 "restart, and only one process may use it at a time. Default: the host's name.",
                 &config.instance, kOptional, CheckName);
  visitor.StringMapping(
      "properties",
      "librdkafka settings that are passed on: TLS, SASL, buffer sizes. Settings that "
      "exactly-once delivery depends on are refused.",
      &config.properties, CheckProperty);
  visitor.FilePath("sasl_password_file", "File with the password for sasl.username.",
                   &config.sasl_password_file);
  visitor.FilePath("sasl_oauthbearer_client_secret_file",
                   "File with the client secret for sasl.oauthbearer.client.id.",
                   &config.sasl_oauthbearer_client_secret_file);
  visitor.FilePath("ssl_key_password_file", "File with the password of ssl.key.location.",
                   &config.ssl_key_password_file);
  visitor.Int(
      "workers",
      "Threads per service, each a member of the stage's group with its own partitions; 0: one "
      "per core.",
      &config.workers, 0, 256);
  visitor.Duration("session_timeout_secs",
                   "The group gives a worker's partitions to others after this time without a "
                   "heartbeat.",
                   &config.session_timeout, absl::Seconds(1), absl::Minutes(5));
  visitor.Duration("transaction_timeout_secs",
                   "The cluster aborts the transaction of a dead worker after this time.",
                   &config.transaction_timeout, absl::Seconds(1), absl::Minutes(15));
  visitor.Duration("commit_interval_secs",
                   "A transaction is committed after this time at the latest.",
                   &config.commit_interval, absl::Milliseconds(5), absl::Seconds(5));
  visitor.Int("batch_messages",
              "A transaction is committed after this many messages at the latest.",
              &config.batch_messages, 1, 100'000);
  visitor.Int("batch_bytes", "A transaction is committed after this many bytes at the latest.",
              &config.batch_bytes, 1 << 16, 256 << 20);
  if (config.instance.empty()) config.instance = HostName();
}

void Describe(ConfigVisitor& visitor, TopicsConfig& config) {
  visitor.String("prefix", "The prefix of every topic's name.", &config.prefix, kOptional,
                 CheckName);
  visitor.Int("partitions",
              "Partitions of every topic except `rules`. Fixed once the topics exist, since the "
              "tenant determines the partition.",
              &config.partitions, 1, 10'000);
  visitor.Int("replication_factor", "Copies of each partition; 1 for a single broker.",
              &config.replication_factor, 1, 9);
  visitor.StringMapping(
      "retention_ms",
      "Retention of single topics, by name without the prefix; -1 keeps everything.",
      &config.retention_ms, [](const std::string& name, const std::string& value) -> std::string {
        bool known = false;
        for (const TopicSpec& spec : Topics()) {
          if (spec.name != name) continue;
          known = true;
          if (spec.settings.find("retention.ms") == spec.settings.end()) {
            return "this topic is compacted and has no retention by time";
          }
        }
        if (!known) return "no such topic; names are without the prefix, such as 'raw'";
        const bool is_number =
            value == "-1" || (!value.empty() && value.size() <= 18 &&
                              value.find_first_not_of("0123456789") == std::string::npos);
        return is_number ? "" : absl::StrCat("'", value, "' is not a number of milliseconds or -1");
      });
}

absl::StatusOr<std::map<std::string, std::string>> ClientProperties(const KafkaConfig& config) {
  std::map<std::string, std::string> properties = config.properties;
  properties["bootstrap.servers"] = config.bootstrap_servers;
  for (const Secret& secret : kSecrets) {
    const std::string& path = config.*secret.file;
    if (path.empty()) continue;
    absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) {
      return Annotate(text.status(), absl::StrCat("kafka.", ToAbsl(secret.option)));
    }
    // Editors and `echo` end the file with a line feed, which is not part of the secret.
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    properties[std::string(secret.property)] = *std::move(text);
  }
  return properties;
}

}  // namespace picket::kafka
