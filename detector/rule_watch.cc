#include "detector/rule_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/json_writer.h"
#include "common/log.h"
#include "common/strings.h"
#include "detector/tenant_files.h"
#include "model/field_names.h"

namespace picket::detector {
namespace {

constexpr size_t kMaxFaultsShown = 100;
// The maximum size of an error message. Messages quote rules, which may have very long values.
constexpr size_t kMaxFaultBytes = 2048;
// The minimum interval between two log entries about the same errors.
constexpr absl::Duration kLogInterval = absl::Minutes(1);

const std::vector<double>& CompileBounds() {
  static const auto* const bounds =
      new std::vector<double>{0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  return *bounds;
}

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void WriteStrings(JsonWriter& json, std::string_view key, const std::vector<std::string>& strings) {
  json.Key(key).BeginArray();
  for (const std::string& string : strings) json.Value(string);
  json.EndArray();
}

}  // namespace

struct RuleWatch::Impl {
  Impl(std::unique_ptr<RuleSource> rule_source, RuleWatchOptions watch_options, Metrics& m)
      : source(std::move(rule_source)),
        options(std::move(watch_options)),
        metrics(m),
        tenant_files(options.tenants_dir, options.defaults_file),
        binder(ResolveFieldName),
        rules_loaded(m.GetGauge("picket_rules", {{"kind", "event"}})),
        correlations_loaded(m.GetGauge("picket_rules", {{"kind", "correlation"}})),
        rule_faults(m.GetGauge("picket_rule_faults")),
        tenant_settings(m.GetGauge("picket_tenant_settings")),
        tenant_faults(m.GetGauge("picket_tenant_settings_faults")),
        without_list(m.GetGauge("picket_rules_without_list")),
        never_matched(m.GetGauge("picket_rules_never_matched")),
        expired(m.GetGauge("picket_suppressions", {{"state", "expired"}})),
        in_force_suppressions(m.GetGauge("picket_suppressions", {{"state", "in_force"}})),
        applied_at(m.GetGauge("picket_rules_applied_timestamp_seconds")),
        applied(Reloads("applied")),
        refused(Reloads("refused")),
        compile_seconds(m.GetHistogram("picket_rules_compile_seconds", CompileBounds())) {
    status.source = source->Name();
  }

  Counter& Reloads(const char* result) {
    return metrics.GetCounter("picket_rule_reloads_total", {{"result", result}});
  }

  bool Check(absl::Time now) {
    const auto begin = std::chrono::steady_clock::now();
    const bool has_new_rules = CheckRules(now);
    const bool has_new_settings = tenant_files.Refresh();
    bool has_changed = false;
    if (pack != nullptr && (has_new_rules || has_new_settings)) {
      PutInForce(now);
      compile_seconds.Observe(SecondsSince(begin));
      has_changed = true;
    }
    CountSuppressions(now);
    CountNeverMatched();
    return has_changed;
  }

  bool CheckRules(absl::Time now) {
    {
      MutexLock lock(mu);
      if (std::exchange(replaces_client, false)) source->ReplaceClient();
    }
    absl::StatusOr<std::optional<RuleReading>> polled = source->Poll();
    if (!polled.ok()) {
      if (!faults_before_failure.has_value()) {
        MutexLock lock(mu);
        faults_before_failure = status.faults;
      }
      Refuse({CleanLine(ToStd(polled.status().message()), kMaxFaultBytes)}, now);
      return false;
    }
    if (faults_before_failure.has_value()) {
      LogInfo("rules_readable_again", {{"source", source->Name()}});
      SetFaults(*std::exchange(faults_before_failure, std::nullopt));
    }
    if (!polled->has_value()) {
      if (pack == nullptr && now - logged_at >= kLogInterval) Refuse({}, now);
      return false;
    }
    RuleReading& reading = **polled;
    std::vector<sigma::RuleFault> faults = std::move(reading.faults);
    std::shared_ptr<const RulePack> compiled =
        CompileRulePack(reading.files, ResolveFieldName, faults);
    std::vector<std::string> texts;
    for (const sigma::RuleFault& fault : faults) {
      texts.push_back(CleanLine(fault.ToString(), kMaxFaultBytes));
    }
    if (compiled->size() == 0 && texts.empty()) {
      texts.push_back(source->Name() + ": there is no usable rule");
    }
    // At startup, there are no older rules to keep, so use the rules that have no errors.
    const bool is_usable = compiled->size() > 0 && (texts.empty() || pack == nullptr);
    if (!is_usable) {
      Refuse(std::move(texts), now);
      return false;
    }
    for (const std::string& text : texts) LogError("rule_left_out", {{"fault", text}});
    SetFaults(std::move(texts));
    // If only comments, file names or the order of the rules have changed, keep the old pack.
    if (pack != nullptr && pack->version == compiled->version) return false;
    pack = std::move(compiled);
    return true;
  }

  // Reports why the new rules are not used. The rules in force stay unchanged.
  void Refuse(std::vector<std::string> faults, absl::Time now) {
    if (faults.empty()) faults.push_back(source->Name() + ": there is no usable rule");
    bool is_known = false;
    {
      MutexLock lock(mu);
      is_known = status.faults == faults;
    }
    if (is_known && now - logged_at < kLogInterval) return;
    logged_at = now;
    if (!is_known) refused.Increment();
    LogError("rules_refused",
             {{"source", source->Name()},
              {"in_force", pack == nullptr ? std::string_view("none") : pack->version},
              {"faults", faults.size()},
              {"first", faults.front()}});
    SetFaults(std::move(faults));
  }

  void SetFaults(std::vector<std::string> faults) {
    rule_faults.Set(static_cast<double>(faults.size()));
    MutexLock lock(mu);
    status.faults = std::move(faults);
  }

  void PutInForce(absl::Time now) {
    std::vector<std::string> texts;
    std::shared_ptr<const ActiveRules> active = BindTenants(pack, tenant_files, binder, texts);
    for (size_t i = 0; i < std::min(texts.size(), kMaxFaultsShown); ++i) {
      LogError("tenant_settings_fault", {{"fault", texts[i]}});
    }
    std::vector<std::string> off = RulesWithoutList(*active);
    for (size_t i = 0; i < std::min(off.size(), kMaxFaultsShown); ++i) {
      LogWarning("rule_without_list", {{"what", off[i]}});
    }
    tenant_faults.Set(static_cast<double>(texts.size()));
    tenant_settings.Set(static_cast<double>(active->tenants.size()));
    rules_loaded.Set(static_cast<double>(pack->set->rules().size()));
    correlations_loaded.Set(static_cast<double>(pack->set->correlations().size()));
    applied_at.Set(static_cast<double>(absl::ToUnixSeconds(now)));
    applied.Increment();
    {
      MutexLock lock(mu);
      status.version = pack->version;
      status.rules = pack->set->rules().size();
      status.correlations = pack->set->correlations().size();
      status.tenants = active->tenants.size();
      status.since = now;
      if (texts.size() > kMaxFaultsShown) texts.resize(kMaxFaultsShown);
      status.tenant_faults = texts;
      status.without_list = std::move(off);
    }
    LogInfo("rules_applied", {{"source", source->Name()},
                              {"version", pack->version},
                              {"rules", pack->set->rules().size()},
                              {"correlations", pack->set->correlations().size()},
                              {"tenants", active->tenants.size()},
                              {"tenant_faults", texts.size()}});
    size_t pairs = active->without_settings->without_list.size();
    for (const auto& [tenant, view] : active->tenants) pairs += view->without_list.size();
    without_list.Set(static_cast<double>(pairs));
    in_force.Set(std::move(active));
    binder.Sweep();
  }

  // Counts the suppressions in force and the expired ones. Logs each expired suppression once.
  void CountSuppressions(absl::Time now) {
    const int64_t now_ms = absl::ToUnixMillis(now);
    int64_t num_expired = 0, num_in_force = 0;
    const auto count = [&](const TenantOverlay& overlay) {
      for (const ReadSuppression& suppression : overlay.suppressions) {
        if (now_ms < suppression.until_ms) {
          ++num_in_force;
          continue;
        }
        ++num_expired;
        const Suppression& written = suppression.written;
        std::string key = absl::StrCat(overlay.settings.file, "\n", written.rule, "\n",
                                       written.expires, "\n", written.owner, "\n", written.reason);
        if (!expired_logged.insert(std::move(key)).second) continue;
        LogWarning("suppression_expired",
                   {{"file", absl::StrCat(overlay.settings.file, ":", suppression.line)},
                    {"rule", written.rule},
                    {"owner", written.owner},
                    {"expired", written.expires}});
      }
    };
    if (tenant_files.defaults() != nullptr) count(*tenant_files.defaults());
    for (const auto& [tenant, overlay] : tenant_files.tenants()) count(*overlay);
    expired.Set(static_cast<double>(num_expired));
    in_force_suppressions.Set(static_cast<double>(num_in_force));
  }

  void CountNeverMatched() {
    if (pack == nullptr) return;
    never_matched.Set(static_cast<double>(pack->NeverMatched().size()));
  }

  const std::unique_ptr<RuleSource> source;
  const RuleWatchOptions options;
  Metrics& metrics;
  TenantFiles tenant_files;
  TenantBinder binder;
  std::shared_ptr<const RulePack> pack;  // the pack that is in force or about to come into force
  absl::Time logged_at = absl::InfinitePast();
  // While the source cannot be read: the faults of what was read last.
  std::optional<std::vector<std::string>> faults_before_failure;
  StringSet expired_logged;
  RuleHandover in_force;

  Gauge& rules_loaded;
  Gauge& correlations_loaded;
  Gauge& rule_faults;
  Gauge& tenant_settings;
  Gauge& tenant_faults;
  Gauge& without_list;
  Gauge& never_matched;
  Gauge& expired;
  Gauge& in_force_suppressions;
  Gauge& applied_at;
  Counter& applied;
  Counter& refused;
  Histogram& compile_seconds;

  mutable Mutex mu;
  RuleStatus status ABSL_GUARDED_BY(mu);
  bool checks_soon ABSL_GUARDED_BY(mu) = false;
  bool replaces_client ABSL_GUARDED_BY(mu) = false;
  std::stop_source end_of_wait ABSL_GUARDED_BY(mu);  // ends Run's wait between two checks
};

RuleWatch::RuleWatch(std::unique_ptr<RuleSource> source, RuleWatchOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(source), std::move(options), metrics)) {}
RuleWatch::~RuleWatch() = default;

bool RuleWatch::Check(absl::Time now) { return impl_->Check(now); }

void RuleWatch::Run(Clock& clock, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::stop_source end_of_wait;
    bool checks_soon = false;
    {
      MutexLock lock(impl_->mu);
      checks_soon = std::exchange(impl_->checks_soon, false);
      impl_->end_of_wait = end_of_wait;
    }
    Check(clock.Now());
    // Check twice, because a folder returns changed rules only when two polls find the same state.
    if (checks_soon) Check(clock.Now());
    const std::stop_callback on_stop(stop, [&end_of_wait] { end_of_wait.request_stop(); });
    clock.Wait(impl_->options.interval, end_of_wait.get_token());
  }
}

void RuleWatch::CheckSoon() {
  std::stop_source end_of_wait(std::nostopstate);
  {
    MutexLock lock(impl_->mu);
    impl_->checks_soon = true;
    end_of_wait = impl_->end_of_wait;
  }
  end_of_wait.request_stop();
}

void RuleWatch::ReplaceClient() {
  {
    MutexLock lock(impl_->mu);
    impl_->replaces_client = true;
  }
  CheckSoon();
}

absl::Status RuleWatch::WaitForRules(Clock& clock, const std::stop_token& stop) const {
  while (impl_->in_force.Get() == nullptr) {
    if (!clock.Wait(absl::Milliseconds(50), stop)) {
      return absl::CancelledError("a stop was requested before there were any rules");
    }
  }
  return absl::OkStatus();
}

const RuleHandover& RuleWatch::rules() const { return impl_->in_force; }

RuleStatus RuleWatch::StatusNow() const {
  RuleStatus status;
  {
    MutexLock lock(impl_->mu);
    status = impl_->status;
  }
  if (const auto active = impl_->in_force.Get(); active != nullptr) {
    status.never_matched = active->pack->NeverMatched();
  }
  return status;
}

std::string RuleWatch::StatusJson() const {
  const RuleStatus status = StatusNow();
  std::string text;
  JsonWriter json(&text);
  json.BeginObject().Key("source").Value(status.source).Key("version").Value(status.version);
  json.Key("rules").Value(status.rules).Key("correlations").Value(status.correlations);
  json.Key("tenants").Value(status.tenants);
  json.Key("since").Value(
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", status.since, absl::UTCTimeZone()));
  WriteStrings(json, "faults", status.faults);
  WriteStrings(json, "tenant_faults", status.tenant_faults);
  WriteStrings(json, "without_list", status.without_list);
  WriteStrings(json, "never_matched", status.never_matched);
  json.EndObject();
  return text + "\n";
}

}  // namespace picket::detector
