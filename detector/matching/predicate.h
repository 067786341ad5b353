#pragma once

// A predicate: the condition of a rule on the values of one field, in compiled form.

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/strings.h"
#include "detector/matching/loaded_rule.h"
#include "detector/text/anchored_literals.h"
#include "detector/text/literal_scanner.h"
#include "sigma/network.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// The pseudo-field of keywords: every scalar value of the event.
inline constexpr FieldId kAnyField = 0;
// The fields used for routing. Every rule set has them.
inline constexpr FieldId kProductField = 1;
inline constexpr FieldId kServiceField = 2;
inline constexpr FieldId kCategoryField = 3;

// Something that an event must contain for a predicate to hold: a literal at a given place of a
// field's folded string, or the field itself.
struct Atom {
  enum class Kind : uint8_t { kWhole, kBegin, kEnd, kInside, kPresent };
  FieldId field = kNoField;
  Kind kind = Kind::kPresent;
  std::string literal;
};

// A test that needs more than a comparison of folded strings.
struct CompiledTest {
  sigma::Test::Kind kind = sigma::Test::Kind::kGlob;
  bool cased = false;
  sigma::Glob glob;  // folded unless `cased`
  std::unique_ptr<RE2> regex;
  // Folded. Any string that `regex` matches contains at least one of these. Empty if none are
  // known.
  std::vector<std::string> required_literals;
  sigma::Network network;
  sigma::Comparison comparison = sigma::Comparison::kEqual;
  double number = 0;
  sigma::TimePart part = sigma::TimePart::kHour;
  FieldId other = kNoField;
  sigma::ReferenceKind reference = sigma::ReferenceKind::kEquals;
};

// A test of the elements of a field's arrays (Expression::Kind::kElements). The rules of an element
// set treat every element as an event of its own; `rule` is the rule that the element must match.
struct ElementTest {
  uint32_t set = 0;
  uint32_t rule = 0;
  sigma::Quantifier quantifier = sigma::Quantifier::kAny;
  int index = 0;
  bool matches_nothing = false;  // the rule matches an element that does not exist
};

// Holds if any of its tests holds for any value of the field, or if the elements of the field's
// arrays pass its element test. The matcher evaluates predicates one after another, so they are
// kept small: rarely used parts are in PredicateDetails, and what only the planner needs is in
// PredicateWitness.
struct Predicate {
  static constexpr uint32_t kNoDetails = UINT32_MAX;

  FieldId field = kNoField;
  bool matches_absent = false;
  bool matches_null = false;
  bool matches_present = false;
  // The parts that it consists of, in the order of evaluation.
  enum Part : uint8_t {
    kExact = 1,
    kSuffixes = 2,
    kPrefixes = 4,
    kSubstrings = 8,
    kExactSet = 16,   // replaces kExact if that list is long
    kSuffixSet = 32,  // replaces kSuffixes if that list is long
    kOthers = 64,     // also the scanner, which replaces a long kSubstrings
    kElements = 128,
  };
  uint8_t parts = 0;
  uint32_t strings = 0;           // where the lists of kExact to kSubstrings begin in PackedStrings
  uint32_t details = kNoDetails;  // index in Compiled::details, for the other parts
};

struct PredicateDetails {
  StringSet exact_set;
  AnchoredLiterals suffix_set;
  std::unique_ptr<LiteralScanner> scanner;
  std::vector<CompiledTest> others;
  std::optional<ElementTest> elements;
};

// What the planner knows about a predicate.
struct PredicateWitness {
  // If `has_atoms`, the predicate holds only in events that have at least one of `atoms`. Otherwise
  // it can hold without any, and `atoms` is empty.
  std::vector<uint32_t> atoms;
  bool has_atoms = false;
  // If the predicate holds in events without the field: the atom for the presence of the field. The
  // predicate can only be false in events that have this atom.
  std::optional<uint32_t> absence_excluded_by;
  int cost = 0;  // roughly in nanoseconds
};

}  // namespace picket::detector
