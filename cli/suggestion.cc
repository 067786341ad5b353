#include "cli/suggestion.h"

#include <algorithm>

#include "common/strings.h"

namespace picket {
std::vector<std::string> NearestNames(std::string_view word,
                                      const std::vector<std::string>& names) {
  const std::string wanted = LowerAscii(word);
  const size_t limit = std::max<size_t>(1, wanted.size() / 3);
  std::vector<std::string> nearest;
  size_t best = limit + 1;
  for (const std::string& name : names) {
    const bool is_beginning = wanted.size() >= 2 && name.compare(0, wanted.size(), wanted) == 0;
    const size_t distance = is_beginning ? 0 : EditDistance(wanted, LowerAscii(name), true);
    if (distance > limit || distance > best) continue;
    if (distance < best) nearest.clear();
    best = distance;
    if (std::find(nearest.begin(), nearest.end(), name) == nearest.end()) nearest.push_back(name);
  }
  return nearest;
}

std::string DidYouMean(const std::vector<std::string>& nearest) {
  std::string text;
  for (size_t i = 0; i < nearest.size(); ++i) {
    text += i == 0 ? "; did you mean '" : i + 1 == nearest.size() ? " or '" : ", '";
    text += nearest[i] + "'";
  }
  if (!nearest.empty()) text += "?";
  return text;
}

}  // namespace picket
