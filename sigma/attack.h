#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace picket::sigma {

// Names of MITRE ATT&CK for the tags of rules ("attack.t1114.003", "attack.collection").
struct AttackTactic {
  std::string_view tag;  // "collection"
  std::string_view uid;  // "TA0009"; empty where we know only the name
  std::string_view name;
};
absl::Span<const AttackTactic> AttackTactics();
const AttackTactic* FindTactic(std::string_view tag);

// "T1114.003" → "Email Forwarding Rule"; empty when the table does not have it.
std::string_view TechniqueName(std::string_view uid);

// What the tags of a rule say.
struct AttackTags {
  std::vector<const AttackTactic*> tactics;
  std::vector<std::string> techniques;  // "T1114.003"
};
AttackTags ReadAttackTags(const std::vector<std::string>& tags);

}  // namespace picket::sigma
