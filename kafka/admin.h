#pragma once

// What `picket topics` does, and the check that every service makes before it creates a producer.

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/config.h"
#include "kafka/topics.h"

namespace picket::kafka {

inline constexpr absl::Duration kAdminTimeout = absl::Seconds(10);

// A topic of the table, as it is on the cluster.
struct TopicState {
  Topic topic;
  std::string name;  // with the prefix
  bool exists = false;
  int partitions = 0;
  int replication_factor = 0;
  // The topic's configuration; empty on an embedded broker, which has none.
  std::map<std::string, std::string> settings;
};

// Returns the state of all topics of the table, in its order. Unavailable if no broker answers
// within `timeout`, PermissionDenied if the brokers refuse our credentials.
absl::StatusOr<std::vector<TopicState>> DescribeTopics(const KafkaConfig& kafka,
                                                       const TopicsConfig& topics,
                                                       absl::Duration timeout = kAdminTimeout);

// Returns the differences from the configuration: missing topics, other partition counts, another
// cleanup.policy, shorter retention, smaller max.message.bytes. One sentence for each, with what to
// do about it; empty if there are none.
std::vector<std::string> TopicFaults(const std::vector<TopicState>& states,
                                     const KafkaConfig& kafka, const TopicsConfig& topics);

// DescribeTopics and TopicFaults in one: FailedPrecondition with all faults, one per line. With
// `kafka.is_embedded` only existence and partition counts are checked.
absl::Status CheckTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                         absl::Duration timeout = kAdminTimeout);

struct CreatedTopics {
  std::vector<std::string> made;
  std::vector<std::string> found;  // existed before
};

// Creates the missing topics and waits until each has its leaders. Existing topics stay unchanged;
// if they differ from the configuration, the result is FailedPrecondition, after the missing ones
// were created.
absl::StatusOr<CreatedTopics> CreateTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                           absl::Duration timeout = absl::Seconds(30));

}  // namespace picket::kafka
