#pragma once

// Finds the names that are similar to a misspelt word.

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// Returns the elements of `names` that are nearest to `word`, in their original order, or an empty
// list if no name is near. A name is near if a few edits turn `word` into the name. An edit
// replaces, inserts or removes a letter, or swaps two neighbours. At most a third as many edits as
// `word` has letters are allowed, but always one edit. If `word` has at least two letters, each
// name that begins with `word` is also near. Case is ignored.
// Complexity: for each name, proportional to the product of the lengths of the name and `word`.
std::vector<std::string> NearestNames(std::string_view word, const std::vector<std::string>& names);

// Returns "; did you mean 'replay'?", "; did you mean 'a' or 'b'?", or an empty string.
std::string DidYouMean(const std::vector<std::string>& nearest);

}  // namespace picket
