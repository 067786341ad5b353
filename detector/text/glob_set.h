#pragma once

// Tests a text against wildcard patterns, one at a time or many at once.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "detector/text/literal_scanner.h"
#include "sigma/glob.h"

namespace picket::detector {

// Returns whether the pattern matches the whole text. `?` matches one code point. For each `*`, the
// search takes time linear in the length of the text.
bool MatchesGlob(const sigma::Glob& glob, std::string_view text);

// A list of patterns. One scan of the text finds the literals in it, and each literal leads to the
// patterns that contain it. Only these patterns are tried, so the time hardly depends on the length
// of the list.
// Threads: An instance is immutable after construction; each thread passes its own Scratch.
class GlobSet {
 public:
  struct Pattern {
    sigma::Glob glob;    // its literals are folded unless `cased` is true
    bool cased = false;  // the pattern is compared with the text that is not folded
  };
  // Remembers which literals the current text has already reported.
  struct Scratch {
    std::vector<uint32_t> seen;  // the text in which each literal was last reported
    uint32_t text = 0;
  };

  explicit GlobSet(std::vector<Pattern> patterns);

  // Returns whether any pattern matches. `folded` is the folded text; `unfolded` returns the text
  // itself and is called only for patterns in which case matters.
  bool Matches(std::string_view folded, absl::FunctionRef<std::string_view()> unfolded,
               Scratch& scratch) const;

 private:
  std::vector<Pattern> patterns_;  // the patterns of one literal are adjacent
  // The patterns of literal i are patterns_[first_[i], first_[i + 1]). The patterns from
  // first_.back() on have no literal and are always tried.
  std::vector<uint32_t> first_;
  std::unique_ptr<LiteralScanner> scanner_;  // null if no pattern has a literal
};

}  // namespace picket::detector
