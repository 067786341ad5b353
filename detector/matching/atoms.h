#pragma once

// What must be in an event for a predicate to hold: the atoms that the index looks for.

#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/compiled_rules.h"

namespace picket::detector {

// A predicate while it is compiled.
struct PredicateDraft {
  Predicate predicate;
  std::vector<std::string> exact, prefixes, suffixes, substrings;  // folded
  PredicateDetails details;
};

// Any event for which the predicate holds has one of the atoms. False when it can hold without the field.
bool AtomsOf(const PredicateDraft& predicate, std::vector<Atom>& atoms);

// Whether a text holds a sign that is hardly ever written, so that even one so short is met seldom.
bool HasRareSign(std::string_view literal);

// Folded texts of which a text holds at least one if the pattern (RE2 syntax) is found in it. Empty when none are known.
std::vector<std::string> LiteralsOfRegex(const std::string& pattern);

}  // namespace picket::detector
