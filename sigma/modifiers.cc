#include "sigma/modifiers.h"

namespace picket::sigma {
namespace {

constexpr ModifierName kModifiers[] = {
    {"contains", Modifier::kContains},
    {"startswith", Modifier::kStartsWith},
    {"endswith", Modifier::kEndsWith},
    {"all", Modifier::kAll},
    {"re", Modifier::kRegex},
    {"i", Modifier::kIgnoreCase},
    {"ignorecase", Modifier::kIgnoreCase},
    {"m", Modifier::kMultiline},
    {"multiline", Modifier::kMultiline},
    {"s", Modifier::kDotAll},
    {"dotall", Modifier::kDotAll},
    {"cidr", Modifier::kCidr},
    {"exists", Modifier::kExists},
    {"cased", Modifier::kCased},
    {"neq", Modifier::kNotEqual},
    {"lt", Modifier::kLess},
    {"lte", Modifier::kLessEqual},
    {"gt", Modifier::kGreater},
    {"gte", Modifier::kGreaterEqual},
    {"fieldref", Modifier::kFieldRef},
    {"expand", Modifier::kExpand},
    {"windash", Modifier::kWindash},
    {"base64", Modifier::kBase64},
    {"base64offset", Modifier::kBase64Offset},
    {"wide", Modifier::kUtf16Le},
    {"utf16le", Modifier::kUtf16Le},
    {"utf16be", Modifier::kUtf16Be},
    {"utf16", Modifier::kUtf16},
    {"minute", Modifier::kMinute},
    {"hour", Modifier::kHour},
    {"day", Modifier::kDay},
    {"week", Modifier::kWeek},
    {"month", Modifier::kMonth},
    {"year", Modifier::kYear},
};

bool IsPair(Modifier a, Modifier b, bool (*is_one)(Modifier), bool (*is_other)(Modifier)) {
  return (is_one(a) && is_other(b)) || (is_one(b) && is_other(a));
}

}  // namespace

absl::Span<const ModifierName> ModifierNames() { return kModifiers; }

bool CanBeCombined(Modifier first, Modifier second) {
  if (IsMatcher(first) && IsMatcher(second)) {
    return IsPair(first, second, IsPlace, [](Modifier m) { return m == Modifier::kFieldRef; }) ||
           IsPair(first, second, IsTimePart, IsComparison);
  }
  if (IsUtf16(first) && IsUtf16(second)) return false;
  const auto clashes = [](Modifier a, Modifier b) {
    switch (a) {
      case Modifier::kAll:
        return b == Modifier::kExists;
      case Modifier::kNotEqual:
        return b == Modifier::kExists || IsComparison(b);
      case Modifier::kCased:
        return IsMatcher(b) && !IsTextMatcher(b);
      case Modifier::kExpand:
        return IsMatcher(b) && !IsPlace(b) && b != Modifier::kCidr;
      case Modifier::kIgnoreCase:
      case Modifier::kMultiline:
      case Modifier::kDotAll:
        // A flag is always used together with `re`. Checking `re` with `b` is therefore enough.
        return false;
      default:
        return (IsEncoding(a) || a == Modifier::kWindash) && IsMatcher(b) && !IsPlace(b);
    }
  };
  return !clashes(first, second) && !clashes(second, first);
}

bool IsOutOfOrder(Modifier first, Modifier second) {
  return (IsEncoding(first) && (second == Modifier::kExpand || second == Modifier::kWindash)) ||
         (first == Modifier::kWindash && second == Modifier::kExpand);
}

}  // namespace picket::sigma
