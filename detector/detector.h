#pragma once

// Turns events into alerts: matching and correlation together, without Kafka. Used by the detector
// stage and by `replay`.

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

struct DetectorOptions {
  // Events that are later than this are not added to windows. InfiniteDuration in replay.
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
};

// The path of an event: the matcher parses it, and the settings of its tenant narrow the matches.
// What is left goes to the alert writer and the correlator, together with the members that were
// found in the same parse. Conditions of tenants read other fields, but use the same token index.
// State follows the overlay rule of kafka/worker/stage.h: changes belong to the open transaction
// until Commit or Abort.
// Threads: one. Lifetime: one per worker (or per replay); partitions and tenants are kept apart
// inside. Failure: Process returns false.
class Detector {
 public:
  Detector(std::shared_ptr<const ActiveRules> rules, DetectorOptions options, Metrics& metrics);
  // The same rules for every tenant.
  Detector(std::shared_ptr<const RuleSet> rules, DetectorOptions options, Metrics& metrics);
  ~Detector();

  // Processes a normalised event. Returns false if it is not a JSON object; the caller then writes
  // a dead letter.
  bool Process(const EventSource& source, std::string_view event_json,
               const std::function<void(const Alert&)>& on_alert);

  // Passes on the state rows that the open transaction changed.
  void Flush(const std::function<void(int32_t partition, const StateRow&)>& on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  void RestoreRow(int32_t partition, const StateRow& row);
  void EndRestore(int32_t partition);
  void Release(int32_t partition);

  // Call at the end of the input (replay): decides the conditions that only the end decides (lt,
  // lte, eq, neq).
  void Finish(const std::function<void(const Alert&)>& on_alert);

  // Call between transactions only. Keeps the windows of rules whose version has not changed.
  void SwapRules(std::shared_ptr<const ActiveRules> rules);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
