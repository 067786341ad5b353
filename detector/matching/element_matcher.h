#pragma once

// Matches the elements of an event's arrays, one at a time, against the rules of an element set
// (ElementSet in compiled_rules.h).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/compiled_rules.h"
#include "detector/matching/matcher.h"
#include "json/json_tokens.h"

namespace picket::detector {

// Whether a predicate holds, and the value for which the predicate holds.
struct FoundValue {
  static constexpr uint32_t kNone = UINT32_MAX;
  bool found;
  uint32_t value = kNone;  // kNone if the predicate holds because the field is absent
};

// Matches each element once per event against all rules of the set. The element is treated as an
// event of its own.
// Threads: Use each instance from one thread. Lifetime: The matcher is reused from event to event.
class ElementMatcher {
 public:
  explicit ElementMatcher(const ElementSet& set) : matcher_(std::make_unique<Matcher>(set.rules)) {}

  void Begin(uint32_t event_epoch) {
    epoch = event_epoch;
    arrays_.clear();
    elements_.clear();
    rules_.clear();
  }
  // Matches the elements of `array`, which is raw JSON. `value` is the index of the array among the
  // values of the event. Returns false if `array` is not valid JSON.
  bool Add(uint32_t value, std::string_view array);

  // Returns whether the elements added since Begin pass the test.
  FoundValue Holds(const ElementTest& test) const;

  uint32_t epoch = 0;  // the argument of the last call of Begin

 private:
  bool Matches(size_t element, uint32_t rule) const;

  struct Array {
    uint32_t value;  // index of the array among the event's values
    size_t first;    // index of the first element of the array
    size_t size;
  };
  std::unique_ptr<Matcher> matcher_;
  JsonTokens tokens_;
  std::string event_;
  std::vector<Array> arrays_;
  std::vector<size_t> elements_;  // end of each element's matches in rules_, indexed by element
  std::vector<uint32_t> rules_;   // the rules that each element matches, concatenated
};

}  // namespace picket::detector
