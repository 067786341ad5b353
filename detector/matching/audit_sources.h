#pragma once

// Which audit events the log source of a rule means. Sigma names log sources by product and service; an audit event has a
// workload and an operation. docs/sigma.md has the table.

#include <memory>
#include <string>
#include <vector>

#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// Joins to a rule the condition that its log source is: `service: exchange` asks for the workload Exchange. A log source
// that no audit event comes from (windows, linux, Azure's activity log) makes a rule that never matches.
void RouteToAuditEvents(sigma::SigmaDocument& document);

// Why no audit event comes from the log source; empty when some do.
std::string NoAuditEvents(const sigma::LogSource& logsource);

// RuleSet::Compile for normalised audit events: names by ResolveFieldName, rules routed.
std::shared_ptr<const RuleSet> CompileForAuditEvents(const std::vector<sigma::RuleFile>& files,
                                                     std::vector<sigma::RuleFault>& faults,
                                                     const sigma::ValueLists& lists = {});

}  // namespace picket::detector
