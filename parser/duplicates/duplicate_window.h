#pragma once

// The record Ids of a partition's tenants within the duplicate window (docs/formats.md, `seen` row and duplicate window).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/metrics.h"
#include "parser/duplicates/partition_window.h"
#include "parser/duplicates/record_id.h"
#include "parser/duplicates/run_disk.h"

namespace picket::parser {

struct SeenIdsOptions {
  absl::Duration window = absl::Hours(24 * 7);
  size_t budget_bytes = 512 << 20;  // of memory, over all partitions of one SeenIds
  // Where Ids go that memory has no room for; empty: they are forgotten.
  std::string dir;
  int64_t disk_budget_bytes = int64_t{16} << 30;  // over all partitions of one SeenIds
  // Partition 7 keeps its runs in `<dir>/<folder>-7`, for the next start; empty: in files without a name.
  std::string folder;
  DiskFault disk_fault;  // for tests only
};

// Exact, never a filter that could drop a record it has not seen. Follows the overlay rule of kafka/worker/stage.h: nothing of
// an open transaction is in memory or on disk.
// Threads: one. Lifetime: one a worker or one a replay. Complexity: an Id of an hour that is in memory costs O(1) and
// at most 24 bytes; one of an hour on disk costs a read of 8 KiB for each run that has the hour.
// Failure: Ids that neither memory nor disk can keep are forgotten, the oldest arrivals of the largest partition first;
// that shortens the window and shows in metrics and in Flush's losses.
class SeenIds {
 public:
  SeenIds(SeenIdsOptions options, Metrics& metrics);
  ~SeenIds();

  // Until it is called again an arrival later than an hour after `now` counts as one of then, here and in the rows of a
  // restore: the window moves with the newest arrival, so that one timestamp of a producer in the far future would
  // forget all that was seen. Never called: every arrival is believed.
  void SetNow(absl::Time now);
  absl::Time latest_arrival() const;

  // True when the record is new; it is then seen, in the open transaction. `hour` is that of its CreationTime.
  bool Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
              absl::Time arrival);

  // The rows of the open transaction, and what was forgotten before it in the partitions that it has records of.
  void Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                      std::string_view value)>& on_row,
             const std::function<void(const SeenLoss& loss)>& on_loss = nullptr);
  // Where the last row that Flush gave for this partition came to lie. Optional, before Commit.
  void RowsLieUpTo(int32_t partition, int64_t offset);
  void Commit();
  void Abort();

  // As in kafka/worker/stage.h.
  void BeginRestore(int32_t partition);
  int64_t RestoreFrom(int32_t partition, int64_t begin, int64_t end);
  // A row of `seen`; false when it cannot be read (counted and skipped by the caller).
  bool RestoreRow(int32_t partition, int64_t offset, std::string_view tenant,
                  std::string_view value);
  bool IsRestored(int32_t partition);
  void Suspend(int32_t partition);
  void Resume(int32_t partition);
  void Release(int32_t partition);

  int64_t size() const;
  // Whether anything was forgotten before its time.
  bool is_shortened() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
