#include "parser/duplicates/partition_window.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "common/error.h"
#include "common/log.h"

namespace picket::parser {
namespace {

constexpr size_t kMostMergedAtOnce = 16;
constexpr size_t kMergedOfLikeSize = 4;

bool IsFull(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

// 0 for up to 3 blocks, 1 up to 15, 2 up to 63, …
int SizeClass(const SeenRunFile& run) {
  int size_class = 0;
  for (int64_t blocks = run.blocks(); blocks >= 4; blocks /= 4) ++size_class;
  return size_class;
}

}  // namespace

SeenPartition::SeenPartition(int32_t number, int32_t window_hours, int64_t largest_merged,
                             std::unique_ptr<SeenFolder> folder)
    : number_(number),
      window_hours_(window_hours),
      largest_merged_(largest_merged),
      folder_(std::move(folder)) {}

uint32_t SeenPartition::TenantOf(std::string_view tenant) {
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end()) return found->second;
  const uint32_t number = static_cast<uint32_t>(tenants_.size());
  tenants_.try_emplace(std::string(tenant), number);
  tenant_names_.emplace_back(tenant);
  return number;
}

void SeenPartition::OpenFolder() {
  restoring_ = true;
  if (const absl::Status status = folder_->Lock(); !status.ok()) {
    LogWarning("seen_folder_not_taken", {{"partition", number_}, {"error", status}});
    return;
  }
  if (!folder_->locked()) return;
  has_names_ = true;
  absl::StatusOr<SeenManifest> manifest = folder_->ReadManifest();
  if (manifest.ok()) {
    found_ = *std::move(manifest);
  } else {
    DiscardRuns(absl::IsNotFound(manifest.status()) ? "" : ToStd(manifest.status().message()));
  }
}

int64_t SeenPartition::RestoreFrom(int64_t begin, int64_t end) {
  if (!found_.has_value()) return begin;
  const SeenManifest manifest = *std::exchange(found_, std::nullopt);
  if (manifest.mark.offset < begin || manifest.mark.offset >= end) {
    DiscardRuns("it is of rows that the topic does not have");
    return begin;
  }
  std::vector<std::shared_ptr<SeenRunFile>> runs;
  for (const SeenManifest::Run& listed : manifest.runs) {
    absl::StatusOr<DiskFile> file = folder_->OpenRun(listed.number);
    auto run =
        file.ok() ? SeenRunFile::Open(*std::move(file), listed.number, manifest.seed, listed.blocks)
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
  memory_ = SeenMemory(seed_);
  for (const std::string& tenant : manifest.tenants) TenantOf(tenant);
  runs_ = std::move(runs);
  RunsChanged();
  for (const auto& run : runs_) {
    newest_arrival_hour_ = std::max(newest_arrival_hour_, run->newest_arrival());
  }
  proof_ = manifest.mark;
  taken_up_ = true;
  LogInfo("seen_runs_taken_up", {{"partition", number_},
                                 {"runs", runs_.size()},
                                 {"ids", ids()},
                                 {"offset", manifest.mark.offset}});
  return manifest.mark.offset;
}

bool SeenPartition::TakesRow(const SeenMark& row) {
  if (rejected_) return false;
  if (!proof_.has_value()) return true;
  if (row.offset == proof_->offset && row.checksum == proof_->checksum) {
    last_row_ = row;
    proof_.reset();
  } else {
    DiscardRuns("it is of another topic");
    rejected_ = true;
  }
  return false;
}

bool SeenPartition::IsRestored() {
  if (proof_.has_value()) {
    DiscardRuns("the row that it ends with is gone");
    rejected_ = true;
  }
  if (rejected_) return false;
  restoring_ = false;
  return true;
}

void SeenPartition::DiscardRuns(std::string_view why) {
  if (!why.empty()) {
    LogWarning("seen_runs_thrown_away", {{"partition", number_}, {"reason", why}});
  }
  merge_.reset();
  runs_.clear();
  RunsChanged();
  proof_.reset();
  folder_->Clear();
}

void SeenPartition::RunsChanged() {
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

bool SeenPartition::Has(const SeenKey& key, const SeenId& id, int32_t horizon) {
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
    std::shared_ptr<SeenRunFile> damaged;
    for (const auto& run : candidates_) {
      ++disk_reads_;
      const SeenRunFile::Answer answer = run->Find(key, id, horizon);
      if (answer == SeenRunFile::Answer::kYes) return true;
      if (answer == SeenRunFile::Answer::kDamaged) {
        damaged = run;
        break;
      }
    }
    if (damaged == nullptr) return false;
    NoteDiskError("read", "a run cannot be read or is damaged");
    DropRun(damaged, "damaged");
  }
}

int32_t SeenPartition::Horizon() const {
  return newest_arrival_hour_ == INT32_MIN ? INT32_MIN : newest_arrival_hour_ - window_hours_;
}

void SeenPartition::Arrived(int32_t arrival_hour) {
  if (arrival_hour <= newest_arrival_hour_) return;
  newest_arrival_hour_ = arrival_hour;
  const int32_t horizon = Horizon();
  memory_.DropBefore(horizon);
  may_merge_ = true;
  const size_t expired =
      std::erase_if(runs_, [&](const auto& run) { return run->newest_arrival() < horizon; });
  if (expired == 0) return;
  RunsChanged();
  SaveManifest();
}

void SeenPartition::Spill(size_t bytes, const std::function<bool()>& make_room) {
  std::vector<SortedSeenIds> sorted = memory_.TakeOldest(bytes);
  if (sorted.empty()) return;
  std::sort(sorted.begin(), sorted.end(), [](const SortedSeenIds& a, const SortedSeenIds& b) {
    return std::tie(a.hour_word, a.tenant, a.arrival_hour) <
           std::tie(b.hour_word, b.tenant, b.arrival_hour);
  });
  int error = 0;
  while (!WriteRun(sorted, error)) {
    NoteDiskError("write", ErrnoText(error));
    if (IsFull(error) && make_room()) continue;
    ForgetSorted(sorted, IsFull(error) ? "disk_full" : "disk_error");
    return;
  }
  SaveManifest();
}

bool SeenPartition::WriteRun(const std::vector<SortedSeenIds>& sorted, int& error) {
  const uint64_t number = next_run_++;
  const bool with_name = folder_->locked();
  absl::StatusOr<DiskFile> file = folder_->CreateRun(number);
  if (!file.ok()) {
    error = absl::IsResourceExhausted(file.status()) ? ENOSPC : EIO;
    LogWarning("seen_run_not_made", {{"partition", number_}, {"error", file.status()}});
    return false;
  }
  int32_t oldest = INT32_MAX;
  for (const SortedSeenIds& ids : sorted) oldest = std::min(oldest, ids.arrival_hour);
  SeenRunWriter writer(*std::move(file), number, seed_, oldest);

  // Those of one tenant and hour that arrived in several hours are written as one list.
  struct Source {
    const SortedSeenIds* ids;
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
      sources.push_back({&sorted[last], 0, HashOf(sorted[last].ids[0], seed_)});
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
        source.hash = HashOf(source.ids->ids[source.at], seed_);
      }
    }
    first = last;
  }
  const std::shared_ptr<SeenRunFile> run = written ? writer.Finish() : nullptr;
  error = run != nullptr ? 0 : writer.error();
  if (error == 0 && !folder_->PublishRun(number).ok()) error = EIO;
  if (error != 0) {
    folder_->DiscardRun(number);
    return false;
  }
  if (!with_name) has_names_ = false;
  runs_.push_back(run);
  RunsChanged();
  return true;
}

void SeenPartition::Forget(size_t bytes, std::string_view reason) {
  ForgetSorted(memory_.TakeOldest(bytes), reason);
}

void SeenPartition::ForgetSorted(const std::vector<SortedSeenIds>& sorted,
                                 std::string_view reason) {
  int32_t oldest = INT32_MAX;
  int32_t newest = INT32_MIN;
  int64_t count = 0;
  for (const SortedSeenIds& ids : sorted) {
    oldest = std::min(oldest, ids.arrival_hour);
    newest = std::max(newest, ids.arrival_hour);
    count += ids.count;
  }
  if (count > 0) Lose(oldest, newest + 1, count, reason);
}

void SeenPartition::Lose(int32_t from_hour, int32_t to_hour, int64_t ids, std::string_view reason) {
  // The next start has to read `seen` from its beginning to have them again.
  if (merge_ != nullptr) folder_->DiscardRun(merge_->number());
  if (has_names_) folder_->Clear();
  has_names_ = false;
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

bool SeenPartition::ForgetOldestRun(std::string_view reason) {
  if (runs_.empty()) return false;
  const auto oldest = std::min_element(
      runs_.begin(), runs_.end(),
      [](const auto& a, const auto& b) { return a->newest_arrival() < b->newest_arrival(); });
  const std::shared_ptr<SeenRunFile> run = *oldest;
  DropRun(run, reason);
  return true;
}

void SeenPartition::DropRun(const std::shared_ptr<SeenRunFile>& run, std::string_view reason) {
  // The restore can still begin again, without them.
  if (restoring_ && taken_up_) {
    DiscardRuns("a run cannot be read");
    rejected_ = true;
    return;
  }
  if (merge_ != nullptr &&
      std::find(merge_->inputs().begin(), merge_->inputs().end(), run) != merge_->inputs().end()) {
    folder_->DiscardRun(merge_->number());
    merge_.reset();
  }
  std::erase(runs_, run);
  RunsChanged();
  Lose(std::max(run->oldest_arrival(), Horizon()), run->newest_arrival() + 1, run->ids(), reason);
}

void SeenPartition::SaveManifest() {
  if (!has_names_ || !folder_->locked()) return;
  SeenManifest manifest;
  manifest.seed = seed_;
  manifest.mark = memory_.Earliest(last_row_);
  if (manifest.mark.offset < 0) return;  // no row is wholly in the runs
  for (const auto& run : runs_) manifest.runs.push_back({run->number(), run->blocks()});
  manifest.tenants = tenant_names_;
  // The manifest before it goes on to be true: its runs are still there.
  if (const absl::Status status = folder_->WriteManifest(manifest); !status.ok()) {
    NoteDiskError("manifest", ToStd(status.message()));
  }
}

void SeenPartition::NoteDiskError(std::string_view what, std::string_view error) {
  ++disk_errors_;
  LogWarning("seen_disk_error", {{"partition", number_}, {"call", what}, {"error", error}});
}

int32_t SeenPartition::EighthOf(int32_t arrival_hour) const {
  const int32_t hours = std::max(1, window_hours_ / 8);
  return arrival_hour >= 0 ? arrival_hour / hours : (arrival_hour - hours + 1) / hours;
}

std::vector<std::shared_ptr<SeenRunFile>> SeenPartition::PickMerge() const {
  const int32_t current = EighthOf(newest_arrival_hour_);
  std::vector<std::shared_ptr<SeenRunFile>> best;
  for (const auto& first : runs_) {
    const int32_t eighth = EighthOf(first->newest_arrival());
    std::vector<std::shared_ptr<SeenRunFile>> alike;
    for (const auto& run : runs_) {
      if (run->bytes() < largest_merged_ && EighthOf(run->newest_arrival()) == eighth &&
          (eighth != current || SizeClass(*run) == SizeClass(*first)) &&
          alike.size() < kMostMergedAtOnce) {
        alike.push_back(run);
      }
    }
    if (alike.size() >= (eighth == current ? kMergedOfLikeSize : 2) && alike.size() > best.size()) {
      best = std::move(alike);
    }
  }
  return best;
}

void SeenPartition::BeginMerge() {
  may_merge_ = false;
  std::vector<std::shared_ptr<SeenRunFile>> inputs = PickMerge();
  if (inputs.empty()) return;
  const uint64_t number = next_run_++;
  absl::StatusOr<DiskFile> file = folder_->CreateRun(number);
  if (!file.ok()) {
    NoteDiskError("merge", ToStd(file.status().message()));
    return;
  }
  merge_ =
      std::make_unique<SeenMerge>(std::move(inputs), *std::move(file), number, seed_, Horizon());
}

void SeenPartition::StepMerge(int64_t entries) {
  if (!folder_->IsOurs()) return;  // the file belongs to the parent
  if (merge_ == nullptr && may_merge_) BeginMerge();
  if (merge_ == nullptr) return;
  if (const SeenMerge::State state = merge_->Step(entries); state != SeenMerge::State::kGoing) {
    EndMerge(state);
  }
}

void SeenPartition::EndMerge(SeenMerge::State state) {
  const std::unique_ptr<SeenMerge> merge = std::move(merge_);
  absl::Status published = absl::OkStatus();
  if (state == SeenMerge::State::kDone) published = folder_->PublishRun(merge->number());
  if (state == SeenMerge::State::kDone && published.ok()) {
    std::erase_if(runs_, [&](const auto& run) {
      return std::find(merge->inputs().begin(), merge->inputs().end(), run) !=
             merge->inputs().end();
    });
    if (merge->output()->blocks() > 0) runs_.push_back(merge->output());
    RunsChanged();
    SaveManifest();
    return;
  }
  folder_->DiscardRun(merge->number());
  if (state == SeenMerge::State::kInputDamaged) {
    NoteDiskError("read", "a run cannot be read or is damaged");
    DropRun(merge->damaged(), "damaged");
  } else {
    // Tried again when there is another run.
    NoteDiskError("merge", published.ok() ? ErrnoText(merge->error()) : ToStd(published.message()));
  }
}

void SeenPartition::Resume() {
  if (!has_names_) return;
  if (folder_->Lock().ok() && folder_->locked() && folder_->IsUnchanged()) return;
  // Another worker has gone on with the folder: what is open here stays readable, but has no name any more.
  folder_->Unlock();
  has_names_ = false;
}

}  // namespace picket::parser
