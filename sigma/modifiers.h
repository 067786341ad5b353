#pragma once

// The modifiers of the Sigma specification ("Sigma Modifiers Appendix", version 2.1.0), and which
// of them one search item can combine. search_item.cc implements their effects on values.
//
// A new modifier must be added in these places: the enum and the predicates below; its name and its
// combinations in modifiers.cc; and its effect in search_item.cc (Transform if it changes values,
// AddTests if it compares them). If it compares values in a new way, it also needs a Test::Kind in
// expression.h, a case in detector/matching/rule_compiler.cc (CompilePredicate or AddOther) and a
// case in detector/matching/matcher.cc (HoldsOther). Extend the slow twin
// (tests/twins/naive_matcher.cc) and the tables in tests/sigma/modifier_table_test.cc, too.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

namespace picket::sigma {

// The predicates below rely on the order of these values.
enum class Modifier : uint8_t {
  kContains,
  kStartsWith,
  kEndsWith,
  kRegex,
  kCidr,
  kExists,
  kFieldRef,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kAll,
  kCased,
  kNotEqual,
  kIgnoreCase,
  kMultiline,
  kDotAll,
  kExpand,
  kWindash,
  kUtf16Le,
  kUtf16Be,
  kUtf16,
  kBase64,
  kBase64Offset,
};

struct ModifierName {
  std::string_view name;
  Modifier modifier;
};
// Returns the names of all modifiers. Some modifiers have two names.
absl::Span<const ModifierName> ModifierNames();

// Returns true for contains, startswith and endswith.
inline bool IsPlace(Modifier m) { return m <= Modifier::kEndsWith; }
// Returns true for lt, lte, gt and gte.
inline bool IsComparison(Modifier m) {
  return m >= Modifier::kLess && m <= Modifier::kGreaterEqual;
}
// Returns true for minute, hour, day, week, month and year.
inline bool IsTimePart(Modifier m) { return m >= Modifier::kMinute && m <= Modifier::kYear; }
// Returns true for the flags of `re`: i, m, s and their long names.
inline bool IsRegexFlag(Modifier m) { return m >= Modifier::kIgnoreCase && m <= Modifier::kDotAll; }
inline bool IsUtf16(Modifier m) { return m >= Modifier::kUtf16Le && m <= Modifier::kUtf16; }
inline bool IsEncoding(Modifier m) { return m >= Modifier::kUtf16Le; }
// Returns true if the modifier determines how values are compared.
inline bool IsMatcher(Modifier m) { return m <= Modifier::kYear; }
// Returns true if the modifier compares strings. Such a modifier can be combined with `cased`;
// other matchers cannot.
inline bool IsTextMatcher(Modifier m) { return IsPlace(m) || m == Modifier::kFieldRef; }

// Returns true if one item can have both modifiers. Does not check the order of the modifiers. See
// IsOutOfOrder.
bool CanBeCombined(Modifier first, Modifier second);

// Returns true if `second` has no meaning after `first`. For example, `expand` and `windash` have
// no meaning after an encoding, because an encoded value contains no placeholders or switches.
bool IsOutOfOrder(Modifier first, Modifier second);

}  // namespace picket::sigma
