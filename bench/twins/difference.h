#pragma once

#include <string>
#include <string_view>

namespace picket::twins {

// Where two events, JSON objects both, differ first, with what each has there; empty when they are the same.
//
// They are compared as JSON values: the members of an object in any order, numbers by their value. Texts that are
// numbers (a pair's value, a status code) likewise, since a tree does not know how the source wrote a number. Their
// raw_data_hash is left out: it is of the record's bytes, not of what they say.
std::string Difference(std::string_view a, std::string_view b);

}  // namespace picket::twins
