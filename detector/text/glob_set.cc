#include "detector/text/glob_set.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "common/strings.h"
#include "detector/text/fold.h"
#include "detector/text/literal_compare.h"

namespace picket::detector {
namespace {

size_t CodePointSize(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size() - at);
}

// Returns the literal of a pattern that leads to the fewest patterns, given the number of patterns
// that contain each literal. Returns an empty string if the pattern has no literal.
std::string RarestLiteral(const std::vector<std::string>& literals,
                          const StringMap<uint32_t>& counts) {
  // A literal of one or two bytes occurs in many texts, so it must be this many times rarer.
  constexpr uint64_t kShortPenalty = 64;
  const std::string* best = nullptr;
  uint64_t best_cost = 0;
  for (const std::string& literal : literals) {
    const uint64_t cost = counts.at(literal) * (literal.size() < 3 ? kShortPenalty : 1);
    if (best == nullptr || cost < best_cost ||
        (cost == best_cost && literal.size() > best->size())) {
      best = &literal;
      best_cost = cost;
    }
  }
  return best == nullptr ? "" : *best;
}

}  // namespace

bool MatchesGlob(const sigma::Glob& glob, std::string_view text) {
  size_t part = 0, at = 0, star = std::string_view::npos, retry = 0;
  for (;;) {
    if (part == glob.size()) {
      if (at == text.size()) return true;
    } else if (glob[part].kind == sigma::GlobPart::Kind::kAnyRun) {
      if (part + 1 == glob.size()) return true;
      star = part++;
      retry = at;
      // Skip to the next literal at once instead of byte by byte.
      if (glob[part].kind == sigma::GlobPart::Kind::kText) {
        retry = text.find(glob[part].text, at);
        if (retry == std::string_view::npos) return false;
        at = retry;
      }
      continue;
    } else if (glob[part].kind == sigma::GlobPart::Kind::kAnyOne) {
      if (at < text.size()) {
        at += CodePointSize(text, at);
        ++part;
        continue;
      }
    } else if (BeginsWith(text.substr(at), glob[part].text)) {
      at += glob[part].text.size();
      ++part;
      continue;
    }
    if (star == std::string_view::npos || retry >= text.size()) return false;
    part = star + 1;
    ++retry;
    if (glob[part].kind == sigma::GlobPart::Kind::kText) {
      retry = text.find(glob[part].text, retry);
      if (retry == std::string_view::npos) return false;
    }
    at = retry;
  }
}

GlobSet::GlobSet(std::vector<Pattern> patterns) {
  std::vector<std::vector<std::string>> literals(patterns.size());
  StringMap<uint32_t> counts;
  for (size_t i = 0; i < patterns.size(); ++i) {
    for (const sigma::GlobPart& part : patterns[i].glob) {
      if (part.kind != sigma::GlobPart::Kind::kText || part.text.empty()) continue;
      literals[i].push_back(Folded(part.text));
      ++counts[literals[i].back()];
    }
  }
  std::map<std::string, std::vector<size_t>> patterns_of;
  for (size_t i = 0; i < patterns.size(); ++i) {
    patterns_of[RarestLiteral(literals[i], counts)].push_back(i);
  }
  std::vector<size_t> without;
  std::vector<std::string> searched;
  for (auto& [literal, indexes] : patterns_of) {
    if (literal.empty()) {
      without = std::move(indexes);
      continue;
    }
    searched.push_back(literal);
    first_.push_back(static_cast<uint32_t>(patterns_.size()));
    for (const size_t i : indexes) patterns_.push_back(std::move(patterns[i]));
  }
  first_.push_back(static_cast<uint32_t>(patterns_.size()));
  for (const size_t i : without) patterns_.push_back(std::move(patterns[i]));
  if (!searched.empty()) scanner_ = std::make_unique<LiteralScanner>(std::move(searched));
}

bool GlobSet::Matches(std::string_view folded, absl::FunctionRef<std::string_view()> unfolded,
                      Scratch& scratch) const {
  const auto any_of = [&](uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end; ++i) {
      const Pattern& pattern = patterns_[i];
      // Most candidates lack another of their literals. Finding that out is faster than matching.
      const bool has_all =
          pattern.cased ||
          std::all_of(pattern.glob.begin(), pattern.glob.end(), [&](const sigma::GlobPart& part) {
            return part.text.empty() || ContainsText(folded, part.text);
          });
      if (!has_all) continue;
      if (MatchesGlob(pattern.glob, pattern.cased ? unfolded() : folded)) return true;
    }
    return false;
  };
  if (any_of(first_.back(), static_cast<uint32_t>(patterns_.size()))) return true;
  if (scanner_ == nullptr) return false;
  if (scratch.seen.size() < first_.size()) scratch.seen.resize(first_.size());
  if (++scratch.text == 0) {
    std::fill(scratch.seen.begin(), scratch.seen.end(), 0);
    scratch.text = 1;
  }
  return scanner_->Scan(folded, [&](uint32_t literal, size_t) {
    if (scratch.seen[literal] == scratch.text) return false;
    scratch.seen[literal] = scratch.text;
    return any_of(first_[literal], first_[literal + 1]);
  });
}

}  // namespace picket::detector
