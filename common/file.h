#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace picket {

// The whole file. Errors name the path and the system's reason.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes through a temporary file beside it and renames, so that a reader sees the old or the new text, never a part.
absl::Status WriteFile(const std::string& path, std::string_view text);

}  // namespace picket
