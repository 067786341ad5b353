#pragma once

// Defines the table of Picket's topics with their names and settings, and the mapping from tenants
// to partitions.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace picket::kafka {

enum class Topic : uint8_t {
  kRaw,
  kEvents,
  kEventsEcs,
  kAlerts,
  kDeadLetters,
  kLedger,
  kSeen,
  kState,
  kCoverage,
  kRules,
};
inline constexpr int kTopicCount = 10;

struct TopicSpec {
  Topic topic;
  std::string_view name;  // without the prefix, such as "dead-letters"
  bool single_partition;  // true only for `rules`; all other topics have the same partition count
  std::string_view compression;                 // the codec used by the producer
  std::map<std::string, std::string> settings;  // the topic's configuration on the broker
};

// Returns all topics, in the order of the enum.
absl::Span<const TopicSpec> Topics();

// Returns the prefix followed by the name of the topic, such as "o365.dead-letters".
std::string TopicName(std::string_view prefix, Topic topic);

// Returns the partition that stores all messages of a tenant, which is (murmur2(tenant) &
// 0x7fffffff) mod partitions. Kafka's default partitioner puts a message whose key is the tenant
// into the same partition. `tenant` must be in lower case.
int32_t PartitionOf(std::string_view tenant, int32_t partitions);

}  // namespace picket::kafka
