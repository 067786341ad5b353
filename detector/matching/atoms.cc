#include "detector/matching/atoms.h"

#include <re2/filtered_re2.h>

#include <algorithm>

#include "detector/text/fold.h"

namespace picket::detector {
namespace {

// Returns an atom for the longest literal of the pattern. The kind of the atom depends on the place
// of the literal in the pattern.
Atom GlobAtom(FieldId field, const sigma::Glob& glob) {
  if (glob.empty()) return {field, Atom::Kind::kWhole, ""};
  size_t best = glob.size();
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i].kind != sigma::GlobPart::Kind::kText) continue;
    if (best == glob.size() || glob[i].text.size() > glob[best].text.size()) best = i;
  }
  if (best == glob.size()) return {field, Atom::Kind::kPresent, ""};
  std::string literal = Folded(glob[best].text);
  if (glob.size() == 1) return {field, Atom::Kind::kWhole, std::move(literal)};
  if (best == 0) return {field, Atom::Kind::kBegin, std::move(literal)};
  if (best + 1 == glob.size()) return {field, Atom::Kind::kEnd, std::move(literal)};
  return {field, Atom::Kind::kInside, std::move(literal)};
}

// Returns literals of at least `least` bytes that RE2's own prefilter finds. Every match of the
// pattern contains at least one of these literals.
std::vector<std::string> FilterLiterals(const std::string& pattern, int least) {
  re2::FilteredRE2 filter(least);
  int id = 0;
  std::vector<std::string> literals;
  if (filter.Add(pattern, RE2::Quiet, &id) != RE2::NoError) return {};
  filter.Compile(&literals);
  const bool is_ascii = std::all_of(literals.begin(), literals.end(), [](const std::string& s) {
    return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c > 0; });
  });
  std::vector<int> given, tried;
  filter.AllPotentials(given, &tried);
  if (!tried.empty() || !is_ascii) return {};
  // If the pattern cannot match without a particular literal, it is enough to search for this
  // literal alone. Among several such literals, a long or rare literal is best.
  std::string best;
  for (size_t i = 0; i < literals.size(); ++i) {
    given.clear();
    for (size_t k = 0; k < literals.size(); ++k) {
      if (k != i) given.push_back(static_cast<int>(k));
    }
    tried.clear();
    filter.AllPotentials(given, &tried);
    const bool is_better =
        HasRareCharacter(literals[i]) != HasRareCharacter(best) && literals[i].size() < 3
            ? HasRareCharacter(literals[i])
            : literals[i].size() > best.size();
    if (tried.empty() && is_better) best = literals[i];
  }
  if (!best.empty()) return {best};
  return literals;
}

}  // namespace

bool HasRareCharacter(std::string_view literal) {
  return literal.find_first_of("`$^~{}|<>;!#") != std::string_view::npos;
}

std::vector<std::string> LiteralsOfRegex(const std::string& pattern) {
  // A short literal is useful only if it is rare: most events contain the common short literals.
  const auto is_rare = [](const std::string& literal) {
    return literal.size() >= 3 || HasRareCharacter(literal) ||
           (literal.size() == 2 && literal.find_first_of("-=%&@+?*()[]") != std::string::npos);
  };
  for (const int least : {3, 2, 1}) {
    std::vector<std::string> literals = FilterLiterals(pattern, least);
    if (!literals.empty() && std::all_of(literals.begin(), literals.end(), is_rare)) {
      return literals;
    }
  }
  return {};
}

bool AtomsOf(const PredicateDraft& draft, std::vector<Atom>& atoms) {
  const Predicate& p = draft.predicate;
  if (p.matches_absent) return false;
  if (p.matches_present || draft.details.elements.has_value()) {
    atoms.push_back({p.field, Atom::Kind::kPresent, ""});
    return true;
  }
  const auto add = [&](Atom::Kind kind, const std::vector<std::string>& literals) {
    for (const std::string& literal : literals) atoms.push_back({p.field, kind, literal});
  };
  add(Atom::Kind::kWhole, draft.exact);
  add(Atom::Kind::kBegin, draft.prefixes);
  add(Atom::Kind::kEnd, draft.suffixes);
  add(Atom::Kind::kInside, draft.substrings);
  if (!draft.details.networks.empty()) atoms.push_back({p.field, Atom::Kind::kPresent, ""});
  for (const CompiledTest& test : draft.details.others) {
    if (test.kind == sigma::Test::Kind::kGlob) {
      atoms.push_back(GlobAtom(p.field, test.glob));
    } else if (test.kind == sigma::Test::Kind::kRegex) {
      if (test.required_literals.empty()) atoms.push_back({p.field, Atom::Kind::kPresent, ""});
      add(Atom::Kind::kInside, test.required_literals);
    } else {
      atoms.push_back({p.field, Atom::Kind::kPresent, ""});
    }
  }
  return true;
}

}  // namespace picket::detector
