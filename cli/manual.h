#pragma once

// Generates man pages from the definition of the command line: picket(1), and one page for each
// command. The page of a command, such as picket-rules(1), also describes the command's
// sub-commands.

#include <string>

#include "absl/status/status.h"
#include "cli/command_description.h"

namespace picket {

// Returns the man(7) source of the page of `command`, which is `root` or one of its commands.
std::string ManualPage(const Command& root, const Command& command);

// Writes all pages, such as picket.1 and picket-fetch.1, to `folder`.
// Failure: returns the error of the first file that cannot be written.
absl::Status WriteManualPages(const Command& root, const std::string& folder);

}  // namespace picket
