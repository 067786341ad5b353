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

// Appends the scalar value of a key to `out`. If the value is a list of scalars, appends all of
// them. In all other respects, works like ReadText.
bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults);

// Like ReadTexts, but for keys that do not affect matching: a value that is not a scalar causes a
// warning instead of an error. A map of one member, such as the one that YAML makes of an unquoted
// string with a colon, is read as this string. Other values are left out.
void ReadNotes(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults);

}  // namespace picket::sigma
