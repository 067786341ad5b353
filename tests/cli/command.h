#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// The result of running a program, usually the `picket` of this build.
struct CommandResult {
  int exit_status = -1;  // exit status, or 128 + n if signal n ended the program
  std::string out;
  std::string err;
};

// Runs `picket` with these arguments and with `input` as its standard input. `folder` is the
// working directory. If `folder` is empty, the program runs in the working directory of the test.
CommandResult RunPicket(const std::vector<std::string>& arguments, std::string_view input = "",
                        const std::string& folder = "");

// Runs any program. The program is searched for in PATH unless `arguments[0]` is a path.
CommandResult RunProgram(std::vector<std::string> arguments, std::string_view input = "",
                         const std::string& folder = "");

}  // namespace picket
