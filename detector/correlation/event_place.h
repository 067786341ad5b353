#pragma once

#include <cstdint>

namespace picket::detector {

// Where an event and its record are stored. The partition has the same number on the topics
// `events` and `raw`.
struct EventPlace {
  int64_t offset = -1;      // offset of the event on `events`
  int64_t raw_offset = -1;  // offset of the message on `raw` that contains the record
  int64_t raw_index = -1;   // index of the record in that message

  // Events of a parser before version 0.2, and events that are read from files, have no place.
  bool is_known() const { return raw_offset >= 0; }
  friend bool operator==(const EventPlace&, const EventPlace&) = default;
};

}  // namespace picket::detector
