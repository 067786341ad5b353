#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// The result of running the built `picket`.
struct CommandResult {
  int exit_status = -1;  // 128 + n if signal n ended it
  std::string out;
  std::string err;
};

// Runs `picket` with these arguments and `input` as its standard input. `folder` is its working
// directory; empty: that of the test.
CommandResult RunPicket(const std::vector<std::string>& arguments, std::string_view input = "",
                        const std::string& folder = "");

// Runs any program, which is found in PATH unless `arguments[0]` is a path.
CommandResult RunProgram(std::vector<std::string> arguments, std::string_view input = "",
                         const std::string& folder = "");

}  // namespace picket
