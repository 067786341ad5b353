// A partition's way from assigned to live, and from live to parked.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/log.h"
#include "kafka/worker/worker_loop.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kBarrierSlice = absl::Milliseconds(300);
constexpr absl::Duration kQueryTimeout = absl::Seconds(1);
constexpr absl::Duration kRestoreSlice = absl::Milliseconds(50);
constexpr absl::Duration kParkedFor = absl::Seconds(60);
constexpr absl::Duration kRevokeLimit = absl::Seconds(2);
constexpr size_t kPartitionsReadAtOnce = 4;  // each has a prefetch of its own

absl::StatusOr<std::vector<CommittedOffset>> CommittedBy(rd_kafka_t* handle,
                                                         const std::string& topic,
                                                         const std::vector<int32_t>& partitions,
                                                         absl::Duration slice) {
  const PartitionList list = MakePartitionList(static_cast<int>(partitions.size()));
  for (const int32_t partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  }
  return ReadCommitted(handle, list.get(), slice);
}

}  // namespace

bool WorkerLoop::IsStarting() const {
  return std::any_of(partitions_.begin(), partitions_.end(), [](const auto& element) {
    return element.second.phase != PartitionPhase::kLive;
  });
}

void WorkerLoop::OnAssigned(const std::vector<int32_t>& partitions, GroupMetadata metadata) {
  ++epoch_;
  is_assigned_ = true;
  broker_down_ = false;
  group_metadata_ = std::move(metadata);
  partitions_.clear();
  const absl::Time now = absl::Now();
  last_contact_ = now;
  for (const int32_t number : partitions) {
    Partition& partition = partitions_[number];
    partition.number = number;
    partition.assigned = now;
  }
  metrics_.rebalances.Increment();
  LogInfo("partitions_assigned",
          {{"worker", name_}, {"epoch", epoch_}, {"partitions", partitions.size()}});
}

void WorkerLoop::OnRevoked(bool lost) {
  ++epoch_;
  revoking_ = true;
  bool intact = !lost && undecided_.empty() && producer_ready_ && !recovering_;
  LogInfo("partitions_revoked", {{"worker", name_}, {"epoch", epoch_}, {"lost", lost}});
  if (intact) {
    if (!spec_.consumes_input) Collect();
    if (batch_open_) CommitBatch(kRevokeLimit);
    intact = undecided_.empty();
  }
  if (batch_open_ || !undecided_.empty()) {
    stage_->Abort();
    undecided_.clear();
  }
  std::vector<Partition*> to_park;
  for (auto& [number, partition] : partitions_) {
    metrics_.Lag(number).Set(0);
    const bool has_state =
        partition.phase == PartitionPhase::kReady || partition.phase == PartitionPhase::kLive;
    if (has_state && intact && !stopping_) {
      to_park.push_back(&partition);
    } else if (has_state || partition.phase == PartitionPhase::kReading) {
      stage_->Release(number);
    }
  }
  if (!to_park.empty()) Park(to_park);
  partitions_.clear();
  ClearBatch();
  reader_.reset();
  recovering_ = false;
  is_assigned_ = false;
  group_metadata_.reset();
  revoking_ = false;
}

absl::StatusOr<std::vector<OffsetRange>> WorkerLoop::ChangelogRanges(
    const std::vector<int32_t>& partitions) {
  if (changelog_topic_.empty()) return std::vector<OffsetRange>(partitions.size());
  return QueryOffsetRanges(uncommitted_.get(), changelog_topic_, partitions, kQueryTimeout);
}

void WorkerLoop::Park(const std::vector<Partition*>& partitions) {
  std::vector<int32_t> numbers;
  for (const Partition* const partition : partitions) numbers.push_back(partition->number);
  const auto ranges = ChangelogRanges(numbers);
  const absl::Time now = absl::Now();
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (!ranges.ok()) {
      stage_->Release(numbers[i]);
      continue;
    }
    stage_->Suspend(numbers[i]);
    parked_[numbers[i]] = {partitions[i]->committed, (*ranges)[i].end, now};
  }
}

void WorkerLoop::DropParked(absl::Time now) {
  for (auto parked = parked_.begin(); parked != parked_.end();) {
    const auto found = partitions_.find(parked->first);
    // One that is just coming back is decided about when its ends are known.
    if (found == partitions_.end() && now - parked->second.since > kParkedFor) {
      stage_->Release(parked->first);
      parked = parked_.erase(parked);
    } else {
      ++parked;
    }
  }
}

void WorkerLoop::StartSlice() {
  if (!IsStarting()) return;
  SetStep(WorkerStep::kRestoring);
  PassBarrier();
  FindEnds();
  Restore();
  GoLive();
}

// A predecessor that sent its offsets before it lost the partition can still commit them. The answer to this question
// waits for that; nothing read before it is to be trusted.
void WorkerLoop::PassBarrier() {
  std::vector<int32_t> waiting;
  for (const auto& [number, partition] : partitions_) {
    if (partition.phase == PartitionPhase::kBarrier) waiting.push_back(number);
  }
  if (waiting.empty()) return;
  // All at once; when one of them has to wait, each for itself, so that it delays no other.
  if (barrier_turn_ > 0) waiting = {waiting[barrier_turn_ % waiting.size()]};
  const auto offsets = options_.skip_barrier
                           ? CommittedBy(uncommitted_.get(), input_topic_, waiting, kBarrierSlice)
                           : consumer_->Committed(waiting, kBarrierSlice);
  if (!offsets.ok()) {
    ++barrier_turn_;
    LogDebug("partition_waits", {{"worker", name_}, {"error", offsets.status()}});
    return;
  }
  for (size_t i = 0; i < waiting.size(); ++i) {
    Partition& partition = partitions_[waiting[i]];
    const CommittedOffset& committed = (*offsets)[i];
    partition.committed = committed.offset;
    partition.start = partition.next = committed.offset.value_or(0);
    partition.attempts = ParseOffsetMark(committed.metadata).attempts;
    partition.phase = PartitionPhase::kEnds;
  }
}

void WorkerLoop::FindEnds() {
  std::vector<int32_t> numbers;
  for (const auto& [number, partition] : partitions_) {
    if (partition.phase == PartitionPhase::kEnds) numbers.push_back(number);
  }
  if (numbers.empty()) return;
  const auto inputs = consumer_->QueryRanges(numbers, kQueryTimeout);
  if (!inputs.ok()) return;
  auto changelogs = ChangelogRanges(numbers);
  if (changelogs.ok() && options_.skip_uncommitted_end) {
    reader_ = ChangelogReader::Make(options_.kafka, changelog_topic_).value();
    changelogs = QueryOffsetRanges(reader_->handle(), changelog_topic_, numbers, kQueryTimeout);
  }
  if (!changelogs.ok()) return;
  for (size_t i = 0; i < numbers.size(); ++i) {
    Partition& partition = partitions_[numbers[i]];
    partition.input_begin = (*inputs)[i].begin;
    partition.input_end = (*inputs)[i].end;
    BeginState(partition, (*changelogs)[i]);
  }
}

// Takes up what was parked if it is still true; else the changelog is to be read.
void WorkerLoop::BeginState(Partition& partition, const OffsetRange& changelog) {
  partition.changelog_begin = changelog.begin;
  partition.changelog_end = changelog.end;
  partition.changelog_at = changelog.begin;
  if (const auto parked = parked_.find(partition.number); parked != parked_.end()) {
    const bool is_unchanged = parked->second.committed == partition.committed &&
                              parked->second.changelog_end == changelog.end;
    parked_.erase(parked);
    if (is_unchanged) {
      stage_->Resume(partition.number);
      partition.came_back = true;
      partition.phase = PartitionPhase::kReady;
      return;
    }
    stage_->Release(partition.number);
  }
  if (changelog.begin < changelog.end && !options_.skip_restore) {
    partition.phase = PartitionPhase::kQueued;
    return;
  }
  // Nothing to read; what the stage has on disk must be of another log.
  stage_->BeginRestore(partition.number);
  (void)stage_->RestoreFrom(partition.number, changelog.end, changelog.end);
  stage_->EndRestore(partition.number);
  partition.phase = PartitionPhase::kReady;
}

void WorkerLoop::Restore() {
  for (auto& [number, partition] : partitions_) {
    if (partition.phase != PartitionPhase::kQueued) continue;
    if (reader_ == nullptr) {
      auto reader = ChangelogReader::Make(options_.kafka, changelog_topic_);
      if (!reader.ok()) {
        LogError("restore_failed", {{"worker", name_}, {"error", reader.status()}});
        return;
      }
      reader_ = *std::move(reader);
    }
    if (reader_->reading() >= kPartitionsReadAtOnce) break;
    stage_->BeginRestore(number);
    const int64_t from =
        stage_->RestoreFrom(number, partition.changelog_begin, partition.changelog_end);
    // The beginning may move on meanwhile, as old rows are deleted.
    const auto at = from > partition.changelog_begin ? std::optional<int64_t>(from) : std::nullopt;
    if (const absl::Status status = reader_->Start(number, at, partition.changelog_end);
        !status.ok()) {
      LogWarning("restore_failed", {{"worker", name_}, {"error", status}});
      stage_->Release(number);
      break;
    }
    partition.changelog_at = from;
    partition.phase = PartitionPhase::kReading;
  }
  if (reader_ == nullptr) return;
  int64_t rows = 0;
  reader_->Step(
      kRestoreSlice,
      [this, &rows](const Message& row) {
        stage_->RestoreRow(row);
        partitions_[row.partition].changelog_at = row.offset;
        ++rows;
      },
      [this](int32_t number) {
        Partition& partition = partitions_[number];
        if (!stage_->IsRestored(number)) {
          stage_->Release(number);
          partition.phase = PartitionPhase::kQueued;
          return;
        }
        stage_->EndRestore(number);
        partition.phase = PartitionPhase::kReady;
        metrics_.restore_seconds.Observe(absl::ToDoubleSeconds(absl::Now() - partition.assigned));
      });
  metrics_.restored_rows.Increment(static_cast<double>(rows));
  const bool is_done =
      std::none_of(partitions_.begin(), partitions_.end(), [](const auto& element) {
        return element.second.phase != PartitionPhase::kReady &&
               element.second.phase != PartitionPhase::kLive;
      });
  if (is_done) reader_.reset();
}

void WorkerLoop::GoLive() {
  std::vector<Partition*> ready;
  std::vector<Partition*> to_mark;
  for (auto& [number, partition] : partitions_) {
    if (partition.phase != PartitionPhase::kReady) continue;
    ready.push_back(&partition);
    if (spec_.consumes_input && !partition.came_back && partition.next < partition.input_end) {
      to_mark.push_back(&partition);
    }
  }
  if (ready.empty() || (!to_mark.empty() && !MarkAttempts(to_mark))) return;

  std::vector<GroupConsumer::Position> positions;
  for (Partition* const partition : ready) {
    partition->phase = PartitionPhase::kLive;
    if (!spec_.consumes_input) continue;
    if (partition->next < partition->input_begin || partition->next > partition->input_end) {
      partition->gap = {partition->next, partition->input_begin};
      partition->next = partition->input_begin;
      partition->touched = true;
      if (!batch_open_) {
        batch_open_ = true;
        batch_opened_ = absl::Now();
      }
      LogError("input_gap", {{"topic", input_topic_},
                             {"partition", partition->number},
                             {"from", partition->gap->from},
                             {"to", partition->gap->to}});
    }
    // The third start here: what ended the other two is found out in a child process.
    if (partition->attempts >= 3) {
      partition->trial_until = partition->next + options_.kafka.batch_messages;
    }
    positions.push_back({partition->number, partition->next});
  }
  GoOnAt(positions);
  LogInfo("partitions_live", {{"worker", name_}, {"partitions", ready.size()}});
}

}  // namespace picket::kafka
