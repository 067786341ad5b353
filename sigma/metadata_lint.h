#pragma once

// Checks the keys of a document that do not affect matching: status, dates and tags.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification" and "Sigma Tags Appendix".

#include <vector>

#include "sigma/item_fault.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

// Adds a warning to `faults` for each value of the document that the specification does not allow,
// or that probably is a mistake.
void LintMetadata(const YamlNode& root, std::vector<ItemFault>& faults);

}  // namespace picket::sigma
