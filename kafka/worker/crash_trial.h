#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "absl/time/time.h"

namespace picket::kafka {

// Runs `step(0)` … `step(count - 1)` in a child process, so that the effects of the steps are not
// visible in this process. Returns the index of the step that ended the child by a signal or by an
// exit with an error code. Returns nothing if all steps returned or no child process could be
// created. A step that takes longer than `limit` counts as a step that ended the child.
std::optional<size_t> FindCrash(size_t count, absl::Duration limit,
                                const std::function<void(size_t)>& step);

}  // namespace picket::kafka
