#include "cli/operators/config_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/rule_files.h"
#include "cli/services/admin_token.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "detector/tenant_files.h"
#include "kafka/client_config.h"
#include "m365/tenant_config.h"
#include "model/event_schemas.h"
#include "model/field_names.h"
#include "model/tenant_settings.h"
#include "parser/geo/geo.h"
#include "parser/masking.h"

namespace picket {
namespace {

void AddFault(std::string_view option, const absl::Status& status,
              std::vector<std::string>& faults) {
  if (status.ok()) return;
  faults.push_back(absl::StrCat(ToAbsl(option), ": ", status.message()));
}

void CheckKafka(const PicketConfig& config, ConfigReport& report) {
  absl::Status status = kafka::GroupConsumerConf(config.kafka, "picket", "picket", {}).status();
  if (status.ok()) status = kafka::ProducerConf(config.kafka, "picket").status();
  // librdkafka reports some invalid values, such as an unreadable certificate, only when it creates
  // a client.
  if (status.ok()) {
    absl::StatusOr<kafka::Conf> conf = kafka::ChangelogConf(config.kafka);
    status =
        conf.ok() ? kafka::MakeHandle(RD_KAFKA_CONSUMER, *std::move(conf)).status() : conf.status();
  }
  AddFault("kafka", status, report.config_faults);
}

void CheckTenants(const PicketConfig& config, ConfigReport& report) {
  if (config.tenants_dir.empty()) {
    report.notes.emplace_back("tenants_dir is not set: the fetcher does not start without it");
    return;
  }
  m365::TenantFiles tenants = m365::LoadTenants(config.tenants_dir);
  report.tenants = tenants.tenants.size();
  for (std::string& fault : tenants.faults) report.config_faults.push_back(std::move(fault));
}

void CheckParser(const PicketConfig& config, ConfigReport& report) {
  const parser::ParserConfig& parser = config.parser;
  Metrics metrics;
  for (const auto& [option, path] :
       {std::pair("parser.geo_location_file", parser.geo_location_file),
        std::pair("parser.geo_asn_file", parser.geo_asn_file)}) {
    if (path.empty()) continue;
    AddFault(option, parser::GeoFiles::Open({path}, metrics).status(), report.config_faults);
  }
  if (!parser.schemas_dir.empty()) {
    AddFault("parser.schemas_dir", EventSchemas::Load(parser.schemas_dir).status(),
             report.config_faults);
  }
  if (config.tenants_dir.empty()) return;
  // This function ignores `settings.faults`, because CheckTenants has already reported them.
  // MakeTenantMasks fails only if the masking key is missing or unusable.
  const TenantSettingsFiles settings = LoadTenantSettings(config.tenants_dir);
  AddFault("parser.mask_key_file",
           parser::MakeTenantMasks(settings.tenants, parser.mask_key_file).status(),
           report.config_faults);
}

void CheckRules(const PicketConfig& config, ConfigReport& report) {
  const detector::DetectorConfig& detector = config.detector;
  if (detector.rules_from == "topic") {
    report.notes.emplace_back(
        "detector.rules_from is `topic`: the rules, and the tenants' settings for them, are not "
        "checked");
    return;
  }
  std::vector<std::string> folders;
  if (!detector.rules_dir.empty()) folders.push_back(detector.rules_dir);
  std::vector<sigma::RuleFault> faults;
  const auto base = detector::CompileRulePack(ReadRules(folders, faults), ResolveFieldName, faults);
  report.rules = base->set->rules().size();
  for (const sigma::RuleFault& fault : faults) report.rule_faults.push_back(fault.ToString());

  detector::TenantFiles tenants(config.tenants_dir, detector.defaults_file);
  tenants.Refresh();
  detector::TenantBinder binder(ResolveFieldName);
  std::vector<std::string> tenant_faults;
  const auto active = detector::BindTenants(base, tenants, binder, tenant_faults);
  for (std::string& fault : tenant_faults) {
    const bool is_reported = std::find(report.config_faults.begin(), report.config_faults.end(),
                                       fault) != report.config_faults.end();
    if (!is_reported) report.rule_faults.push_back(std::move(fault));
  }
  for (std::string& line : detector::RulesWithoutList(*active)) {
    report.notes.push_back(std::move(line));
  }
}

}  // namespace

int ConfigReport::ExitStatus() const {
  if (!config_faults.empty()) return kExitWrongUsage;
  return rule_faults.empty() ? kExitOk : kExitFaultInData;
}

std::string ConfigReport::Summary() const {
  const size_t faults = config_faults.size() + rule_faults.size();
  return absl::StrCat(Counted(tenants, "tenant"), ", ", Counted(rules, "rule"), ", ",
                      Counted(static_cast<uint64_t>(partitions), "partition"), "; ",
                      faults == 0 ? "no faults" : Counted(faults, "fault"));
}

ConfigReport CheckConfig(const PicketConfig& config) {
  ConfigReport report;
  report.partitions = config.topics.partitions;
  CheckKafka(config, report);
  if (const absl::Status status = ReadAdminToken(config.admin.token_file).status(); !status.ok()) {
    report.config_faults.emplace_back(status.message());
  }
  CheckTenants(config, report);
  CheckParser(config, report);
  CheckRules(config, report);
  return report;
}

}  // namespace picket
