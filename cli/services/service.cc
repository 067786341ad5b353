#include "cli/services/service.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_join.h"
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
#include "m365/tenant_config.h"
#include "model/tenant_settings.h"
#include "parser/geo/geo.h"
#include "parser/parser_stage.h"

namespace picket {
namespace {

absl::StatusOr<kafka::StageFactory> FetchFactory(const PicketConfig& config, Metrics& metrics) {
  if (config.tenants_dir.empty()) {
    return absl::InvalidArgumentError(
        "tenants_dir is not set: the fetcher needs a folder with one YAML file for each tenant");
  }
  m365::TenantFiles files = m365::LoadTenants(config.tenants_dir);
  for (const std::string& fault : files.faults) LogError("tenant_skipped", {{"fault", fault}});
  if (files.tenants.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("no usable tenant file in ", config.tenants_dir,
                                                   "\n", absl::StrJoin(files.faults, "\n")));
  }
  const auto tenants =
      std::make_shared<const std::vector<m365::TenantConfig>>(std::move(files.tenants));
  const std::shared_ptr<m365::HttpTransport> transport = fetcher::MakeTransport(config.fetcher);
  static SystemClock clock;
  return [&config, &metrics, transport, tenants](int) {
    return fetcher::MakeFetcherStage(config.fetcher, tenants, config.topics, transport, clock,
                                     metrics);
  };
}

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

class WorkersService : public Service {
 public:
  WorkersService(kafka::WorkerOptions options, kafka::StageFactory factory, Metrics& metrics)
      : workers_(std::move(options), std::move(factory), metrics) {}

  absl::Status Run(std::stop_token stop) override { return workers_.Run(stop); }
  Readiness ReadinessNow() const override { return workers_.ReadinessNow(); }
  http::AdminPages Pages() const override { return {}; }

 private:
  kafka::Workers workers_;
};

// The detector and a thread that keeps the detector's rules up to date. The detector consumes
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

 private:
  SystemClock clock_;
  detector::RuleWatch watch_;
  kafka::Workers workers_;
};

// Returns the tenants' settings for the parser, or an empty list if no folder is configured. Fails
// if the file of any tenant has an error. Such a file may request that fields be masked, and the
// parser must not publish the tenant's records without masking.
absl::StatusOr<std::vector<TenantSettings>> ParserTenants(const PicketConfig& config) {
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

absl::StatusOr<parser::ParserShared> ShareInParsers(const PicketConfig& config,
                                                    const std::vector<TenantSettings>& tenants,
                                                    Metrics& metrics) {
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
  ASSIGN_OR_RETURN(shared.masks, parser::MakeTenantMasks(tenants, config.parser.mask_key_file));
  return shared;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Service>> MakeService(ServiceKind kind, const PicketConfig& config,
                                                     const ServiceTestOptions& test,
                                                     Metrics& metrics) {
  kafka::WorkerOptions options;
  options.kafka = config.kafka;
  options.topics = config.topics;
  options.workers = static_cast<int>(config.kafka.workers);
  if (options.workers == 0) options.workers = std::max(1u, std::thread::hardware_concurrency());
  options.progress_file = test.progress_file;

  kafka::StageFactory factory;
  switch (kind) {
    case ServiceKind::kFetch: {
      ASSIGN_OR_RETURN(factory, FetchFactory(config, metrics));
      options.uses = kafka::UsesOf("fetch", {});
      break;
    }
    case ServiceKind::kParse: {
      ASSIGN_OR_RETURN(const std::vector<TenantSettings> tenants, ParserTenants(config));
      ASSIGN_OR_RETURN(const parser::ParserShared shared, ShareInParsers(config, tenants, metrics));
      options.uses = kafka::UsesOf("parse", ParserConditions(tenants));
      factory = [&config, &metrics, tenants, shared](int) {
        return parser::MakeParserStage(config.parser, config.topics, metrics, tenants, shared);
      };
      break;
    }
    case ServiceKind::kDetect:
      options.uses = kafka::UsesOf("detect", DetectorConditions(config.detector));
      return std::make_unique<DetectService>(config, std::move(options), metrics);
  }
  return std::make_unique<WorkersService>(std::move(options), std::move(factory), metrics);
}

}  // namespace picket
