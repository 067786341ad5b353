#pragma once

// The modifiers of the Sigma specification ("Sigma Modifiers Appendix", version 2.1.0), and which
// of them one search item can combine. What each one does to a value is in search_item.cc.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

namespace picket::sigma {

// In an order that the predicates below rely on.
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
// All names; a modifier can have two.
absl::Span<const ModifierName> ModifierNames();

// contains, startswith, endswith
inline bool IsPlace(Modifier m) { return m <= Modifier::kEndsWith; }
// lt, lte, gt, gte
inline bool IsComparison(Modifier m) {
  return m >= Modifier::kLess && m <= Modifier::kGreaterEqual;
}
// minute to year
inline bool IsTimePart(Modifier m) { return m >= Modifier::kMinute && m <= Modifier::kYear; }
// The flags that follow `re`.
inline bool IsRegexFlag(Modifier m) { return m >= Modifier::kIgnoreCase && m <= Modifier::kDotAll; }
inline bool IsUtf16(Modifier m) { return m >= Modifier::kUtf16Le && m <= Modifier::kUtf16; }
inline bool IsEncoding(Modifier m) { return m >= Modifier::kUtf16Le; }
// Whether the modifier decides how values are compared.
inline bool IsMatcher(Modifier m) { return m <= Modifier::kYear; }
// Whether it compares strings, so that case and encodings have a meaning.
inline bool IsTextMatcher(Modifier m) { return IsPlace(m) || m == Modifier::kFieldRef; }

// Whether one item can have both modifiers, in any order.
bool CanBeCombined(Modifier first, Modifier second);

// Whether `second` makes no sense after `first`: an encoded value no longer has placeholders or
// switches.
bool IsOutOfOrder(Modifier first, Modifier second);

}  // namespace picket::sigma
