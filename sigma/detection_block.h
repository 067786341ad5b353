#pragma once

// Reads a `detection` or `filter` block, which contains identifiers with their search items, and a
// condition that combines the identifiers.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification", section "Detection".

#include <string_view>
#include <vector>

#include "sigma/expression.h"
#include "sigma/item_fault.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

struct DetectionBlockOptions {
  std::string_view name = "detection";  // name of the block in messages
  std::string_view other_key = "";  // a key in the block that is not an identifier, such as `rules`
  int sigma_version = 2;            // if 3, `Field[any]` tests the elements of an array
  // The document that contains the block, to find parts that are outside the block by mistake.
  const YamlNode* outer = nullptr;
};

// Returns the condition of the block with all identifiers resolved. Returns null if any part of the
// block is invalid. Adds all errors and warnings to `faults`.
ExpressionPtr ReadDetectionBlock(const YamlNode& block, const DetectionBlockOptions& options,
                                 std::vector<ItemFault>& faults);

}  // namespace picket::sigma
