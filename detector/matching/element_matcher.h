#pragma once

// Same-element matching: which rules of an element set the elements of an event's arrays match.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/compiled_rules.h"
#include "detector/matching/matcher.h"
#include "json/json_tokens.h"

namespace picket::detector {

struct FoundValue {
  static constexpr uint32_t kNone = UINT32_MAX;
  bool found;
  uint32_t value = kNone;  // none: the field is absent, as asked for
};

// Every element is matched once an event, as an event of its own, by all rules of the set.
// Threads: one. Lifetime: reused from event to event.
class ElementMatches {
 public:
  explicit ElementMatches(const ElementSet& set) : matcher_(std::make_unique<Matcher>(set.rules)) {}

  void Begin(uint32_t event_epoch) {
    epoch = event_epoch;
    arrays_.clear();
    elements_.clear();
    rules_.clear();
  }
  // Takes the elements of an array, as it is written. False when it is no JSON.
  bool Add(uint32_t value, std::string_view array);

  FoundValue Holds(const ElementTest& test) const;

  uint32_t epoch = 0;  // of the event that this is about

 private:
  bool Matches(size_t element, uint32_t rule) const;

  struct Array {
    uint32_t value;  // of the event
    size_t first;    // element
    size_t size;
  };
  std::unique_ptr<Matcher> matcher_;
  JsonTokens tokens_;
  std::string event_;
  std::vector<Array> arrays_;
  std::vector<size_t> elements_;  // where the rules of each end
  std::vector<uint32_t> rules_;
};

}  // namespace picket::detector
