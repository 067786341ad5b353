#pragma once

// Finds the atoms of a predicate. An atom is a literal at a certain place in a field, or the
// presence of a field. A predicate holds only in events that contain at least one of its atoms. The
// index (rule_index.h) searches events for atoms.

#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/predicate.h"

namespace picket::detector {

// A predicate that is being compiled.
struct PredicateDraft {
  Predicate predicate;
  std::vector<std::string> exact, prefixes, suffixes, substrings;  // folded literals
  PredicateDetails details;
};

// Adds the atoms of a predicate. A predicate that can hold in an event without the field has no
// atoms: the function then returns false and adds nothing.
bool AtomsOf(const PredicateDraft& predicate, std::vector<Atom>& atoms);

// Returns whether a literal contains a very rare character. Such a character makes even a short
// literal rare.
bool HasRareCharacter(std::string_view literal);

// Returns folded literals of a pattern in RE2 syntax. Every string that the pattern matches
// contains at least one of these literals. Returns an empty list if no such literals are known.
std::vector<std::string> LiteralsOfRegex(const std::string& pattern);

}  // namespace picket::detector
