#pragma once

// One tenant's detector settings after parsing. The settings are validated as far as possible
// without the rules; TenantBinder does the rest.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/tenant_settings.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// A suppression as written in the file, together with its `where` selection as a Sigma document.
struct ReadSuppression {
  Suppression written;
  int line = 0;
  int64_t until_ms = 0;  // the first instant at which the suppression no longer applies
  std::shared_ptr<const sigma::SigmaDocument> where;  // null if every alert is suppressed
};

struct TenantOverlay {
  TenantSettings settings;
  std::vector<sigma::SigmaDocument> filters;
  std::vector<ReadSuppression> suppressions;
  std::vector<int> disable_lines, enable_lines;  // the line of each selector
  std::string content;                           // hash of the settings as 16 hex digits
};

// Builds `overlay` from `settings`, which were read from the file `settings.file`. `text` is the
// content of this file, for the line numbers of errors. Adds an error to `faults` for each invalid
// setting, and returns false if there are any.
bool ReadTenantOverlay(TenantSettings settings, std::string_view text, TenantOverlay* overlay,
                       std::vector<sigma::RuleFault>& faults);

// The prefixes of selectors. `disable`, `enable` and suppressions select rules by id (without a
// prefix), by tag or by level.
inline constexpr std::string_view kTagPrefix = "tag:", kLevelPrefix = "level:";

// Parses the name of a level, ignoring case. Returns false if the name is unknown.
bool ParseLevel(std::string_view name, sigma::Level* level);

}  // namespace picket::detector
