#pragma once

#include <string>
#include <string_view>

namespace picket::twins {

// Returns the first difference between two events (JSON objects). The result contains the path of
// the difference and the value in each event. Returns an empty string if the events are equal.
//
// The events are compared as JSON values. The order of the members of an object does not matter,
// and numbers are compared by value. Strings that are numbers (the value of a pair, a status code)
// are compared by their numeric value too, because the DOM tree of a twin does not keep the
// spelling of a number. raw_data_hash is ignored, because it depends on the bytes of the record and
// not on their meaning.
std::string Difference(std::string_view a, std::string_view b);

}  // namespace picket::twins
