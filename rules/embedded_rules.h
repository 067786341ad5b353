#pragma once

#include <span>
#include <string_view>

namespace picket {

// A rule file of the detection pack, which is compiled into the binary.
struct EmbeddedRule {
  std::string_view file;  // "inbox_rule_forwards_outside.yml"
  std::string_view text;
};

// The whole pack, sorted by file name. The views are valid for the lifetime of the process.
std::span<const EmbeddedRule> EmbeddedRules();

}  // namespace picket
