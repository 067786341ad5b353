#pragma once

// Evaluates correlation rules, which count matching events or distinct values in windows of event
// time. Events may arrive in any order.
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
// A group is identified by a tenant, a correlation and the values of the group-by fields. The
// window of a group is stored as a step function of time. The value of this function at each moment
// is the count of the window that ends at that moment. An event at t raises the value from t to
// t + timespan. A late event is therefore added like any other event, and the greatest resulting
// count is found bucket by bucket. An alert opens an episode, which is an interval of event time.
// Further events in or near this interval raise no second alert. A timer wakes a group when event
// time passes the end of a window, and when the group has expired.
//
// A transaction changes groups in place and keeps a journal (overlay rule of kafka/worker/stage.h).
// Flush writes a row to `state` for every changed bucket and for the head of every changed group.
// Commit drops the journal and the buckets that are no longer part of any window. Abort undoes the
// journal from the newest entry to the oldest, and restores the heads of the groups. After a
// restart or a rebalance, the groups are rebuilt from the rows.
//
// Files: correlations.h prepares the rules. group_window.h counts by means of event_count_window.h
// and value_count_window.h. group_store.h holds the groups and the open transaction.
// correlation_rows.h encodes the rows.

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
  // An event is not counted if it is older than the newest event of its tenant by more than this
  // duration. InfiniteDuration selects replay: all events count, nothing expires, conditions that
  // depend on the end of a window wait for Finish, and there are no transactions.
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
  // An event does not advance event time if its time is later than its arrival by more than this
  // duration.
  absl::Duration allowed_future = absl::Hours(1);
  // The maximum size of a group, in steps (event_count) or in pairs of bucket and value
  // (value_count). Beyond this limit, the oldest steps or pairs are evicted. A metric counts the
  // evicted steps and pairs.
  int64_t group_cap = 131072;
  // The maximum number of groups of one tenant over all correlations. Beyond this limit, the groups
  // that have been idle longest are evicted. A metric counts the evicted groups.
  int64_t tenant_cap = 65536;
};

// An event of the topic `events`.
struct CorrelatedEvent {
  int32_t partition = 0;
  std::string_view tenant;
  int64_t time_ms = 0;     // event time, in milliseconds since the epoch
  int64_t arrival_ms = 0;  // arrival time in milliseconds since the epoch, or 0 if unknown
  std::string_view uid;
};

// A correlation whose conditions were fulfilled. The views are valid during the call of the sink.
struct CorrelationHit {
  uint32_t correlation;  // index of the rule
  int32_t partition;
  std::string_view tenant;
  // The group-by values as spelled in the group's first event.
  absl::Span<const std::string> group_values;
  int64_t count;
  int64_t window_start_ms;  // time of the first event of the window
  int64_t window_end_ms;    // time of the last event of the window
  // The time and id of the event that triggered the hit. If the progress of event time triggered
  // the hit, `time_ms` is window_end_ms and `uid` is the id of one of the recent events.
  int64_t time_ms;
  std::string_view uid;
  bool has_event;  // true if an event triggered the hit, false if the progress of event time did
  // The ids of at most 20 events of the window, in order of arrival.
  absl::Span<const std::string_view> event_uids;
  // The counted values of the events in `event_uids`. Empty for event_count.
  absl::Span<const std::string_view> values;
};

// Keeps the windows of all correlations for the partitions of one worker.
//
// Group-by values are compared without regard to ASCII case. If all conditions of a correlation are
// `gte` or `gt`, the correlation fires as soon as a window that contains the added event fulfils
// the conditions. The event may be late. Any other correlation divides event time into windows.
// Each window begins with the first event after the previous window, and is decided when event time
// passes the end of the window.
//
// Threads: one thread uses an instance. Lifetime: each worker has one instance. Failure: no
// operation fails; rows that cannot be decoded are counted and skipped. Metrics: counts belong to
// the open transaction.
class Correlator {
 public:
  using HitSink = absl::FunctionRef<void(const CorrelationHit&)>;
  using RowSink =
      absl::FunctionRef<void(int32_t partition, std::string_view key, std::string_view value)>;

  Correlator(Correlations correlations, CorrelatorOptions options, Metrics& metrics);
  ~Correlator();

  // Adds an event that matched a rule of the correlation. Only value_count uses `value`.
  void Add(uint32_t correlation, const CorrelatedEvent& event,
           absl::Span<const std::string_view> group_values, std::string_view value, HitSink on_hit);
  // Counts an event that matched a rule of the correlation but lacks a field of the correlation.
  void CountSkipped(uint32_t correlation);
  // Advances event time. Call this for every event, whether or not it matched a rule, and after the
  // calls of Add for the event.
  void Advance(const CorrelatedEvent& event, HitSink on_hit);
  // At the end of a replay, decides all windows that have not been decided yet.
  void Finish(HitSink on_hit);

  // Reports the rows that the open transaction changed. An empty value is a tombstone.
  void Flush(RowSink on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  void RestoreRow(int32_t partition, std::string_view key, std::string_view value);
  // Returns the number of rows that could not be decoded. Such rows are skipped.
  int64_t EndRestore(int32_t partition);
  void Release(int32_t partition);

  // Replaces the correlations. No transaction may be open. A correlation whose hash does not change
  // keeps its windows. The windows of a removed correlation are kept as rows for 24 hours of event
  // time. If a correlation with the same hash is loaded during that time, the new correlation
  // continues these windows.
  void SwapRules(Correlations correlations);

  int64_t groups() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
