#pragma once

#include <string>
#include <string_view>

namespace picket::twins {

// Returns the first difference between two events (JSON objects): its path and the value in each
// event. Returns an empty string if the events are equal.
//
// Events are equal under these rules:
// - The order of the members of an object does not matter.
// - Numbers, and strings that contain a number, are compared by value. A twin converts numbers to
//   strings, but its tree does not keep their spelling.
// - raw_data_hash is ignored: it depends on the bytes of the record, and twins do not write it.
std::string Difference(std::string_view a, std::string_view b);

}  // namespace picket::twins
