#include "kafka/topics.h"

#include <librdkafka/rdkafka.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/strings.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

using Settings = std::map<std::string, std::string>;

std::string Days(int64_t days) { return absl::StrCat(days * 24 * 60 * 60 * 1000); }

// Returns the settings that all topics share. The broker keeps the compression that the producer
// chose.
Settings Common() {
  return {{"max.message.bytes", absl::StrCat(kMaxMessageBytes)}, {"compression.type", "producer"}};
}

Settings KeptFor(int64_t days) {
  Settings settings = Common();
  settings["cleanup.policy"] = "delete";
  settings["retention.ms"] = Days(days);
  return settings;
}

// Adds the settings of a compacted topic, with small segments. The log cleaner does not touch the
// active segment. With the default limits of 1 GiB and one week, a restore would have to read that
// much uncompacted data.
void AddCompaction(Settings& settings) {
  settings["cleanup.policy"] = "compact";
  settings["segment.bytes"] = absl::StrCat(64 << 20);
  settings["segment.ms"] = absl::StrCat(60 * 60 * 1000);
  settings["min.cleanable.dirty.ratio"] = "0.1";
  settings["delete.retention.ms"] = Days(1);
}

Settings Compacted() {
  Settings settings = Common();
  AddCompaction(settings);
  return settings;
}

Settings CompactedAndKeptFor(int64_t days) {
  Settings settings = Compacted();
  settings["cleanup.policy"] = "compact,delete";
  settings["retention.ms"] = Days(days);
  return settings;
}

// Returns the settings of `seen`, which stores the Ids of the duplicate window. Kafka deletes whole
// segments, so large segments would keep Ids long after the window has passed. Rows are kept for
// one day longer than the default window, so that a restore finds every Id of the window.
Settings Seen() {
  Settings settings = KeptFor(8);
  settings["segment.bytes"] = absl::StrCat(64 << 20);
  settings["segment.ms"] = absl::StrCat(6 * 60 * 60 * 1000);
  return settings;
}

std::vector<TopicSpec>* MakeTable() {
  return new std::vector<TopicSpec>{
      {Topic::kRaw, "raw", false, "zstd", KeptFor(7)},
      {Topic::kEvents, "events", false, "lz4", KeptFor(7)},
      {Topic::kEventsEcs, "events-ecs", false, "lz4", KeptFor(7)},
      {Topic::kAlerts, "alerts", false, "lz4", KeptFor(90)},
      {Topic::kDeadLetters, "dead-letters", false, "zstd", KeptFor(90)},
      {Topic::kLedger, "ledger", false, "lz4", Compacted()},
      {Topic::kSeen, "seen", false, "none", Seen()},  // random Ids cannot be compressed
      {Topic::kState, "state", false, "lz4", Compacted()},
      {Topic::kCoverage, "coverage", false, "lz4", CompactedAndKeptFor(365)},
      {Topic::kRules, "rules", true, "lz4", Compacted()},
  };
}

}  // namespace

absl::Span<const TopicSpec> Topics() {
  static const std::vector<TopicSpec>& table = *MakeTable();
  return table;
}

std::string TopicName(std::string_view prefix, Topic topic) {
  return absl::StrCat(ToAbsl(prefix), ToAbsl(Topics()[static_cast<size_t>(topic)].name));
}

int32_t PartitionOf(std::string_view tenant, int32_t partitions) {
  PICKET_CHECK(partitions > 0);
  // No topic handle is needed, since only the key is hashed.
  return rd_kafka_msg_partitioner_murmur2(nullptr, tenant.data(), tenant.size(), partitions,
                                          nullptr, nullptr);
}

}  // namespace picket::kafka
