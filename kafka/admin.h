#pragma once

// Implements `picket topics`, and reads the state of topics for the checks of services.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/config.h"
#include "kafka/topic_check.h"
#include "kafka/topic_use.h"
#include "kafka/topics.h"

namespace picket::kafka {

inline constexpr absl::Duration kAdminTimeout = absl::Seconds(10);

// The state of some topics, and the brokers that can store copies of them.
struct ClusterState {
  std::vector<TopicState> topics;  // in the order of the table (kafka/topics.h)
  std::vector<int32_t> brokers;    // the ids of the brokers
};

// Returns the state of the topics in `uses`. A topic that our user may not describe is reported as
// hidden, and settings that our user may not read are reported in `settings_error`. Returns
// Unavailable if no broker answers within `timeout`, and PermissionDenied if the brokers refuse the
// credentials.
absl::StatusOr<ClusterState> DescribeTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                            const std::vector<TopicUse>& uses = AllTopicUses(),
                                            absl::Duration timeout = kAdminTimeout);

// Returns the differences between the topics in `uses` and the configuration. Fails like
// DescribeTopics.
absl::StatusOr<std::vector<TopicDifference>> CheckTopics(
    const KafkaConfig& kafka, const TopicsConfig& topics,
    const std::vector<TopicUse>& uses = AllTopicUses(), absl::Duration timeout = kAdminTimeout);

struct CreatedTopics {
  std::vector<std::string> made;
  std::vector<std::string> found;  // topics that already existed
  // How the topics differ from the configuration now. A new topic differs only if another program
  // created or changed it at the same time.
  std::vector<TopicDifference> differences;
};

// Creates the missing topics and waits until every partition has a leader. Existing topics are left
// unchanged.
absl::StatusOr<CreatedTopics> CreateTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                           absl::Duration timeout = absl::Seconds(30));

// One setting of a topic that FixTopics has changed.
struct SettingChange {
  std::string topic_name;  // including the prefix
  std::string setting;
  std::string old_value;
  std::string new_value;
};

// Corrects the settings of the existing topics that differ from the configuration. Changes no
// partitions and no copies, and keeps all other settings of the topics. Calls `on_change` for each
// setting after its change. An error ends the call, and the changes before it remain.
absl::Status FixTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                       const std::function<void(const SettingChange&)>& on_change,
                       absl::Duration timeout = absl::Seconds(30));

}  // namespace picket::kafka
