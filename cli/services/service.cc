#include "cli/services/service.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_join.h"
#include "cli/plural.h"
#include "cli/rules/rule_files.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "detector/detector_stage.h"
#include "detector/rule_source.h"
#include "detector/rule_watch.h"
#include "fetcher/fetcher_stage.h"
#include "kafka/topic_use.h"
#include "kafka/worker/workers.h"
#include "m365/tenant_config.h"
#include "model/tenant_settings.h"
#include "parser/geo/geo.h"
#include "parser/parser_stage.h"

namespace picket {
namespace {

constexpr size_t kMostNames = 10;

// Adds a change such as "2 tenants added (1111…, 2222…)". Names at most ten tenants.
void ReportTenants(const std::vector<std::string>& ids, std::string_view what,
                   ReloadReport& report) {
  if (ids.empty()) return;
  const size_t shown = std::min(ids.size(), kMostNames);
  report.changed.push_back(absl::StrCat(
      Counted(ids.size(), "tenant"), " ", ToAbsl(what), " (",
      absl::StrJoin(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
      shown < ids.size() ? ", …)" : ")"));
}

// Runs the fetcher and keeps the list of tenants whose logs it collects.
class FetchService final : public Service {
 public:
  static absl::StatusOr<std::unique_ptr<Service>> Make(const PicketConfig& config,
                                                       kafka::WorkerOptions options,
                                                       Metrics& metrics) {
    if (config.tenants_dir.empty()) {
      return absl::InvalidArgumentError(
          "tenants_dir is not set: the fetcher needs a folder with one YAML file for each tenant");
    }
    m365::TenantFiles files = m365::LoadTenants(config.tenants_dir);
    for (const std::string& fault : files.faults) LogError("tenant_skipped", {{"fault", fault}});
    if (files.tenants.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("no usable tenant file in ",
                                                     config.tenants_dir, "\n",
                                                     absl::StrJoin(files.faults, "\n")));
    }
    return std::make_unique<FetchService>(config, std::move(options), std::move(files.tenants),
                                          metrics);
  }

  FetchService(const PicketConfig& config, kafka::WorkerOptions options,
               std::vector<m365::TenantConfig> tenants, Metrics& metrics)
      : config_(config),
        tenants_(std::make_shared<fetcher::TenantHandover>(
            std::make_shared<const std::vector<m365::TenantConfig>>(std::move(tenants)))),
        transport_(fetcher::MakeTransport(config.fetcher)),
        workers_(
            std::move(options),
            [this, &metrics](int) {
              return fetcher::MakeFetcherStage(config_.fetcher, tenants_, config_.topics,
                                               transport_, clock_, metrics);
            },
            metrics) {}

  absl::Status Run(std::stop_token stop) override { return workers_.Run(stop); }
  Readiness ReadinessNow() const override { return workers_.ReadinessNow(); }
  http::AdminPages Pages() const override { return {}; }
  void RestartClients() override { workers_.Restart(); }

  void Reload(ReloadReport& report) override {
    m365::TenantFiles files = m365::LoadTenants(config_.tenants_dir);
    report.faults.insert(report.faults.end(), files.faults.begin(), files.faults.end());
    m365::TenantChanges changes = m365::CompareTenants(*tenants_->Get(), std::move(files));
    ReportTenants(changes.added, "added", report);
    ReportTenants(changes.removed, "removed", report);
    ReportTenants(changes.changed, "changed", report);
    tenants_->Set(
        std::make_shared<const std::vector<m365::TenantConfig>>(std::move(changes.tenants)));
  }

 private:
  const PicketConfig& config_;
  SystemClock clock_;
  const std::shared_ptr<fetcher::TenantHandover> tenants_;
  const std::shared_ptr<m365::HttpTransport> transport_;
  kafka::Workers workers_;
};

std::unique_ptr<detector::RuleSource> SourceOfRules(const PicketConfig& config) {
  const detector::DetectorConfig& detector = config.detector;
  if (detector.rules_from == "topic") {
    return detector::MakeRuleTopic(config.kafka,
                                   kafka::TopicName(config.topics.prefix, kafka::Topic::kRules));
  }
  if (!detector.rules_dir.empty()) return detector::MakeRuleFolder(detector.rules_dir);
  std::vector<sigma::RuleFault> faults;  // remains empty, because the built-in rules have no errors
  return detector::MakeFixedRules("the rules of this version of picket", ReadRules({}, faults));
}

// Runs the detector and a thread that keeps the detector's rules up to date. The detector consumes
// nothing until it has rules.
class DetectService final : public Service {
 public:
  DetectService(const PicketConfig& config, kafka::WorkerOptions options, Metrics& metrics)
      : watch_(SourceOfRules(config),
               {.tenants_dir = config.tenants_dir,
                .defaults_file = config.detector.defaults_file,
                .interval = config.detector.reload_interval},
               metrics),
        workers_(
            std::move(options),
            [this, &config, &metrics](int) {
              return detector::MakeDetectorStage(config.detector, config.topics, watch_.rules(),
                                                 metrics);
            },
            metrics) {}

  absl::Status Run(std::stop_token stop) override {
    const std::jthread watching([this](const std::stop_token& end) { watch_.Run(clock_, end); });
    if (!watch_.WaitForRules(clock_, stop).ok()) return absl::OkStatus();
    return workers_.Run(stop);
  }

  Readiness ReadinessNow() const override {
    if (watch_.rules().Get() == nullptr) {
      const detector::RuleStatus status = watch_.StatusNow();
      return {false, absl::StrCat("no rules: ", status.faults.empty() ? "reading " + status.source
                                                                      : status.faults.front())};
    }
    return workers_.ReadinessNow();
  }

  http::AdminPages Pages() const override {
    return {{"/rules", [this] { return watch_.StatusJson(); }}};
  }
  void RestartClients() override {
    watch_.ReplaceClient();
    workers_.Restart();
  }

  // The watch reports the result itself, in the log, in the metrics and on the page /rules.
  void Reload(ReloadReport& report) override {
    watch_.CheckSoon();
    report.changed.emplace_back(
        "rules and tenants' settings are being read (see rules_applied and rules_refused)");
  }

 private:
  SystemClock clock_;
  detector::RuleWatch watch_;
  kafka::Workers workers_;
};

// Returns the tenants' settings for the parser, or an empty list if no folder is configured. Fails
// if the file of any tenant has an error. Such a file may request that fields be masked, and the
// parser must not publish the tenant's records without masking.
absl::StatusOr<std::vector<TenantSettings>> LoadParserTenants(const PicketConfig& config) {
  if (config.tenants_dir.empty()) return std::vector<TenantSettings>();
  TenantSettingsFiles files = LoadTenantSettings(config.tenants_dir);
  if (!files.faults.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(files.faults, "\n"));
  }
  return std::move(files.tenants);
}

std::vector<kafka::UseCondition> ParserConditions(const std::vector<TenantSettings>& tenants) {
  const bool has_ecs = std::any_of(tenants.begin(), tenants.end(),
                                   [](const TenantSettings& tenant) { return tenant.parser.ecs; });
  if (has_ecs) return {kafka::UseCondition::kEcsEvents};
  return {};
}

std::vector<kafka::UseCondition> DetectorConditions(const detector::DetectorConfig& config) {
  if (config.rules_from == "topic") return {kafka::UseCondition::kRulesTopic};
  return {};
}

absl::StatusOr<parser::ParserShared> ShareInParsers(const PicketConfig& config, Metrics& metrics) {
  static const SystemClock clock;
  parser::ParserShared shared;
  shared.clock = &clock;
  std::vector<std::string> databases;
  for (const std::string& path : {config.parser.geo_location_file, config.parser.geo_asn_file}) {
    if (!path.empty()) databases.push_back(path);
  }
  if (!databases.empty()) {
    ASSIGN_OR_RETURN(shared.geo, parser::GeoFiles::Open(databases, metrics));
  }
  if (!config.parser.schemas_dir.empty()) {
    ASSIGN_OR_RETURN(EventSchemas schemas, EventSchemas::Load(config.parser.schemas_dir));
    LogInfo("schemas_read", {{"dir", config.parser.schemas_dir},
                             {"classes", schemas.size()},
                             {"one_in", config.parser.check_one_in}});
    shared.schemas = std::make_shared<const EventSchemas>(std::move(schemas));
  }
  return shared;
}

// Runs the parser and keeps the settings of the tenants for it.
class ParseService final : public Service {
 public:
  static absl::StatusOr<std::unique_ptr<Service>> Make(const PicketConfig& config,
                                                       kafka::WorkerOptions options,
                                                       Metrics& metrics) {
    ASSIGN_OR_RETURN(std::vector<TenantSettings> tenants, LoadParserTenants(config));
    ASSIGN_OR_RETURN(std::shared_ptr<const parser::ParserTenants> in_force,
                     parser::MakeParserTenants(tenants, config.parser.mask_key_file));
    ASSIGN_OR_RETURN(parser::ParserShared shared, ShareInParsers(config, metrics));
    options.uses = kafka::UsesOf("parse", ParserConditions(tenants));
    return std::make_unique<ParseService>(config, std::move(options), std::move(tenants),
                                          std::move(in_force), std::move(shared), metrics);
  }

  ParseService(const PicketConfig& config, kafka::WorkerOptions options,
               std::vector<TenantSettings> tenants,
               std::shared_ptr<const parser::ParserTenants> in_force, parser::ParserShared shared,
               Metrics& metrics)
      : config_(config),
        tenants_(std::move(tenants)),
        handover_(std::make_shared<parser::ParserTenantHandover>(std::move(in_force))),
        shared_(std::move(shared)),
        workers_(
            std::move(options),
            [this, &metrics](int) {
              return parser::MakeParserStage(config_.parser, config_.topics, metrics, {}, shared_);
            },
            metrics) {
    shared_.tenants = handover_;
  }

  absl::Status Run(std::stop_token stop) override { return workers_.Run(stop); }
  Readiness ReadinessNow() const override { return workers_.ReadinessNow(); }
  http::AdminPages Pages() const override { return {}; }
  void RestartClients() override { workers_.Restart(); }

  void Reload(ReloadReport& report) override {
    if (config_.tenants_dir.empty()) return;
    TenantSettingsFiles files = LoadTenantSettings(config_.tenants_dir);
    report.faults.insert(report.faults.end(), files.faults.begin(), files.faults.end());
    if (!files.is_readable && files.faults.empty() && !tenants_.empty()) {
      report.faults.push_back(absl::StrCat(config_.tenants_dir, " has no tenant file"));
    }
    std::vector<TenantSettings> tenants = MergeTenantSettings(tenants_, std::move(files));
    // The masks are made even if no file has changed, because the key may have changed.
    absl::StatusOr<std::shared_ptr<const parser::ParserTenants>> made =
        parser::MakeParserTenants(tenants, config_.parser.mask_key_file);
    if (!made.ok()) {
      report.faults.emplace_back(made.status().message());
      return;
    }
    ReportTenants(ChangedTenants(tenants_, tenants), "with changed parser settings", report);
    // The service uses the topic of ECS events only while a tenant wants such events.
    if (ParserConditions(tenants) != ParserConditions(tenants_)) {
      workers_.SetUses(kafka::UsesOf("parse", ParserConditions(tenants)));
    }
    tenants_ = std::move(tenants);
    handover_->Set(*std::move(made));
  }

 private:
  // Returns the ids of the tenants whose parser settings differ. A tenant without a file has the
  // default settings.
  static std::vector<std::string> ChangedTenants(const std::vector<TenantSettings>& old,
                                                 const std::vector<TenantSettings>& fresh) {
    std::map<std::string, TenantParserSettings> before, after;
    for (const TenantSettings& tenant : old) before[tenant.tenant_id] = tenant.parser;
    for (const TenantSettings& tenant : fresh) after[tenant.tenant_id] = tenant.parser;
    std::vector<std::string> changed;
    for (const auto& [id, settings] : before) {
      if (after[id] != settings) changed.push_back(id);
    }
    for (const auto& [id, settings] : after) {
      if (!before.contains(id) && settings != TenantParserSettings()) changed.push_back(id);
    }
    return changed;
  }

  const PicketConfig& config_;
  std::vector<TenantSettings> tenants_;  // used only by Reload
  const std::shared_ptr<parser::ParserTenantHandover> handover_;
  parser::ParserShared shared_;
  kafka::Workers workers_;
};

}  // namespace

const char* NameOf(ServiceKind kind) {
  switch (kind) {
    case ServiceKind::kFetch:
      return "fetch";
    case ServiceKind::kParse:
      return "parse";
    case ServiceKind::kDetect:
      break;
  }
  return "detect";
}

absl::StatusOr<std::unique_ptr<Service>> MakeService(ServiceKind kind, const PicketConfig& config,
                                                     const ServiceTestOptions& test,
                                                     Metrics& metrics) {
  kafka::WorkerOptions options;
  options.kafka = config.kafka;
  options.topics = config.topics;
  options.workers = static_cast<int>(config.kafka.workers);
  if (options.workers == 0) options.workers = std::max(1u, std::thread::hardware_concurrency());
  options.progress_file = test.progress_file;

  switch (kind) {
    case ServiceKind::kFetch:
      options.uses = kafka::UsesOf("fetch", {});
      return FetchService::Make(config, std::move(options), metrics);
    case ServiceKind::kParse:
      return ParseService::Make(config, std::move(options), metrics);
    case ServiceKind::kDetect:
      options.uses = kafka::UsesOf("detect", DetectorConditions(config.detector));
      break;
  }
  return std::make_unique<DetectService>(config, std::move(options), metrics);
}

}  // namespace picket
