#pragma once

// Finds the names that are similar to a misspelt word.

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// Returns the elements of `names` that are nearest to `word`, in their original order, or an empty
// list if no name is near. A name is near if it differs from the word by only a few edits. An edit
// replaces, inserts or removes a letter, or swaps two neighbours. The number of edits is limited to
// a third of the word's length, but one edit is always allowed. If the word has at least two
// letters, every name that begins with the word is also near. Case is ignored. Complexity: for each
// name, the time is proportional to the product of the lengths of the name and the word.
std::vector<std::string> NearestNames(std::string_view word, const std::vector<std::string>& names);

// Returns "; did you mean 'replay'?", "; did you mean 'a' or 'b'?", or an empty string.
std::string DidYouMean(const std::vector<std::string>& nearest);

}  // namespace picket
