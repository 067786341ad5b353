#pragma once

// One event as a rule set sees it: the values of the fields that its rules name.

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

struct EventValue {
  enum class Type : uint8_t { kText, kNumber, kBool, kNull, kContainer, kArray };
  const char* data = nullptr;  // of a container: where it begins (an empty array: where it ends)
  uint32_t size = 0;
  Type type = Type::kNull;
  bool is_escaped = false;   // a text with backslashes
  bool is_fraction = false;  // a number with a point or an exponent

  // As it is written; a text without its quotes, still escaped.
  std::string_view raw() const { return {data, size}; }
  bool HasText() const { return type <= Type::kBool; }
};

// Filled by Matcher::Parse for rules of one set, matched by Matcher::MatchParsed; reused, so that memory is taken once.
// Nothing is unescaped, folded or looked up yet.
// Lifetime: values are views into the JSON text, which must outlive their use. Threads: any, one at a time.
struct ParsedEvent {
  struct Entry {
    Entry(FieldId field_id, uint32_t index, bool dotted)
        : field(field_id), value(index), is_dotted(dotted) {}
    FieldId field;
    uint32_t value : 31;     // index in `values`
    uint32_t is_dotted : 1;  // found under a key that holds dots
  };

  std::string_view json;
  bool ok = false;                 // a JSON object
  std::vector<EventValue> values;  // in the order of the event, `data` ascending
  // In the order of the event. Those of small events lie here: one place fewer to wait for.
  absl::InlinedVector<Entry, 6> entries;
};

}  // namespace picket::detector
