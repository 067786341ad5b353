#pragma once

// Events in, alerts out: match and correlate together, without Kafka. The detector stage and `replay` both run it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/metrics.h"
#include "detector/active_rules.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {

struct EventSource {
  std::string_view tenant;
  std::string_view topic;  // empty in replay
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;  // when it arrived: the Kafka timestamp; 0 where there is none
};

// An alert as it goes to the topic; views are valid until the next call of the detector.
struct Alert {
  std::string_view id;  // deterministic (docs/formats.md, alert id)
  std::string_view tenant;
  std::string_view rule_id;
  std::string_view title;
  std::string_view user;
  std::string_view technique;  // "T1114.003"; may be empty
  sigma::Level level;
  int64_t time_ms;        // of the event that fired it
  std::string_view json;  // OCSF Detection Finding (2004)
};

// A changed row of the correlation state: goes to `state` under `key`; an empty value is a tombstone.
struct StateRow {
  std::string_view key;
  std::string_view value;
};

struct DetectorOptions {
  // Lateness within which out-of-order events are taken into windows; InfiniteDuration in replay.
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
};

// Threads: one. Lifetime: one a worker (or one a replay); partitions and tenants are kept apart inside.
// State follows the overlay rule of kafka/worker/stage.h: changes belong to the open transaction until Commit or Abort.
class Detector {
 public:
  Detector(std::shared_ptr<const ActiveRules> rules, DetectorOptions options, Metrics& metrics);
  // The same rules for every tenant.
  Detector(std::shared_ptr<const RuleSet> rules, DetectorOptions options, Metrics& metrics);
  ~Detector();

  // One normalised event. False when it is not a JSON object (the caller dead-letters it).
  bool Process(const EventSource& source, std::string_view event_json,
               const std::function<void(const Alert&)>& on_alert);

  // The state rows of what the open transaction touched, per partition.
  void Flush(const std::function<void(int32_t partition, const StateRow&)>& on_row);
  void Commit();
  void Abort();

  void BeginRestore(int32_t partition);
  void RestoreRow(int32_t partition, const StateRow& row);
  void EndRestore(int32_t partition);
  void Release(int32_t partition);

  // End of input (replay): decides the conditions that only the end decides (lt, lte, eq, neq).
  void Finish(const std::function<void(const Alert&)>& on_alert);

  // Between transactions only. Windows of rules whose version did not change are kept.
  void SwapRules(std::shared_ptr<const ActiveRules> rules);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
