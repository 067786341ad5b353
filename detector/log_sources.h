#pragma once

// Maps the log source of a rule to audit events. Sigma names log sources by product and service; an
// audit event has a workload and an operation. docs/sigma.md has the table.

#include <memory>
#include <string>
#include <vector>

#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// Adds the meaning of the log source to the rule's condition: `service: exchange` requires the
// workload Exchange. If no audit event comes from the log source (windows, linux, Azure's activity
// log), the rule never matches.
void RouteToAuditEvents(sigma::SigmaDocument& document);

// Returns why no audit event comes from the log source; empty if some do.
std::string NoAuditEvents(const sigma::LogSource& logsource);

// RuleSet::Compile for normalised audit events: resolves names with ResolveFieldName and routes the
// rules.
std::shared_ptr<const RuleSet> CompileForAuditEvents(const std::vector<sigma::RuleFile>& files,
                                                     std::vector<sigma::RuleFault>& faults,
                                                     const sigma::ValueLists& lists = {});

}  // namespace picket::detector
