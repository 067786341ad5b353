#include "cli/rules/rule_check.h"

#include <cstdio>
#include <utility>

#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/field_check.h"
#include "cli/rules/rule_files.h"
#include "cli/terminal_text.h"
#include "detector/log_sources.h"
#include "detector/tenant_files.h"
#include "model/field_names.h"
#include "sigma/sigma_document.h"

namespace picket {
namespace {

// Returns warnings about rules that load but should be written differently, and about rules for log
// sources that the Microsoft 365 audit log does not contain.
std::vector<sigma::RuleFault> WarningsOf(const std::vector<sigma::RuleFile>& files) {
  std::vector<sigma::RuleFault> warnings, reported_elsewhere;
  for (const sigma::RuleFile& file : files) {
    for (sigma::RuleFault& warning : sigma::LintSigma(file)) warnings.push_back(std::move(warning));
    for (const auto& document : sigma::ReadSigma(file, reported_elsewhere)) {
      std::string why = detector::NoAuditEvents(document.logsource);
      if (why.empty()) {
        for (sigma::RuleFault& warning : FieldWarnings(file, document)) {
          warnings.push_back(std::move(warning));
        }
        continue;
      }
      warnings.push_back({file.path, document.position.line, document.position.column,
                          std::move(why), sigma::RuleFault::Severity::kWarning});
    }
  }
  return warnings;
}

}  // namespace

int CheckRules(const CheckOptions& options) {
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = ReadRules(options.paths, faults);
  const auto base = detector::CompileRulePack(files, ResolveFieldName, faults);
  const std::vector<sigma::RuleFault> warnings = WarningsOf(files);
  PrintFaults(faults);
  PrintFaults(warnings);
  std::fprintf(stderr, "%s and %s in %s, %s, %s\n",
               Counted(base->set->rules().size(), "rule").c_str(),
               Counted(base->set->correlations().size(), "correlation").c_str(),
               Counted(files.size(), "file").c_str(), Counted(faults.size(), "fault").c_str(),
               Counted(warnings.size(), "warning").c_str());

  detector::TenantFiles tenants(options.tenants, options.defaults);
  tenants.Refresh();
  detector::TenantBinder binder(ResolveFieldName);
  std::vector<std::string> tenant_faults;
  const auto active = detector::BindTenants(base, tenants, binder, tenant_faults);
  for (const std::string& fault : tenant_faults)
    std::fprintf(stderr, "%s\n", Printable(fault).c_str());
  for (const std::string& line : detector::RulesWithoutList(*active)) {
    std::fprintf(stderr, "%s\n", Printable(line).c_str());
  }
  if (!options.tenants.empty() || !options.defaults.empty()) {
    std::fprintf(stderr, "%s with settings, %s in them\n",
                 Counted(active->tenants.size(), "tenant").c_str(),
                 Counted(tenant_faults.size(), "fault").c_str());
  }
  const bool is_clean = warnings.empty() || !options.is_strict;
  return faults.empty() && tenant_faults.empty() && is_clean ? kExitOk : kExitFaultInData;
}

}  // namespace picket
