#include "detector/log_sources.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"

namespace picket::detector {
namespace {

// The operations of Entra ID sign-ins in the audit log. All other operations of Entra ID are
// changes to the directory.
constexpr std::string_view kSignIns = "UserLoggedIn UserLoginFailed";

struct AuditSource {
  std::string_view product;
  std::string_view service;  // empty if the log source has no service
  // Separated by spaces. Empty if the log source includes all workloads.
  std::string_view workloads;
  enum class Operations : uint8_t { kAny, kSignIns, kOthers } operations = Operations::kAny;
};
using Operations = AuditSource::Operations;

// The log sources of the Sigma taxonomy, and other names that rules use instead.
constexpr AuditSource kSources[] = {
    {"m365", "", ""},
    {"m365", "audit", ""},
    {"m365", "exchange", "Exchange"},
    {"m365", "sharepoint", "SharePoint OneDrive"},
    {"m365", "onedrive", "OneDrive"},
    {"m365", "teams", "MicrosoftTeams"},
    {"m365", "threat_management",
     "SecurityComplianceCenter ThreatIntelligence ThreatIntelligenceUrl AirInvestigation "
     "Quarantine"},
    {"m365", "threat_detection",
     "SecurityComplianceCenter ThreatIntelligence ThreatIntelligenceUrl AirInvestigation "
     "Quarantine"},
    {"azure", "", "AzureActiveDirectory"},
    {"azure", "auditlogs", "AzureActiveDirectory", Operations::kOthers},
    {"azure", "signinlogs", "AzureActiveDirectory", Operations::kSignIns},
};

// Returns the canonical name of a product, or an empty string if the product is unknown.
std::string_view ProductOf(const std::string& product) {
  for (const std::string_view each : {"m365", "microsoft365", "office365", "o365"}) {
    if (EqualsIgnoreCase(product, each)) return "m365";
  }
  for (const std::string_view each : {"azure", "entra", "entraid"}) {
    if (EqualsIgnoreCase(product, each)) return "azure";
  }
  return {};
}

const AuditSource* FindSource(std::string_view product, std::string_view service) {
  for (const AuditSource& source : kSources) {
    if (source.product == product && EqualsIgnoreCase(source.service, service)) return &source;
  }
  return nullptr;
}

sigma::ExpressionPtr FieldIsAny(const char* field, std::string_view words) {
  auto expression = std::make_shared<sigma::Expression>();
  expression->kind = sigma::Expression::Kind::kField;
  expression->field = field;
  expression->label = "logsource";
  for (const absl::string_view word : absl::StrSplit(ToAbsl(words), ' ', absl::SkipEmpty())) {
    expression->tests.emplace_back().glob = sigma::ParseGlob(ToStd(word));
  }
  return expression;
}

sigma::ExpressionPtr Parent(sigma::Expression::Kind kind,
                            std::vector<sigma::ExpressionPtr> children) {
  auto parent = std::make_shared<sigma::Expression>();
  parent->kind = kind;
  parent->children = std::move(children);
  return parent;
}

}  // namespace

std::string NoAuditEvents(const sigma::LogSource& logsource) {
  if (logsource.product.empty()) return "";
  const std::string_view product = ProductOf(logsource.product);
  if (product.empty()) {
    return absl::StrCat("no audit event comes from the product '", logsource.product,
                        "': write m365 or azure");
  }
  if (FindSource(product, logsource.service) != nullptr) return "";
  std::string services;
  for (const AuditSource& source : kSources) {
    if (source.product != product || source.service.empty()) continue;
    absl::StrAppend(&services, services.empty() ? "" : ", ", ToAbsl(source.service));
  }
  return absl::StrCat("no audit event comes from the service '", logsource.service, "' of '",
                      logsource.product, "': known are ", services);
}

void RouteToAuditEvents(sigma::SigmaDocument& document) {
  const sigma::LogSource& logsource = document.logsource;
  if (document.kind != sigma::SigmaDocument::Kind::kDetection || logsource.product.empty()) return;
  const AuditSource* const source = FindSource(ProductOf(logsource.product), logsource.service);
  std::vector<sigma::ExpressionPtr> all;
  if (source == nullptr) {
    all.push_back(FieldIsAny("Workload", ""));  // matches no event
  } else {
    if (!source->workloads.empty()) all.push_back(FieldIsAny("Workload", source->workloads));
    if (source->operations == Operations::kSignIns) {
      all.push_back(FieldIsAny("Operation", kSignIns));
    } else if (source->operations == Operations::kOthers) {
      all.push_back(Parent(sigma::Expression::Kind::kNot, {FieldIsAny("Operation", kSignIns)}));
    }
  }
  if (all.empty()) return;
  all.insert(all.begin(), document.expression);
  document.expression = Parent(sigma::Expression::Kind::kAnd, std::move(all));
}

std::shared_ptr<const RuleSet> CompileForAuditEvents(const std::vector<sigma::RuleFile>& files,
                                                     std::vector<sigma::RuleFault>& faults,
                                                     const sigma::ValueLists& lists) {
  std::vector<sigma::SigmaDocument> documents;
  for (const sigma::RuleFile& file : files) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      RouteToAuditEvents(document);
      documents.push_back(std::move(document));
    }
  }
  return RuleSet::Compile(std::move(documents), ResolveFieldName, faults, lists);
}

}  // namespace picket::detector
