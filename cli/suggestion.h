#pragma once

// Finds the names that are similar to a misspelt word.

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// Returns those of `names` that are nearest to `word`, in their order. A name is near if it begins
// with the word (at least two letters), or if at most a third of the word, and at least one letter,
// has to be replaced, inserted, left out or swapped with its neighbour. Upper and lower case are
// the same. Empty if no name is near.
// Complexity: product of the lengths for each name.
std::vector<std::string> NearestNames(std::string_view word, const std::vector<std::string>& names);

// "; did you mean 'replay'?", "; did you mean 'a' or 'b'?", or an empty string.
std::string DidYouMean(const std::vector<std::string>& nearest);

}  // namespace picket
