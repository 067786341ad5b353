#pragma once

// The MITRE ATT&CK tactics and techniques (https://attack.mitre.org) that rules name in their tags.
// Source: Sigma specification 2.1.0, "Sigma Tags Appendix", namespace "attack".

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace picket::sigma {

// A tactic. In a rule, the tag of a tactic has the prefix "attack.", as in "attack.collection".
struct AttackTactic {
  std::string_view tag;  // the tag without the prefix, such as "collection"
  std::string_view uid;  // such as "TA0009"; empty if unknown
  std::string_view name;
};
absl::Span<const AttackTactic> AttackTactics();
const AttackTactic* FindTactic(std::string_view tag);

// Returns the name of a technique, such as "Email Forwarding Rule" for "T1114.003". Returns "" if
// the name of the technique is unknown.
std::string_view TechniqueName(std::string_view uid);

// Returns true if ATT&CK has the technique, or the technique to which a sub-technique such as
// "T1114.003" belongs.
bool IsKnownTechnique(std::string_view uid);

// The tactics and techniques that a rule names in its tags, each once. Unknown tags are skipped.
struct AttackTags {
  std::vector<const AttackTactic*> tactics;
  std::vector<std::string> techniques;  // such as "T1114.003"
};
AttackTags ReadAttackTags(const std::vector<std::string>& tags);

// A technique together with one of its tactics. Either of them may be missing.
struct AttackPair {
  std::string technique;
  const AttackTactic* tactic = nullptr;
};
// Returns the pairs of each technique with those tactics of the rule to which the technique
// belongs. A technique without such a tactic, and a tactic without a technique, are pairs of their
// own.
std::vector<AttackPair> PairAttackTags(const AttackTags& tags);

}  // namespace picket::sigma
