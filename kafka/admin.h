#pragma once

// What `picket topics` does, and the check that every service makes before it opens a producer.

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

// A topic of the table as the cluster has it.
struct TopicState {
  Topic topic;
  std::string name;  // with the prefix
  bool exists = false;
  int partitions = 0;
  int replication_factor = 0;
  // The topic's configuration; empty on an embedded broker, which has none to tell.
  std::map<std::string, std::string> settings;
};

// All topics of the table, in its order.
// Unavailable when no broker answers within `timeout`, PermissionDenied when they refuse our credentials.
absl::StatusOr<std::vector<TopicState>> DescribeTopics(const KafkaConfig& kafka,
                                                       const TopicsConfig& topics,
                                                       absl::Duration timeout = kAdminTimeout);

// What does not fit the configuration: missing topics, other partition counts, cleanup.policy, shorter retention,
// smaller max.message.bytes. One sentence each, with what to do about it; empty when all is well.
std::vector<std::string> TopicFaults(const std::vector<TopicState>& states,
                                     const KafkaConfig& kafka, const TopicsConfig& topics);

// DescribeTopics and TopicFaults in one: FailedPrecondition with all faults, one a line. With `kafka.is_embedded` only
// existence and partition counts are looked at.
absl::Status CheckTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                         absl::Duration timeout = kAdminTimeout);

struct CreatedTopics {
  std::vector<std::string> made;
  std::vector<std::string> found;  // were there before
};

// Makes the topics that are missing and waits until each has its leaders. Topics that are there stay as they are; where
// they do not fit, FailedPrecondition says so after the missing ones were made.
absl::StatusOr<CreatedTopics> CreateTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                           absl::Duration timeout = absl::Seconds(30));

}  // namespace picket::kafka
