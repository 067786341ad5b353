#pragma once

// MITRE ATT&CK tactics and techniques (https://attack.mitre.org), as the tags of rules name them.
// Facts: Sigma specification 2.1.0, "Sigma Tags Appendix", namespace "attack".

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace picket::sigma {

// A tactic. Tags name it as "attack.collection".
struct AttackTactic {
  std::string_view tag;  // "collection"
  std::string_view uid;  // "TA0009"; empty if we know only the name
  std::string_view name;
};
absl::Span<const AttackTactic> AttackTactics();
const AttackTactic* FindTactic(std::string_view tag);

// "T1114.003" → "Email Forwarding Rule". Returns "" for a technique that the table does not have.
std::string_view TechniqueName(std::string_view uid);

// The tactics and techniques that the tags of a rule name. Unknown tags are skipped.
struct AttackTags {
  std::vector<const AttackTactic*> tactics;
  std::vector<std::string> techniques;  // "T1114.003"
};
AttackTags ReadAttackTags(const std::vector<std::string>& tags);

}  // namespace picket::sigma
