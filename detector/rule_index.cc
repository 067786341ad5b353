#include <hs/hs.h>
#include <re2/filtered_re2.h>

#include <algorithm>
#include <limits>
#include <map>

#include "detector/compiled_rules.h"
#include "detector/fold.h"

namespace picket::detector {
namespace {

enum class AtomKind : uint8_t { kExact, kPrefix, kSuffix, kSubstring, kPresent };

// A literal at a place of a field: what the index looks for.
struct Atom {
  FieldId field;
  AtomKind kind;
  std::string literal;
  friend bool operator<(const Atom& a, const Atom& b) {
    return std::tie(a.field, a.kind, a.literal) < std::tie(b.field, b.kind, b.literal);
  }
};

struct Witness {
  bool exists = false;
  double cost = std::numeric_limits<double>::infinity();
  std::vector<uint32_t> predicates;  // the rule needs one of these to hold
};

// The longest text that any match of the pattern must hold, and where.
Atom GlobAtom(FieldId field, const Glob& glob) {
  if (glob.empty()) return {field, AtomKind::kExact, ""};
  size_t best = glob.size();
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i].kind != GlobPart::Kind::kText) continue;
    if (best == glob.size() || glob[i].text.size() > glob[best].text.size()) best = i;
  }
  if (best == glob.size()) return {field, AtomKind::kPresent, ""};
  std::string literal = Folded(glob[best].text);
  if (glob.size() == 1) return {field, AtomKind::kExact, std::move(literal)};
  if (best == 0) return {field, AtomKind::kPrefix, std::move(literal)};
  if (best + 1 == glob.size()) return {field, AtomKind::kSuffix, std::move(literal)};
  return {field, AtomKind::kSubstring, std::move(literal)};
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
        atoms.push_back({field, AtomKind::kSubstring, std::move(literal)});
      }
      return;
    }
  }
  atoms.push_back({field, AtomKind::kPresent, ""});
}

// The atoms one of which must be there for the predicate to hold. False when it can hold without the field.
bool AtomsOf(const Predicate& p, std::vector<Atom>& atoms) {
  if (p.matches_absent) return false;
  if (p.matches_present || p.elements.has_value()) {
    atoms.push_back({p.field, AtomKind::kPresent, ""});
    return true;
  }
  for (const std::string& text : p.exact) atoms.push_back({p.field, AtomKind::kExact, text});
  for (const std::string& text : p.prefixes) atoms.push_back({p.field, AtomKind::kPrefix, text});
  for (const std::string& text : p.suffixes) atoms.push_back({p.field, AtomKind::kSuffix, text});
  for (const std::string& text : p.substrings) {
    atoms.push_back({p.field, AtomKind::kSubstring, text});
  }
  for (const CompiledTest& test : p.others) {
    if (test.kind == Test::Kind::kGlob) {
      atoms.push_back(GlobAtom(p.field, test.glob));
    } else if (test.kind == Test::Kind::kRegex) {
      RegexAtoms(p.field, test.regex->pattern(), atoms);
    } else {
      atoms.push_back({p.field, AtomKind::kPresent, ""});
    }
  }
  return true;
}

// How often an atom is found in an event, guessed from its length, its place and how many rules ask for it: what many
// rules name is common (EventID 4688, \powershell.exe).
double FrequencyOf(const Atom& atom, uint32_t rules) {
  const size_t length = atom.literal.size();
  double frequency = 1;
  switch (atom.kind) {
    case AtomKind::kExact:
      frequency = length >= 12 ? 0.001 : length >= 5 ? 0.003 : 0.02;
      break;
    case AtomKind::kPrefix:
    case AtomKind::kSuffix:
      frequency = length >= 6 ? 0.004 : length >= 4 ? 0.05 : 0.3;
      break;
    case AtomKind::kSubstring:
      frequency = length >= 8   ? 0.002
                  : length >= 5 ? 0.01
                  : length == 4 ? 0.05
                  : length == 3 ? 0.2
                                : 0.8;
      break;
    case AtomKind::kPresent:
      return 2;
  }
  if (atom.field == kAnyField) frequency *= 4;
  return frequency * (1 + rules / 4.0);
}

class Planner {
 public:
  Planner(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots)
      : compiled_(compiled),
        atoms_(compiled.predicates.size()),
        usable_(compiled.predicates.size()) {
    std::vector<uint32_t> last(compiled.predicates.size(), UINT32_MAX);
    for (const uint32_t root : roots) Count(compiled.roots[root].node, root, last);
  }

  Witness WitnessOf(uint32_t index) const {
    const Node& node = compiled_.nodes[index];
    Witness witness;
    switch (node.kind) {
      case Expression::Kind::kNot:
      case Expression::Kind::kElements:     // a predicate, as a node
      case Expression::Kind::kPlaceholder:  // resolved before
        return witness;
      case Expression::Kind::kField:
        if (!usable_[node.predicate]) return witness;
        witness.exists = true;
        witness.cost = 0;
        for (const Atom& atom : atoms_[node.predicate]) {
          witness.cost += FrequencyOf(atom, rules_of_atom_.at(atom));
        }
        witness.predicates.push_back(node.predicate);
        return witness;
      case Expression::Kind::kAnd:
        for (const uint32_t child : node.children) {
          Witness each = WitnessOf(child);
          if (each.exists && each.cost < witness.cost) witness = std::move(each);
        }
        return witness;
      case Expression::Kind::kOr:
        witness.exists = true;
        witness.cost = 0;
        for (const uint32_t child : node.children) {
          const Witness each = WitnessOf(child);
          if (!each.exists) return Witness();
          witness.cost += each.cost;
          witness.predicates.insert(witness.predicates.end(), each.predicates.begin(),
                                    each.predicates.end());
        }
        return witness;
    }
    return witness;
  }

  const std::vector<Atom>& atoms(uint32_t predicate) const { return atoms_[predicate]; }

 private:
  void Count(uint32_t index, uint32_t root, std::vector<uint32_t>& last) {
    const Node& node = compiled_.nodes[index];
    for (const uint32_t child : node.children) Count(child, root, last);
    if (node.kind != Expression::Kind::kField || last[node.predicate] == root) return;
    std::vector<Atom>& atoms = atoms_[node.predicate];
    if (last[node.predicate] == UINT32_MAX) {
      usable_[node.predicate] = AtomsOf(compiled_.predicates[node.predicate], atoms);
    }
    last[node.predicate] = root;
    for (const Atom& atom : atoms) ++rules_of_atom_[atom];
  }

  const RuleSet::Compiled& compiled_;
  std::vector<std::vector<Atom>> atoms_;  // by predicate
  std::vector<bool> usable_;
  std::map<Atom, uint32_t> rules_of_atom_;
};

void SetBit(std::array<uint64_t, 4>& bits, char c) {
  const auto byte = static_cast<unsigned char>(c);
  bits[byte / 64] |= uint64_t{1} << byte % 64;
}

uint32_t TrieEnd(const std::string& literal, bool backwards,
                 absl::flat_hash_map<uint32_t, uint32_t>& edges,
                 std::vector<RuleIndex::Candidates>& ends) {
  uint32_t node = 0;
  if (ends.empty()) ends.emplace_back();
  for (size_t i = 0; i < literal.size(); ++i) {
    const char c = backwards ? literal[literal.size() - 1 - i] : literal[i];
    const auto [found, is_new] = edges.try_emplace(node << 8 | static_cast<unsigned char>(c),
                                                   static_cast<uint32_t>(ends.size()));
    if (is_new) ends.emplace_back();
    node = found->second;
  }
  return node;
}

}  // namespace

RuleIndex::RuleIndex(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots)
    : fields_(compiled.field_count) {
  const Planner planner(compiled, roots);
  std::map<Atom, Candidates> found;
  for (const uint32_t root : roots) {
    const Witness witness = planner.WitnessOf(compiled.roots[root].node);
    if (!witness.exists) {
      always_.push_back(root);
      continue;
    }
    for (const uint32_t predicate : witness.predicates) {
      for (const Atom& atom : planner.atoms(predicate)) {
        Candidates& candidates = found[atom];
        if (candidates.empty() || candidates.back() != root) candidates.push_back(root);
      }
    }
  }
  absl::flat_hash_map<FieldId, std::vector<std::string>> substrings;
  for (auto& [atom, candidates] : found) {
    std::unique_ptr<Field>& field = fields_[atom.field];
    if (field == nullptr) field = std::make_unique<Field>();
    if (atom.kind != AtomKind::kPresent) field->needs_text = true;
    switch (atom.kind) {
      case AtomKind::kExact:
        field->exact[atom.literal] = std::move(candidates);
        field->exact_lengths |= uint64_t{1} << std::min<size_t>(atom.literal.size(), 63);
        break;
      case AtomKind::kPrefix: {
        const uint32_t end = TrieEnd(atom.literal, false, field->prefix_edges, field->prefix_ends);
        field->prefix_ends[end] = std::move(candidates);
        SetBit(field->prefix_first, atom.literal.front());
        break;
      }
      case AtomKind::kSuffix: {
        const uint32_t end = TrieEnd(atom.literal, true, field->suffix_edges, field->suffix_ends);
        field->suffix_ends[end] = std::move(candidates);
        SetBit(field->suffix_last, atom.literal.back());
        break;
      }
      case AtomKind::kSubstring:
        substrings[atom.field].push_back(atom.literal);
        field->scanned.push_back(std::move(candidates));
        break;
      case AtomKind::kPresent:
        field->present = std::move(candidates);
        break;
    }
  }
  if (const auto keywords = substrings.find(kAnyField); keywords != substrings.end()) {
    const Field& any = *fields_[kAnyField];
    if (any.present.empty() && any.exact.empty() && any.prefix_ends.empty() &&
        any.suffix_ends.empty()) {
      MakeKeywordGate(keywords->second);
    }
  }
  for (auto& [field, literals] : substrings) {
    fields_[field]->scanner = std::make_unique<LiteralScanner>(std::move(literals));
  }
}

RuleIndex::~RuleIndex() = default;

void RuleIndex::FreeDatabase::operator()(hs_database* database) const {
  hs_free_database(database);
}

// Looks for the longest part of each keyword that JSON writes as it is: between quotes, slashes, backslashes and control
// characters. Only asked of events in plain ASCII, so keywords that are not cannot be there.
void RuleIndex::MakeKeywordGate(const std::vector<std::string>& keywords) {
  std::vector<std::string> parts;
  for (const std::string& keyword : keywords) {
    if (!std::all_of(keyword.begin(), keyword.end(), [](char c) { return c >= 0; })) continue;
    std::string best, part;
    for (const char c : keyword + '"') {
      const bool is_written_as_is = c >= 0x20 && c != '"' && c != '\\' && c != '/';
      if (is_written_as_is) {
        part += c;
        continue;
      }
      if (part.size() > best.size()) best = part;
      part.clear();
    }
    if (best.empty()) return;
    parts.push_back(std::move(best));
  }
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  if (parts.empty() || hs_valid_platform() != HS_SUCCESS) return;
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (const std::string& part : parts) {
    texts.push_back(part.data());
    lengths.push_back(part.size());
  }
  const std::vector<unsigned> flags(parts.size(), HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH);
  const std::vector<unsigned> ids(parts.size(), 0);
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(),
                           static_cast<unsigned>(parts.size()), HS_MODE_BLOCK, nullptr, &database,
                           &error) != HS_SUCCESS) {
    hs_free_compile_error(error);
    return;
  }
  keyword_gate_.reset(database);
}

}  // namespace picket::detector
