#include "detector/atoms.h"

#include <re2/filtered_re2.h>

#include <algorithm>

#include "detector/fold.h"

namespace picket::detector {
namespace {

// The longest text that any match of the pattern must hold, and where.
Atom GlobAtom(FieldId field, const Glob& glob) {
  if (glob.empty()) return {field, Atom::Kind::kWhole, ""};
  size_t best = glob.size();
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i].kind != GlobPart::Kind::kText) continue;
    if (best == glob.size() || glob[i].text.size() > glob[best].text.size()) best = i;
  }
  if (best == glob.size()) return {field, Atom::Kind::kPresent, ""};
  std::string literal = Folded(glob[best].text);
  if (glob.size() == 1) return {field, Atom::Kind::kWhole, std::move(literal)};
  if (best == 0) return {field, Atom::Kind::kBegin, std::move(literal)};
  if (best + 1 == glob.size()) return {field, Atom::Kind::kEnd, std::move(literal)};
  return {field, Atom::Kind::kInside, std::move(literal)};
}

// RE2's own analysis: any match holds one of the atoms. Presence of the field where there are none.
void RegexAtoms(FieldId field, const std::string& pattern, std::vector<Atom>& atoms) {
  re2::FilteredRE2 filter(3);
  int id = 0;
  std::vector<std::string> literals;
  if (filter.Add(pattern, RE2::Quiet, &id) == RE2::NoError) {
    filter.Compile(&literals);
    std::vector<int> potentials;
    filter.AllPotentials({}, &potentials);
    const bool is_ascii = std::all_of(literals.begin(), literals.end(), [](const std::string& s) {
      return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c > 0; });
    });
    if (potentials.empty() && !literals.empty() && is_ascii) {
      for (std::string& literal : literals) {
        atoms.push_back({field, Atom::Kind::kInside, std::move(literal)});
      }
      return;
    }
  }
  atoms.push_back({field, Atom::Kind::kPresent, ""});
}

}  // namespace

bool AtomsOf(const Predicate& p, std::vector<Atom>& atoms) {
  if (p.matches_absent) return false;
  if (p.matches_present || p.elements.has_value()) {
    atoms.push_back({p.field, Atom::Kind::kPresent, ""});
    return true;
  }
  const auto add = [&](Atom::Kind kind, const std::vector<std::string>& literals) {
    for (const std::string& literal : literals) atoms.push_back({p.field, kind, literal});
  };
  add(Atom::Kind::kWhole, p.exact);
  add(Atom::Kind::kBegin, p.prefixes);
  add(Atom::Kind::kEnd, p.suffixes);
  add(Atom::Kind::kInside, p.substrings);
  for (const CompiledTest& test : p.others) {
    if (test.kind == Test::Kind::kGlob) {
      atoms.push_back(GlobAtom(p.field, test.glob));
    } else if (test.kind == Test::Kind::kRegex) {
      RegexAtoms(p.field, test.regex->pattern(), atoms);
    } else {
      atoms.push_back({p.field, Atom::Kind::kPresent, ""});
    }
  }
  return true;
}

}  // namespace picket::detector
