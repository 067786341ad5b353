#pragma once

// Reads optional members of a YAML map.

#include <string>
#include <string_view>
#include <vector>

#include "sigma/item_fault.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

// Reads the scalar value of a key into `out`. If the key is absent or null, `out` is unchanged. If
// the value is not a scalar, adds an error to `faults` and returns false.
bool ReadText(const YamlNode& map, std::string_view key, std::string& out,
              std::vector<ItemFault>& faults);

// Reads a scalar or a list of scalars in the same way, and appends the texts to `out`.
bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults);

}  // namespace picket::sigma
