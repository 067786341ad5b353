#pragma once

// Reads a `detection` or `filter` block: identifiers, their search items, and the condition over
// them.
// Facts: Sigma specification 2.1.0, "Sigma Rules Specification", section "Detection".

#include <string_view>
#include <vector>

#include "sigma/expression.h"
#include "sigma/item_fault.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

struct DetectionBlockOptions {
  std::string_view name = "detection";  // the name of the block, for messages
  std::string_view other_key = "";      // a key that is not an identifier (`rules` of a filter)
  int sigma_version = 2;                // from 3 on, `Field[any]` tests the elements of an array
};

// Returns null if anything is invalid. Adds all errors and warnings to `faults`.
ExpressionPtr ReadDetectionBlock(const YamlNode& block, const DetectionBlockOptions& options,
                                 std::vector<ItemFault>& faults);

}  // namespace picket::sigma
