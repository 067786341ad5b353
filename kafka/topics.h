#pragma once

// The topics of Picket: names, kinds and settings from one table, and which partition a tenant has.

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
  kMatches,
  kCoverage,
  kRules,
};
inline constexpr int kTopicCount = 11;

struct TopicSpec {
  Topic topic;
  std::string_view name;                        // without the prefix: "dead-letters"
  bool single_partition;                        // `rules`; all others have the same count
  std::string_view compression;                 // the producer's codec for it
  std::map<std::string, std::string> settings;  // the topic's own configuration on the broker
};

// All topics, in the order of the enum.
absl::Span<const TopicSpec> Topics();

// "o365." + "dead-letters".
std::string TopicName(std::string_view prefix, Topic topic);

// Where everything of a tenant lies: (murmur2(tenant) & 0x7fffffff) mod partitions, which is what Kafka's own default
// partitioner makes of the tenant as key. `tenant` is lower-case text.
int32_t PartitionOf(std::string_view tenant, int32_t partitions);

// Largest message on every topic, key and headers included (max.message.bytes).
inline constexpr size_t kMaxMessageBytes = 8 << 20;

}  // namespace picket::kafka
