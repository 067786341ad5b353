#pragma once

// Correlation rules: groups, windows of event time, episodes, and their state as rows.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/metrics.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

struct CorrelatorOptions {
  // Events older than the newest of their tenant by more than this are left out of windows. InfiniteDuration: all are
  // taken, nothing expires, conditions that only the end decides wait for Finish, and there are no transactions (replay).
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
  // A time this far after the event's arrival is not believed: it moves no other window.
  absl::Duration allowed_future = absl::Hours(1);
  // Steps (event_count) or values by bucket (value_count) that one group keeps; beyond it the oldest go, and are counted.
  int64_t group_cap = 131072;
  // Groups that one tenant keeps over all correlations; beyond it those that were idle longest go, and are counted.
  int64_t tenant_cap = 65536;
};

// The rules, with what their state is known by.
struct Correlations {
  struct Entry {
    CorrelationRule rule;
    // 16 hex digits over the rule's id and version and the versions of the rules it refers to: the same digits, the same
    // windows.
    std::string hash;
  };
  std::vector<Entry> entries;
};
Correlations MakeCorrelations(absl::Span<const CorrelationRule> correlations,
                              absl::Span<const DetectionRule> rules);

// The event that is looked at.
struct CorrelatedEvent {
  int32_t partition = 0;
  std::string_view tenant;
  int64_t time_ms = 0;
  int64_t arrival_ms = 0;  // 0: not known
  std::string_view uid;
};

// A condition that came true. Valid during the call.
struct CorrelationHit {
  uint32_t correlation;  // index of the rule
  int32_t partition;
  std::string_view tenant;
  absl::Span<const std::string> group_values;  // as the event that opened the group wrote them
  int64_t count;
  int64_t window_start_ms;  // first and last event of the window
  int64_t window_end_ms;
  int64_t time_ms;       // of the event that fired it
  std::string_view uid;  // likewise
  bool has_event;        // false: event time decided it, the event is not at hand
  absl::Span<const std::string_view>
      event_uids;                             // of the window, at most 20, in the order of arrival
  absl::Span<const std::string_view> values;  // value_count: values that these events had
};

// Keeps the windows of all correlations of a worker's partitions.
//
// A group is (tenant, correlation, values of the group-by fields without regard to ASCII case). `gte` and `gt` fire with
// the event that makes them true in any window that holds it, late or not. The first crossing opens an episode, an
// interval of event time; events within a timespan of it extend it in silence. Conditions with lt, lte, eq or neq cut
// event time into windows that begin with the first event after the one before, and are decided when event time passes
// their end.
//
// State follows the overlay rule of kafka/worker/stage.h. Windows take changes in place, with a journal that Abort plays
// backwards.
// Threads: one. Lifetime: one a worker. Failure: none; rows that cannot be read are counted and left out.
class Correlator {
 public:
  using HitSink = absl::FunctionRef<void(const CorrelationHit&)>;
  using RowSink =
      absl::FunctionRef<void(int32_t partition, std::string_view key, std::string_view value)>;

  Correlator(Correlations correlations, CorrelatorOptions options, Metrics& metrics);
  ~Correlator();

  // An event that matched a rule of the correlation; `value` is for value_count.
  void Add(uint32_t correlation, const CorrelatedEvent& event,
           absl::Span<const std::string_view> group_values, std::string_view value, HitSink on_hit);
  // An event that matched a correlation but lacks one of its fields.
  void CountSkipped(uint32_t correlation);
  // After the Adds of every event, matched or not: event time has come this far.
  void Advance(const CorrelatedEvent& event, HitSink on_hit);
  // End of input: decides what only the end decides.
  void Finish(HitSink on_hit);

  // Rows of what the open transaction changed; an empty value is a tombstone.
  void Flush(RowSink on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  void RestoreRow(int32_t partition, std::string_view key, std::string_view value);
  void EndRestore(int32_t partition);
  void Release(int32_t partition);

  // No transaction open. Windows whose hash is still there are kept; those of others rest as rows for 24 hours of event
  // time and come back with their hash.
  void SwapRules(Correlations correlations);

  int64_t groups() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
