#pragma once

// The record Ids of a partition's tenants within the duplicate window (docs/formats.md, `seen` row and duplicate window).

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/time/time.h"
#include "common/metrics.h"
#include "parser/normalizer.h"

namespace picket::parser {

struct SeenIdsOptions {
  absl::Duration window = absl::Hours(24 * 7);
  size_t budget_bytes = 512 << 20;  // over all partitions of one SeenIds
};

// Exact, never a filter that could drop a record it has not seen. Follows the overlay rule of kafka/stage.h.
// Threads: one. Lifetime: one a worker or one a replay. Complexity: O(1) a record; ≤ 24 bytes an Id.
// Failure: over the budget the oldest arrivals go first, which shortens the window and shows in a metric.
class SeenIds {
 public:
  SeenIds(SeenIdsOptions options, Metrics& metrics);
  ~SeenIds();

  // True when the record is new; it is then seen, in the open transaction. `hour` is that of its CreationTime.
  bool Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
              absl::Time arrival);

  // The rows of the open transaction: one a tenant.
  void Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                      std::string_view value)>& on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  // A row of `seen`; false when it cannot be read (counted and skipped by the caller).
  bool RestoreRow(int32_t partition, std::string_view tenant, std::string_view value);
  void Release(int32_t partition);

  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
