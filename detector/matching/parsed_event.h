#pragma once

// One event as a rule set sees it: the values of the fields that the rules name.

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

struct EventValue {
  enum class Type : uint8_t { kText, kNumber, kBool, kNull, kContainer, kArray };
  const char* data = nullptr;  // of a container: its first token (of an empty array: its last)
  uint32_t size = 0;
  Type type = Type::kNull;
  bool is_escaped = false;   // a string with backslashes
  bool is_fraction = false;  // a number with a point or an exponent

  // As written in the event. A string is without its quotes and still escaped.
  std::string_view raw() const { return {data, size}; }
  bool HasText() const { return type <= Type::kBool; }
};

// Filled by Matcher::Parse for the rules of one set, matched by Matcher::MatchParsed. No value is
// unescaped, folded or looked up yet. Reuse the object for many events, so that its memory is
// allocated once.
// Threads: any, one at a time. Lifetime: values are views into the event's JSON, which must outlive
// them.
struct ParsedEvent {
  struct Entry {
    Entry(FieldId field_id, uint32_t index, bool dotted)
        : field(field_id), value(index), is_dotted(dotted) {}
    FieldId field;
    uint32_t value : 31;     // index in `values`
    uint32_t is_dotted : 1;  // found under a key that contains dots
  };

  std::string_view json;
  bool ok = false;                 // the event is a JSON object
  std::vector<EventValue> values;  // in the order of the event, `data` ascending
  // In the order of the event. The entries of small events are stored inline, which saves a cache
  // miss.
  absl::InlinedVector<Entry, 6> entries;
};

}  // namespace picket::detector
