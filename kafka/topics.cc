#include "kafka/topics.h"

#include <librdkafka/rdkafka.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

using Settings = std::map<std::string, std::string>;

std::string Days(int64_t days) { return absl::StrCat(days * 24 * 60 * 60 * 1000); }

// On every topic. Batches stay as the producer has compressed them.
Settings Common() {
  return {{"max.message.bytes", absl::StrCat(kMaxMessageBytes)}, {"compression.type", "producer"}};
}

Settings KeptFor(int64_t days) {
  Settings settings = Common();
  settings["cleanup.policy"] = "delete";
  settings["retention.ms"] = Days(days);
  return settings;
}

// The cleaner leaves the active segment alone, which by default is 1 GiB and a week: a restore would read all of it.
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

// Rows leave by the segment: large ones would keep Ids long after the window.
// A day longer than the duplicate window, so that a restored window equals the lost one.
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
      {Topic::kSeen, "seen", false, "none", Seen()},  // random Ids: nothing to compress
      {Topic::kState, "state", false, "lz4", Compacted()},
      {Topic::kMatches, "matches", false, "lz4", KeptFor(1)},
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
  // Needs no topic handle: the hash is of the key alone.
  return rd_kafka_msg_partitioner_murmur2(nullptr, tenant.data(), tenant.size(), partitions,
                                          nullptr, nullptr);
}

}  // namespace picket::kafka
