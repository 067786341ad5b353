#pragma once

// The condition of a rule as a tree: and, or, not over tests of fields. Modifiers are applied,
// wildcards are parsed and names of identifiers are resolved, so that an engine needs no knowledge
// of Sigma's syntax.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/glob.h"
#include "sigma/rule.h"

namespace picket::sigma {

enum class TimePart : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };
enum class ReferenceKind : uint8_t { kEquals, kContains, kStartsWith, kEndsWith };

// A search item whose values hold the names of lists (`%admins%`); declared in search_item.h.
struct PlaceholderItem;

// A test of one value.
struct Test {
  enum class Kind : uint8_t {
    kGlob,       // the string matches `glob`; numbers and booleans count as they are written
    kRegex,      // `text`, a regular expression in RE2 syntax, matches anywhere in the value
    kNetwork,    // the address is in `text`, a CIDR block
    kCompare,    // number `comparison` `number`
    kTimePart,   // part of the time `comparison` `number`
    kNull,       // absent or null
    kExists,     // present, with any value
    kNotExists,  // absent
    kReference,  // compares with the value of the field `text`
  };
  Kind kind = Kind::kGlob;
  bool cased = false;
  bool is_number = false;  // kGlob: the rule wrote a number, so that 42 also equals 42.0
  Glob glob;
  std::string text;  // kRegex: begins with the flags, "(?i)"
  Comparison comparison = Comparison::kEqual;
  double number = 0;
  TimePart part = TimePart::kHour;
  ReferenceKind reference = ReferenceKind::kEquals;
};

// Which elements of an array a test applies to (`Field[any]` and so on, with `sigma-version: 3`).
enum class Quantifier : uint8_t {
  kAny,         // some element
  kAll,         // every element; there must be one
  kAllOrEmpty,  // every element, if any
  kNone,        // no element
  kIndex,       // the element at a position; a missing element has no fields and no values
};

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

struct Expression {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kField, kElements, kPlaceholder };
  Kind kind = Kind::kField;
  std::vector<ExpressionPtr> children;
  // kField: true if any of `tests` holds for any value of the field. An empty name means every
  // value of the event.
  // kElements: the field holds arrays, and children[0] is evaluated on each of their elements.
  // Inside it, names are keys of the element, kElementItself is the element and the empty name
  // means every value in it. A value that is not an array has no elements. An array inside an array
  // is one element.
  std::string field;
  std::vector<Test> tests;
  Quantifier quantifier = Quantifier::kAny;
  int index = 0;  // kIndex: from 0; negative numbers count from the end
  // kPlaceholder: an item with `expand`, until ResolvePlaceholders (placeholders.h) replaces it.
  std::shared_ptr<const PlaceholderItem> placeholder;
  // What the rule author wrote, for explanations: the identifier, or "Field|modifiers".
  std::string label;
};
inline constexpr std::string_view kElementItself = ".";

// The meaning of an expression as a string, without comments, labels and positions. Equal strings
// mean equal rules, so the version of a rule is a hash of it: a change of the format changes all
// versions.
std::string CanonicalText(const Expression& expression);

}  // namespace picket::sigma
