#pragma once

// The duplicate window contains the record Ids that a partition's tenants have sent within the
// configured time (docs/formats.md, "`seen` row" and "duplicate window").
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
  // The folder for Ids that exceed the memory budget. If empty, such Ids are forgotten.
  std::string dir;
  int64_t disk_budget_bytes = int64_t{16} << 30;  // disk space for all partitions
  // The prefix of the partitions' folders: partition 7 keeps its runs in `<dir>/<folder>-7` for the
  // next start. If empty, runs are kept in unnamed files, which the next start cannot use.
  std::string folder;
  DiskFault disk_fault;  // for tests only
};

// Recognises duplicates exactly. Unlike a probabilistic filter, the window never drops a record
// that has not been seen. The window follows the overlay rule of kafka/worker/stage.h: the Ids of
// an open transaction are kept apart from the committed Ids, and an abort discards them.
// Threads: an object is used by one thread. Lifetime: each worker and each replay has its own
// window. Complexity: an Id in memory takes at most 24 bytes, and looking it up takes O(1). A
// lookup also reads 8 KiB from disk for each run that covers the record's hour.
// Failure: Ids that fit neither in memory nor on disk are forgotten, beginning with the oldest
// arrivals of the largest partition. Forgetting Ids shortens the window. Metrics and Flush report
// such losses.
class DuplicateWindow {
 public:
  DuplicateWindow(DuplicateWindowOptions options, Metrics& metrics);
  ~DuplicateWindow();

  // Limits arrivals. Until the next call, an arrival more than an hour after `now` is treated as
  // `now` plus an hour. This includes arrivals in restored rows. The window moves with the newest
  // arrival, so without the limit a single timestamp in the far future would empty the window. If
  // SetNow is never called, arrivals are not limited.
  void SetNow(absl::Time now);
  absl::Time latest_arrival() const;

  // Adds a new record to the open transaction and returns true. Returns false if the record has
  // been seen before. `hour` is the hour of the record's CreationTime since the epoch.
  bool Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
              absl::Time arrival);

  // Calls `on_row` with each `seen` row of the open transaction. For each partition with records in
  // the transaction, calls `on_loss` with each loss that has not been reported yet.
  void Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                      std::string_view value)>& on_row,
             const std::function<void(const ForgottenIds& loss)>& on_loss = nullptr);
  // Reports the offset of the last row that Flush returned for this partition. The call is
  // optional, and must come before Commit.
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
