#pragma once

// An alert as OCSF Detection Finding (2004).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/correlation/correlator.h"
#include "detector/detector.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "sigma/rule.h"

namespace picket::detector {

// Up to this size the event that fired is part of its alert; a larger one is named by topic, partition and offset.
inline constexpr size_t kMaxEmbeddedEventBytes = 1 << 20;

// The id of an alert: the same for the same rule, version and event (or group and first event), so that sinks can upsert
// by it. 32 hex digits.
std::string EventAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                         std::string_view event_uid);
std::string CorrelationAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                               absl::Span<const std::string> group_values,
                               std::string_view first_event_uid);

// Writes alerts. What does not change between the alerts of a rule is written once. No clock and no chance: the same
// input gives the same bytes.
// Threads: one. Lifetime: one a detector, of one rule set.
class AlertWriter {
 public:
  // `version` names the set in its alerts.
  AlertWriter(const RuleSet& rules, std::string_view version);
  ~AlertWriter();

  // `settings` is the version of the tenant's settings, empty where it has none. The returned views are valid until the
  // next call.
  Alert ForEvent(uint32_t rule, const EventSource& source, std::string_view event_json,
                 std::string_view event_uid, int64_t time_ms,
                 absl::Span<const Matcher::MatchedField> matched, std::string_view settings = "");
  // `event_json` is empty where event time decided and no event is at hand.
  Alert ForCorrelation(const CorrelationHit& hit, const EventSource& source,
                       std::string_view event_json, std::string_view settings = "");

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
