#pragma once

// Correlation rules: count matching events, or distinct values, in windows of event time. Events
// may arrive in any order.
//
//   matched event ── Add ────► tenant ► group ► window ── a threshold is reached ────────► alert
//   every event ──── Advance ► event time ──► timers ──── a window has ended ────────────► alert
//                                                └─────── no event can reach the group ──► removed
//
//   event time  ├─ bucket ─┼─ bucket ─┼─ bucket ─┼─ bucket ─┤   timespan / 64, at least 1 s
//   events          x  x        x     x     x x      ▲ watermark: newest event time of the tenant
//   windows         └──── timespan ─────┘            │
//                      └──── timespan ─────┘         │
//                         ◄── allowed lateness ──────┤
//
// A group is (tenant, correlation, values of the group-by fields). Its window is a step function of
// time: the count of the window that ends at each moment. An event at t raises it from t to
// t + timespan. A late event is thus an addition like any other, and the greatest count it leads
// to is found bucket by bucket. An alert opens an episode, an interval of event time; further
// events near it raise no second alert. A timer wakes a group when event time passes the end of a
// window, and when the group has expired.
//
// A transaction changes groups in place and keeps a journal (overlay rule of kafka/worker/stage.h).
// Flush writes a row to `state` for every changed bucket and for the head of every changed group.
// Commit drops the journal and the buckets that no window reaches any more. Abort replays the
// journal backwards and restores the heads. After a restart or a rebalance the groups are rebuilt
// from the rows.
//
// Files: correlations.h prepares the rules, group_window.h and below it the two windows count,
// group_store.h holds groups and the open transaction, correlation_rows.h encodes rows.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/metrics.h"
#include "detector/correlation/correlations.h"

namespace picket::detector {

struct CorrelatorOptions {
  // Windows do not count events that are older than the newest event of their tenant by more than
  // this. InfiniteDuration (replay): all events count, nothing expires, conditions that only the
  // end of a window decides wait for Finish, and there are no transactions.
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
  // An event whose time is more than this after its arrival does not advance event time.
  absl::Duration allowed_future = absl::Hours(1);
  // Maximum steps (event_count) or values by bucket (value_count) of one group. Beyond it the
  // oldest are evicted and counted.
  int64_t group_cap = 131072;
  // Maximum groups of one tenant over all correlations. Beyond it those that have been idle longest
  // are evicted and counted.
  int64_t tenant_cap = 65536;
};

// An event of `events`.
struct CorrelatedEvent {
  int32_t partition = 0;
  std::string_view tenant;
  int64_t time_ms = 0;     // event time, since 1970
  int64_t arrival_ms = 0;  // 0: not known
  std::string_view uid;
};

// A correlation whose conditions were fulfilled. Valid during the call.
struct CorrelationHit {
  uint32_t correlation;  // index of the rule
  int32_t partition;
  std::string_view tenant;
  absl::Span<const std::string> group_values;  // as the first event of the group wrote them
  int64_t count;
  int64_t window_start_ms;  // first event of the window
  int64_t window_end_ms;    // last event of the window
  int64_t time_ms;          // of the event that triggered the hit
  std::string_view uid;     // of the event that triggered the hit
  bool has_event;           // false: event time triggered the hit, so no event is available
  absl::Span<const std::string_view> event_uids;  // of the window, at most 20, by order of arrival
  absl::Span<const std::string_view> values;      // value_count: the values of these events
};

// Keeps the windows of all correlations for the partitions of one worker.
//
// Group-by values are compared without regard to ASCII case. Conditions that are all `gte` or `gt`
// fire with the event that fulfils them in any window that contains it, late or not. Conditions
// with lt, lte, eq or neq cut event time into windows, each of which begins with the first event
// after the previous window. They are decided when event time passes the end of the window.
//
// Threads: one. Lifetime: one per worker. Failure: none; rows that cannot be decoded are counted
// and skipped.
class Correlator {
 public:
  using HitSink = absl::FunctionRef<void(const CorrelationHit&)>;
  using RowSink =
      absl::FunctionRef<void(int32_t partition, std::string_view key, std::string_view value)>;

  Correlator(Correlations correlations, CorrelatorOptions options, Metrics& metrics);
  ~Correlator();

  // Adds an event that matched a rule of the correlation; only value_count uses `value`.
  void Add(uint32_t correlation, const CorrelatedEvent& event,
           absl::Span<const std::string_view> group_values, std::string_view value, HitSink on_hit);
  // Counts an event that matched a rule of the correlation but lacks one of its fields.
  void CountSkipped(uint32_t correlation);
  // Advances event time. Call it for every event, matched or not, after its Adds.
  void Advance(const CorrelatedEvent& event, HitSink on_hit);
  // Decides all open windows, at the end of the input.
  void Finish(HitSink on_hit);

  // Reports the rows that the open transaction changed; an empty value is a tombstone.
  void Flush(RowSink on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  void RestoreRow(int32_t partition, std::string_view key, std::string_view value);
  void EndRestore(int32_t partition);
  void Release(int32_t partition);

  // Requires that no transaction is open. Correlations whose hash is loaded again keep their
  // windows. The windows of all others are kept as rows for 24 hours of event time; they resume if
  // their hash is loaded again.
  void SwapRules(Correlations correlations);

  int64_t groups() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
