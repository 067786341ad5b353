#pragma once

// Maps the log source of a rule to audit events. Sigma names log sources by product and service,
// whereas an audit event has a workload and an operation. The table is in docs/sigma.md.

#include <memory>
#include <string>
#include <vector>

#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// Adds the log source to the rule's condition, as requirements on the workload and the operation of
// an event. For example, `service: exchange` requires the workload Exchange. If no audit event
// comes from the log source (windows, linux, Azure's activity log), the rule never matches.
void RouteToAuditEvents(sigma::SigmaDocument& document);

// If no audit event comes from the log source, returns the reason; otherwise returns an empty
// string.
std::string NoAuditEvents(const sigma::LogSource& logsource);

// Calls RuleSet::Compile for normalised audit events. Field names are resolved with
// ResolveFieldName, and RouteToAuditEvents is applied to each rule.
std::shared_ptr<const RuleSet> CompileForAuditEvents(const std::vector<sigma::RuleFile>& files,
                                                     std::vector<sigma::RuleFault>& faults,
                                                     const sigma::ValueLists& lists = {});

}  // namespace picket::detector
