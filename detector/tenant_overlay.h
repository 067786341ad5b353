#pragma once

// The settings of one tenant for the detector, read and checked as far as possible without the
// rules.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/tenant_settings.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// A suppression as written, with its `where` selection compiled to a document.
struct ReadSuppression {
  Suppression written;
  int line = 0;
  int64_t until_ms = 0;  // the first instant at which the suppression no longer applies
  std::shared_ptr<const sigma::SigmaDocument> where;  // null: every match
};

struct TenantOverlay {
  TenantSettings settings;
  std::vector<sigma::SigmaDocument> filters;
  std::vector<ReadSuppression> suppressions;
  std::vector<int> disable_lines, enable_lines;  // by selector
  std::string content;  // 16 hex digits; the same for equal settings, even of different tenants
};

// Completes settings that were read from `text`, the content of `settings.file`; `text` is needed
// for the line numbers of faults. Returns false if anything is invalid; `faults` then contains
// everything that is.
bool ReadTenantOverlay(TenantSettings settings, std::string_view text, TenantOverlay* overlay,
                       std::vector<sigma::RuleFault>& faults);

// `disable`, `enable` and suppressions select rules by id, by tag or by level.
inline constexpr std::string_view kTagPrefix = "tag:", kLevelPrefix = "level:";

// Parses the name of a level, ignoring case. Returns false if it is unknown.
bool ParseLevel(std::string_view name, sigma::Level* level);

}  // namespace picket::detector
