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
#include "detector/text/glob_set.h"
#include "detector/text/literal_scanner.h"
#include "sigma/network.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// The pseudo-field of keywords. Its values are all scalar values of the event.
inline constexpr FieldId kAnyField = 0;
// The fields that are used for routing (MatcherOptions::route). Every rule set contains these
// fields.
inline constexpr FieldId kProductField = 1;
inline constexpr FieldId kServiceField = 2;
inline constexpr FieldId kCategoryField = 3;

// A literal at a given place in the folded string of a field, or the presence of the field. The
// index searches for atoms to find events in which a predicate may hold.
struct Atom {
  enum class Kind : uint8_t { kWhole, kBegin, kEnd, kInside, kPresent };
  FieldId field = kNoField;
  Kind kind = Kind::kPresent;
  std::string literal;
};

// A test that cannot be reduced to a comparison of folded strings or networks.
struct CompiledTest {
  sigma::Test::Kind kind = sigma::Test::Kind::kGlob;
  bool cased = false;
  sigma::Glob glob;  // folded unless `cased` is true
  std::unique_ptr<RE2> regex;
  // Folded literals. Any string that `regex` matches contains at least one of these literals. Empty
  // if no such literals are known.
  std::vector<std::string> required_literals;
  sigma::Comparison comparison = sigma::Comparison::kEqual;
  double number = 0;
  std::string exact_number;  // the number in decimal digits, because a double may be inexact
  sigma::TimePart part = sigma::TimePart::kHour;
  FieldId other = kNoField;
  sigma::ReferenceKind reference = sigma::ReferenceKind::kEquals;
  bool compares_addresses = false;  // one of the two fields of a reference contains addresses
};

// A test of the elements of a field's arrays (Expression::Kind::kElements). The rules of an element
// set treat every element as an event of its own; `rule` is the rule that elements must match.
struct ElementTest {
  uint32_t set = 0;
  uint32_t rule = 0;
  sigma::Quantifier quantifier = sigma::Quantifier::kAny;
  int index = 0;
  bool matches_nothing = false;  // true if the rule matches when `index` is out of range
};

// A predicate holds if any of its tests holds for any value of the field, or if the elements of the
// field's arrays pass its element test. The matcher reads many predicates one after another, so
// this struct is kept small. Rarely used parts are in PredicateDetails. PredicateWitness contains
// what only the witness planner needs.
struct Predicate {
  static constexpr uint32_t kNoDetails = UINT32_MAX;

  FieldId field = kNoField;
  bool matches_absent = false;
  bool matches_null = false;
  bool matches_present = false;
  // True if the values are addresses. Strings are then also compared with the address alone,
  // without its port.
  bool is_address = false;
  // The parts of a predicate, in the order of evaluation.
  enum Part : uint8_t {
    kExact = 1,
    kSuffixes = 2,
    kPrefixes = 4,
    kSubstrings = 8,
    kExactSet = 16,   // replaces kExact if that list is long
    kSuffixSet = 32,  // replaces kSuffixes if that list is long
    // The other members of PredicateDetails. Some of them replace parts with long lists.
    kOthers = 64,
    kElements = 128,
  };
  uint8_t parts = 0;
  uint32_t strings = 0;           // position in PackedStrings of the lists for the first four parts
  uint32_t details = kNoDetails;  // index in Compiled::details, for the other parts
};

struct PredicateDetails {
  StringSet exact_set;
  AnchoredLiterals suffix_set;
  AnchoredLiterals prefix_set;              // replaces kPrefixes if that list is long
  std::unique_ptr<LiteralScanner> scanner;  // replaces kSubstrings if that list is long
  std::unique_ptr<GlobSet> globs;           // replaces the globs in `others` if there are many
  sigma::NetworkSet networks;
  std::vector<CompiledTest> others;
  std::optional<ElementTest> elements;
};

// The data about a predicate that the witness planner needs.
struct PredicateWitness {
  // If `has_atoms` is true, the predicate holds only in events that have at least one of `atoms`.
  // Otherwise the predicate can hold in events without the field, and `atoms` is empty.
  std::vector<uint32_t> atoms;
  bool has_atoms = false;
  // If the predicate holds in events without the field, this is the atom that stands for the
  // presence of the field. The predicate can be false only in events that have this atom.
  std::optional<uint32_t> absence_excluded_by;
  int cost = 0;  // approximate cost of evaluation, in nanoseconds
};

}  // namespace picket::detector
