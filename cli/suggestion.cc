#include "cli/suggestion.h"

#include <algorithm>

#include "common/strings.h"

namespace picket {
namespace {

// Returns the number of edits that turn `a` into `b` (optimal string alignment). An edit replaces,
// inserts or removes a letter, or swaps two neighbours.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::vector<std::string> NearestNames(std::string_view word,
                                      const std::vector<std::string>& names) {
  const std::string wanted = LowerAscii(word);
  const size_t limit = std::max<size_t>(1, wanted.size() / 3);
  std::vector<std::string> nearest;
  size_t best = limit + 1;
  for (const std::string& name : names) {
    const bool is_beginning = wanted.size() >= 2 && name.compare(0, wanted.size(), wanted) == 0;
    const size_t distance = is_beginning ? 0 : EditDistance(wanted, LowerAscii(name));
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
