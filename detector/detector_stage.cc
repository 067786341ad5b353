#include "detector/detector_stage.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/tenant.h"
#include "detector/detector.h"
#include "kafka/dead_letter.h"
#include "kafka/worker/stage_counts.h"
#include "model/message_headers.h"

namespace picket::detector {
namespace {

constexpr char kStage[] = "detector";
constexpr std::string_view kAlertSchema = "ocsf-1.8.0/2004";

class DetectorStage final : public kafka::Stage {
 public:
  DetectorStage(const DetectorConfig& config, const kafka::TopicsConfig& topics,
                const RuleHandover& rules, Metrics& metrics)
      : partitions_(static_cast<int32_t>(topics.partitions)),
        rules_(rules),
        generation_(rules.generation()),
        detector_(rules.Get(), DetectorOptions{.allowed_lateness = config.allowed_lateness},
                  metrics),
        counts_(metrics, kStage),
        foreign_rows_(metrics.GetCounter(
            "picket_foreign_rows_total",
            {{"stage", kStage}, {"topic", TopicName(topics.prefix, kafka::Topic::kState)}})),
        unreadable_rows_(metrics.GetCounter(
            "picket_unreadable_rows_total",
            {{"stage", kStage}, {"topic", TopicName(topics.prefix, kafka::Topic::kState)}})),
        swap_seconds_(metrics.GetHistogram("picket_rules_swap_seconds", LatencyBounds())) {
    spec_.name = kStage;
    spec_.input = kafka::Topic::kEvents;
    spec_.changelogs = {kafka::Topic::kState};
  }

  const kafka::StageSpec& spec() const override { return spec_; }

  void BeginRestore(int32_t partition) override { detector_.BeginRestore(partition); }

  void RestoreRow(const kafka::Message& row) override {
    const std::string_view tenant = row.key.substr(0, row.key.find('|'));
    if (kafka::PartitionOf(tenant, partitions_) != row.partition) {
      foreign_rows_.Increment();
      return;
    }
    detector_.RestoreRow(row.partition,
                         {row.key, row.is_tombstone ? std::string_view() : row.value});
  }

  void EndRestore(int32_t partition) override {
    unreadable_rows_.Increment(static_cast<double>(detector_.EndRestore(partition)));
  }
  void Release(int32_t partition) override { detector_.Release(partition); }

  void Process(const kafka::Message& message, kafka::OutputBatch& out) override {
    counts_.in().Add();
    const std::string_view tenant = TenantTextOf(message);
    // Consecutive events usually have the same tenant.
    if (tenant_.empty() || tenant != tenant_text_) {
      std::optional<std::string> canonical = CanonicalTenant(tenant);
      if (!canonical) {
        AddDeadLetter(message, "no_tenant",
                      "neither the key nor the header `tenant` names a tenant", out);
        return;
      }
      tenant_text_ = tenant;
      tenant_ = *std::move(canonical);
    }
    EventSource source;
    source.tenant = tenant_;
    source.topic = message.topic;
    source.partition = message.partition;
    source.offset = message.offset;
    source.timestamp_ms = message.timestamp_ms;
    source.place = [&message] { return PlaceOf(message); };
    const bool ok = detector_.Process(source, message.value, [&](const Alert& alert) {
      const std::array<kafka::Header, 2> headers = {
          {{headers::kTenant, alert.tenant}, {headers::kSchema, kAlertSchema}}};
      out.Add(kafka::Topic::kAlerts, message.partition, alert.id, alert.json, headers);
    });
    if (!ok) return AddDeadLetter(message, "not_an_object", "the event is not a JSON object", out);
    counts_.out().Add();
  }

  void Reject(const kafka::Message& message, std::string_view reason,
              kafka::OutputBatch& out) override {
    counts_.in().Add();
    counts_.dead_letters(reason).Add();
    kafka::Stage::Reject(message, reason, out);
  }

  void Flush(kafka::OutputBatch& out) override {
    detector_.Flush([&out](int32_t partition, const StateRow& row) {
      if (row.value.empty()) {
        out.AddTombstone(kafka::Topic::kState, partition, row.key);
      } else {
        out.Add(kafka::Topic::kState, partition, row.key, row.value);
      }
    });
  }

  void Commit() override {
    detector_.Commit();
    counts_.Commit();
  }
  void Abort() override {
    detector_.Abort();
    counts_.Abort();
  }

  void BetweenTransactions() override {
    // Read the generation before the rules. If newer rules arrive between the two reads, the
    // next call detects the new generation.
    const uint64_t generation = rules_.generation();
    if (generation == generation_) return;
    generation_ = generation;
    const auto begin = std::chrono::steady_clock::now();
    detector_.SwapRules(rules_.Get());
    swap_seconds_.Observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }

 private:
  // Returns the tenant of an event. The key of an event normally begins with the tenant; otherwise,
  // a header contains the tenant. The key is checked first, because reading headers is slow.
  static std::string_view TenantTextOf(const kafka::Message& message) {
    const std::string_view key = message.key.substr(0, message.key.find('|'));
    if (IsGuid(key)) return key;
    if (const std::optional<std::string_view> header = message.FindHeader(headers::kTenant)) {
      return *header;
    }
    return message.key.substr(0, kGuidLength);
  }

  // Returns the place of an event. The place is not known if a header is missing or not a number.
  static EventPlace PlaceOf(const kafka::Message& message) {
    const auto number = [&message](std::string_view header) {
      const std::string_view text = message.FindHeader(header).value_or("");
      int64_t value = -1;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      return error == std::errc() && end == text.data() + text.size() ? value : -1;
    };
    EventPlace place;
    place.offset = message.offset;
    place.raw_offset = number(headers::kRawOffset);
    place.raw_index = number(headers::kRawIndex);
    if (place.raw_offset < 0 || place.raw_index < 0) return {};
    return place;
  }

  void AddDeadLetter(const kafka::Message& message, std::string_view reason, std::string_view error,
                     kafka::OutputBatch& out) {
    counts_.dead_letters(reason).Add();
    kafka::AddDeadLetter(message, -1, message.value,
                         {.stage = kStage, .reason = reason, .error = error}, out);
  }

  const int32_t partitions_;
  kafka::StageSpec spec_;
  const RuleHandover& rules_;
  uint64_t generation_;  // generation (common/handover.h) of the detector's rules
  Detector detector_;
  std::string tenant_text_;  // tenant of the previous event, as received
  std::string tenant_;       // tenant of the previous event, in lower case
  kafka::StageCounts counts_;
  Counter& foreign_rows_;
  Counter& unreadable_rows_;
  Histogram& swap_seconds_;
};

}  // namespace

std::unique_ptr<kafka::Stage> MakeDetectorStage(const DetectorConfig& config,
                                                const kafka::TopicsConfig& topics,
                                                const RuleHandover& rules, Metrics& metrics) {
  return std::make_unique<DetectorStage>(config, topics, rules, metrics);
}

}  // namespace picket::detector
