#pragma once

// Picket's topics: one table with their names and settings, and the partition of a tenant.

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
  std::string_view name;                        // without the prefix: "dead-letters"
  bool single_partition;                        // only `rules`; all others have the same count
  std::string_view compression;                 // the codec that the producer uses
  std::map<std::string, std::string> settings;  // the topic's configuration on the broker
};

// All topics, in the order of the enum.
absl::Span<const TopicSpec> Topics();

// "o365." + "dead-letters".
std::string TopicName(std::string_view prefix, Topic topic);

// The partition that everything of a tenant is stored in: (murmur2(tenant) & 0x7fffffff) mod
// partitions, which is where Kafka's default partitioner puts a message with the tenant as key.
// `tenant` is in lower case.
int32_t PartitionOf(std::string_view tenant, int32_t partitions);

}  // namespace picket::kafka
