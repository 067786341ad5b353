#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/functional/function_ref.h"
#include "detector/correlation/event_count_window.h"
#include "detector/correlation/value_count_window.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

// The window of one group. Counts events or distinct values, depending on the type of the
// correlation.
// Threads: one thread uses an instance. Lifetime: each group has one instance. Failure: only
// RestoreRow can fail.
// Complexity: each operation costs one branch more than the same operation of EventCountWindow or
// ValueCountWindow.
class GroupWindow {
 public:
  // The changes that one call of Add makes.
  using Change = ValueCountWindow::Change;

  explicit GroupWindow(const CorrelationRule& rule);

  bool counts_values() const { return std::holds_alternative<ValueCountWindow>(window_); }

  // Adds an event. `value` is the hash of the counted value, and is used only if counts_values() is
  // true. If the event raised the counts of any windows, returns the greatest of these counts.
  // Otherwise, returns 0.
  int64_t Add(int64_t time, uint64_t value, Change* change);
  // Reverses a call of Add. Changes must be undone in the reverse order of the calls.
  void Undo(const Change& change);

  // Returns the earliest window that contains `time` and has a count of at least `least`.
  WindowExtent Find(int64_t time, int64_t least) const;
  // Counts the events or distinct values in [from, to].
  WindowExtent Count(int64_t from, int64_t to) const;
  // Sets `time` to the time of the first event at or after `from`. Returns false if there is no
  // such event.
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Returns the number of steps or of (bucket, value) pairs, a measure of memory use.
  int64_t size() const;
  // Returns the bucket that contains `time`.
  int64_t BucketOf(int64_t time) const;
  // Returns the first millisecond of a bucket.
  int64_t StartOf(int64_t bucket) const;
  // Returns the oldest bucket to keep in order to reduce size() by at least `entries`. The newest
  // bucket is always kept, even if the reduction is then smaller.
  int64_t BucketToFree(int64_t entries) const;

  // Forget and Evict drop the buckets below `bucket`. Evict also subtracts the dropped events from
  // the counts of the windows that contain them. Forget leaves these counts as they are, so call
  // Forget only if no such window is needed any more.
  void Forget(int64_t bucket);
  void Evict(int64_t bucket);

  using RowVisitor = absl::FunctionRef<void(int64_t bucket, uint32_t part)>;
  // Calls `visit` for each row of the buckets below `below_bucket`. For event_count, a bucket is
  // stored as one row, and `part` is 0. For value_count, a bucket is stored as one or more rows,
  // and `part` is the index of the row.
  void ForEachRow(int64_t below_bucket, RowVisitor visit) const;
  static uint32_t PartOf(const Change& change) {
    return change.index / ValueCountWindow::kValuesPerPart;
  }
  std::string EncodeRow(int64_t bucket, uint32_t part) const;
  // Adds the content of a row. Returns false if the row cannot be decoded. In that case, some of
  // the content may have been added.
  bool RestoreRow(int64_t bucket, uint32_t part, std::string_view row);

 private:
  using Window = std::variant<EventCountWindow, ValueCountWindow>;
  static Window MakeWindow(const CorrelationRule& rule);

  Window window_;
};

}  // namespace picket::detector
