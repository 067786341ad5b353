#include "parser/duplicates/partition_window.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "common/error.h"
#include "common/log.h"

namespace picket::parser {
namespace {

constexpr size_t kMostMergedAtOnce = 16;
constexpr size_t kMinMergedOfOneSize = 4;

bool IsFull(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

// Returns the size class of a run: 0 for up to 3 blocks, 1 for up to 15, 2 for up to 63, and so on.
int SizeClass(const RunFile& run) {
  int size_class = 0;
  for (int64_t blocks = run.blocks(); blocks >= 4; blocks /= 4) ++size_class;
  return size_class;
}

}  // namespace

PartitionWindow::PartitionWindow(int32_t number, int32_t window_hours, int64_t largest_merged,
                                 std::unique_ptr<RunFolder> folder)
    : number_(number),
      window_hours_(window_hours),
      largest_merged_(largest_merged),
      folder_(std::move(folder)) {}

uint32_t PartitionWindow::TenantOf(std::string_view tenant) {
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end()) return found->second;
  const uint32_t number = static_cast<uint32_t>(tenants_.size());
  tenants_.try_emplace(std::string(tenant), number);
  tenant_names_.emplace_back(tenant);
  return number;
}

void PartitionWindow::OpenFolder() {
  restoring_ = true;
  if (const absl::Status status = folder_->Lock(); !status.ok()) {
    LogWarning("duplicate_folder_unavailable", {{"partition", number_}, {"error", status}});
    return;
  }
  if (!folder_->locked()) return;
  runs_are_named_ = true;
  absl::StatusOr<RunManifest> manifest = folder_->ReadManifest();
  if (manifest.ok()) {
    found_ = *std::move(manifest);
  } else {
    DiscardRuns(absl::IsNotFound(manifest.status()) ? "" : ToStd(manifest.status().message()));
  }
}

int64_t PartitionWindow::RestoreFrom(int64_t begin, int64_t end) {
  if (!found_.has_value()) return begin;
  const RunManifest manifest = *std::exchange(found_, std::nullopt);
  if (manifest.mark.offset < begin || manifest.mark.offset >= end) {
    DiscardRuns("the topic does not have the last row of the runs");
    return begin;
  }
  std::vector<std::shared_ptr<RunFile>> runs;
  for (const RunManifest::Run& listed : manifest.runs) {
    absl::StatusOr<DiskFile> file = folder_->OpenRun(listed.number);
    auto run = file.ok()
                   ? RunFile::Open(*std::move(file), listed.number, manifest.seed, listed.blocks)
                   : nullptr;
    if (run == nullptr) {
      DiscardRuns(absl::StrCat("run ", listed.number, " is damaged"));
      return begin;
    }
    next_run_ = std::max(next_run_, listed.number + 1);
    runs.push_back(std::move(run));
  }
  folder_->RemoveAllBut(manifest);
  seed_ = manifest.seed;
  memory_ = MemoryIds(seed_);
  for (const std::string& tenant : manifest.tenants) TenantOf(tenant);
  runs_ = std::move(runs);
  OnRunsChanged();
  for (const auto& run : runs_) {
    newest_arrival_hour_ = std::max(newest_arrival_hour_, run->newest_arrival());
  }
  expected_row_ = manifest.mark;
  has_restored_runs_ = true;
  LogInfo("duplicate_runs_reused", {{"partition", number_},
                                    {"runs", runs_.size()},
                                    {"ids", ids()},
                                    {"offset", manifest.mark.offset}});
  return manifest.mark.offset;
}

bool PartitionWindow::AcceptsRow(const RowMark& row) {
  if (rejected_) return false;
  if (!expected_row_.has_value()) return true;
  if (row.offset == expected_row_->offset && row.checksum == expected_row_->checksum) {
    last_row_ = row;
    expected_row_.reset();
  } else {
    DiscardRuns("the runs belong to another topic");
    rejected_ = true;
  }
  return false;
}

bool PartitionWindow::IsRestored() {
  if (expected_row_.has_value()) {
    DiscardRuns("the last row of the runs is missing");
    rejected_ = true;
  }
  if (rejected_) return false;
  restoring_ = false;
  return true;
}

void PartitionWindow::DiscardRuns(std::string_view why) {
  if (!why.empty()) {
    LogWarning("duplicate_runs_discarded", {{"partition", number_}, {"reason", why}});
  }
  merge_.reset();
  runs_.clear();
  OnRunsChanged();
  expected_row_.reset();
  folder_->Clear();
}

void PartitionWindow::OnRunsChanged() {
  run_ids_ = 0;
  run_bytes_ = 0;
  run_index_bytes_ = 0;
  for (const auto& run : runs_) {
    run_ids_ += run->ids();
    run_bytes_ += run->bytes();
    run_index_bytes_ += run->memory_bytes();
  }
  may_merge_ = true;
  candidates_known_ = false;
  candidates_.clear();
}

bool PartitionWindow::Has(const IdKey& key, const PackedId& id, int32_t horizon) {
  if (memory_.Has(key, id, horizon)) return true;
  if (runs_.empty()) return false;
  while (true) {
    if (!candidates_known_ || candidates_hour_ != key.hour_word) {
      candidates_.clear();
      for (const auto& run : runs_) {
        if (run->MayHave(key.hour_word)) candidates_.push_back(run);
      }
      candidates_hour_ = key.hour_word;
      candidates_known_ = true;
    }
    std::shared_ptr<RunFile> damaged;
    for (const auto& run : candidates_) {
      ++disk_reads_;
      const RunFile::Answer answer = run->Find(key, id, horizon);
      if (answer == RunFile::Answer::kYes) return true;
      if (answer == RunFile::Answer::kDamaged) {
        damaged = run;
        break;
      }
    }
    if (damaged == nullptr) return false;
    CountDiskError("read", "a run cannot be read or is damaged");
    DropRun(damaged, "damaged");
  }
}

int32_t PartitionWindow::Horizon() const {
  return newest_arrival_hour_ == INT32_MIN ? INT32_MIN : newest_arrival_hour_ - window_hours_;
}

void PartitionWindow::AdvanceTo(int32_t arrival_hour) {
  if (arrival_hour <= newest_arrival_hour_) return;
  newest_arrival_hour_ = arrival_hour;
  const int32_t horizon = Horizon();
  memory_.DropBefore(horizon);
  may_merge_ = true;
  const size_t expired =
      std::erase_if(runs_, [&](const auto& run) { return run->newest_arrival() < horizon; });
  if (expired == 0) return;
  OnRunsChanged();
  SaveManifest();
}

void PartitionWindow::Spill(size_t bytes, const std::function<bool()>& make_room) {
  std::vector<SortedIds> sorted = memory_.TakeOldest(bytes);
  if (sorted.empty()) return;
  std::sort(sorted.begin(), sorted.end(), [](const SortedIds& a, const SortedIds& b) {
    return std::tie(a.hour_word, a.tenant, a.arrival_hour) <
           std::tie(b.hour_word, b.tenant, b.arrival_hour);
  });
  int error = 0;
  while (!WriteRun(sorted, error)) {
    CountDiskError("write", ErrnoText(error));
    if (IsFull(error) && make_room()) continue;
    ForgetSorted(sorted, IsFull(error) ? "disk_full" : "disk_error");
    return;
  }
  SaveManifest();
}

bool PartitionWindow::WriteRun(const std::vector<SortedIds>& sorted, int& error) {
  const uint64_t number = next_run_++;
  const bool is_named = folder_->locked();
  absl::StatusOr<DiskFile> file = folder_->CreateRun(number);
  if (!file.ok()) {
    error = absl::IsResourceExhausted(file.status()) ? ENOSPC : EIO;
    LogWarning("duplicate_run_write_failed", {{"partition", number_}, {"error", file.status()}});
    return false;
  }
  int32_t oldest = INT32_MAX;
  for (const SortedIds& ids : sorted) oldest = std::min(oldest, ids.arrival_hour);
  RunWriter writer(*std::move(file), number, seed_, oldest);

  // In a run, Ids are sorted by hour word, tenant and hash. Therefore, lists that differ only in
  // the hour of arrival are merged into one list.
  struct Source {
    const SortedIds* ids;
    uint32_t at;
    uint64_t hash;
  };
  std::vector<Source> sources;
  bool written = true;
  for (size_t first = 0; first < sorted.size() && written;) {
    size_t last = first;
    sources.clear();
    for (; last < sorted.size() && sorted[last].hour_word == sorted[first].hour_word &&
           sorted[last].tenant == sorted[first].tenant;
         ++last) {
      sources.push_back({&sorted[last], 0, HashId(sorted[last].ids[0], seed_)});
    }
    while (!sources.empty() && written) {
      size_t least = 0;
      for (size_t i = 1; i < sources.size(); ++i) {
        if (std::tie(sources[i].hash, sources[i].ids->ids[sources[i].at]) <
            std::tie(sources[least].hash, sources[least].ids->ids[sources[least].at])) {
          least = i;
        }
      }
      Source& source = sources[least];
      written = writer.Add({{source.ids->hour_word, source.ids->tenant, source.hash},
                            source.ids->ids[source.at],
                            source.ids->arrival_hour});
      if (++source.at == source.ids->count) {
        sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(least));
      } else {
        source.hash = HashId(source.ids->ids[source.at], seed_);
      }
    }
    first = last;
  }
  const std::shared_ptr<RunFile> run = written ? writer.Finish() : nullptr;
  error = run != nullptr ? 0 : writer.error();
  if (error == 0 && !folder_->PublishRun(number).ok()) error = EIO;
  if (error != 0) {
    folder_->DiscardRun(number);
    return false;
  }
  if (!is_named) runs_are_named_ = false;
  runs_.push_back(run);
  OnRunsChanged();
  return true;
}

void PartitionWindow::Forget(size_t bytes, std::string_view reason) {
  ForgetSorted(memory_.TakeOldest(bytes), reason);
}

void PartitionWindow::ForgetSorted(const std::vector<SortedIds>& sorted, std::string_view reason) {
  int32_t oldest = INT32_MAX;
  int32_t newest = INT32_MIN;
  int64_t count = 0;
  for (const SortedIds& ids : sorted) {
    oldest = std::min(oldest, ids.arrival_hour);
    newest = std::max(newest, ids.arrival_hour);
    count += ids.count;
  }
  if (count > 0) AddLoss(oldest, newest + 1, count, reason);
}

void PartitionWindow::AddLoss(int32_t from_hour, int32_t to_hour, int64_t ids,
                              std::string_view reason) {
  // The run files are removed from the folder on purpose. The next start then finds no runs and
  // reads `seen` from its beginning, which restores the forgotten Ids. Runs that are open stay in
  // use.
  if (merge_ != nullptr) folder_->DiscardRun(merge_->number());
  if (runs_are_named_) folder_->Clear();
  runs_are_named_ = false;
  folder_->Unlock();
  complete_from_hour_ = std::max(complete_from_hour_, to_hour);
  if (!losses_.empty() && losses_.back().reason == reason && from_hour <= losses_.back().to_hour &&
      to_hour >= losses_.back().from_hour) {
    losses_.back().from_hour = std::min(losses_.back().from_hour, from_hour);
    losses_.back().to_hour = std::max(losses_.back().to_hour, to_hour);
    losses_.back().ids += ids;
  } else {
    losses_.push_back({number_, from_hour, to_hour, ids, reason});
  }
}

bool PartitionWindow::ForgetOldestRun(std::string_view reason) {
  if (runs_.empty()) return false;
  const auto oldest = std::min_element(
      runs_.begin(), runs_.end(),
      [](const auto& a, const auto& b) { return a->newest_arrival() < b->newest_arrival(); });
  const std::shared_ptr<RunFile> run = *oldest;
  DropRun(run, reason);
  return true;
}

void PartitionWindow::DropRun(const std::shared_ptr<RunFile>& run, std::string_view reason) {
  // During a restore, a damaged run causes no loss. The restore begins again without runs, and
  // reads all Ids from `seen`.
  if (restoring_ && has_restored_runs_) {
    DiscardRuns("a run cannot be read or is damaged");
    rejected_ = true;
    return;
  }
  if (merge_ != nullptr &&
      std::find(merge_->inputs().begin(), merge_->inputs().end(), run) != merge_->inputs().end()) {
    folder_->DiscardRun(merge_->number());
    merge_.reset();
  }
  std::erase(runs_, run);
  OnRunsChanged();
  AddLoss(std::max(run->oldest_arrival(), Horizon()), run->newest_arrival() + 1, run->ids(),
          reason);
}

void PartitionWindow::SaveManifest() {
  if (!runs_are_named_ || !folder_->locked()) return;
  RunManifest manifest;
  manifest.seed = seed_;
  manifest.mark = memory_.Earliest(last_row_);
  if (manifest.mark.offset < 0) return;  // no row of `seen` is completely in the runs
  for (const auto& run : runs_) manifest.runs.push_back({run->number(), run->blocks()});
  manifest.tenants = tenant_names_;
  // WriteManifest removes old runs only after a success. Therefore, the previous manifest stays
  // correct after a failure.
  if (const absl::Status status = folder_->WriteManifest(manifest); !status.ok()) {
    CountDiskError("manifest", ToStd(status.message()));
  }
}

void PartitionWindow::CountDiskError(std::string_view call, std::string_view error) {
  ++disk_errors_;
  LogWarning("duplicate_disk_error", {{"partition", number_}, {"call", call}, {"error", error}});
}

int32_t PartitionWindow::EighthOf(int32_t arrival_hour) const {
  const int32_t hours = std::max(1, window_hours_ / 8);
  return arrival_hour >= 0 ? arrival_hour / hours : (arrival_hour - hours + 1) / hours;
}

std::vector<std::shared_ptr<RunFile>> PartitionWindow::PickMerge() const {
  const int32_t current = EighthOf(newest_arrival_hour_);
  std::vector<std::shared_ptr<RunFile>> best;
  for (const auto& first : runs_) {
    const int32_t eighth = EighthOf(first->newest_arrival());
    std::vector<std::shared_ptr<RunFile>> group;
    for (const auto& run : runs_) {
      if (run->bytes() < largest_merged_ && EighthOf(run->newest_arrival()) == eighth &&
          (eighth != current || SizeClass(*run) == SizeClass(*first)) &&
          group.size() < kMostMergedAtOnce) {
        group.push_back(run);
      }
    }
    if (group.size() >= (eighth == current ? kMinMergedOfOneSize : 2) &&
        group.size() > best.size()) {
      best = std::move(group);
    }
  }
  return best;
}

void PartitionWindow::BeginMerge() {
  may_merge_ = false;
  std::vector<std::shared_ptr<RunFile>> inputs = PickMerge();
  if (inputs.empty()) return;
  const uint64_t number = next_run_++;
  absl::StatusOr<DiskFile> file = folder_->CreateRun(number);
  if (!file.ok()) {
    CountDiskError("merge", ToStd(file.status().message()));
    return;
  }
  merge_ =
      std::make_unique<RunMerge>(std::move(inputs), *std::move(file), number, seed_, Horizon());
}

void PartitionWindow::StepMerge(int64_t entries) {
  if (!folder_->IsOurs()) return;  // a child process must not change the files of its parent
  if (merge_ == nullptr && may_merge_) BeginMerge();
  if (merge_ == nullptr) return;
  if (const RunMerge::State state = merge_->Step(entries); state != RunMerge::State::kUnfinished) {
    EndMerge(state);
  }
}

void PartitionWindow::EndMerge(RunMerge::State state) {
  const std::unique_ptr<RunMerge> merge = std::move(merge_);
  absl::Status published = absl::OkStatus();
  if (state == RunMerge::State::kDone) published = folder_->PublishRun(merge->number());
  if (state == RunMerge::State::kDone && published.ok()) {
    std::erase_if(runs_, [&](const auto& run) {
      return std::find(merge->inputs().begin(), merge->inputs().end(), run) !=
             merge->inputs().end();
    });
    if (merge->output()->blocks() > 0) runs_.push_back(merge->output());
    OnRunsChanged();
    SaveManifest();
    return;
  }
  folder_->DiscardRun(merge->number());
  if (state == RunMerge::State::kInputDamaged) {
    CountDiskError("read", "a run cannot be read or is damaged");
    DropRun(merge->damaged(), "damaged");
  } else {
    // BeginMerge has cleared `may_merge_`. Therefore, a failed merge is not repeated at once, but
    // only after the runs have changed or the window has advanced.
    CountDiskError("merge",
                   published.ok() ? ErrnoText(merge->error()) : ToStd(published.message()));
  }
}

void PartitionWindow::Resume() {
  if (!runs_are_named_) return;
  if (folder_->Lock().ok() && folder_->locked() && folder_->IsUnchanged()) return;
  // Another worker may have changed the folder in the meantime. The open runs stay in use, but as
  // unnamed files (run_folder.h).
  folder_->Unlock();
  runs_are_named_ = false;
}

}  // namespace picket::parser
