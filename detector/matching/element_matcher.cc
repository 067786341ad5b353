#include "detector/matching/element_matcher.h"

#include <algorithm>

namespace picket::detector {

bool ElementMatcher::Add(uint32_t value, std::string_view array) {
  arrays_.push_back({value, elements_.size(), 0});
  if (tokens_.Index(array) != JsonFault::kNone) return false;
  bool is_valid = true;
  tokens_.ForEach(tokens_.ValueAt(0), [&](const JsonValue& element) {
    event_.assign("{\"\":").append(element.raw).append("}");
    const absl::Span<const uint32_t> matched = matcher_->Match(event_);
    is_valid = is_valid && matcher_->ok();
    rules_.insert(rules_.end(), matched.begin(), matched.end());
    elements_.push_back(rules_.size());
    ++arrays_.back().size;
  });
  return is_valid;
}

bool ElementMatcher::Matches(size_t element, uint32_t rule) const {
  const auto begin =
      rules_.begin() + static_cast<ptrdiff_t>(element == 0 ? 0 : elements_[element - 1]);
  return std::binary_search(begin, rules_.begin() + static_cast<ptrdiff_t>(elements_[element]),
                            rule);
}

FoundValue ElementMatcher::Holds(const ElementTest& test) const {
  size_t count = 0, hits = 0;
  uint32_t shown = FoundValue::kNone;
  for (const Array& array : arrays_) {
    if (shown == FoundValue::kNone) shown = array.value;
    if (test.quantifier == sigma::Quantifier::kIndex) {
      const int64_t size = static_cast<int64_t>(array.size);
      const int64_t at = test.index < 0 ? size + test.index : test.index;
      const bool exists = at >= 0 && at < size;
      if (exists ? Matches(array.first + static_cast<size_t>(at), test.rule)
                 : test.matches_nothing) {
        return {true, array.value};
      }
      continue;
    }
    count += array.size;
    for (size_t i = 0; i < array.size; ++i) {
      if (!Matches(array.first + i, test.rule)) continue;
      if (test.quantifier == sigma::Quantifier::kAny) return {true, array.value};
      ++hits;
    }
  }
  switch (test.quantifier) {
    case sigma::Quantifier::kAll:
      return {count > 0 && hits == count, shown};
    case sigma::Quantifier::kAllOrEmpty:
      return {hits == count, shown};
    case sigma::Quantifier::kNone:
      return {hits == 0, shown};
    default:
      return {false};
  }
}

}  // namespace picket::detector
