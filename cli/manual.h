#pragma once

// Man pages, made from the definition of the command line: picket(1), and one page for each
// command, picket-rules(1), with its sub-commands.

#include <string>

#include "absl/status/status.h"
#include "cli/command_description.h"

namespace picket {

// Returns the page of `command`, which is `root` or one of its commands, as man(7) source.
std::string ManualPage(const Command& root, const Command& command);

// Writes all pages: picket.1, picket-fetch.1, ….
// Failure: the error of the first file that cannot be written.
absl::Status WriteManualPages(const Command& root, const std::string& folder);

}  // namespace picket
