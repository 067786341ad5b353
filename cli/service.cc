#include "cli/service.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_join.h"
#include "cli/rule_files.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "detector/detector_stage.h"
#include "fetcher/fetcher_stage.h"
#include "fetcher/tenant_config.h"
#include "model/field_names.h"
#include "parser/parser_stage.h"

namespace picket {
namespace {

absl::StatusOr<kafka::StageFactory> FetchFactory(const PicketConfig& config, Metrics& metrics) {
  if (config.tenants_dir.empty()) {
    return absl::InvalidArgumentError(
        "tenants_dir is not set: the fetcher needs the folder with one "
        "YAML file for each tenant");
  }
  fetcher::TenantFiles files = fetcher::LoadTenants(config.tenants_dir);
  for (const std::string& fault : files.faults) LogError("tenant_left_out", {{"fault", fault}});
  if (files.tenants.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("no usable tenant file in ", config.tenants_dir,
                                                   "\n", absl::StrJoin(files.faults, "\n")));
  }
  const auto tenants =
      std::make_shared<const std::vector<fetcher::TenantConfig>>(std::move(files.tenants));
  const std::shared_ptr<fetcher::HttpTransport> transport = fetcher::MakeTransport(config.fetcher);
  static SystemClock clock;
  return [&config, &metrics, transport, tenants](int) {
    return fetcher::MakeFetcherStage(config.fetcher, tenants, config.topics, transport, clock,
                                     metrics);
  };
}

// Rules with faults are named and left out; the rest goes on.
absl::StatusOr<std::shared_ptr<const detector::RuleSet>> LoadRules(const std::string& dir) {
  std::vector<detector::RuleFault> faults;
  std::vector<std::string> paths;
  if (!dir.empty()) paths.push_back(dir);
  const std::vector<detector::RuleFile> files = ReadRules(paths, faults);
  std::shared_ptr<const detector::RuleSet> rules =
      detector::RuleSet::Compile(files, ResolveFieldName, faults);
  for (const detector::RuleFault& fault : faults) {
    LogWarning("rule_left_out", {{"fault", fault.ToString()}});
  }
  if (rules->rules().empty() && rules->correlations().empty()) {
    return absl::InvalidArgumentError(absl::StrCat("detector.rules_dir: no usable rule in ", dir));
  }
  LogInfo("rules_loaded", {{"rules", rules->rules().size()},
                           {"correlations", rules->correlations().size()},
                           {"left_out", faults.size()}});
  return rules;
}

}  // namespace

absl::StatusOr<std::unique_ptr<kafka::Workers>> MakeService(ServiceKind kind,
                                                            const PicketConfig& config,
                                                            const ServiceTestOptions& test,
                                                            Metrics& metrics) {
  kafka::WorkerOptions options;
  options.kafka = config.kafka;
  options.topics = config.topics;
  options.workers = static_cast<int>(config.kafka.workers);
  if (options.workers == 0) options.workers = std::max(1u, std::thread::hardware_concurrency());
  options.step_file = test.step_file;
  options.step_pause = test.step_pause;

  kafka::StageFactory factory;
  switch (kind) {
    case ServiceKind::kFetch: {
      ASSIGN_OR_RETURN(factory, FetchFactory(config, metrics));
      break;
    }
    case ServiceKind::kParse:
      factory = [&config, &metrics](int) {
        return parser::MakeParserStage(config.parser, config.topics, metrics);
      };
      break;
    case ServiceKind::kDetect: {
      ASSIGN_OR_RETURN(const std::shared_ptr<const detector::RuleSet> rules,
                       LoadRules(config.detector.rules_dir));
      factory = [&config, &metrics, rules](int) {
        return detector::MakeDetectorStage(config.detector, config.topics, rules, metrics);
      };
      break;
    }
  }
  return std::make_unique<kafka::Workers>(std::move(options), std::move(factory), metrics);
}

}  // namespace picket
