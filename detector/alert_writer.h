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

// An event up to this size is embedded in its alert. A larger one is referenced by topic, partition
// and offset.
inline constexpr size_t kMaxEmbeddedEventBytes = 1 << 20;

// Returns the id of an alert as 32 hex digits. It is the same for the same rule, version and event
// (or group and first event), so sinks can upsert by it.
std::string EventAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                         std::string_view event_uid);
std::string CorrelationAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                               absl::Span<const std::string> group_values,
                               std::string_view first_event_uid);

// Writes the alerts of one rule set. The parts that all alerts of a rule share, and the parts that
// all alerts of an event share, are written once. It uses no clock and no random numbers: the same
// input gives the same bytes.
// Threads: one. Lifetime: one per detector and rule set.
class AlertWriter {
 public:
  // `version` is the version of the rule set, which every alert names.
  AlertWriter(const RuleSet& rules, std::string_view version);
  ~AlertWriter();

  // Sets the event of the alerts that follow, or none. The members must stay valid until the next
  // call.
  void BeginEvent(std::optional<EventMembers> event);

  // An alert for the current event. `event` describes it. `settings` is the version of the tenant's
  // settings; empty if it has none. The returned views are valid until the next call.
  Alert ForEvent(uint32_t rule, const EventSource& source, const CorrelatedEvent& event,
                 absl::Span<const Matcher::MatchedField> matched, std::string_view settings = "");
  // An alert for a correlation. It contains the current event only if hit.has_event; otherwise
  // event time alone triggered the alert.
  Alert ForCorrelation(const CorrelationHit& hit, const EventSource& source,
                       std::string_view settings = "");

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
