#pragma once

#include <string_view>

namespace picket {

// Returns true if the text is what PowerShell writes in place of a list or an object that is nested
// too deeply for ConvertTo-Json (its default depth is 2) or for a CSV: "@{Name=…; Value=…}" or the
// name of a type, such as "System.Object[]".
inline bool IsPowerShellText(std::string_view text) {
  for (const std::string_view prefix :
       {"@{", "System.Object", "System.Collections.", "System.Management.Automation."}) {
    if (text.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

}  // namespace picket
