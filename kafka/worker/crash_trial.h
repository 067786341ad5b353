#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "absl/time/time.h"

namespace picket::kafka {

// Runs `step(0)` … `step(count - 1)` in a child process that shares nothing of what they change, and says which of them
// ended it by a signal or an exit; nothing when all came back. A step that takes longer than `limit` counts as one that
// ended it. Where no child can be made, nothing.
std::optional<size_t> FindCrash(size_t count, absl::Duration limit,
                                const std::function<void(size_t)>& step);

}  // namespace picket::kafka
