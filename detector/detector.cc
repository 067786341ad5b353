#include "detector/detector.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "common/batch_counts.h"
#include "common/sha256.h"
#include "detector/alert_writer.h"
#include "detector/correlation/correlator.h"
#include "detector/matching/matcher.h"
#include "json/json_members.h"

namespace picket::detector {
namespace {

// The use of a rule by a correlation.
struct CorrelationUse {
  uint32_t correlation;
  uint32_t position;  // index of the rule in the correlation's `rules`
};

// The maximum number of cached matchers for tenants' conditions. A matcher is created when an event
// first needs it.
constexpr size_t kMaxConditionMatchers = 64;

// The maximum number of combinations of group-by values and counted values that one event adds to a
// correlation. An event with long arrays could otherwise create any number of groups.
constexpr size_t kMaxCombinations = 1000;

// Evaluates tenants' conditions on the current event.
// Threads: Use each instance from one thread. Lifetime: Each detector has one instance.
class ConditionMatchers {
 public:
  // Sets the current event, which must stay valid until the next call.
  void BeginEvent(const JsonTokens& event) {
    event_ = &event;
    evaluated_ = nullptr;
  }

  bool Holds(const std::shared_ptr<const RuleSet>& conditions, uint32_t condition) {
    if (evaluated_ != conditions.get()) Evaluate(conditions);
    return std::binary_search(matched_.begin(), matched_.end(), condition);
  }

  // Gets the fields whose values satisfied the condition `condition`. The condition must belong to
  // the set that was passed to the last call of Holds. The views are valid until the next event.
  void MatchedFields(uint32_t condition, std::vector<Matcher::MatchedField>* fields) const {
    matcher_->MatchedFields(condition, fields);
  }

 private:
  struct Entry {
    std::shared_ptr<const RuleSet> conditions;
    std::unique_ptr<Matcher> matcher;
    uint64_t last_used = 0;
  };

  void Evaluate(const std::shared_ptr<const RuleSet>& conditions) {
    evaluated_ = conditions.get();
    Matcher& matcher = MatcherOf(conditions);
    matcher_ = &matcher;
    matched_ = matcher.Match(*event_);
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
  const JsonTokens* event_ = nullptr;
  const RuleSet* evaluated_ = nullptr;  // the set last evaluated on the current event, or null
  const Matcher* matcher_ = nullptr;    // the matcher of `evaluated_`
  absl::Span<const uint32_t> matched_;
};

}  // namespace

struct Detector::Impl {
  Impl(std::shared_ptr<const ActiveRules> rules_in_force, DetectorOptions options, Metrics& m)
      : metrics(m),
        correlator(MakeCorrelations(rules_in_force->rules().correlations(),
                                    rules_in_force->rules().rules()),
                   CorrelatorOptions{.allowed_lateness = options.allowed_lateness}, m) {
    Use(std::move(rules_in_force));
  }

  void Use(std::shared_ptr<const ActiveRules> rules_in_force) {
    const bool are_same_rules = active != nullptr && active->pack == rules_in_force->pack;
    active = std::move(rules_in_force);
    tenant_id.clear();
    tenant = nullptr;
    if (!are_same_rules) UseRules();
  }

  void UseRules() {
    rules = active->pack->set;
    matcher = std::make_unique<Matcher>(rules);
    writer = std::make_unique<AlertWriter>(*rules, active->pack->version);
    uses.assign(rules->rules().size(), {});
    matches.clear();
    alerts.clear();
    suppressed.assign(active->pack->size(), nullptr);
    for (const DetectionRule& rule : rules->rules()) {
      matches.push_back(
          &counts.Of(metrics.GetCounter("picket_rule_matches_total", {{"rule", rule.info.id}})));
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
    left_out.clear();
    for (const CorrelationRule& correlation : rules->correlations()) {
      left_out.emplace_back(correlation.group_by.size() + 1);
    }
  }

  BatchCount* AlertCounter(const sigma::RuleInfo& info) {
    return &counts.Of(metrics.GetCounter(
        "picket_alerts_total",
        {{"rule", info.id}, {"level", std::string(sigma::LevelName(info.level))}}));
  }

  // Returns the view of a tenant. The result is valid until the next call.
  const TenantRules& TenantOf(std::string_view id) {
    if (tenant == nullptr || tenant_id != id) {
      tenant_id.assign(id);
      tenant = &active->Of(id);
    }
    return *tenant;
  }

  // Returns the matched rules without the rules that the tenant's settings turn off or filter out.
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

  // Returns true, and counts the alert, if an alert of the rule is suppressed. `at_ms` is the
  // arrival time of the event or, if the arrival time is unknown, the event time. A suppression
  // with a condition applies only if there is a current event that fulfils the condition.
  bool IsSuppressed(const TenantRules& view, RuleNumber rule, int64_t at_ms, bool has_event) {
    for (const TenantRules::SuppressionUse& use : view.suppressions) {
      if (at_ms >= use.until_ms) continue;
      if (!std::binary_search(use.rules.begin(), use.rules.end(), rule)) continue;
      if (use.condition != kNoCondition &&
          !(has_event && conditions.Holds(view.conditions, use.condition))) {
        continue;
      }
      BatchCount*& count = suppressed[rule];
      if (count == nullptr) {
        count = &counts.Of(metrics.GetCounter("picket_alerts_suppressed_total",
                                              {{"rule", active->pack->info(rule).id}}));
      }
      count->Add();
      return true;
    }
    return false;
  }

  // Sets `members` to the event's values of the group-by fields, followed by its values of the
  // counted field if the correlation is a value_count. `position` is the index of the matched rule
  // in the correlation's `rules`. Returns false, and counts the event as left out, if a field has
  // no value.
  bool FindMembers(const CorrelationUse& use, const CorrelationRule& rule) {
    const size_t groups = rule.group_by.size();
    const bool counts_values = rule.type == sigma::CorrelationType::kValueCount;
    if (members.size() < groups + 1) members.resize(groups + 1);
    for (size_t i = 0; i < groups + (counts_values ? 1 : 0); ++i) {
      const auto& places = i < groups ? rule.group_by[i][use.position] : rule.value_field;
      matcher->FieldStrings(places, kMaxCombinations + 1, &members[i]);
      if (!members[i].empty()) continue;
      ++left_out[use.correlation][i];
      correlator.CountSkipped(use.correlation);
      return false;
    }
    if (!counts_values) members[groups].assign(1, std::string_view());
    return true;
  }

  // Adds the event to the group of each combination of its values.
  void AddToGroups(uint32_t correlation, const CorrelationRule& rule, const CorrelatedEvent& event,
                   Correlator::HitSink on_hit) {
    const size_t groups = rule.group_by.size();
    size_t added = 0;
    chosen.assign(groups + 1, 0);
    for (;;) {
      if (++added > kMaxCombinations) return correlator.CountSkipped(correlation);
      group.clear();
      for (size_t i = 0; i < groups; ++i) group.push_back(members[i][chosen[i]]);
      correlator.Add(correlation, event, group, members[groups][chosen[groups]], on_hit);
      size_t i = groups + 1;
      while (i > 0 && ++chosen[i - 1] == members[i - 1].size()) chosen[--i] = 0;
      if (i == 0) return;
    }
  }

  // Returns the description of the event. The uid is set only if the event matched a rule, because
  // only alerts and correlations use it.
  CorrelatedEvent Describe(const EventSource& source, bool has_matched) {
    const EventMembers members = matcher->members();
    CorrelatedEvent event;
    event.partition = source.partition;
    event.tenant = source.tenant;
    event.arrival_ms = source.timestamp_ms;
    if (!ParseJsonInteger(members.Find("time"), &event.time_ms))
      event.time_ms = source.timestamp_ms;
    if (!has_matched) return event;
    if (source.place) event.place = source.place();
    event.uid = JsonStringContent(JsonMember(members.Find("metadata"), "uid"));
    if (event.uid.empty()) {
      // Only events that other tools have written can lack a uid. Identify such an event by a hash
      // of its JSON.
      uid = HexPrefix(Sha256(members.json()), 32);
      event.uid = uid;
    }
    return event;
  }

  void RaiseAlerts(const EventSource& source, const CorrelatedEvent& event, const TenantRules& view,
                   absl::Span<const uint32_t> matched,
                   const std::function<void(const Alert&)>& on_alert) {
    for (const uint32_t rule : matched) {
      matches[rule]->Add();
      active->pack->MarkMatched(rule);
      if (!rules->rules()[rule].alerts) continue;
      const int64_t at_ms = source.timestamp_ms != 0 ? source.timestamp_ms : event.time_ms;
      if (IsSuppressed(view, rule, at_ms, true)) continue;
      fields.clear();
      if (const uint32_t exact = view.ExactOf(rule); exact != kNoCondition) {
        conditions.MatchedFields(exact, &fields);
      } else {
        matcher->MatchedFields(rule, &fields);
      }
      alerts[rule]->Add();
      on_alert(writer->ForEvent(rule, source, event, fields, view.version));
    }
  }

  void Correlate(const EventSource& source, const CorrelatedEvent& event, const TenantRules& view,
                 absl::Span<const uint32_t> matched,
                 const std::function<void(const Alert&)>& on_alert) {
    const auto on_hit = [&](const CorrelationHit& hit) { OnHit(hit, source, on_alert); };
    counted.clear();
    for (const uint32_t index : matched) {
      for (const CorrelationUse& use : uses[index]) {
        if (view.IsOff(active->pack->NumberOfCorrelation(use.correlation))) continue;
        const CorrelationRule& rule = rules->correlations()[use.correlation];
        // A correlation counts an event only once, even if the event matches several of its rules.
        if (std::find(counted.begin(), counted.end(), use.correlation) != counted.end()) continue;
        if (!FindMembers(use, rule)) continue;
        counted.push_back(use.correlation);
        AddToGroups(use.correlation, rule, event, on_hit);
      }
    }
    correlator.Advance(event, on_hit);
  }

  void OnHit(const CorrelationHit& hit, const EventSource& source,
             const std::function<void(const Alert&)>& on_alert) {
    const TenantRules& view = active->Of(hit.tenant);
    const RuleNumber rule = active->pack->NumberOfCorrelation(hit.correlation);
    // A correlation that was turned off can still have groups from before.
    if (view.IsOff(rule)) return;
    const int64_t at_ms = source.timestamp_ms != 0 ? source.timestamp_ms : hit.time_ms;
    if (IsSuppressed(view, rule, at_ms, hit.has_event)) return;
    correlation_alerts[hit.correlation]->Add();
    on_alert(writer->ForCorrelation(hit, source, view.version));
  }

  Metrics& metrics;
  std::shared_ptr<const ActiveRules> active;
  std::shared_ptr<const RuleSet> rules;  // rules of `active`
  std::string tenant_id;                 // id of `tenant`
  const TenantRules* tenant = nullptr;
  ConditionMatchers conditions;
  std::unique_ptr<Matcher> matcher;
  std::unique_ptr<AlertWriter> writer;
  Correlator correlator;
  std::vector<absl::InlinedVector<CorrelationUse, 1>> uses;  // indexed by rule
  BatchCounts counts;
  std::vector<BatchCount*> matches;
  std::vector<BatchCount*> alerts;
  std::vector<BatchCount*> correlation_alerts;
  std::vector<BatchCount*> suppressed;  // indexed by RuleNumber; null until an alert is suppressed

  std::vector<uint32_t> kept;
  std::vector<std::string_view> group;
  std::vector<std::vector<std::string_view>> members;  // see FindMembers
  std::vector<size_t> chosen;  // the index of the current value of each field
  // The number of events that each correlation left out because they lack a field: one number for
  // each group-by field, and one for the counted field.
  std::vector<std::vector<uint64_t>> left_out;
  std::vector<uint32_t> counted;
  std::vector<Matcher::MatchedField> fields;
  std::string uid;
};

Detector::Detector(std::shared_ptr<const ActiveRules> rules, DetectorOptions options,
                   Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(rules), options, metrics)) {}

Detector::Detector(std::shared_ptr<const RuleSet> rules, DetectorOptions options, Metrics& metrics)
    : Detector(ForEveryTenant(RulePackOf(std::move(rules))), options, metrics) {}

Detector::~Detector() = default;

bool Detector::Process(const EventSource& source, std::string_view event_json,
                       const std::function<void(const Alert&)>& on_alert) {
  Impl& impl = *impl_;
  absl::Span<const uint32_t> matched = impl.matcher->Match(event_json);
  if (!impl.matcher->ok()) return false;
  const TenantRules& view = impl.TenantOf(source.tenant);
  impl.conditions.BeginEvent(impl.matcher->tokens());
  matched = impl.Narrowed(view, matched);
  const CorrelatedEvent event = impl.Describe(source, !matched.empty());
  impl.writer->BeginEvent(impl.matcher->members());
  impl.RaiseAlerts(source, event, view, matched, on_alert);
  impl.Correlate(source, event, view, matched, on_alert);
  return true;
}

void Detector::Flush(const std::function<void(int32_t partition, const StateRow&)>& on_row) {
  impl_->correlator.Flush([&](int32_t partition, std::string_view key, std::string_view value) {
    on_row(partition, StateRow{key, value});
  });
}

void Detector::Commit() {
  impl_->correlator.Commit();
  impl_->counts.Commit();
}
void Detector::Abort() {
  impl_->correlator.Abort();
  impl_->counts.Abort();
}

void Detector::BeginRestore(int32_t partition) { impl_->correlator.BeginRestore(partition); }
void Detector::RestoreRow(int32_t partition, const StateRow& row) {
  impl_->correlator.RestoreRow(partition, row.key, row.value);
}
int64_t Detector::EndRestore(int32_t partition) { return impl_->correlator.EndRestore(partition); }
void Detector::Release(int32_t partition) { impl_->correlator.Release(partition); }

void Detector::Finish(const std::function<void(const Alert&)>& on_alert) {
  Impl& impl = *impl_;
  impl.writer->BeginEvent(std::nullopt);
  impl.correlator.Finish(
      [&](const CorrelationHit& hit) { impl.OnHit(hit, EventSource{}, on_alert); });
  impl.counts.Commit();
}

std::vector<LeftOutEvents> Detector::LeftOut() const {
  std::vector<LeftOutEvents> all;
  for (size_t c = 0; c < impl_->left_out.size(); ++c) {
    const CorrelationRule& rule = impl_->rules->correlations()[c];
    for (size_t i = 0; i < impl_->left_out[c].size(); ++i) {
      if (impl_->left_out[c][i] == 0) continue;
      const bool is_group = i < rule.group_by_names.size();
      all.push_back({rule.info.title, is_group ? rule.group_by_names[i] : rule.value_field_name,
                     impl_->left_out[c][i]});
    }
  }
  return all;
}

void Detector::SwapRules(std::shared_ptr<const ActiveRules> rules) {
  if (rules->pack != impl_->active->pack) {
    impl_->correlator.SwapRules(
        MakeCorrelations(rules->rules().correlations(), rules->rules().rules()));
  }
  impl_->Use(std::move(rules));
}

}  // namespace picket::detector
