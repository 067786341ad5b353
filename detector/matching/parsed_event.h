#pragma once

// One event, reduced to the values of the fields that the rules of a set name.

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

struct EventValue {
  enum class Type : uint8_t { kText, kNumber, kBool, kNull, kContainer, kArray };
  // The first byte of the value. A string begins after its opening quote.
  const char* data = nullptr;
  uint32_t size = 0;
  Type type = Type::kNull;
  bool is_escaped = false;   // the value is a string that contains backslashes
  bool is_fraction = false;  // the value is a number with a decimal point or an exponent
  bool is_searched = false;  // keywords are compared with the value

  // Returns the value as written in the event. A string is returned without quotes and still
  // escaped.
  std::string_view raw() const { return {data, size}; }
  bool HasText() const { return type <= Type::kBool; }
};

// Matcher::Parse fills a ParsedEvent for the rules of one set, and Matcher::MatchParsed matches the
// event. Parse does not unescape, fold or look up any value. Reuse the object for many events to
// avoid repeated allocations.
// Threads: Any thread may use the object, but only one at a time. Lifetime: The values are views
// into the JSON of the event, which must outlive the object.
struct ParsedEvent {
  struct Entry {
    Entry(FieldId field_id, uint32_t index, bool dotted)
        : field(field_id), value(index), is_dotted(dotted) {}
    FieldId field;
    uint32_t value : 31;     // index in `values`
    uint32_t is_dotted : 1;  // the value was found under a key that contains dots
  };

  std::string_view json;
  bool ok = false;                 // the event is a JSON object
  std::vector<EventValue> values;  // in the order of the event, so `data` ascends
  // The entries, in the order of the event. The entries of small events are stored inline, which
  // avoids a cache miss.
  absl::InlinedVector<Entry, 6> entries;
};

}  // namespace picket::detector
