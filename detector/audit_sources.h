#pragma once

// Which audit events the log source of a rule means. Sigma names log sources by product and service; an audit event has a
// workload and an operation. docs/sigma.md has the table.

#include <memory>
#include <string>
#include <vector>

#include "detector/rule_set.h"
#include "detector/sigma_document.h"

namespace picket::detector {

// Joins to a rule the condition that its log source is: `service: exchange` asks for the workload Exchange. A log source
// that no audit event comes from (windows, linux, Azure's activity log) makes a rule that never matches.
void RouteToAuditEvents(SigmaDocument& document);

// Why no audit event comes from the log source; empty when some do.
std::string NoAuditEvents(const LogSource& logsource);

// RuleSet::Compile for normalised audit events: names by ResolveFieldName, rules routed.
std::shared_ptr<const RuleSet> CompileForAuditEvents(const std::vector<RuleFile>& files,
                                                     std::vector<RuleFault>& faults,
                                                     const ValueLists& lists = {});

}  // namespace picket::detector
