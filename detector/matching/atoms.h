#pragma once

// The atoms of a predicate: what an event must contain for the predicate to hold. The index
// searches for them.

#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/predicate.h"

namespace picket::detector {

// A predicate that is being compiled.
struct PredicateDraft {
  Predicate predicate;
  std::vector<std::string> exact, prefixes, suffixes, substrings;  // folded
  PredicateDetails details;
};

// Every event for which the predicate holds has at least one of the atoms. Returns false, and adds
// none, if the predicate can hold in an event without the field.
bool AtomsOf(const PredicateDraft& predicate, std::vector<Atom>& atoms);

// Returns whether a literal contains a character that is very rare, which makes even a short
// literal rare.
bool HasRareCharacter(std::string_view literal);

// Returns folded literals: any string that the pattern (RE2 syntax) matches contains at least one
// of them. Empty if none are known.
std::vector<std::string> LiteralsOfRegex(const std::string& pattern);

}  // namespace picket::detector
