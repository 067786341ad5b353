// The worker's transaction, and what follows when it does not end as it should.

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/json_writer.h"
#include "common/log.h"
#include "kafka/message_size.h"
#include "kafka/worker/crash_trial.h"
#include "kafka/worker/worker_loop.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kTrialLimit = absl::Seconds(20);
constexpr absl::Duration kAnswerSlice = absl::Milliseconds(500);

}  // namespace

std::string WorkerLoop::NextBatchName() {
  return absl::StrCat(batch_name_prefix_, "-", ++batch_number_);
}

CallResult WorkerLoop::Interfere(TransactionCall call, CallResult result) {
  if (!options_.interfere || result != CallResult::kOk) return result;
  switch (options_.interfere(call)) {
    case Interference::kAbort:
      return CallResult::kMustAbort;
    case Interference::kCrash:
      std::abort();
    default:
      return result;
  }
}

WorkerLoop::Outcome WorkerLoop::RunTransaction(const OutputBatch& batch,
                                               const std::vector<InputOffset>& offsets,
                                               absl::Duration limit) {
  const absl::Time began = absl::Now();
  const absl::Time deadline = began + limit;
  SetStep(WorkerStep::kProducing);
  CallResult result = Interfere(TransactionCall::kBegin, producer_->Begin());
  if (result == CallResult::kOk) {
    result = Interfere(TransactionCall::kProduce, producer_->Produce(batch, deadline));
  }
  if (result == CallResult::kOk) {
    result = Interfere(TransactionCall::kFlush, producer_->Flush(deadline));
  }
  if (result == CallResult::kOk) {
    SetStep(WorkerStep::kOffsetsSent);
    result =
        Interfere(TransactionCall::kSendOffsets,
                  producer_->SendOffsets(input_topic_, offsets, group_metadata_.get(), deadline));
  }
  if (result == CallResult::kOk) {
    SetStep(WorkerStep::kCommitting);
    const Interference interference =
        options_.interfere ? options_.interfere(TransactionCall::kCommit) : Interference::kNone;
    if (interference == Interference::kAbort) {
      result = CallResult::kMustAbort;
    } else if (interference == Interference::kLoseRequest) {
      result = CallResult::kMustRecreate;
    } else {
      result = producer_->Commit(deadline);
      if (interference == Interference::kCrash) std::abort();
      if (interference == Interference::kLoseAnswer) result = CallResult::kMustRecreate;
    }
    if (result == CallResult::kOk) {
      metrics_.Transactions("committed").Increment();
      metrics_.commit_seconds.Observe(absl::ToDoubleSeconds(absl::Now() - began));
      broker_down_ = false;
      return Outcome::kCommitted;
    }
    if (result == CallResult::kMustRecreate) {
      metrics_.Transactions("unknown").Increment();
      LogWarning("transaction_unanswered", {{"worker", name_}, {"error", producer_->error()}});
      DropProducer();
      return Outcome::kUnknown;
    }
  }

  // Nothing asked for the commit, so the transaction cannot become one.
  metrics_.Transactions("aborted").Increment();
  LogWarning("transaction_aborted", {{"worker", name_}, {"error", producer_->error()}});
  if (result == CallResult::kMustAbort) {
    result = producer_->Abort(absl::Now() + std::min(limit, options_.kafka.transaction_timeout));
  }
  if (result != CallResult::kOk) DropProducer();
  return Outcome::kAborted;
}

void WorkerLoop::CommitBatch(absl::Duration limit) {
  if (!held_.empty()) TryHeldMessages();
  if (spoilt_) {
    AbandonBatch();
    return;
  }
  AddGapRows();
  const size_t first = out_.entries().size();
  stage_->Flush(out_);
  if (HasOversizedEntry(first)) {
    SpoiltBySize();
    return;
  }
  const std::string batch = NextBatchName();
  std::vector<InputOffset> offsets;
  for (const auto& [number, partition] : partitions_) {
    if (partition.touched) {
      offsets.push_back({number, partition.next, FormatOffsetMark({batch, 0})});
    }
  }
  switch (RunTransaction(out_, offsets, limit)) {
    case Outcome::kCommitted:
      BatchCommitted();
      break;
    case Outcome::kAborted:
      if (producer_ != nullptr && producer_->too_large()) {
        SpoiltBySize();
      } else {
        AbandonBatch();
      }
      break;
    case Outcome::kUnknown:
      undecided_ = batch;
      break;
  }
}

bool WorkerLoop::HasOversizedEntry(size_t first) const {
  for (size_t i = first; i < out_.entries().size(); ++i) {
    const OutputBatch::Entry& entry = out_.entries()[i];
    if (OutputBytes(entry.key, entry.value, out_.HeadersOf(entry)) > kMaxOutputBytes) return true;
  }
  return false;
}

void WorkerLoop::AddGapRows() {
  for (const auto& [number, partition] : partitions_) {
    if (!partition.touched || !partition.gap.has_value()) continue;
    const Partition::Gap& gap = *partition.gap;
    std::string row;
    JsonWriter json(&row);
    json.BeginObject();
    json.Key("kind").Value("gap").Key("reason").Value("input_deleted_before_it_was_read");
    json.Key("stage").Value(spec_.name).Key("topic").Value(input_topic_);
    json.Key("partition").Value(number).Key("from").Value(gap.from).Key("to").Value(gap.to);
    json.EndObject();
    out_.Add(Topic::kCoverage, number,
             absl::StrCat("partition|", input_topic_, "|", number, "|gap|", gap.from), row);
  }
}

// Several starts ended at these messages: a child process shows which of them ends it.
void WorkerLoop::TryHeldMessages() {
  std::vector<MessagePtr> held = std::move(held_);
  held_.clear();
  held_bytes_ = 0;
  const auto is_rejected = [this](const rd_kafka_message_t& message) {
    const Partition* const partition = FindPartition(message.partition);
    return partition->rejected.find(message.offset) != partition->rejected.end();
  };
  while (true) {
    const std::optional<size_t> crashed = FindCrash(held.size(), kTrialLimit, [&](size_t i) {
      if (is_rejected(*held[i])) return;
      OutputBatch scratch;
      stage_->Process(ToMessage(*held[i], input_topic_, headers_), scratch);
      stage_->Flush(scratch);
      stage_->Commit();
    });
    if (!crashed.has_value() || *crashed >= held.size() || is_rejected(*held[*crashed])) break;
    const rd_kafka_message_t& message = *held[*crashed];
    FindPartition(message.partition)->rejected[message.offset] = "crashed";
    LogError("message_crashes", {{"topic", input_topic_},
                                 {"partition", message.partition},
                                 {"offset", message.offset},
                                 {"kept_in", "dead-letters"}});
  }
  for (const MessagePtr& message : held) {
    Deliver(*message, *FindPartition(message->partition));
    if (spoilt_) return;
  }
}

void WorkerLoop::BatchCommitted() {
  // After a lost answer the producer is a new one, which knows of no rows.
  if (producer_ != nullptr) {
    for (const auto& [partition, offset] : producer_->LastOffsets()) {
      stage_->OnChangelogRow(partition, offset);
    }
  }
  stage_->Commit();
  for (auto& [number, partition] : partitions_) {
    if (!partition.touched) continue;
    if (partition.gap.has_value()) {
      metrics_.coverage_gaps.Increment();
      partition.gap.reset();
    }
    partition.committed = partition.next;
    partition.start = partition.next;
    partition.attempts = 0;
    partition.rejected.erase(partition.rejected.begin(),
                             partition.rejected.lower_bound(partition.next));
  }
  metrics_.messages_in.Increment(static_cast<double>(batch_inputs_));
  for (const OutputBatch::Entry& entry : out_.entries()) {
    metrics_.MessagesOut(entry.topic).Increment();
  }
  for (const auto& [reason, count] : batch_rejects_) metrics_.DeadLetters(reason).Increment(count);
  size_aborts_ = 0;
  batch_limit_ = std::min(options_.kafka.batch_messages, batch_limit_ * 2);
  ClearBatch();
}

void WorkerLoop::ClearBatch() {
  for (auto& [number, partition] : partitions_) {
    partition.touched = partition.gap.has_value();
  }
  out_.Clear();
  held_.clear();
  held_bytes_ = 0;
  batch_open_ = false;
  batch_inputs_ = 0;
  largest_output_ = 0;
  batch_rejects_.clear();
  spoilt_ = false;
}

void WorkerLoop::AbandonBatch() {
  stage_->Abort();
  if (!revoking_) Rewind();
  ClearBatch();
}

// Something of the batch is larger than a message may be, and it is not known which input it comes from.
void WorkerLoop::SpoiltBySize() {
  ++size_aborts_;
  if (batch_inputs_ == 1) {
    if (Partition* const partition = FindPartition(last_partition_); partition != nullptr) {
      partition->rejected[last_offset_] = "oversized";
    }
    LogWarning("message_oversized",
               {{"topic", input_topic_}, {"partition", last_partition_}, {"offset", last_offset_}});
  } else {
    batch_limit_ = std::max<int64_t>(1, batch_inputs_ / 2);
  }
  AbandonBatch();
}

// Puts every partition back to where the last decided transaction left it.
void WorkerLoop::Rewind() {
  std::vector<GroupConsumer::Position> positions;
  for (auto& [number, partition] : partitions_) {
    if (!partition.touched) continue;
    partition.next = partition.gap.has_value() ? partition.gap->to : partition.start;
    positions.push_back({number, partition.next});
  }
  if (!spec_.consumes_input) return;
  if (!consumer_->Seek(positions)) ReassignAll();
}

void WorkerLoop::ReassignAll() {
  std::vector<GroupConsumer::Position> positions;
  std::vector<int32_t> live;
  for (const auto& [number, partition] : partitions_) {
    const bool is_live = partition.phase == PartitionPhase::kLive;
    positions.push_back({number, is_live ? partition.next : partition.input_begin});
    if (is_live) live.push_back(number);
  }
  consumer_->Reassign(positions);
  if (spec_.consumes_input) consumer_->Resume(live);
}

// The new producer of the same name has decided the transaction; the committed offsets tell how.
void WorkerLoop::ResolveUndecided() {
  std::vector<int32_t> touched;
  for (const auto& [number, partition] : partitions_) {
    if (partition.touched) touched.push_back(number);
  }
  const auto offsets = consumer_->Committed(touched, kAnswerSlice);
  if (!offsets.ok()) {
    LogWarning("transaction_outcome_pending", {{"worker", name_}, {"error", offsets.status()}});
    return;
  }
  const bool is_committed =
      !offsets->empty() && ParseOffsetMark(offsets->front().metadata).batch == undecided_;
  LogInfo("transaction_outcome_found", {{"worker", name_}, {"committed", is_committed}});
  undecided_.clear();
  // Polls since then may have dropped messages of any partition.
  if (is_committed) {
    BatchCommitted();
  } else {
    stage_->Abort();
    for (auto& [number, partition] : partitions_) {
      partition.next = partition.gap.has_value() ? partition.gap->to : partition.start;
    }
    ClearBatch();
  }
}

// Writes down that these partitions are about to be tried, before anything of them is: a message that ends the process
// is then known after the restart.
bool WorkerLoop::MarkAttempts(const std::vector<Partition*>& partitions) {
  const OutputBatch nothing;
  std::vector<InputOffset> offsets;
  const std::string batch = NextBatchName();
  for (const Partition* const partition : partitions) {
    offsets.push_back(
        {partition->number, partition->start, FormatOffsetMark({batch, partition->attempts + 1})});
  }
  if (RunTransaction(nothing, offsets, options_.kafka.transaction_timeout) != Outcome::kCommitted) {
    return false;
  }
  for (Partition* const partition : partitions) {
    ++partition->attempts;
    partition->committed = partition->start;
  }
  return true;
}

}  // namespace picket::kafka
