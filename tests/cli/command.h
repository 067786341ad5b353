#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// What a run of the built `picket` gave.
struct CommandResult {
  int exit_status = -1;  // 128 + the signal that ended it
  std::string out;
  std::string err;
};

// Runs `picket` with these arguments and `input` as its standard input.
CommandResult RunPicket(const std::vector<std::string>& arguments, std::string_view input = "");

}  // namespace picket
