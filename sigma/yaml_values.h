#pragma once

// Reads optional members of a YAML map.

#include <string>
#include <string_view>
#include <vector>

#include "sigma/item_fault.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

// The scalar under a key. `out` is unchanged if the key is absent or null. Returns false and adds a
// fault if the value has another type.
bool ReadText(const YamlNode& map, std::string_view key, std::string& out,
              std::vector<ItemFault>& faults);

// The same for a scalar or a list of scalars.
bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults);

}  // namespace picket::sigma
