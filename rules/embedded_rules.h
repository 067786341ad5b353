#pragma once

#include <span>
#include <string_view>

namespace picket {

// A rule file of the pack that the binary carries.
struct EmbeddedRule {
  std::string_view file;  // "inbox_rule_forwards_outside.yml"
  std::string_view text;
};

// The whole pack, sorted by file name.
std::span<const EmbeddedRule> EmbeddedRules();

}  // namespace picket
