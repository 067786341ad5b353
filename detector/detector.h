#pragma once

// Turns events into alerts by matching and correlation. This code does not depend on Kafka: the
// detector stage and `replay` both use it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/metrics.h"
#include "detector/active_rules.h"
#include "detector/alert.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {

// A changed row of the correlation state, to be written to the topic `state`. An empty value is a
// tombstone.
struct StateRow {
  std::string_view key;
  std::string_view value;
};

// Events that matched a rule of a correlation but were not counted, because they lack a field that
// the correlation groups by or counts.
struct LeftOutEvents {
  std::string correlation;  // title
  std::string field;        // as written in the correlation
  uint64_t events = 0;
};

struct DetectorOptions {
  // Correlations do not count an event that is older than the newest event of its tenant by more
  // than this duration. Replay uses InfiniteDuration.
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
};

// Turns events into alerts. The matcher parses each event once and finds the rules that match. The
// settings of the event's tenant then remove some of these matches. The alert writer and the
// correlator receive the remaining matches. State and metrics follow the overlay rule of
// kafka/worker/stage.h: changes belong to the open transaction until Commit or Abort.
// Threads: Use each instance from one thread. Lifetime: Each worker (or replay) has one detector,
// which keeps partitions and tenants apart. Failure: Process returns false if the event is invalid.
class Detector {
 public:
  Detector(std::shared_ptr<const ActiveRules> rules, DetectorOptions options, Metrics& metrics);
  // Applies the same rules to every tenant.
  Detector(std::shared_ptr<const RuleSet> rules, DetectorOptions options, Metrics& metrics);
  ~Detector();

  // Processes a normalised event. Returns false if the event is not a JSON object; the caller must
  // then write a dead letter.
  bool Process(const EventSource& source, std::string_view event_json,
               const std::function<void(const Alert&)>& on_alert);

  // Calls `on_row` for each state row that the open transaction changed.
  void Flush(const std::function<void(int32_t partition, const StateRow&)>& on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  void RestoreRow(int32_t partition, const StateRow& row);
  // Returns the number of rows that could not be decoded. Such rows are skipped.
  int64_t EndRestore(int32_t partition);
  void Release(int32_t partition);

  // Evaluates the conditions that can only be evaluated at the end of the input (lt, lte, eq, neq).
  // Replay calls this function after the last event.
  void Finish(const std::function<void(const Alert&)>& on_alert);

  // Returns the events that correlations left out since the rules were loaded. Aborted transactions
  // are included, so use the result only in a replay.
  std::vector<LeftOutEvents> LeftOut() const;

  // Switches to new rules. Keeps the windows of rules whose version has not changed. Call this
  // function only between transactions.
  void SwapRules(std::shared_ptr<const ActiveRules> rules);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
