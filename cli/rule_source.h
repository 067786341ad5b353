#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "detector/rule_set.h"

namespace picket {

// The rules of a folder or file; of the pack in the binary when `path` is empty. Rules with faults are logged and left
// out. InvalidArgument when no rule is left.
absl::StatusOr<std::shared_ptr<const detector::RuleSet>> LoadRules(const std::string& path);

}  // namespace picket
