#pragma once

// Explains why a connection to the cluster fails, in sentences for an operator. librdkafka's own
// texts name neither the file nor the certificate at fault.

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>
#include <vector>

#include "kafka/config.h"

namespace picket::kafka {

// The first version of librdkafka whose SCRAM login Apache Kafka 4 accepts
// (confluentinc/librdkafka PR #4895).
inline constexpr int kFirstVersionWithScram = 0x020601ff;

// The properties of a client that decide how it logs in.
struct LoginProperties {
  std::string mechanism;    // empty without SASL
  std::string ca;           // ssl.ca.location
  std::string certificate;  // ssl.certificate.location
};
LoginProperties LoginPropertiesOf(const rd_kafka_conf_t* conf);

struct ExplainedError {
  std::string text;
  bool is_explained = false;  // false if `text` is librdkafka's own text
};

// Returns a sentence for the error that librdkafka reported. `version` is rd_kafka_version().
ExplainedError ExplainClientError(rd_kafka_resp_err_t code, std::string_view text,
                                  const LoginProperties& login, int version = rd_kafka_version());

// Returns why rd_kafka_new failed with `error`. If a file is the cause, the result names the file.
std::string ExplainCreationError(const rd_kafka_conf_t* conf, std::string_view error);

// Makes clients of `conf` remember why a broker's certificate was refused, for ExplainClientError.
// It does not change which certificates are refused.
void RememberCertificateFaults(rd_kafka_conf_t* conf);

// Returns why this version of librdkafka cannot use the property, or an empty string. Checks only
// whether OAUTHBEARER is available.
std::string RefusalOfMechanism(std::string_view name, std::string_view value);

// Returns what may not work with these properties on some clusters, one sentence each.
std::vector<std::string> ConnectionWarnings(const KafkaConfig& kafka,
                                            int version = rd_kafka_version());

}  // namespace picket::kafka
