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

// Ids that were forgotten before their time: the records that arrived in these hours may come through a second time.
struct SeenLoss {
  int32_t partition;
  int32_t from_hour;  // of arrival, since the epoch
  int32_t to_hour;    // not included
  int64_t ids;
  std::string_view reason;  // "memory_budget", "disk_budget", "disk_full", "disk_error", "damaged"
};

// The committed Ids of one partition: new ones in memory, older ones in sorted runs on disk. An Id is in one of them; a
// look-up reads a block of each run that has Ids of its hour, and most records are of an hour that none has.
//
// Runs are merged by their hour of arrival: within an eighth of the window four of like size become one, and when the
// eighth is over all of it becomes one. So runs are few, leave whole when their time is over, and are rewritten about
// three times. Runs above a sixteenth of the disk budget are left as they are.
//
// Threads: one. Failure: Ids that the disk cannot give back or take are forgotten, and lost() says which; never more is
// claimed to be seen than was.
class SeenPartition {
 public:
  // `largest_merged`: runs of so many bytes are left as they are.
  SeenPartition(int32_t number, int32_t window_hours, int64_t largest_merged,
                std::unique_ptr<SeenFolder> folder);

  // The tenant's number here; new ones get the next.
  uint32_t TenantOf(std::string_view tenant);

  // Takes up what the folder has; everything else in it is removed. From here to the end of the restore.
  void OpenFolder();
  // Where in [begin, end) of `seen` the rows are to begin; reads and checks the runs that were found.
  int64_t RestoreFrom(int64_t begin, int64_t end);
  // False: the row is to be left out, as it only shows that the runs are of this topic, or that they are not.
  bool TakesRow(const SeenMark& row);
  // False: the runs were none of this topic or are damaged; they are gone.
  bool IsRestored();

  bool Has(const SeenKey& key, const SeenId& id, int32_t horizon);
  // It is not there yet.
  void Add(const SeenKey& key, const SeenId& id, int32_t arrival_hour) {
    memory_.Add(key, id, arrival_hour, last_row_);
  }
  // The last row of `seen` that what was added so far is of.
  void SetLastRow(const SeenMark& row) { last_row_ = row; }
  // The newest hour of arrival; what lies outside the window then is dropped.
  void Arrived(int32_t arrival_hour);

  // Moves about `bytes` of the oldest Ids from memory to a run. Where the disk is full it asks `make_room` and tries
  // again; what it cannot write is forgotten.
  void Spill(size_t bytes, const std::function<bool()>& make_room);
  // The same without a run.
  void Forget(size_t bytes, std::string_view reason);
  // Drops the run whose Ids are oldest; false when there is none.
  bool ForgetOldestRun(std::string_view reason);
  // Goes on with merging, or begins.
  void StepMerge(int64_t entries);

  // While others may have the partition nobody holds its folder; after it came back unchanged the folder is taken again.
  void Suspend() { folder_->Unlock(); }
  void Resume();

  int32_t number() const { return number_; }
  const SeenSeed& seed() const { return seed_; }
  int32_t newest_arrival_hour() const { return newest_arrival_hour_; }
  int32_t Horizon() const;
  int64_t ids() const { return memory_.ids() + run_ids_; }
  size_t table_bytes() const { return memory_.bytes(); }
  size_t index_bytes() const { return run_index_bytes_; }
  int64_t disk_bytes() const { return run_bytes_; }
  size_t run_count() const { return runs_.size(); }
  // Hours of arrival before this one may be incomplete.
  int32_t complete_from_hour() const { return complete_from_hour_; }
  std::vector<SeenLoss> TakeLosses() { return std::exchange(losses_, {}); }
  int64_t TakeDiskErrors() { return std::exchange(disk_errors_, 0); }
  int64_t TakeDiskReads() { return std::exchange(disk_reads_, 0); }

 private:
  bool WriteRun(const std::vector<SortedSeenIds>& sorted, int& error);
  void ForgetSorted(const std::vector<SortedSeenIds>& sorted, std::string_view reason);
  void Lose(int32_t from_hour, int32_t to_hour, int64_t ids, std::string_view reason);
  void DropRun(const std::shared_ptr<SeenRunFile>& run, std::string_view reason);
  void DiscardRuns(std::string_view why);
  void RunsChanged();
  void SaveManifest();
  void NoteDiskError(std::string_view what, std::string_view error);
  std::vector<std::shared_ptr<SeenRunFile>> PickMerge() const;
  void BeginMerge();
  void EndMerge(SeenMerge::State state);
  int32_t EighthOf(int32_t arrival_hour) const;

  const int32_t number_;
  const int32_t window_hours_;
  const int64_t largest_merged_;
  const std::unique_ptr<SeenFolder> folder_;
  SeenSeed seed_ = SeenSeed::Random();
  SeenMemory memory_{seed_};
  StringMap<uint32_t> tenants_;
  std::vector<std::string> tenant_names_;
  int32_t newest_arrival_hour_ = INT32_MIN;
  int32_t complete_from_hour_ = INT32_MIN;
  SeenMark last_row_;

  std::vector<std::shared_ptr<SeenRunFile>> runs_;
  int64_t run_ids_ = 0;
  int64_t run_bytes_ = 0;
  size_t run_index_bytes_ = 0;
  uint64_t next_run_ = 1;
  bool has_names_ = false;  // the folder is ours and each run has its name in it
  std::unique_ptr<SeenMerge> merge_;
  bool may_merge_ = false;  // runs have changed since nothing was found to merge
  // The runs that have the hour of the last look-up.
  std::vector<std::shared_ptr<SeenRunFile>> candidates_;
  uint32_t candidates_hour_ = 0;
  bool candidates_known_ = false;

  // During a restore.
  std::optional<SeenManifest> found_;
  std::optional<SeenMark> proof_;  // the row that has to come first
  bool restoring_ = false;
  bool taken_up_ = false;  // there are runs of an earlier start
  bool rejected_ = false;

  std::vector<SeenLoss> losses_;
  int64_t disk_errors_ = 0;
  int64_t disk_reads_ = 0;
};

}  // namespace picket::parser
