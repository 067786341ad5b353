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

// Reads the value of a key, which is a scalar or a list of scalars, and appends all scalars to
// `out`. Otherwise works like ReadText.
bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults);

}  // namespace picket::sigma
