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

// Adds the atoms of a predicate. Every event for which the predicate holds has at least one of the
// added atoms. Returns false and adds nothing if the predicate can hold in an event without the
// field.
bool AtomsOf(const PredicateDraft& predicate, std::vector<Atom>& atoms);

// Returns whether a literal contains a very rare character. Such a character makes even a short
// literal rare.
bool HasRareCharacter(std::string_view literal);

// Returns folded literals such that any string that the pattern (RE2 syntax) matches contains at
// least one of the literals. Returns an empty list if no such literals are known.
std::vector<std::string> LiteralsOfRegex(const std::string& pattern);

}  // namespace picket::detector
