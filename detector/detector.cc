#include "detector/detector.h"

#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "common/sha256.h"
#include "detector/alert.h"
#include "detector/correlation/correlator.h"
#include "detector/matching/matcher.h"
#include "json/json_members.h"

namespace picket::detector {
namespace {

// Where a rule is used by correlations.
struct CorrelationUse {
  uint32_t correlation;
  uint32_t position;  // of the rule in the correlation's `rules`
};

// Matchers of tenants' conditions are made when an event needs one; so many are kept.
constexpr size_t kMaxConditionMatchers = 64;
// So many rules have counters of their own over the life of a process; what comes after them is counted together.
constexpr size_t kMaxRuleLabels = 10000;

// Answers whether tenants' conditions hold for the event that is looked at.
// Threads: one. Lifetime: one a detector.
class ConditionMatchers {
 public:
  void BeginEvent(std::string_view event_json) {
    event_json_ = event_json;
    asked_ = nullptr;
  }

  bool Holds(const std::shared_ptr<const RuleSet>& conditions, uint32_t condition) {
    if (asked_ != conditions.get()) Ask(conditions);
    return std::binary_search(matched_.begin(), matched_.end(), condition);
  }

  // Of the conditions asked last. Views are valid until the next event.
  void MatchedFields(uint32_t condition, std::vector<Matcher::MatchedField>* fields) const {
    matcher_->MatchedFields(condition, fields);
  }

 private:
  struct Entry {
    std::shared_ptr<const RuleSet> conditions;
    std::unique_ptr<Matcher> matcher;
    uint64_t last_used = 0;
  };

  void Ask(const std::shared_ptr<const RuleSet>& conditions) {
    asked_ = conditions.get();
    Matcher& matcher = MatcherOf(conditions);
    matcher_ = &matcher;
    matched_ = matcher.Match(event_json_);
  }

  Matcher& MatcherOf(const std::shared_ptr<const RuleSet>& conditions) {
    ++uses_;
    Entry* oldest = nullptr;
    for (Entry& entry : entries_) {
      if (entry.conditions == conditions) {
        entry.last_used = uses_;
        return *entry.matcher;
      }
      if (oldest == nullptr || entry.last_used < oldest->last_used) oldest = &entry;
    }
    if (entries_.size() < kMaxConditionMatchers) oldest = &entries_.emplace_back();
    *oldest = {conditions, std::make_unique<Matcher>(conditions), uses_};
    return *oldest->matcher;
  }

  std::vector<Entry> entries_;
  uint64_t uses_ = 0;
  std::string_view event_json_;
  const RuleSet* asked_ = nullptr;
  const Matcher* matcher_ = nullptr;  // that was asked
  absl::Span<const uint32_t> matched_;
};

}  // namespace

struct Detector::Impl {
  Impl(std::shared_ptr<const ActiveRules> rules_in_force, DetectorOptions options, Metrics& m)
      : metrics(m),
        correlator(MakeCorrelations(rules_in_force->rules().correlations(),
                                    rules_in_force->rules().rules()),
                   CorrelatorOptions{.allowed_lateness = options.allowed_lateness}, m),
        events(m.GetCounter("picket_events_evaluated_total",
                            "Events that the rules were evaluated on.")),
        refused(m.GetCounter("picket_events_refused_total", "Events that are no JSON object.")) {
    Use(std::move(rules_in_force));
  }

  void Use(std::shared_ptr<const ActiveRules> rules_in_force) {
    const bool are_same_rules = active != nullptr && active->base == rules_in_force->base;
    active = std::move(rules_in_force);
    tenant_id.clear();
    tenant = nullptr;
    if (!are_same_rules) UseRules();
  }

  void UseRules() {
    rules = active->base->set;
    matcher = std::make_unique<Matcher>(rules);
    writer = std::make_unique<AlertWriter>(*rules, active->base->version);
    uses.assign(rules->rules().size(), {});
    matches.clear();
    alerts.clear();
    suppressed.assign(active->base->size(), nullptr);
    for (const DetectionRule& rule : rules->rules()) {
      matches.push_back(
          &metrics.GetCounter("picket_rule_matches_total",
                              "Events that matched a rule, after the filters of their tenant.",
                              {{"rule", LabelOf(rule.info)}}));
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

  Counter* AlertCounter(const sigma::RuleInfo& info) {
    return &metrics.GetCounter(
        "picket_alerts_total", "Alerts raised.",
        {{"rule", LabelOf(info)}, {"level", std::string(sigma::LevelName(info.level))}});
  }

  std::string LabelOf(const sigma::RuleInfo& info) {
    if (!labels.contains(info.id)) {
      if (labels.size() >= kMaxRuleLabels) return "(more)";
      labels.insert(info.id);
    }
    return info.id;
  }

  // Valid until the next call.
  const TenantRules& TenantOf(std::string_view id) {
    if (tenant == nullptr || tenant_id != id) {
      tenant_id.assign(id);
      tenant = &active->Of(id);
    }
    return *tenant;
  }

  // What the tenant's settings leave of the rules that match.
  absl::Span<const uint32_t> Narrowed(const TenantRules& view, absl::Span<const uint32_t> matched) {
    if (matched.empty() || view.ChangesNoMatch()) return matched;
    kept.clear();
    for (const uint32_t rule : matched) {
      if (view.IsOff(rule)) continue;
      const uint32_t exact = view.ExactOf(rule);
      bool passes = exact == kNoCondition || conditions.Holds(view.conditions, exact);
      for (const TenantRules::Filter& filter : view.filters) {
        if (!passes) break;
        if (!std::binary_search(filter.rules.begin(), filter.rules.end(), rule)) continue;
        passes = conditions.Holds(view.conditions, filter.condition);
      }
      if (passes) kept.push_back(rule);
    }
    return kept;
  }

  // Whether an alert of the rule is held back. `at_ms`: when the event arrived, or where that is not known when it
  // happened. A condition asks the event; where there is none at hand it does not hold, so the alert is raised.
  bool IsSuppressed(const TenantRules& view, RuleNumber rule, int64_t at_ms, bool has_event) {
    for (const TenantRules::SuppressionUse& use : view.suppressions) {
      if (at_ms >= use.until_ms) continue;
      if (!std::binary_search(use.rules.begin(), use.rules.end(), rule)) continue;
      if (use.condition != kNoCondition &&
          !(has_event && conditions.Holds(view.conditions, use.condition))) {
        continue;
      }
      Counter*& counter = suppressed[rule];
      if (counter == nullptr) {
        counter = &metrics.GetCounter("picket_alerts_suppressed_total",
                                      "Alerts that a suppression of the tenant held back.",
                                      {{"rule", LabelOf(active->base->info(rule))}});
      }
      counter->Increment();
      return true;
    }
    return false;
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
    const auto on_hit = [&](const CorrelationHit& hit) { OnHit(hit, source, json, on_alert); };
    const TenantRules& view = TenantOf(source.tenant);
    counted.clear();
    for (const uint32_t index : matched) {
      for (const CorrelationUse& use : uses[index]) {
        if (view.IsOff(active->base->NumberOfCorrelation(use.correlation))) continue;
        const CorrelationRule& rule = rules->correlations()[use.correlation];
        // An event counts once, however many of the correlation's rules it matches.
        bool again = false;
        for (const uint32_t c : counted) again = again || c == use.correlation;
        if (again) continue;
        std::string_view value;
        if (!GroupOf(rule, use.position) || (rule.type == sigma::CorrelationType::kValueCount &&
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

  void OnHit(const CorrelationHit& hit, const EventSource& source, std::string_view json,
             const std::function<void(const Alert&)>& on_alert) {
    const TenantRules& view = active->Of(hit.tenant);
    const RuleNumber rule = active->base->NumberOfCorrelation(hit.correlation);
    // Its groups may be older than the setting that turned it off.
    if (view.IsOff(rule)) return;
    const int64_t at_ms = source.timestamp_ms != 0 ? source.timestamp_ms : hit.time_ms;
    if (IsSuppressed(view, rule, at_ms, hit.has_event)) return;
    correlation_alerts[hit.correlation]->Increment();
    on_alert(writer->ForCorrelation(hit, source, hit.has_event ? json : std::string_view(),
                                    view.version));
  }

  Metrics& metrics;
  std::shared_ptr<const ActiveRules> active;
  std::shared_ptr<const RuleSet> rules;  // those of `active`
  std::string tenant_id;                 // the tenant asked for last
  const TenantRules* tenant = nullptr;
  ConditionMatchers conditions;
  std::unique_ptr<Matcher> matcher;
  std::unique_ptr<AlertWriter> writer;
  Correlator correlator;
  std::vector<absl::InlinedVector<CorrelationUse, 1>> uses;  // by rule
  std::vector<Counter*> matches;
  std::vector<Counter*> alerts;
  std::vector<Counter*> correlation_alerts;
  std::vector<Counter*> suppressed;  // by RuleNumber; made with the first
  Counter& events;
  Counter& refused;
  StringSet labels;  // rules that have counters of their own

  std::vector<uint32_t> kept;
  std::vector<std::string_view> group;
  std::vector<uint32_t> counted;
  std::vector<Matcher::MatchedField> fields;
  std::string uid;
};

Detector::Detector(std::shared_ptr<const ActiveRules> rules, DetectorOptions options,
                   Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(rules), options, metrics)) {}

Detector::Detector(std::shared_ptr<const RuleSet> rules, DetectorOptions options, Metrics& metrics)
    : Detector(ForEveryTenant(BaseRulesOf(std::move(rules))), options, metrics) {}

Detector::~Detector() = default;

bool Detector::Process(const EventSource& source, std::string_view event_json,
                       const std::function<void(const Alert&)>& on_alert) {
  Impl& impl = *impl_;
  impl.events.Increment();
  absl::Span<const uint32_t> matched = impl.matcher->Match(event_json);
  if (!impl.matcher->ok()) {
    impl.refused.Increment();
    return false;
  }
  const TenantRules& view = impl.TenantOf(source.tenant);
  impl.conditions.BeginEvent(event_json);
  matched = impl.Narrowed(view, matched);
  CorrelatedEvent event;
  event.partition = source.partition;
  event.tenant = source.tenant;
  event.arrival_ms = source.timestamp_ms;
  if (!JsonInteger(JsonMember(event_json, "time"), &event.time_ms)) {
    event.time_ms = source.timestamp_ms;
  }
  if (!matched.empty()) {
    event.uid = JsonStringContent(JsonMember(JsonMember(event_json, "metadata"), "uid"));
    if (event.uid.empty()) {
      // Events of other makers may have none: then the event is what its bytes are.
      impl.uid = HexPrefix(Sha256(event_json), 32);
      event.uid = impl.uid;
    }
  }
  for (const uint32_t rule : matched) {
    impl.matches[rule]->Increment();
    impl.active->base->MarkMatched(rule);
    if (!impl.rules->rules()[rule].alerts) continue;
    const int64_t at_ms = source.timestamp_ms != 0 ? source.timestamp_ms : event.time_ms;
    if (impl.IsSuppressed(view, rule, at_ms, true)) continue;
    impl.fields.clear();
    if (const uint32_t exact = view.ExactOf(rule); exact != kNoCondition) {
      impl.conditions.MatchedFields(exact, &impl.fields);
    } else {
      impl.matcher->MatchedFields(rule, &impl.fields);
    }
    impl.alerts[rule]->Increment();
    on_alert(impl.writer->ForEvent(rule, source, event_json, event.uid, event.time_ms, impl.fields,
                                   view.version));
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
  impl.correlator.Finish(
      [&](const CorrelationHit& hit) { impl.OnHit(hit, EventSource{}, "", on_alert); });
}

void Detector::SwapRules(std::shared_ptr<const ActiveRules> rules) {
  if (rules->base != impl_->active->base) {
    impl_->correlator.SwapRules(
        MakeCorrelations(rules->rules().correlations(), rules->rules().rules()));
  }
  impl_->Use(std::move(rules));
}

}  // namespace picket::detector
