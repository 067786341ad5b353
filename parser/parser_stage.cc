#include "parser/parser_stage.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/json_writer.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "kafka/dead_letter.h"
#include "kafka/worker/stage_counts.h"
#include "model/message_headers.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/event_sample.h"
#include "parser/normalizer.h"

namespace picket::parser {
namespace {

constexpr char kStage[] = "parser";
constexpr std::string_view kEventSchema = "ocsf/1.8.0";
constexpr std::string_view kEcsSchema = "ecs/8.17.0";

StringSet EcsTenants(const std::vector<TenantSettings>& tenants) {
  StringSet ids;
  for (const TenantSettings& tenant : tenants) {
    if (tenant.parser.ecs) ids.insert(tenant.tenant_id);
  }
  return ids;
}

class ParserStage final : public kafka::Stage {
 public:
  ParserStage(const ParserConfig& config, const kafka::TopicsConfig& topics, Metrics& metrics,
              const std::vector<TenantSettings>& tenants, ParserShared shared)
      : partitions_(static_cast<int32_t>(topics.partitions)),
        normalizer_({.raw_data = config.raw_data,
                     .elastic_actions = config.elastic_actions,
                     .geo = std::move(shared.geo)},
                    metrics),
        handover_(std::move(shared.tenants)),
        clock_(shared.clock),
        schemas_(std::move(shared.schemas)),
        sample_(schemas_ == nullptr ? EventSample() : EventSample(config.check_one_in)),
        seen_topic_(kafka::TopicName(topics.prefix, kafka::Topic::kSeen)),
        seen_({.window = config.duplicate_window,
               .budget_bytes = static_cast<size_t>(config.duplicate_budget_bytes != 0
                                                       ? config.duplicate_budget_bytes
                                                       : config.duplicate_budget_mb << 20),
               .dir = config.duplicate_dir,
               .disk_budget_bytes = config.duplicate_disk_mb << 20,
               .folder = seen_topic_},
              metrics),
        metrics_(metrics),
        counts_(metrics, kStage),
        empty_blobs_(counts_.batch().Of(metrics.GetCounter("picket_parser_empty_blobs_total"))),
        moved_(counts_.batch().Of(metrics.GetCounter("picket_parser_moved_messages_total"))),
        future_(counts_.batch().Of(metrics.GetCounter("picket_parser_future_messages_total"))),
        cut_(counts_.batch().Of(metrics.GetCounter("picket_parser_cut_events_total"))),
        checked_(counts_.batch().Of(metrics.GetCounter("picket_parser_checked_events_total"))),
        foreign_rows_(metrics.GetCounter("picket_foreign_rows_total",
                                         {{"stage", kStage}, {"topic", seen_topic_}})),
        unreadable_rows_(metrics.GetCounter("picket_unreadable_rows_total",
                                            {{"stage", kStage}, {"topic", seen_topic_}})) {
    spec_.name = kStage;
    spec_.input = kafka::Topic::kRaw;
    spec_.changelogs = {kafka::Topic::kSeen};
    if (handover_ == nullptr) {
      auto fixed = std::make_shared<ParserTenants>();
      fixed->ecs = EcsTenants(tenants);
      handover_ = std::make_shared<const ParserTenantHandover>(std::move(fixed));
    }
    generation_ = handover_->generation();
    tenants_ = handover_->Get();
  }

  const kafka::StageSpec& spec() const override { return spec_; }

  void BeginRestore(int32_t partition) override {
    ReadClock();
    seen_.BeginRestore(partition);
  }
  void BetweenTransactions() override {
    ReadClock();
    TakeTenants();
  }

  int64_t RestoreFrom(kafka::Topic /*changelog*/, int32_t partition, int64_t begin,
                      int64_t end) override {
    return seen_.RestoreFrom(partition, begin, end);
  }

  void RestoreRow(const kafka::Message& row) override {
    if (row.is_tombstone) return;
    // A parser writes a row only to the partition of the row's tenant. A row in any other partition
    // is ignored.
    const bool names_tenant = CanonicalTenant(row.key) == row.key;
    if (names_tenant && kafka::PartitionOf(row.key, partitions_) != row.partition) {
      foreign_rows_.Increment();
      LogWarning("seen_row_foreign", {{"partition", row.partition}, {"offset", row.offset}});
      return;
    }
    if (names_tenant && seen_.RestoreRow(row.partition, row.offset, row.key, row.value)) return;
    unreadable_rows_.Increment();
    LogWarning("seen_row_unreadable", {{"partition", row.partition}, {"offset", row.offset}});
  }

  bool IsRestored(int32_t partition) override { return seen_.IsRestored(partition); }
  void EndRestore(int32_t /*partition*/) override {}
  void OnChangelogRow(kafka::Topic /*changelog*/, int32_t partition, int64_t offset) override {
    seen_.OnRowsWritten(partition, offset);
  }
  void Suspend(int32_t partition) override { seen_.Suspend(partition); }
  void Resume(int32_t partition) override { seen_.Resume(partition); }
  void Release(int32_t partition) override { seen_.Release(partition); }

  void Process(const kafka::Message& message, kafka::OutputBatch& out) override {
    const std::optional<std::string> tenant = CanonicalTenant(message.key);
    if (!tenant.has_value()) {
      return AddWholeMessage(message, message.value, "no_tenant",
                             "the message's key is not a tenant id (a GUID)", out);
    }
    const int32_t partition = kafka::PartitionOf(*tenant, partitions_);
    if (partition != message.partition) return Forward(message, *tenant, partition, out);

    const absl::Time arrival = absl::FromUnixMillis(message.timestamp_ms);
    if (arrival > seen_.latest_arrival()) future_.Add();
    NormalizeBlob(message, *tenant, arrival);
    AddEvents(message, *tenant, arrival, out);
    AddRejected(message, out);
  }

  void Flush(kafka::OutputBatch& out) override {
    seen_.Flush(
        [&](int32_t partition, std::string_view tenant, std::string_view value) {
          out.Add(kafka::Topic::kSeen, partition, tenant, value);
        },
        [&](const ForgottenIds& forgotten) { AddCoverageRow(forgotten, out); });
  }

  void Commit() override {
    seen_.Commit();
    counts_.Commit();
    normalizer_.Commit();
  }

  void Abort() override {
    seen_.Abort();
    counts_.Abort();
    normalizer_.Abort();
  }

  void Reject(const kafka::Message& message, std::string_view reason,
              kafka::OutputBatch& out) override {
    if (const std::optional<std::string> tenant = CanonicalTenant(message.key);
        tenant.has_value() && MaskOf(*tenant) != nullptr) {
      return AddWholeMessage(message, {}, reason,
                             "bytes withheld: fields of this tenant are masked", out);
    }
    counts_.in().Add();
    counts_.dead_letters(reason).Add();
    kafka::Stage::Reject(message, reason, out);
  }

 private:
  void ReadClock() {
    if (clock_ != nullptr) seen_.SetNow(clock_->Now());
  }

  // Takes over changed settings of the tenants.
  void TakeTenants() {
    const uint64_t generation = handover_->generation();
    if (generation == generation_) return;
    generation_ = generation;
    tenants_ = handover_->Get();
  }

  // Normalises the message's blob into `batch_`.
  void NormalizeBlob(const kafka::Message& message, std::string_view tenant, absl::Time arrival) {
    BlobSource source;
    source.tenant = tenant;
    source.content_type = message.FindHeader(headers::kAuditContentType).value_or("");
    source.content_created = message.FindHeader(headers::kContentCreated).value_or("");
    source.fetched_at = message.FindHeader(headers::kFetchedAt).value_or("");
    source.mask = MaskOf(tenant);
    source.own_fetcher = message.FindHeader(headers::kContentId).has_value();
    source.ecs = tenants_->ecs.contains(tenant);
    source.processed_time_ms = message.timestamp_ms;
    std::string arrival_text;
    if (source.content_created.empty()) {
      arrival_text = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", arrival, absl::UTCTimeZone());
      source.content_created = arrival_text;
    }
    normalizer_.Normalize(source, message.value, batch_);
    if (batch_.empty_blob) empty_blobs_.Add();
    counts_.in().Add(static_cast<int64_t>(batch_.records()));
  }

  // Adds the events of `batch_` whose records are new.
  void AddEvents(const kafka::Message& message, std::string_view tenant, absl::Time arrival,
                 kafka::OutputBatch& out) {
    shared_headers_.clear();
    duplicates_of_blob_.clear();
    for (const NormalizedBatch::Event& event : batch_.events) {
      if (!seen_.Insert(message.partition, tenant, event.id, event.hour, arrival)) {
        counts_.duplicates().Add();
        duplicates_of_blob_.push_back(event.index);
        continue;
      }
      counts_.out().Add();
      if (sample_.Picks()) CheckAgainstSchema(tenant, event);
      out.AddShared(kafka::Topic::kEvents, message.partition, batch_.Uid(event), batch_.Json(event),
                    HeadersOf(message, tenant, event, kEventSchema, out));
      if (event.ecs_size > 0) {
        out.AddShared(kafka::Topic::kEventsEcs, message.partition, batch_.Uid(event),
                      batch_.Ecs(event), HeadersOf(message, tenant, event, kEcsSchema, out));
      }
    }
  }

  // Adds the dead letters of `batch_`.
  void AddRejected(const kafka::Message& message, kafka::OutputBatch& out) {
    for (const NormalizedBatch::Rejected& rejected : batch_.rejected) {
      if (!rejected.has_event) {
        AddDeadLetter(message, rejected.index, rejected.bytes, rejected.reason, rejected.error,
                      out);
        continue;
      }
      // The record has already been counted, either as an event or as a duplicate. A duplicate
      // gets no dead letter.
      if (std::find(duplicates_of_blob_.begin(), duplicates_of_blob_.end(), rejected.index) !=
          duplicates_of_blob_.end()) {
        continue;
      }
      cut_.Add();
      kafka::AddDeadLetter(message, rejected.index, rejected.bytes,
                           {spec_.name, rejected.reason, rejected.error, 1}, out);
    }
  }

  // Returns the headers of an event.
  kafka::OutputBatch::SharedHeaders HeadersOf(const kafka::Message& message,
                                              std::string_view tenant,
                                              const NormalizedBatch::Event& event,
                                              std::string_view schema, kafka::OutputBatch& out) {
    char digits[12];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), event.index);
    return out.ShareWith(
        ClassHeadersOf(message, tenant, event.class_uid, schema, out),
        {headers::kRawIndex, std::string_view(digits, static_cast<size_t>(end - digits))});
  }

  // Returns the headers that all events of a message with the same class and schema share.
  kafka::OutputBatch::SharedHeaders ClassHeadersOf(const kafka::Message& message,
                                                   std::string_view tenant, int32_t class_uid,
                                                   std::string_view schema,
                                                   kafka::OutputBatch& out) {
    for (const ClassHeaders& known : shared_headers_) {
      if (known.class_uid == class_uid && known.schema == schema) return known.headers;
    }
    char digits[12];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), class_uid);
    const std::string offset = std::to_string(message.offset);
    const kafka::Header event_headers[] = {
        {headers::kTenant, tenant},
        {headers::kClassUid, std::string_view(digits, end - digits)},
        {headers::kSchema, schema},
        {headers::kRawOffset, offset},
    };
    shared_headers_.push_back({class_uid, schema, out.Share(event_headers)});
    return shared_headers_.back().headers;
  }

  // Checks an event against its schema, and counts and logs a violation. A violation is an error of
  // the mapping, not of the record, so the event is still produced.
  void CheckAgainstSchema(std::string_view tenant, const NormalizedBatch::Event& event) {
    checked_.Add();
    const std::vector<SchemaFault> faults = schemas_->Validate(batch_.Json(event));
    if (faults.empty()) return;
    counts_.batch()
        .Of(metrics_.GetCounter("picket_parser_invalid_events_total",
                                {{"class_uid", std::to_string(event.class_uid)}}))
        .Add();
    const SchemaFault& first = faults.front();
    LogWarning("event_schema_violation", {{"tenant", tenant},
                                          {"uid", batch_.Uid(event)},
                                          {"class_uid", event.class_uid},
                                          {"path", first.path},
                                          {"fault", first.what},
                                          {"faults", faults.size()}});
  }

  // Adds a row to `coverage`. The row contains the hours for which Ids were forgotten. Duplicates
  // of records that arrived in these hours may not be recognised.
  void AddCoverageRow(const ForgottenIds& forgotten, kafka::OutputBatch& out) {
    const auto text = [](int32_t hour) {
      return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::UnixEpoch() + absl::Hours(hour),
                              absl::UTCTimeZone());
    };
    std::string row;
    JsonWriter json(&row);
    json.BeginObject().Key("kind").Value("duplicate_window").Key("reason").Value(forgotten.reason);
    json.Key("stage").Value(spec_.name).Key("topic").Value(seen_topic_);
    json.Key("partition").Value(forgotten.partition);
    json.Key("from").Value(text(forgotten.from_hour)).Key("to").Value(text(forgotten.to_hour));
    json.Key("ids").Value(forgotten.ids).EndObject();
    out.Add(kafka::Topic::kCoverage, forgotten.partition,
            absl::StrCat("partition|", seen_topic_, "|", forgotten.partition, "|duplicate_window|",
                         text(forgotten.from_hour)),
            row);
  }

  // Adds a dead letter and counts it. If `index` is -1, the dead letter is the whole message.
  void AddDeadLetter(const kafka::Message& message, int index, std::string_view bytes,
                     std::string_view reason, std::string_view error, kafka::OutputBatch& out) {
    counts_.dead_letters(reason).Add();
    kafka::AddDeadLetter(message, index, bytes, {spec_.name, reason, error, 1}, out);
  }

  // Adds a dead letter for a whole message that was not normalised. The records of such a message
  // are not known, so the message counts as one record.
  void AddWholeMessage(const kafka::Message& message, std::string_view bytes,
                       std::string_view reason, std::string_view error, kafka::OutputBatch& out) {
    counts_.in().Add();
    AddDeadLetter(message, -1, bytes, reason, error, out);
  }

  // Returns the tenant's mask, or nullptr if the tenant masks no field.
  const RecordMask* MaskOf(std::string_view tenant) const {
    if (tenants_->masks == nullptr) return nullptr;
    const auto found = tenants_->masks->find(tenant);
    return found == tenants_->masks->end() ? nullptr : &found->second;
  }

  // Forwards a message to the partition that has the tenant's state. A message is in another
  // partition if its producer uses a different partitioner. A message is forwarded only once. If a
  // forwarded message is still in the wrong partition, it becomes a dead letter, so that it cannot
  // circulate.
  void Forward(const kafka::Message& message, std::string_view tenant, int32_t partition,
               kafka::OutputBatch& out) {
    if (message.FindHeader(headers::kMoved).has_value()) {
      const bool is_masked = MaskOf(tenant) != nullptr;
      return AddWholeMessage(message, is_masked ? std::string_view() : message.value,
                             "wrong_partition",
                             absl::StrCat("the tenant's partition is ", partition), out);
    }
    moved_.Add();
    std::vector<kafka::Header> moved(message.headers.begin(), message.headers.end());
    moved.push_back({headers::kMoved, "1"});
    out.Add(kafka::Topic::kRaw, partition, tenant, message.value, moved);
  }

  kafka::StageSpec spec_;
  const int32_t partitions_;
  Normalizer normalizer_;
  std::shared_ptr<const ParserTenantHandover> handover_;
  uint64_t generation_ = 0;  // generation of `tenants_`
  std::shared_ptr<const ParserTenants> tenants_;
  const Clock* const clock_;
  const std::shared_ptr<const EventSchemas> schemas_;
  EventSample sample_;
  const std::string seen_topic_;
  DuplicateWindow seen_;
  Metrics& metrics_;
  NormalizedBatch batch_;
  // Headers for the current blob's events of one class and schema.
  struct ClassHeaders {
    int32_t class_uid;
    std::string_view schema;
    kafka::OutputBatch::SharedHeaders headers;
  };
  std::vector<ClassHeaders> shared_headers_;
  std::vector<int> duplicates_of_blob_;  // indexes of records in the current blob
  kafka::StageCounts counts_;
  BatchCount& empty_blobs_;
  BatchCount& moved_;
  BatchCount& future_;
  BatchCount& cut_;
  BatchCount& checked_;
  Counter& foreign_rows_;
  Counter& unreadable_rows_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const ParserTenants>> MakeParserTenants(
    const std::vector<TenantSettings>& tenants, const std::string& mask_key_file) {
  auto made = std::make_shared<ParserTenants>();
  made->ecs = EcsTenants(tenants);
  ASSIGN_OR_RETURN(made->masks, MakeTenantMasks(tenants, mask_key_file));
  return made;
}

std::unique_ptr<kafka::Stage> MakeParserStage(const ParserConfig& config,
                                              const kafka::TopicsConfig& topics, Metrics& metrics,
                                              const std::vector<TenantSettings>& tenants,
                                              ParserShared shared) {
  return std::make_unique<ParserStage>(config, topics, metrics, tenants, std::move(shared));
}

}  // namespace picket::parser
