#include "detector/detector.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "common/sha256.h"
#include "detector/alert.h"
#include "detector/correlator.h"
#include "detector/json_member.h"

namespace picket::detector {
namespace {

// Where a rule is used by correlations.
struct CorrelationUse {
  uint32_t correlation;
  uint32_t position;  // of the rule in the correlation's `rules`
};

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kInformational:
      return "informational";
    case Level::kLow:
      return "low";
    case Level::kMedium:
      return "medium";
    case Level::kHigh:
      return "high";
    case Level::kCritical:
      return "critical";
  }
  return "medium";
}

}  // namespace

struct Detector::Impl {
  Impl(std::shared_ptr<const RuleSet> set, DetectorOptions options, Metrics& m)
      : metrics(m),
        correlator(MakeCorrelations(set->correlations(), set->rules()),
                   CorrelatorOptions{.allowed_lateness = options.allowed_lateness}, m),
        events(m.GetCounter("picket_events_evaluated_total",
                            "Events that the rules were evaluated on.")),
        refused(m.GetCounter("picket_events_refused_total", "Events that are no JSON object.")) {
    Use(std::move(set));
  }

  void Use(std::shared_ptr<const RuleSet> set) {
    rules = std::move(set);
    matcher = std::make_unique<Matcher>(rules);
    writer = std::make_unique<AlertWriter>(*rules);
    uses.assign(rules->rules().size(), {});
    matches.clear();
    alerts.clear();
    for (const DetectionRule& rule : rules->rules()) {
      matches.push_back(&metrics.GetCounter(
          "picket_rule_matches_total", "Events that matched a rule.", {{"rule", rule.info.id}}));
      alerts.push_back(AlertCounter(rule.info));
    }
    correlation_alerts.clear();
    for (uint32_t c = 0; c < rules->correlations().size(); ++c) {
      const CorrelationRule& correlation = rules->correlations()[c];
      for (uint32_t position = 0; position < correlation.rules.size(); ++position) {
        uses[correlation.rules[position]].push_back({c, position});
      }
      correlation_alerts.push_back(AlertCounter(correlation.info));
    }
  }

  Counter* AlertCounter(const RuleInfo& info) {
    return &metrics.GetCounter("picket_alerts_total", "Alerts raised.",
                               {{"rule", info.id}, {"level", std::string(LevelName(info.level))}});
  }

  // The values of the group-by fields of an event; false when one is missing.
  bool GroupOf(const CorrelationRule& rule, uint32_t position) {
    group.clear();
    for (const std::vector<FieldId>& fields : rule.group_by) {
      std::string_view text;
      if (!matcher->FieldText(fields[position], &text)) return false;
      group.push_back(text);
    }
    return true;
  }

  void Correlate(const EventSource& source, const CorrelatedEvent& event, std::string_view json,
                 absl::Span<const uint32_t> matched,
                 const std::function<void(const Alert&)>& on_alert) {
    const auto on_hit = [&](const CorrelationHit& hit) {
      correlation_alerts[hit.correlation]->Increment();
      on_alert(writer->ForCorrelation(hit, source, hit.has_event ? json : std::string_view()));
    };
    counted.clear();
    for (const uint32_t index : matched) {
      for (const CorrelationUse& use : uses[index]) {
        const CorrelationRule& rule = rules->correlations()[use.correlation];
        // An event counts once, however many of the correlation's rules it matches.
        bool again = false;
        for (const uint32_t c : counted) again = again || c == use.correlation;
        if (again) continue;
        std::string_view value;
        if (!GroupOf(rule, use.position) || (rule.type == CorrelationType::kValueCount &&
                                             !matcher->FieldText(rule.value_field, &value))) {
          correlator.CountSkipped(use.correlation);
          continue;
        }
        counted.push_back(use.correlation);
        correlator.Add(use.correlation, event, group, value, on_hit);
      }
    }
    correlator.Advance(event, on_hit);
  }

  Metrics& metrics;
  std::shared_ptr<const RuleSet> rules;
  std::unique_ptr<Matcher> matcher;
  std::unique_ptr<AlertWriter> writer;
  Correlator correlator;
  std::vector<absl::InlinedVector<CorrelationUse, 1>> uses;  // by rule
  std::vector<Counter*> matches;
  std::vector<Counter*> alerts;
  std::vector<Counter*> correlation_alerts;
  Counter& events;
  Counter& refused;

  std::vector<std::string_view> group;
  std::vector<uint32_t> counted;
  std::vector<Matcher::MatchedField> fields;
  std::string uid;
};

Detector::Detector(std::shared_ptr<const RuleSet> rules, DetectorOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(rules), options, metrics)) {}

Detector::~Detector() = default;

bool Detector::Process(const EventSource& source, std::string_view event_json,
                       const std::function<void(const Alert&)>& on_alert) {
  Impl& impl = *impl_;
  impl.events.Increment();
  const absl::Span<const uint32_t> matched = impl.matcher->Match(event_json);
  if (!impl.matcher->ok()) {
    impl.refused.Increment();
    return false;
  }
  CorrelatedEvent event;
  event.partition = source.partition;
  event.tenant = source.tenant;
  event.arrival_ms = source.timestamp_ms;
  if (!JsonInteger(JsonMember(event_json, "time"), &event.time_ms)) {
    event.time_ms = source.timestamp_ms;
  }
  if (!matched.empty()) {
    event.uid = JsonText(JsonMember(JsonMember(event_json, "metadata"), "uid"));
    if (event.uid.empty()) {
      // Events of other makers may have none: then the event is what its bytes are.
      impl.uid = HexPrefix(Sha256(event_json), 32);
      event.uid = impl.uid;
    }
  }
  for (const uint32_t rule : matched) {
    impl.matches[rule]->Increment();
    if (!impl.rules->rules()[rule].alerts) continue;
    impl.fields.clear();
    impl.matcher->MatchedFields(rule, &impl.fields);
    impl.alerts[rule]->Increment();
    on_alert(
        impl.writer->ForEvent(rule, source, event_json, event.uid, event.time_ms, impl.fields));
  }
  impl.Correlate(source, event, event_json, matched, on_alert);
  return true;
}

void Detector::Flush(const std::function<void(int32_t partition, const StateRow&)>& on_row) {
  impl_->correlator.Flush([&](int32_t partition, std::string_view key, std::string_view value) {
    on_row(partition, StateRow{key, value});
  });
}

void Detector::Commit() { impl_->correlator.Commit(); }
void Detector::Abort() { impl_->correlator.Abort(); }

void Detector::BeginRestore(int32_t partition) { impl_->correlator.BeginRestore(partition); }
void Detector::RestoreRow(int32_t partition, const StateRow& row) {
  impl_->correlator.RestoreRow(partition, row.key, row.value);
}
void Detector::EndRestore(int32_t partition) { impl_->correlator.EndRestore(partition); }
void Detector::Release(int32_t partition) { impl_->correlator.Release(partition); }

void Detector::Finish(const std::function<void(const Alert&)>& on_alert) {
  Impl& impl = *impl_;
  impl.correlator.Finish([&](const CorrelationHit& hit) {
    impl.correlation_alerts[hit.correlation]->Increment();
    on_alert(impl.writer->ForCorrelation(hit, EventSource{}, ""));
  });
}

void Detector::SwapRules(std::shared_ptr<const RuleSet> rules) {
  impl_->correlator.SwapRules(MakeCorrelations(rules->correlations(), rules->rules()));
  impl_->Use(std::move(rules));
}

}  // namespace picket::detector
