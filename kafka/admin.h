#pragma once

// Implements `picket topics`, and the check that every service makes before it creates a producer.

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

// The state of a topic of the table (kafka/topics.h) on the cluster.
struct TopicState {
  Topic topic;
  std::string name;  // including the prefix
  bool exists = false;
  int partitions = 0;
  int replication_factor = 0;
  // The topic's configuration. An embedded broker reports no configuration, so the map is then
  // empty.
  std::map<std::string, std::string> settings;
};

// Returns the state of all topics of the table, in the order of the table. Returns Unavailable if
// no broker answers within `timeout`, and PermissionDenied if the brokers refuse the credentials.
absl::StatusOr<std::vector<TopicState>> DescribeTopics(const KafkaConfig& kafka,
                                                       const TopicsConfig& topics,
                                                       absl::Duration timeout = kAdminTimeout);

// Returns the differences between the topics and the configuration: missing topics, different
// partition counts, a different cleanup.policy, shorter retention, or a smaller max.message.bytes.
// Each element describes one difference and how to resolve it. The list is empty if there are no
// differences.
std::vector<std::string> TopicFaults(const std::vector<TopicState>& states,
                                     const KafkaConfig& kafka, const TopicsConfig& topics);

// Checks the topics with DescribeTopics and TopicFaults. If there are differences, returns
// FailedPrecondition with a message that lists the differences, one per line. If
// `kafka.is_embedded` is set, only existence and partition counts are checked.
absl::Status CheckTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                         absl::Duration timeout = kAdminTimeout);

struct CreatedTopics {
  std::vector<std::string> made;
  std::vector<std::string> found;  // topics that already existed
};

// Creates the missing topics and waits until every partition has a leader. Existing topics are left
// unchanged. If existing topics differ from the configuration, the missing topics are still
// created, but the result is FailedPrecondition.
absl::StatusOr<CreatedTopics> CreateTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                           absl::Duration timeout = absl::Seconds(30));

}  // namespace picket::kafka
