#pragma once

// The duplicate window: the record Ids that a partition's tenants have sent within the configured
// time (docs/formats.md, "`seen` row" and "duplicate window").
//
//   DuplicateWindow      the open transaction, rows of `seen`, budgets of memory and disk
//    └─ PartitionWindow  one per partition: its committed Ids
//        ├─ MemoryIds    new Ids
//        └─ RunFile      older Ids on disk; in a RunFolder, merged by RunMerge

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
  size_t budget_bytes = 512 << 20;  // of memory, for all partitions of one DuplicateWindow
  // Folder for Ids that exceed the memory budget. Empty: they are forgotten.
  std::string dir;
  int64_t disk_budget_bytes = int64_t{16} << 30;  // for all partitions of one DuplicateWindow
  // Partition 7 keeps its runs in `<dir>/<folder>-7` for the next start. Empty: in unnamed files.
  std::string folder;
  DiskFault disk_fault;  // for tests only
};

// Exact: it is never a filter that could drop a record that has not been seen. It follows the
// overlay rule of kafka/worker/stage.h: the Ids of an open transaction are neither in memory nor on
// disk yet, and decide nothing after an abort.
// Threads: one. Lifetime: one per worker, or one per replay. Complexity: an Id whose hour is in
// memory costs O(1) and at most 24 bytes; one whose hour is on disk costs a read of 8 KiB for each
// run that covers the hour.
// Failure: Ids that fit neither in memory nor on disk are forgotten, the oldest arrivals of the
// largest partition first. That shortens the window, and is shown by metrics and by Flush.
class DuplicateWindow {
 public:
  DuplicateWindow(DuplicateWindowOptions options, Metrics& metrics);
  ~DuplicateWindow();

  // Limits arrivals: until the next call, an arrival more than an hour after `now` is treated as
  // `now` plus an hour, also in rows of a restore. The window moves with the newest arrival, so
  // that without this limit one timestamp in the far future would make it forget everything.
  // Without a call there is no limit.
  void SetNow(absl::Time now);
  absl::Time latest_arrival() const;

  // Returns true if the record is new, and adds it to the open transaction. `hour` is the hour of
  // its CreationTime since the epoch.
  bool Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
              absl::Time arrival);

  // Calls `on_row` with each `seen` row of the open transaction, and `on_loss` with what has been
  // forgotten, but not reported yet, in the partitions that the transaction has records of.
  void Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                      std::string_view value)>& on_row,
             const std::function<void(const ForgottenIds& loss)>& on_loss = nullptr);
  // The offset of the last row that Flush returned for this partition. Optional; before Commit.
  void OnRowsWritten(int32_t partition, int64_t offset);
  void Commit();
  void Abort();

  // As in kafka/worker/stage.h.
  void BeginRestore(int32_t partition);
  int64_t RestoreFrom(int32_t partition, int64_t begin, int64_t end);
  // Adds a row of `seen`. False if it cannot be read: the caller counts and skips it.
  bool RestoreRow(int32_t partition, int64_t offset, std::string_view tenant,
                  std::string_view value);
  bool IsRestored(int32_t partition);
  void Suspend(int32_t partition);
  void Resume(int32_t partition);
  void Release(int32_t partition);

  // Committed Ids of all partitions.
  int64_t size() const;
  // Whether any Id was forgotten before it left the window.
  bool is_shortened() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
