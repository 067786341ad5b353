#pragma once

// Compares the topics on the cluster with the configuration. All functions are pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/config.h"
#include "kafka/topic_use.h"
#include "kafka/topics.h"

namespace picket::kafka {

// The state of a topic of the table (kafka/topics.h) on the cluster.
struct TopicState {
  Topic topic;
  std::string name;  // including the prefix
  bool exists = false;
  int partitions = 0;
  int replication_factor = 0;  // the smallest number of copies of any partition
  // The topic's configuration. The map is empty if the configuration is unknown. An embedded broker
  // reports no configuration. If another broker reports none, `settings_error` says why.
  std::map<std::string, std::string> settings;

  // True if the broker does not say whether the topic exists, because our user may not describe it.
  bool is_hidden = false;
  std::string settings_error;
  // The settings of the topic itself, without the defaults of the cluster.
  std::map<std::string, std::string> own_settings;
  bool has_secret_setting = false;  // the broker hides the value of one of the topic's own settings
  std::vector<std::vector<int32_t>> replicas;  // ids of the brokers, indexed by partition
};

// What a difference means for a service that uses the topic.
enum class Severity : uint8_t {
  kWarning,  // the service works, but something else is at risk
  kBlocks,   // nothing can be consumed or produced until the difference is gone
  kFatal,    // exactly-once processing would break, so the service ends
};

// One difference between a topic and the configuration.
struct TopicDifference {
  Topic topic;
  std::string topic_name;  // including the prefix
  // The setting that differs. This is the name of a topic's setting in Kafka, or "existence",
  // "partitions", "replication_factor" or "settings" (the settings cannot be read).
  std::string setting;
  std::string found;     // empty if there is no value
  std::string expected;  // if `is_setting`, the value to set
  Severity severity = Severity::kWarning;
  // True if a service must not start until the difference is gone, although a running service can
  // go on. This is the case if nothing shows whether the topic keeps the service's state.
  bool blocks_start = false;
  bool is_setting = false;  // `picket topics create --fix` can correct it
  // True if our user lacks a right, so that differences of the topic's settings are unknown.
  bool hides_settings = false;
  std::string what;    // such as "retention.ms is 1, expected 2"
  std::string repair;  // the command or the change that removes the difference

  // Returns "o365.raw: retention.ms is 1, expected 2; run: …".
  std::string ToString() const;
};

// Returns the arguments with which Kafka's command-line tools reach the cluster.
std::string ConnectionArguments(const KafkaConfig& kafka);

// Returns the settings that the topic should have, which are its default settings (kafka/topics.h)
// with the overrides from the configuration.
std::map<std::string, std::string> WantedSettings(const TopicSpec& spec,
                                                  const TopicsConfig& topics);
int WantedPartitions(const TopicSpec& spec, const TopicsConfig& topics);

// Returns the differences of the topics in `uses`. A topic that is in `uses` and not in `states` is
// ignored. If `kafka.is_embedded` is set, only existence and partition counts are compared.
std::vector<TopicDifference> CompareTopics(const std::vector<TopicState>& states,
                                           const std::vector<TopicUse>& uses,
                                           const KafkaConfig& kafka, const TopicsConfig& topics);

// Returns one line for each difference. Topics with the same difference and the same repair share a
// line.
std::vector<std::string> DifferenceLines(const std::vector<TopicDifference>& differences);

// Returns a plan for kafka-reassign-partitions.sh that gives every partition of the topics with too
// few copies `replication_factor` copies. The copies that exist stay where they are, and the new
// copies are distributed over `brokers`. Returns an empty string if there is nothing to do or too
// few brokers.
std::string ReassignmentPlan(const std::vector<TopicState>& states,
                             const std::vector<int32_t>& brokers, int replication_factor);

}  // namespace picket::kafka
