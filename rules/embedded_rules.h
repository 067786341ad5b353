#pragma once

#include <span>
#include <string_view>

namespace picket {

// A rule file of the detection pack. The pack is compiled into the binary.
struct EmbeddedRule {
  std::string_view file;  // the file name, such as "inbox_rule_forwards_outside.yml"
  std::string_view text;  // the content of the file
};

// Returns the rules of the pack, sorted by file name. The views are valid for the lifetime of the
// process.
std::span<const EmbeddedRule> EmbeddedRules();

}  // namespace picket
