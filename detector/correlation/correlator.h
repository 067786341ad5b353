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
// is the count of the window that ends at that moment. An event at t raises the value from t to t +
// timespan, even if the event is late. An alert opens an episode, which is an interval of event
// time. Further events in or near this interval raise no second alert. A timer is set for the end
// of a window and for the expiry of a group.
//
// A transaction changes groups in place and keeps a journal (overlay rule of kafka/worker/stage.h).
// Flush writes a row to `state` for every changed bucket. For every changed group, it also writes
// the head, which contains the values, times, episodes and recent events of the group. Commit drops
// the journal and the buckets that no window needs any more. Abort undoes the journal from the
// newest entry to the oldest, and restores the heads of the groups. After a restart or a rebalance,
// the groups are rebuilt from the rows.
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
#include "detector/correlation/event_place.h"

namespace picket::detector {

struct CorrelatorOptions {
  // An event is not counted if it is older than the newest event of its tenant by more than this
  // duration. InfiniteDuration selects replay: all events count, nothing expires, and there are no
  // transactions. In replay, only Finish evaluates conditions other than gte and gt.
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
  // An event does not advance event time if its time is later than its arrival by more than this
  // duration. Otherwise, one wrong time would end all open windows of the tenant.
  absl::Duration allowed_future = absl::Hours(1);
  // The maximum size of a group. The size is the number of steps (step_function.h) for event_count,
  // and the number of pairs of bucket and value for value_count. Beyond this limit, the oldest
  // steps or pairs are evicted and counted in a metric.
  int64_t group_cap = 131072;
  // The maximum number of groups of one tenant over all correlations. Beyond this limit, the groups
  // that have been idle longest are evicted and counted in a metric.
  int64_t tenant_cap = 65536;
};

// An event of the topic `events`.
struct CorrelatedEvent {
  int32_t partition = 0;
  std::string_view tenant;
  int64_t time_ms = 0;     // event time, in milliseconds since the epoch
  int64_t arrival_ms = 0;  // arrival time in milliseconds since the epoch, or 0 if unknown
  std::string_view uid;
  EventPlace place;
};

// An event of the window of a CorrelationHit.
struct RelatedEvent {
  std::string_view uid;
  int64_t time_ms = 0;  // event time, in milliseconds since the epoch
  EventPlace place;
};

// A correlation whose conditions were fulfilled. The views are valid only during the call of the
// HitSink.
struct CorrelationHit {
  uint32_t correlation;  // index of the rule
  int32_t partition;
  std::string_view tenant;
  // The group-by values as spelled in the group's first event.
  absl::Span<const std::string> group_values;
  int64_t count;
  int64_t window_start_ms;  // time of the first event of the window
  int64_t window_end_ms;    // time of the last event of the window
  // The time and id of the event that triggered the hit. If the end of a window triggered the hit,
  // `time_ms` is window_end_ms and `uid` is the id of a recent event of the group.
  int64_t time_ms;
  std::string_view uid;
  bool has_event;  // true if an event triggered the hit, false if the end of a window did
  // At most 20 events of the window, in order of arrival.
  absl::Span<const RelatedEvent> events;
  // The values that these events added, at most 20, in order of arrival. Empty for event_count.
  absl::Span<const std::string_view> values;
};

// Keeps the windows of all correlations for the partitions of one worker.
//
// Group-by values are compared without regard to ASCII case. If all conditions of a correlation are
// `gte` or `gt`, the correlation fires at the event that makes the count of a window fulfil the
// conditions. Any other correlation divides event time into windows that do not overlap. Such a
// window begins with the first event after the end of the previous window. Its count is compared
// with the conditions when event time passes its end.
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

  // Adds an event that matched a rule of the correlation. Only value_count uses `value`. If an
  // event has several values, call this function once for each value, with the same event.
  void Add(uint32_t correlation, const CorrelatedEvent& event,
           absl::Span<const std::string_view> group_values, std::string_view value, HitSink on_hit);
  // Counts an event that matched a rule of the correlation but lacks a field of the correlation.
  void CountSkipped(uint32_t correlation);
  // Advances event time. Call this function for every event, even if the event matched no rule. If
  // the event matched a rule, call Add first.
  void Advance(const CorrelatedEvent& event, HitSink on_hit);
  // At the end of a replay, compares the counts of all open windows with the conditions.
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
