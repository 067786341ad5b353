#pragma once

// Writes alerts as OCSF Detection Findings (2004).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "detector/alert.h"
#include "detector/correlation/correlator.h"
#include "detector/matching/event_members.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "sigma/rule.h"

namespace picket::detector {

// An event up to this size is embedded in its alert. A larger event is referenced by topic,
// partition and offset.
inline constexpr size_t kMaxEmbeddedEventBytes = 1 << 20;

// Both functions return the id of an alert as 32 hex digits. The id is a hash of the tenant, the
// rule, the version of the rule, and the id of the event. For a correlation, the hash also covers
// the group-by values, and `first_event_uid` is CorrelationHit::uid. An alert that is raised again
// therefore has the same id, and sinks can use the id for upserts.
std::string EventAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                         std::string_view event_uid);
std::string CorrelationAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                               absl::Span<const std::string> group_values,
                               std::string_view first_event_uid);

// Writes the alerts of one rule set. The JSON that all alerts of a rule or of an event share is
// built only once. The writer uses no clock and no random numbers, so the same input gives the same
// bytes.
// Threads: Use each instance from one thread. Lifetime: A detector has one writer for each rule
// set.
class AlertWriter {
 public:
  // `version` is the version of the rule set. Every alert contains this version.
  AlertWriter(const RuleSet& rules, std::string_view version);
  ~AlertWriter();

  // Sets the event of the alerts that follow. Pass nullopt if there is no event. The event must
  // stay valid until the next call of BeginEvent.
  void BeginEvent(std::optional<EventMembers> event);

  // Writes an alert for the current event, which `event` describes. `settings` is the version of
  // the tenant's settings, or an empty string if the tenant has no settings. The views in the
  // result are valid until the next alert is written.
  Alert ForEvent(uint32_t rule, const EventSource& source, const CorrelatedEvent& event,
                 absl::Span<const Matcher::MatchedField> matched, std::string_view settings = "");
  // Writes an alert for a correlation. The alert contains the current event if hit.has_event is
  // true. Otherwise, the alert contains no event, because the end of a window triggered the alert.
  Alert ForCorrelation(const CorrelationHit& hit, const EventSource& source,
                       std::string_view settings = "");

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
