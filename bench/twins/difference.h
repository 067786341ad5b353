#pragma once

#include <string>
#include <string_view>

namespace picket::twins {

// The first difference of two events (JSON objects): its path and what each event has there. Empty
// if they are equal.
//
// The events are compared as JSON values: members of an object in any order, numbers by their
// value. Strings that are numbers (the value of a pair, a status code) are compared by their value
// too, because a tree does not know how the source wrote a number. raw_data_hash is ignored: it
// depends on the bytes of the record, not on their meaning.
std::string Difference(std::string_view a, std::string_view b);

}  // namespace picket::twins
