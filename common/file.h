#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace picket {

// Reads the whole file. The error message contains the path and the system's reason.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file atomically by writing a temporary file in the same folder and renaming it. A
// reader sees either the old or the new contents, but never a mixture.
absl::Status WriteFile(const std::string& path, std::string_view text);

}  // namespace picket
