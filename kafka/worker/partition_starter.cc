#include "kafka/worker/partition_starter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kBarrierSlice = absl::Milliseconds(300);
constexpr absl::Duration kQueryLimit = absl::Seconds(1);
constexpr absl::Duration kRestoreSlice = absl::Milliseconds(50);
constexpr absl::Duration kParkedFor = absl::Seconds(60);
// Limits the memory use, because librdkafka fetches rows ahead for each partition that is being
// read.
constexpr int kPartitionsReadAtOnce = 4;

std::vector<int32_t> NumbersIn(const Assignment& assignment, PartitionPhase phase) {
  std::vector<int32_t> numbers;
  for (const auto& [number, partition] : assignment.partitions) {
    if (partition.phase == phase) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::string DescribeProgress(const Partition& partition) {
  std::string text = absl::StrCat("restoring partition ", partition.number);
  if (partition.phase == PartitionPhase::kBarrier) {
    absl::StrAppend(&text, ": waiting for its former owner's transaction");
  } else if (partition.phase == PartitionPhase::kReading) {
    int64_t read = 0;
    int64_t all = 0;
    for (const ChangelogProgress& changelog : partition.changelogs) {
      read += (changelog.is_done ? changelog.end : changelog.next) - changelog.begin;
      all += changelog.end - changelog.begin;
    }
    if (all > 0) absl::StrAppend(&text, ": ", read * 100 / all, " %");
  }
  return text;
}

PartitionStarter::PartitionStarter(const WorkerContext& context, Assignment& assignment)
    : context_(context), assignment_(assignment) {}

absl::Status PartitionStarter::Connect() {
  ASSIGN_OR_RETURN(ranges_, context_.clients().MakeUncommittedRanges(context_.group));
  return absl::OkStatus();
}

bool PartitionStarter::RunSlice(InputConsumer& consumer) {
  bool has_progress = PassBarrier(consumer);
  has_progress |= FindEnds(consumer);
  has_progress |= StartReading();
  has_progress |= Read();
  return has_progress;
}

// Queries the committed offsets. A predecessor that sent its offsets before it lost the partition
// can still commit those offsets. Kafka delays the answer until the transaction of the predecessor
// has ended. Data that was read before the answer cannot be trusted.
bool PartitionStarter::PassBarrier(InputConsumer& consumer) {
  std::vector<int32_t> waiting = NumbersIn(assignment_, PartitionPhase::kBarrier);
  if (waiting.empty()) return false;
  // The worker queries all partitions in one request until a query fails. Afterwards, it queries
  // one partition at a time, so that a waiting partition does not delay the others.
  if (barrier_waits_ > 0) waiting = {waiting[barrier_waits_ % waiting.size()]};
  const auto offsets = consumer.Committed(waiting, kBarrierSlice);
  if (!offsets.ok()) {
    ++barrier_waits_;
    LogDebug("partition_waits", {{"worker", context_.name}, {"error", offsets.status()}});
    return false;
  }
  for (size_t i = 0; i < waiting.size(); ++i) {
    Partition& partition = assignment_.partitions[waiting[i]];
    const CommittedOffset& committed = (*offsets)[i];
    partition.committed = committed.offset;
    partition.mark = committed.metadata;
    partition.start = partition.next = committed.offset.value_or(0);
    partition.attempts = ParseOffsetMark(committed.metadata).attempts;
    partition.phase = PartitionPhase::kEnds;
  }
  return true;
}

absl::StatusOr<std::vector<std::vector<OffsetRange>>> PartitionStarter::QueryChangelogs(
    const std::vector<int32_t>& partitions) {
  std::vector<std::vector<OffsetRange>> ranges;
  for (const Topic changelog : context_.spec.changelogs) {
    ASSIGN_OR_RETURN(ranges.emplace_back(), ranges_->Query(changelog, partitions, kQueryLimit));
  }
  return ranges;
}

bool PartitionStarter::FindEnds(InputConsumer& consumer) {
  const std::vector<int32_t> numbers = NumbersIn(assignment_, PartitionPhase::kEnds);
  if (numbers.empty()) return false;
  const auto inputs = consumer.QueryRanges(numbers, kQueryLimit);
  const auto changelogs =
      inputs.ok() ? QueryChangelogs(numbers)
                  : absl::StatusOr<std::vector<std::vector<OffsetRange>>>(inputs.status());
  if (!changelogs.ok()) {
    LogWarning("ends_unknown", {{"worker", context_.name}, {"error", changelogs.status()}});
    return false;
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    Partition& partition = assignment_.partitions[numbers[i]];
    partition.input_begin = (*inputs)[i].begin;
    partition.input_end = (*inputs)[i].end;
    std::vector<OffsetRange> ranges;
    for (const std::vector<OffsetRange>& of_changelog : *changelogs) {
      ranges.push_back(of_changelog[i]);
    }
    BeginState(partition, ranges);
  }
  return true;
}

// Resumes the parked state if it is still valid. Otherwise begins with an empty state, or queues
// the partition for a restore if its changelogs contain rows.
void PartitionStarter::BeginState(Partition& partition,
                                  const std::vector<OffsetRange>& changelogs) {
  partition.changelogs.clear();
  std::vector<int64_t> ends;
  bool has_rows = false;
  for (const OffsetRange& range : changelogs) {
    partition.changelogs.push_back({range.begin, range.begin, range.end, false});
    ends.push_back(range.end);
    has_rows = has_rows || range.begin < range.end;
  }
  if (const auto parked = parked_.find(partition.number); parked != parked_.end()) {
    // Comparing the offset is not enough, because a transaction of a stage without input may commit
    // the same offset again.
    const bool is_unchanged = parked->second.committed == partition.committed &&
                              parked->second.mark == partition.mark &&
                              parked->second.changelog_ends == ends;
    parked_.erase(parked);
    if (is_unchanged) {
      context_.stage.Resume(partition.number);
      partition.was_resumed = true;
      partition.phase = PartitionPhase::kReady;
      return;
    }
    context_.stage.Release(partition.number);
  }
  if (has_rows) {
    partition.phase = PartitionPhase::kQueued;
    return;
  }
  // There are no rows to read, so a copy that the stage has on disk must belong to another log. The
  // empty ranges passed to RestoreFrom make the stage ignore the copy.
  context_.stage.BeginRestore(partition.number);
  for (size_t i = 0; i < changelogs.size(); ++i) {
    (void)context_.stage.RestoreFrom(context_.spec.changelogs[i], partition.number,
                                     changelogs[i].end, changelogs[i].end);
  }
  context_.stage.EndRestore(partition.number);
  partition.phase = PartitionPhase::kReady;
}

ChangelogSource* PartitionStarter::ReaderOf(size_t changelog) {
  std::unique_ptr<ChangelogSource>& reader = readers_[changelog];
  if (reader == nullptr) {
    auto made = context_.clients().MakeChangelogSource(context_.spec.changelogs[changelog]);
    if (!made.ok()) {
      LogError("restore_failed", {{"worker", context_.name}, {"error", made.status()}});
      readers_.erase(changelog);
      return nullptr;
    }
    reader = *std::move(made);
  }
  return reader.get();
}

bool PartitionStarter::StartReading() {
  const auto before = static_cast<int>(NumbersIn(assignment_, PartitionPhase::kReading).size());
  int reading = before;
  for (auto& [number, partition] : assignment_.partitions) {
    if (reading >= kPartitionsReadAtOnce) break;
    if (partition.phase != PartitionPhase::kQueued) continue;
    if (!StartReading(partition)) break;
    ++reading;
  }
  return reading > before;
}

bool PartitionStarter::StartReading(Partition& partition) {
  const int32_t number = partition.number;
  for (size_t i = 0; i < partition.changelogs.size(); ++i) {
    if (ReaderOf(i) == nullptr) return false;
  }
  context_.stage.BeginRestore(number);
  for (size_t i = 0; i < partition.changelogs.size(); ++i) {
    ChangelogProgress& changelog = partition.changelogs[i];
    const int64_t from = context_.stage.RestoreFrom(context_.spec.changelogs[i], number,
                                                    changelog.begin, changelog.end);
    // The beginning of the log may advance in the meantime as old rows are deleted. So if reading
    // is to start there, the source looks up the beginning itself.
    const auto start = from > changelog.begin ? std::optional<int64_t>(from) : std::nullopt;
    changelog.next = from;
    changelog.is_done = changelog.begin >= changelog.end;
    if (changelog.is_done) continue;
    if (const absl::Status status = readers_[i]->Start(number, start, changelog.end);
        !status.ok()) {
      LogWarning("restore_failed", {{"worker", context_.name}, {"error", status}});
      for (size_t started = 0; started < i; ++started) readers_[started]->Stop(number);
      context_.stage.Release(number);
      return false;
    }
  }
  partition.phase = PartitionPhase::kReading;
  return true;
}

bool PartitionStarter::Read() {
  int64_t rows = 0;
  bool is_any_finished = false;
  for (auto& [changelog, reader] : readers_) {
    const size_t index = changelog;
    reader->Step(
        kRestoreSlice,
        [this, &rows, index](const Message& row) {
          context_.stage.RestoreRow(row);
          assignment_.partitions[row.partition].changelogs[index].next = row.offset + 1;
          ++rows;
        },
        [this, &is_any_finished, index](int32_t number) {
          is_any_finished = true;
          FinishChangelog(index, number);
        });
  }
  context_.metrics.restored_rows.Increment(static_cast<double>(rows));
  const bool is_done = std::all_of(
      assignment_.partitions.begin(), assignment_.partitions.end(),
      [](const auto& element) { return element.second.phase >= PartitionPhase::kReady; });
  if (is_done) readers_.clear();
  return rows > 0 || is_any_finished;
}

void PartitionStarter::FinishChangelog(size_t changelog, int32_t number) {
  Partition& partition = assignment_.partitions[number];
  partition.changelogs[changelog].is_done = true;
  for (const ChangelogProgress& progress : partition.changelogs) {
    if (!progress.is_done) return;
  }
  if (!context_.stage.IsRestored(number)) {
    context_.stage.Release(number);
    partition.phase = PartitionPhase::kQueued;
    return;
  }
  context_.stage.EndRestore(number);
  partition.phase = PartitionPhase::kReady;
  context_.metrics.restore_seconds.Observe(
      absl::ToDoubleSeconds(context_.Now() - partition.assigned));
}

std::string PartitionStarter::Fault() const {
  for (const auto& [changelog, reader] : readers_) {
    if (std::string fault = reader->Fault(); !fault.empty()) return fault;
  }
  return "";
}

void PartitionStarter::Park(const std::vector<const Partition*>& partitions) {
  std::vector<int32_t> numbers;
  for (const Partition* const partition : partitions) numbers.push_back(partition->number);
  const auto ranges = QueryChangelogs(numbers);
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (!ranges.ok()) {
      context_.stage.Release(numbers[i]);
      continue;
    }
    context_.stage.Suspend(numbers[i]);
    Parked& parked = parked_[numbers[i]];
    parked = {partitions[i]->committed, partitions[i]->mark, {}, context_.Now()};
    for (const std::vector<OffsetRange>& of_changelog : *ranges) {
      parked.changelog_ends.push_back(of_changelog[i].end);
    }
  }
}

void PartitionStarter::ReleaseExpired() {
  for (auto parked = parked_.begin(); parked != parked_.end();) {
    // Keeps the state of a partition that has been assigned to this worker again. BeginState
    // decides about this state as soon as the ends of the changelogs are known.
    const bool is_back = assignment_.Find(parked->first) != nullptr;
    if (!is_back && context_.Now() - parked->second.since > kParkedFor) {
      context_.stage.Release(parked->first);
      parked = parked_.erase(parked);
    } else {
      ++parked;
    }
  }
}

void PartitionStarter::ReleaseParked() {
  for (const auto& [number, parked] : parked_) context_.stage.Release(number);
  parked_.clear();
}

}  // namespace picket::kafka
