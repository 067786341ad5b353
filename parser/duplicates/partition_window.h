#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/strings.h"
#include "parser/duplicates/memory_ids.h"
#include "parser/duplicates/run_file.h"
#include "parser/duplicates/run_folder.h"
#include "parser/duplicates/run_merge.h"

namespace picket::parser {

// Ids that were forgotten before they left the window: second copies of the records that arrived
// in these hours may be taken for new ones.
struct ForgottenIds {
  int32_t partition;
  int32_t from_hour;  // of arrival, since the epoch
  int32_t to_hour;    // exclusive
  int64_t ids;
  std::string_view reason;  // "memory_budget", "disk_budget", "disk_full", "disk_error", "damaged"
};

// The committed Ids of one partition: new ones in memory, older ones in sorted runs on disk. An Id
// is in one of the two. A lookup reads one block of each run that covers the record's hour of
// CreationTime; usually no run does.
//
// Runs are merged by their hour of arrival. Within an eighth of the window, four runs of similar
// size become one; when the eighth is over, all of its runs become one. So there are few runs, a
// run can be dropped as a whole when its time is over, and an Id is rewritten about three times.
// Runs larger than a sixteenth of the disk budget are not merged.
//
// Threads: one. Failure: Ids that the disk cannot store or return are forgotten, and TakeLosses
// reports them; no Id is ever reported as seen that was not.
class PartitionWindow {
 public:
  // Runs of `largest_merged` bytes or more are not merged.
  PartitionWindow(int32_t number, int32_t window_hours, int64_t largest_merged,
                  std::unique_ptr<RunFolder> folder);

  // The number of a tenant in this partition; a new tenant gets the next number.
  uint32_t TenantOf(std::string_view tenant);

  // A restore is OpenFolder, RestoreFrom, AcceptsRow for each row, IsRestored.
  //
  // Locks the folder and reads its manifest. Removes everything in it that cannot be reused.
  void OpenFolder();
  // Reads and checks the runs that the manifest lists. Returns the offset in [begin, end) of
  // `seen` from which rows must be read.
  int64_t RestoreFrom(int64_t begin, int64_t end);
  // Whether the Ids of the row must be added. False for the row that shows whether the runs belong
  // to this topic, and for all rows after the runs have turned out not to.
  bool AcceptsRow(const RowMark& row);
  // False: the runs did not belong to this topic, or are damaged. They have been removed, and the
  // restore must begin again.
  bool IsRestored();

  bool Has(const IdKey& key, const PackedId& id, int32_t horizon);
  // The Id must not be in the window yet.
  void Add(const IdKey& key, const PackedId& id, int32_t arrival_hour) {
    memory_.Add(key, id, arrival_hour, last_row_);
  }
  // Sets the last row of `seen` whose Ids have been added.
  void SetLastRow(const RowMark& row) { last_row_ = row; }
  // Advances the newest hour of arrival, and drops what is then outside of the window.
  void AdvanceTo(int32_t arrival_hour);

  // Moves about `bytes` of the oldest Ids from memory to a run. If the disk is full, calls
  // `make_room` and tries again while that returns true; forgets Ids that cannot be written.
  void Spill(size_t bytes, const std::function<bool()>& make_room);
  // Forgets about `bytes` of the oldest Ids in memory.
  void Forget(size_t bytes, std::string_view reason);
  // Drops the run with the oldest Ids. False if there is none.
  bool ForgetOldestRun(std::string_view reason);
  // Merges up to `entries` more Ids; begins a merge if none is active and runs have changed.
  void StepMerge(int64_t entries);

  // Suspend releases the folder's lock while others may own the partition. Resume takes it again
  // after the partition has come back unchanged.
  void Suspend() { folder_->Unlock(); }
  void Resume();

  int32_t number() const { return number_; }
  const HashSeed& seed() const { return seed_; }
  int32_t newest_arrival_hour() const { return newest_arrival_hour_; }
  // The first hour of arrival in the window.
  int32_t Horizon() const;
  int64_t ids() const { return memory_.ids() + run_ids_; }
  size_t table_bytes() const { return memory_.bytes(); }
  size_t index_bytes() const { return run_index_bytes_; }
  int64_t disk_bytes() const { return run_bytes_; }
  size_t run_count() const { return runs_.size(); }
  // Hours of arrival before this one may be incomplete.
  int32_t complete_from_hour() const { return complete_from_hour_; }
  // These return what has happened since the previous call.
  std::vector<ForgottenIds> TakeLosses() { return std::exchange(losses_, {}); }
  int64_t TakeDiskErrors() { return std::exchange(disk_errors_, 0); }
  int64_t TakeDiskReads() { return std::exchange(disk_reads_, 0); }

 private:
  bool WriteRun(const std::vector<SortedIds>& sorted, int& error);
  void ForgetSorted(const std::vector<SortedIds>& sorted, std::string_view reason);
  void AddLoss(int32_t from_hour, int32_t to_hour, int64_t ids, std::string_view reason);
  void DropRun(const std::shared_ptr<RunFile>& run, std::string_view reason);
  void DiscardRuns(std::string_view why);
  void OnRunsChanged();
  void SaveManifest();
  void CountDiskError(std::string_view call, std::string_view error);
  std::vector<std::shared_ptr<RunFile>> PickMerge() const;
  void BeginMerge();
  void EndMerge(RunMerge::State state);
  int32_t EighthOf(int32_t arrival_hour) const;

  const int32_t number_;
  const int32_t window_hours_;
  const int64_t largest_merged_;
  const std::unique_ptr<RunFolder> folder_;
  HashSeed seed_ = HashSeed::Random();
  MemoryIds memory_{seed_};
  StringMap<uint32_t> tenants_;
  std::vector<std::string> tenant_names_;
  int32_t newest_arrival_hour_ = INT32_MIN;
  int32_t complete_from_hour_ = INT32_MIN;
  RowMark last_row_;

  std::vector<std::shared_ptr<RunFile>> runs_;
  int64_t run_ids_ = 0;
  int64_t run_bytes_ = 0;
  size_t run_index_bytes_ = 0;
  uint64_t next_run_ = 1;
  bool runs_are_named_ = false;  // the folder is ours, and contains every run under its name
  std::unique_ptr<RunMerge> merge_;
  bool may_merge_ = false;  // runs have changed since the last search found nothing to merge
  // The runs that cover the hour of the last lookup.
  std::vector<std::shared_ptr<RunFile>> candidates_;
  uint32_t candidates_hour_ = 0;
  bool candidates_known_ = false;

  // During a restore.
  std::optional<RunManifest> found_;
  std::optional<RowMark> expected_row_;  // the first row must be this one
  bool restoring_ = false;
  bool has_restored_runs_ = false;  // `runs_` contains runs of an earlier start
  bool rejected_ = false;           // the runs have been removed: the restore must begin again

  std::vector<ForgottenIds> losses_;
  int64_t disk_errors_ = 0;
  int64_t disk_reads_ = 0;
};

}  // namespace picket::parser
