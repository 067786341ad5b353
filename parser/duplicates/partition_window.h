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

// Describes Ids that were forgotten before they left the window. If a record arrived in the given
// hours, a second copy of the record may be treated as a new record.
struct ForgottenIds {
  int32_t partition;
  int32_t from_hour;  // the first hour of arrival, in hours since the epoch
  int32_t to_hour;    // the hour after the last hour of arrival
  int64_t ids;
  std::string_view reason;  // "memory_budget", "disk_budget", "disk_full", "disk_error", "damaged"
};

// The committed Ids of one partition. New Ids are in memory, and older Ids are in sorted runs on
// disk (run_file.h). Each Id is in only one of these two places. A lookup reads one block of each
// run that contains the record's hour of CreationTime. Usually, no run contains that hour.
//
// Runs are merged, so that there are few of them. Hours of arrival are grouped into periods of an
// eighth of the window. A run belongs to the period of its newest arrival. Only runs of the same
// period are merged, so that a whole run leaves the window at about the same time. In the current
// period, four or more runs of similar size are merged into one. After the period, all of its runs
// are merged into one. Runs larger than a sixteenth of the disk budget are not merged.
//
// Threads: an object is used by one thread. Failure: Ids that the disk cannot store or return are
// forgotten, and TakeLosses reports them. An Id that has not been seen is never reported as seen.
class PartitionWindow {
 public:
  // Runs of `largest_merged` bytes or more are not merged.
  PartitionWindow(int32_t number, int32_t window_hours, int64_t largest_merged,
                  std::unique_ptr<RunFolder> folder);

  // Returns the index of a tenant in this partition. A new tenant gets the next index.
  uint32_t TenantOf(std::string_view tenant);

  // A restore consists of these calls, in this order: OpenFolder, RestoreFrom, AcceptsRow for each
  // row, IsRestored.
  //
  // OpenFolder locks the folder and reads its manifest. If the manifest cannot be read, OpenFolder
  // removes all runs in the folder.
  void OpenFolder();
  // Reads and checks the runs that the manifest lists. The topic `seen` has the offsets from
  // `begin` up to, but not including, `end`. Returns the offset from which its rows must be read.
  int64_t RestoreFrom(int64_t begin, int64_t end);
  // Returns true if the Ids of the row must be added. If runs are reused, the first row only shows
  // whether the runs belong to this topic. AcceptsRow returns false for that row, because the runs
  // contain its Ids. If the runs do not belong to this topic, AcceptsRow returns false for all
  // rows.
  bool AcceptsRow(const RowMark& row);
  // Ends a restore. Returns false if the runs were damaged or did not belong to this topic. In this
  // case, the runs have been removed, and the restore must begin again.
  bool IsRestored();

  bool Has(const IdKey& key, const PackedId& id, int32_t horizon);
  // Adds an Id, which must not be in the window yet.
  void Add(const IdKey& key, const PackedId& id, int32_t arrival_hour) {
    memory_.Add(key, id, arrival_hour, last_row_);
  }
  // Sets the last row of `seen` whose Ids have been added.
  void SetLastRow(const RowMark& row) { last_row_ = row; }
  // Advances the newest hour of arrival, and drops Ids and runs that are then outside of the
  // window.
  void AdvanceTo(int32_t arrival_hour);

  // Moves the oldest Ids, about `bytes` bytes in total, from memory to a run. If the disk is full,
  // calls `make_room`, and tries again as long as `make_room` returns true. Forgets Ids that cannot
  // be written.
  void Spill(size_t bytes, const std::function<bool()>& make_room);
  // Forgets the oldest Ids in memory, about `bytes` bytes in total.
  void Forget(size_t bytes, std::string_view reason);
  // Drops the run with the oldest Ids. Returns false if there is no run.
  bool ForgetOldestRun(std::string_view reason);
  // Continues the active merge by up to `entries` Ids. If no merge is active, first begins one if
  // the runs or the window have changed.
  void StepMerge(int64_t entries);

  // Suspend releases the folder's lock, because another worker may get the partition. Resume locks
  // the folder again when this worker gets the partition back. If another worker has changed the
  // folder, the runs stay open and in use, but the next start cannot reuse them.
  void Suspend() { folder_->Unlock(); }
  void Resume();

  int32_t number() const { return number_; }
  const HashSeed& seed() const { return seed_; }
  int32_t newest_arrival_hour() const { return newest_arrival_hour_; }
  // Returns the first hour of arrival in the window.
  int32_t Horizon() const;
  int64_t ids() const { return memory_.ids() + run_ids_; }
  size_t table_bytes() const { return memory_.bytes(); }
  size_t index_bytes() const { return run_index_bytes_; }
  int64_t disk_bytes() const { return run_bytes_; }
  size_t run_count() const { return runs_.size(); }
  // Returns the hour of arrival from which the window is complete. Ids that arrived before that
  // hour may be missing.
  int32_t complete_from_hour() const { return complete_from_hour_; }
  // These functions return the losses, disk errors and disk reads since the previous call.
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
  bool runs_are_named_ = false;  // the folder is locked and contains a named file for every run
  std::unique_ptr<RunMerge> merge_;
  bool may_merge_ = false;  // the runs or the window have changed since the last BeginMerge()
  // The runs that may contain Ids with the hour word `candidates_hour_`. They are kept, because the
  // next lookup often has the same hour word.
  std::vector<std::shared_ptr<RunFile>> candidates_;
  uint32_t candidates_hour_ = 0;
  bool candidates_known_ = false;

  // These members are used during a restore.
  std::optional<RunManifest> found_;
  // The row that must be the first restored row if the runs belong to this topic. Empty after the
  // row has been checked.
  std::optional<RowMark> expected_row_;
  bool restoring_ = false;
  bool has_restored_runs_ = false;  // `runs_` contains runs of an earlier start
  bool rejected_ = false;           // the runs have been removed, so the restore must begin again

  std::vector<ForgottenIds> losses_;
  int64_t disk_errors_ = 0;
  int64_t disk_reads_ = 0;
};

}  // namespace picket::parser
