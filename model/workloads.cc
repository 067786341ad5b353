#include "model/workloads.h"

#include <vector>

#include "absl/strings/str_join.h"
#include "common/strings.h"

namespace picket {
namespace {

struct WorkloadName {
  WorkloadBit bit;
  std::string_view name;
};
constexpr WorkloadName kWorkloadNames[] = {
    {kExchange, "Exchange"},
    {kEntra, "AzureActiveDirectory"},
    {kSharePoint, "SharePoint"},
    {kTeams, "MicrosoftTeams"},
    {kCompliance, "SecurityComplianceCenter"},
    {kYammer, "Yammer"},
    {kPowerBi, "PowerBI"},
    {kEndpoint, "Endpoint"},
    {kCopilot, "Copilot"},
    {kOtherWorkload, "others"},
};

WorkloadBit NamedWorkload(std::string_view workload) {
  switch (workload.size()) {
    case 8:
      if (workload == "Exchange") return kExchange;
      if (workload == "OneDrive") return kSharePoint;
      if (workload == "Endpoint") return kEndpoint;
      break;
    case 10:
      if (workload == "SharePoint") return kSharePoint;
      break;
    case 14:
      if (workload == "MicrosoftTeams") return kTeams;
      break;
    case 20:
      if (workload == "AzureActiveDirectory") return kEntra;
      break;
    case 24:
      if (workload == "SecurityComplianceCenter") return kCompliance;
      break;
    default:
      if (workload == "Yammer" || workload == "VivaEngage") return kYammer;
      if (workload == "PowerBI") return kPowerBi;
      if (workload == "Copilot") return kCopilot;
  }
  return kOtherWorkload;
}

}  // namespace

WorkloadBit WorkloadOf(std::string_view workload) {
  if (const WorkloadBit bit = NamedWorkload(workload); bit != kOtherWorkload) return bit;
  for (const std::string_view name :
       {"Exchange", "OneDrive", "Endpoint", "SharePoint", "MicrosoftTeams", "AzureActiveDirectory",
        "SecurityComplianceCenter", "Yammer", "VivaEngage", "PowerBI", "Copilot"}) {
    if (EqualsIgnoreCase(workload, name)) return NamedWorkload(name);
  }
  return kOtherWorkload;
}

std::string WorkloadNames(uint16_t workloads) {
  if (workloads == kAnyWorkload) return "any";
  std::vector<std::string> names;
  for (const WorkloadName& one : kWorkloadNames) {
    if ((workloads & one.bit) != 0) names.emplace_back(one.name);
  }
  return absl::StrJoin(names, ", ");
}

}  // namespace picket
