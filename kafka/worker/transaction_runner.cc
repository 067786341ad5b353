#include "kafka/worker/transaction_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/log.h"
#include "common/strings.h"
#include "kafka/client_config.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kInitSlice = absl::Milliseconds(200);
constexpr absl::Duration kAnswerSlice = absl::Milliseconds(500);
// A single abort is part of normal operation. The worker repeats the transaction at once and stays
// ready.
constexpr int kFailuresWithoutPause = 1;
constexpr int kFailuresUntilNotReady = 3;
// How long a failure counts against readiness. The worker normally repeats a failed transaction
// within a few seconds. An older failure is therefore out of date, for example because the
// partitions of the transaction were revoked or its input was deleted.
constexpr absl::Duration kFailureIsCurrent = absl::Seconds(15);
constexpr absl::Duration kLongestPause = absl::Seconds(5);

}  // namespace

bool HasOversizedEntry(const OutputBatch& batch, size_t first) {
  for (size_t i = first; i < batch.entries().size(); ++i) {
    const OutputBatch::Entry& entry = batch.entries()[i];
    if (OutputBytes(entry.key, entry.value, batch.HeadersOf(entry)) > kMaxOutputBytes) return true;
  }
  return false;
}

TransactionRunner::TransactionRunner(const WorkerContext& context, Assignment& assignment,
                                     Batch& batch)
    : context_(context),
      assignment_(assignment),
      batch_(batch),
      backoff_(absl::Milliseconds(100), absl::Seconds(5), context.environment.random_seed),
      pause_(absl::Milliseconds(100), kLongestPause, context.environment.random_seed),
      batch_name_prefix_(
          absl::StrCat(absl::Hex(context.environment.random_seed, absl::kZeroPad16))),
      batch_limit_(context.kafka.batch_messages) {}

std::string TransactionRunner::NextBatchName() {
  return absl::StrCat(batch_name_prefix_, "-", ++batch_number_);
}

bool TransactionRunner::PrepareProducer() {
  if (is_ready_) return context_.Now() >= paused_until_;
  const MonotonicTime now = context_.Now();
  if (now < not_before_) return false;
  absl::Status status;
  if (producer_ == nullptr) {
    auto producer = context_.clients().MakeProducer(context_.name, context_.spec.changelogs);
    if (producer.ok()) {
      producer_ = *std::move(producer);
    } else {
      status = producer.status();
    }
  }
  if (status.ok()) status = producer_->Init(kInitSlice);
  if (status.ok()) {
    is_ready_ = true;
    producer_error_.clear();
    backoff_.Reset();
    return now >= paused_until_;
  }
  if (absl::IsUnavailable(status)) return false;  // the initialisation continues in the background
  producer_error_ = ToStd(status.message());
  LogWarning("producer_failed", {{"worker", context_.name}, {"error", status}});
  DropProducer();
  not_before_ = std::max(not_before_, now + backoff_.Next());
  return false;
}

void TransactionRunner::DropProducer() {
  if (producer_ != nullptr && producer_->fenced()) {
    // Another producer took the name, or the broker gave up on the transaction. The other producer
    // may belong to another process, and a new producer here would fence that process in turn. So
    // this worker waits for its next heartbeat to the group. If another process has the name, the
    // heartbeat is fenced too, and Rejoin decides what to do.
    not_before_ = context_.Now() + HeartbeatInterval(context_.kafka.session_timeout) +
                  absl::Milliseconds(500);
    LogWarning("producer_fenced", {{"worker", context_.name}, {"error", producer_->error()}});
  }
  producer_.reset();
  is_ready_ = false;
}

TransactionRunner::Outcome TransactionRunner::RunTransaction(const OutputBatch& messages,
                                                             std::vector<InputOffset> offsets,
                                                             absl::Duration limit) {
  const MonotonicTime began = context_.Now();
  const auto left = [&] { return std::max(began + limit - context_.Now(), absl::ZeroDuration()); };
  context_.SetStep(WorkerStep::kProducing);
  CallResult result = producer_->Begin();
  if (result == CallResult::kOk) result = producer_->Produce(messages, left());
  if (result == CallResult::kOk) result = producer_->Flush(left());
  if (result == CallResult::kOk) {
    if (!context_.spec.consumes_input) FollowOwnRows(offsets);
    context_.SetStep(WorkerStep::kOffsetsSent);
    result = producer_->SendOffsets(context_.spec.input, offsets, *assignment_.metadata, left());
  }
  if (result == CallResult::kOk) {
    context_.SetStep(WorkerStep::kCommitting);
    result = producer_->Commit(left());
    if (result == CallResult::kOk) {
      failures_ = 0;
      pause_.Reset();
      context_.metrics.Transactions("committed").Increment();
      context_.metrics.commit_seconds.Observe(absl::ToDoubleSeconds(context_.Now() - began));
      return Outcome::kCommitted;
    }
    if (result == CallResult::kMustRecreate) {
      context_.metrics.Transactions("unknown").Increment();
      LogWarning("transaction_unanswered",
                 {{"worker", context_.name}, {"error", producer_->error()}});
      DropProducer();
      return Outcome::kUnknown;
    }
  }

  // No commit was requested, or the broker refused the commit. So the transaction is certainly not
  // committed.
  context_.metrics.Transactions("aborted").Increment();
  LogWarning("transaction_aborted", {{"worker", context_.name}, {"error", producer_->error()}});
  if (producer_->too_large()) {
    ShrinkBatches();  // the next attempt differs, so it needs no wait
  } else {
    OnFailure();
  }
  if (result == CallResult::kMustAbort) {
    result = producer_->Abort(std::min(limit, context_.kafka.transaction_timeout));
  }
  if (result != CallResult::kOk) DropProducer();
  return Outcome::kAborted;
}

void TransactionRunner::OnFailure() {
  failure_ = producer_->error().empty() ? "an error without a text" : producer_->error();
  failed_ = context_.Now();
  if (++failures_ > kFailuresWithoutPause) paused_until_ = failed_ + pause_.Next();
}

std::string TransactionRunner::Fault() const {
  if (!is_ready_) return producer_error_;
  const bool is_current = context_.Now() - failed_ < kFailureIsCurrent;
  return failures_ >= kFailuresUntilNotReady && is_current ? failure_ : "";
}

// For a stage without input, moves the offsets past the rows that the transaction adds to the input
// topic, and past the marker at its end. No worker reads from these offsets. Without this step, the
// lag of the group would grow in Kafka's tools.
void TransactionRunner::FollowOwnRows(std::vector<InputOffset>& offsets) {
  const std::map<BatchProducer::TopicPartition, int64_t> last = producer_->LastOffsets();
  for (InputOffset& offset : offsets) {
    const auto row = last.find({context_.spec.input, offset.partition});
    if (row == last.end()) continue;
    offset.offset = std::max(offset.offset, row->second + 2);
    assignment_.partitions.at(offset.partition).next = offset.offset;
  }
}

TransactionRunner::Outcome TransactionRunner::CommitBatch(absl::Duration limit) {
  AddGapRows();
  const size_t first = batch_.out.entries().size();
  context_.stage.Flush(batch_.out);
  if (HasOversizedEntry(batch_.out, first)) {
    ShrinkBatches();
    return Outcome::kAborted;
  }
  const std::string name = NextBatchName();
  std::vector<InputOffset> offsets;
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.touched) {
      offsets.push_back({number, partition.next, FormatOffsetMark({name, 0})});
    }
  }
  const Outcome outcome = RunTransaction(batch_.out, std::move(offsets), limit);
  if (outcome == Outcome::kCommitted) FinishBatch(name);
  if (outcome == Outcome::kUnknown) undecided_ = name;
  return outcome;
}

void TransactionRunner::AddGapRows() {
  for (const auto& [number, partition] : assignment_.partitions) {
    for (const Partition::Gap& gap : partition.gaps) {
      std::string row;
      JsonWriter json(&row);
      json.BeginObject();
      json.Key("kind").Value("gap").Key("reason").Value("input_deleted_before_it_was_read");
      json.Key("stage").Value(context_.spec.name).Key("topic").Value(context_.input_topic);
      json.Key("partition").Value(number).Key("from").Value(gap.from).Key("to").Value(gap.to);
      json.EndObject();
      batch_.out.Add(
          Topic::kCoverage, number,
          absl::StrCat("partition|", context_.input_topic, "|", number, "|gap|", gap.from), row);
    }
  }
}

void TransactionRunner::FinishBatch(const std::string& name) {
  // The offsets of the rows are known only to the producer that sent them. That producer no longer
  // exists if the answer to the commit was lost.
  if (is_ready_ && undecided_.empty()) {
    for (const auto& [topic_partition, offset] : producer_->LastOffsets()) {
      context_.stage.OnChangelogRow(topic_partition.first, topic_partition.second, offset);
    }
  }
  context_.stage.Commit();
  for (auto& [number, partition] : assignment_.partitions) {
    if (!partition.touched) continue;
    context_.metrics.coverage_gaps.Increment(static_cast<double>(partition.gaps.size()));
    partition.committed = partition.next;
    partition.mark = FormatOffsetMark({name, 0});
    partition.start = partition.next;
    partition.attempts = 0;
    partition.rejected.erase(partition.rejected.begin(),
                             partition.rejected.lower_bound(partition.next));
  }
  context_.metrics.messages_in.Increment(static_cast<double>(batch_.inputs));
  for (const OutputBatch::Entry& entry : batch_.out.entries()) {
    context_.metrics.MessagesOut(entry.topic).Increment();
  }
  batch_limit_ = std::min(context_.kafka.batch_messages, batch_limit_ * 2);
  ClearBatch();
}

void TransactionRunner::ClearBatch() {
  batch_.Clear();
  for (auto& [number, partition] : assignment_.partitions) {
    partition.touched = false;
    partition.gaps.clear();
  }
}

// Lowers the batch limit after an oversized transaction, because the input that caused the
// oversized output is unknown. If the batch had only one input, the function rejects that input
// instead.
void TransactionRunner::ShrinkBatches() {
  if (batch_.inputs == 0) return;
  if (batch_.inputs > 1) {
    batch_limit_ = std::max<int64_t>(1, batch_.inputs / 2);
    return;
  }
  if (Partition* const partition = assignment_.Find(batch_.last_partition); partition != nullptr) {
    partition->rejected[batch_.last_offset] = "oversized";
  }
  LogWarning("message_oversized", {{"topic", context_.input_topic},
                                   {"partition", batch_.last_partition},
                                   {"offset", batch_.last_offset}});
}

void TransactionRunner::ResolveUndecided(InputConsumer& consumer) {
  std::vector<int32_t> touched;
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.touched) touched.push_back(number);
  }
  const auto offsets = consumer.Committed(touched, kAnswerSlice);
  if (!offsets.ok()) {
    LogWarning("transaction_outcome_pending",
               {{"worker", context_.name}, {"error", offsets.status()}});
    return;
  }
  const bool is_committed =
      !offsets->empty() && ParseOffsetMark(offsets->front().metadata).batch == undecided_;
  LogInfo("transaction_outcome_found", {{"worker", context_.name}, {"committed", is_committed}});
  if (is_committed) {
    FinishBatch(undecided_);
  } else {
    context_.stage.Abort();
    for (auto& [number, partition] : assignment_.partitions) partition.next = partition.start;
    ClearBatch();
  }
  undecided_.clear();
}

bool TransactionRunner::RecordAttempts(const std::vector<Partition*>& partitions) {
  const OutputBatch nothing;
  std::vector<InputOffset> offsets;
  const std::string name = NextBatchName();
  for (const Partition* const partition : partitions) {
    offsets.push_back(
        {partition->number, partition->start, FormatOffsetMark({name, partition->attempts + 1})});
  }
  if (RunTransaction(nothing, std::move(offsets), context_.kafka.transaction_timeout) !=
      Outcome::kCommitted) {
    return false;
  }
  for (Partition* const partition : partitions) {
    ++partition->attempts;
    partition->committed = partition->start;
    partition->mark = FormatOffsetMark({name, partition->attempts});
  }
  return true;
}

}  // namespace picket::kafka
