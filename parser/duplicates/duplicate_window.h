#pragma once

// The duplicate window contains the Ids of the records that arrived within the configured time
// (docs/formats.md, "`seen` row" and "duplicate window").
//
//   DuplicateWindow      the open transaction, rows of `seen`, budgets of memory and disk
//    └─ PartitionWindow  the committed Ids of one partition
//        ├─ MemoryIds    new Ids in memory
//        └─ RunFile      older Ids on disk; stored in a RunFolder and merged by RunMerge

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/metrics.h"
#include "parser/duplicates/disk_file.h"
#include "parser/duplicates/partition_window.h"
#include "parser/duplicates/record_id.h"

namespace picket::parser {

struct DuplicateWindowOptions {
  absl::Duration window = absl::Hours(24 * 7);
  size_t budget_bytes = 512 << 20;  // memory for all partitions of one DuplicateWindow
  // The folder for Ids that do not fit into the memory budget. If `dir` is empty, such Ids are
  // forgotten.
  std::string dir;
  int64_t disk_budget_bytes = int64_t{16} << 30;  // disk space for all partitions
  // The prefix of the partitions' folders. Partition 7 keeps its run files (run_file.h) in
  // `<dir>/<folder>-7`, so that the next start can use them. If `folder` is empty, run files have
  // no names and disappear with the process.
  std::string folder;
  DiskFault disk_fault;  // for tests only
};

// Recognises duplicates exactly: an Id that has not been seen is never taken for a duplicate. The
// window follows the overlay rule of kafka/worker/stage.h. Ids of the open transaction are kept
// apart from the committed Ids, and an abort discards only the Ids of the transaction.
// Threads: an object is used by one thread. Lifetime: each worker and each replay has its own
// window. Complexity: an Id in memory takes at most 24 bytes, and looking it up takes O(1). A
// lookup also reads 8 KiB from disk for each run file that contains the hour of the record's
// CreationTime.
// Failure: Ids that fit neither in memory nor on disk are forgotten, beginning with the oldest
// arrivals of the largest partition. Forgetting Ids shortens the window. Metrics and Flush report
// such losses.
class DuplicateWindow {
 public:
  DuplicateWindow(DuplicateWindowOptions options, Metrics& metrics);
  ~DuplicateWindow();

  // Limits arrivals: an arrival more than an hour after `now` is treated as an hour after `now`.
  // The window ends at the newest arrival. Without the limit, a single timestamp in the far future
  // would therefore empty the window. Before the first call of SetNow there is no limit.
  void SetNow(absl::Time now);
  absl::Time latest_arrival() const;

  // Adds a new record to the open transaction and returns true. Returns false if the record has
  // been seen before. `hour` is the record's CreationTime in hours since the epoch.
  bool Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
              absl::Time arrival);

  // Calls `on_row` with each `seen` row of the open transaction. For each partition with records in
  // the transaction, calls `on_loss` with each loss of Ids that has not been reported yet.
  void Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                      std::string_view value)>& on_row,
             const std::function<void(const ForgottenIds& loss)>& on_loss = nullptr);
  // Reports the offset of the last row that Flush passed to `on_row` for this partition. Must come
  // before Commit. If the call is omitted, the next restore reads more rows.
  void OnRowsWritten(int32_t partition, int64_t offset);
  void Commit();
  void Abort();

  // These functions correspond to the functions of the same names in kafka/worker/stage.h.
  void BeginRestore(int32_t partition);
  int64_t RestoreFrom(int32_t partition, int64_t begin, int64_t end);
  // Adds a row of `seen`. Returns false if the row cannot be read. The caller then counts the row
  // and skips it.
  bool RestoreRow(int32_t partition, int64_t offset, std::string_view tenant,
                  std::string_view value);
  bool IsRestored(int32_t partition);
  void Suspend(int32_t partition);
  void Resume(int32_t partition);
  void Release(int32_t partition);

  // Returns the number of committed Ids in all partitions.
  int64_t size() const;
  // Returns true if any Id has been forgotten before it left the window.
  bool is_shortened() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
