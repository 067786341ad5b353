#pragma once

// Represents the condition of a rule as a tree of `and`, `or` and `not`, whose leaves are tests of
// fields. Modifiers are already applied, wildcards are parsed and identifiers are resolved. An
// engine therefore needs no knowledge of the syntax of Sigma.

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

// A search item whose values contain names of lists (`%admins%`). Defined in search_item.h.
struct PlaceholderItem;

// A test of one value of a field.
struct Test {
  enum class Kind : uint8_t {
    kGlob,       // the value matches `glob`; numbers and booleans are compared as text
    kRegex,      // the regular expression `text` (RE2 syntax) matches anywhere in the value
    kNetwork,    // the value is an address in the CIDR block `text`
    kCompare,    // the number in the value is compared with `number`
    kTimePart,   // a part of the time in the value is compared with `number`
    kNull,       // the field is absent or null
    kExists,     // the field is present, with any value
    kNotExists,  // the field is absent
    kReference,  // the value is compared with the value of the field `text`
  };
  Kind kind = Kind::kGlob;
  bool cased = false;
  // True if a kGlob test comes from an unquoted number. Such a test compares numbers by value, so
  // 42 also equals 42.0.
  bool is_number = false;
  Glob glob;
  std::string text;  // see Kind; a regular expression includes flags such as "(?i)"
  Comparison comparison = Comparison::kEqual;
  double number = 0;
  TimePart part = TimePart::kHour;
  ReferenceKind reference = ReferenceKind::kEquals;
};

// Selects which elements of an array must fulfil a test, as in `Field[any]` of Sigma version 3.
enum class Quantifier : uint8_t {
  kAny,         // at least one element
  kAll,         // every element; an empty array does not fulfil the test
  kAllOrEmpty,  // every element; an empty array fulfils the test
  kNone,        // no element
  kIndex,       // the element at a position; a missing element has no fields and no values
};

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

struct Expression {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kField, kElements, kPlaceholder };
  Kind kind = Kind::kField;
  std::vector<ExpressionPtr> children;
  // A kField expression is true if any of `tests` holds for any value of this field. An empty name
  // refers to all values of the event.
  //
  // A kElements expression evaluates children[0] on each element of the arrays in this field.
  // Inside children[0], field names are keys of the element. kElementItself is the element, and an
  // empty name refers to all values in the element. A value that is not an array has no elements.
  // An array inside an array is one element.
  std::string field;
  std::vector<Test> tests;
  Quantifier quantifier = Quantifier::kAny;
  int index = 0;  // position for kIndex; negative numbers count from the end
  // An item with `expand`, if this is a kPlaceholder expression. ResolvePlaceholders
  // (placeholders.h) replaces such expressions.
  std::shared_ptr<const PlaceholderItem> placeholder;
  // The source of the expression, for explanations, such as an identifier or "Field|modifiers".
  std::string label;
};
inline constexpr std::string_view kElementItself = ".";

// Returns a string that represents the meaning of an expression, without comments, labels and
// positions. Expressions with equal strings have the same meaning. The version of a rule is
// computed from this string, so a change of the format changes the versions of all rules.
std::string CanonicalText(const Expression& expression);

}  // namespace picket::sigma
