#pragma once

// A `detection` or `filter` block as one expression: identifiers, their items, and the condition over them.

#include <string_view>
#include <vector>

#include "sigma/modifiers.h"
#include "sigma/sigma_document.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

struct DetectionBlockOptions {
  std::string_view name = "detection";  // of the block, for messages
  std::string_view other_key;  // a key of the block that is no identifier (`rules` of a filter)
  int sigma_version = 2;       // from 3 on, `Field[any]` asks the elements of an array
};

// Nullptr when anything is wrong: all of it is added to `faults`, with warnings.
ExpressionPtr ReadDetectionBlock(const YamlNode& block, const DetectionBlockOptions& options,
                                 std::vector<ItemFault>& faults);

}  // namespace picket::sigma
