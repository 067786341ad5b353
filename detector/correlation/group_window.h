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

// The window of one group: it counts events or distinct values, depending on the type of the
// correlation.
// Threads: one. Lifetime: one per group. Failure: none.
// Complexity: that of EventCountWindow and ValueCountWindow, plus one branch.
class GroupWindow {
 public:
  // What one Add changed.
  using Change = ValueCountWindow::Change;

  explicit GroupWindow(const CorrelationRule& rule);

  bool counts_values() const { return std::holds_alternative<ValueCountWindow>(window_); }

  // Adds an event; `value` is the hash of its value and is only used if counts_values(). Returns
  // the greatest count in any window whose count rose; 0 if no count rose.
  int64_t Add(int64_t time, uint64_t value, Change* change);
  // Reverses an Add. Changes are undone from the newest to the oldest.
  void Undo(const Change& change);

  // The earliest window that contains `time` and counts at least `least`.
  WindowExtent Find(int64_t time, int64_t least) const;
  // The count in [from, to].
  WindowExtent Count(int64_t from, int64_t to) const;
  // Sets `time` to the first event at or after `from`. Returns false if there is none.
  bool FirstFrom(int64_t from, int64_t* time) const;

  // Memory use: the number of steps or (bucket, value) pairs.
  int64_t size() const;
  // The bucket of a time, and the start of a bucket in milliseconds.
  int64_t BucketOf(int64_t time) const;
  int64_t StartOf(int64_t bucket) const;
  // The lowest bucket to keep in order to free `entries` of size(). At most the newest bucket.
  int64_t BucketToFree(int64_t entries) const;

  // Drops the buckets below `bucket`. Forget if no window that could still change reaches back to
  // them; Evict if one does: it then counts less.
  void Forget(int64_t bucket);
  void Evict(int64_t bucket);

  // A bucket is written as one row if events are counted, and as one or more numbered parts if
  // values are counted. `part` is 0 for events.
  using RowVisitor = absl::FunctionRef<void(int64_t bucket, uint32_t part)>;
  void ForEachRow(int64_t below_bucket, RowVisitor visit) const;
  static uint32_t PartOf(const Change& change) {
    return change.index / ValueCountWindow::kValuesPerPart;
  }
  std::string EncodeRow(int64_t bucket, uint32_t part) const;
  // Adds the content of a row. Returns false if it cannot be decoded; some of it may then have been
  // added.
  bool RestoreRow(int64_t bucket, uint32_t part, std::string_view row);

 private:
  using Window = std::variant<EventCountWindow, ValueCountWindow>;
  static Window MakeWindow(const CorrelationRule& rule);

  Window window_;
};

}  // namespace picket::detector
