#include "detector/matching/rule_index.h"

#include <algorithm>
#include <tuple>

#include "common/json_writer.h"
#include "detector/matching/witness_planner.h"

namespace picket::detector {
namespace {

// Slashes divide the text into parts. Returns the longest substring that consists of whole parts
// and contains at most `slashes` slashes.
std::string_view LongestPart(std::string_view text, size_t slashes) {
  std::string_view longest;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    if (begin > 0 && text[begin - 1] != '/') continue;
    size_t end = begin;
    for (size_t seen = 0; end < text.size(); ++end) {
      if (text[end] == '/' && seen++ == slashes) break;
    }
    if (end - begin > longest.size()) longest = text.substr(begin, end - begin);
  }
  return longest;
}

// Returns the part of a keyword for which the keyword gate searches. JSON writers write a slash
// either as / or as \/, so every slash in the part doubles the number of spellings. However, a
// short part would occur in too many events. Therefore, the part contains slashes, at most two,
// only if no part without slashes is long enough.
std::string_view PartWithFewSlashes(std::string_view keyword) {
  constexpr size_t kLongPiece = 8, kFewSlashes = 2;
  const std::string_view piece = LongestPart(keyword, 0);
  const bool is_long = piece.size() >= std::min(kLongPiece, keyword.size());
  return is_long ? piece : LongestPart(keyword, kFewSlashes);
}

// Returns all JSON spellings of a printable ASCII string, except the spellings with \u escapes.
std::vector<std::string> SpellingsOf(std::string_view text) {
  std::string escaped;
  AppendJsonEscaped(escaped, text);
  const auto slashes = std::count(escaped.begin(), escaped.end(), '/');
  std::vector<std::string> spellings(size_t{1} << slashes);
  for (size_t choice = 0; choice < spellings.size(); ++choice) {
    size_t slash = 0;
    for (const char c : escaped) {
      if (c == '/' && (choice >> slash++ & 1) != 0) spellings[choice] += '\\';
      spellings[choice] += c;
    }
  }
  return spellings;
}

}  // namespace

RuleIndex::RuleIndex(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots)
    : field_at_(compiled.field_count, UINT32_MAX) {
  WitnessPlanner planner(compiled, roots);
  std::vector<std::pair<uint32_t, uint32_t>> witnesses;  // pairs of atom and root
  std::vector<uint32_t> atoms;
  for (const uint32_t root : roots) {
    const uint32_t node = compiled.roots[root].node;
    if (!planner.HasWitness(node)) {
      always_.push_back(root);
      continue;
    }
    atoms.clear();
    planner.AddAtoms(node, atoms);
    for (const uint32_t atom : atoms) witnesses.emplace_back(atom, root);
  }
  std::sort(witnesses.begin(), witnesses.end(), [&](const auto& a, const auto& b) {
    const Atom &left = compiled.atoms[a.first], &right = compiled.atoms[b.first];
    return std::tie(left.field, left.kind, a.first, a.second) <
           std::tie(right.field, right.kind, b.first, b.second);
  });
  witnesses.erase(std::unique(witnesses.begin(), witnesses.end()), witnesses.end());
  roots_.reserve(witnesses.size());
  const auto field_of = [&](size_t i) { return compiled.atoms[witnesses[i].first].field; };
  // AddField keeps spans into roots_, so roots_ must be complete before the loop below.
  for (const auto& [atom, root] : witnesses) roots_.push_back(root);
  for (size_t begin = 0, end = 0; begin < witnesses.size(); begin = end) {
    while (end < witnesses.size() && field_of(end) == field_of(begin)) ++end;
    AddField(compiled, witnesses, begin, end);
  }
}

// Adds one field. The pairs of atom and root in [at, end) belong to this field, and are sorted by
// the kind of the atom and then by the atom.
void RuleIndex::AddField(const RuleSet::Compiled& compiled,
                         absl::Span<const std::pair<uint32_t, uint32_t>> witnesses, size_t at,
                         size_t end) {
  const FieldId id = compiled.atoms[witnesses[at].first].field;
  field_at_[id] = static_cast<uint32_t>(fields_.size());
  Field& field = fields_.emplace_back();
  std::vector<std::string_view> literals[4];
  while (at < end) {
    const Atom& atom = compiled.atoms[witnesses[at].first];
    const size_t begin = at;
    while (at < end && witnesses[at].first == witnesses[begin].first) ++at;
    if (atom.kind == Atom::Kind::kPresent) {
      field.present = Candidates(roots_).subspan(begin, at - begin);
      continue;
    }
    literals[static_cast<size_t>(atom.kind)].push_back(atom.literal);
    field.first.push_back(static_cast<uint32_t>(begin));
    // `at` is now the position of the next atom, where the roots of the current atom end.
    field.last.push_back(static_cast<uint32_t>(at));
  }
  field.needs_text = !field.first.empty();
  field.first_begin = static_cast<uint32_t>(literals[0].size());
  field.first_end = field.first_begin + static_cast<uint32_t>(literals[1].size());
  field.first_inside = field.first_end + static_cast<uint32_t>(literals[2].size());
  field.whole = AnchoredLiterals(AnchoredLiterals::At::kWhole, literals[0]);
  field.begin = AnchoredLiterals(AnchoredLiterals::At::kBegin, literals[1]);
  field.end = AnchoredLiterals(AnchoredLiterals::At::kEnd, literals[2]);
  field.is_address = compiled.is_address[id];
  field.is_costly = field.first.size() > field.first_begin;
  const std::vector<std::string_view>& inside = literals[3];
  if (inside.empty()) return;
  field.inside =
      std::make_unique<LiteralScanner>(std::vector<std::string>(inside.begin(), inside.end()));
  const bool is_inside_only = field.first_inside == 0 && field.present.empty();
  if (id == kAnyField && is_inside_only) BuildKeywordGate(inside);
}

// Collects the JSON spellings of the keywords. The gate is used only for pure ASCII events, so it
// does not need keywords with other characters.
void RuleIndex::BuildKeywordGate(absl::Span<const std::string_view> keywords) {
  KeywordGate gate;
  for (uint32_t id = 0; id < keywords.size(); ++id) {
    const std::string_view keyword = keywords[id];
    if (!std::all_of(keyword.begin(), keyword.end(), [](char c) { return c >= 0; })) continue;
    // A control character has several JSON spellings. If a keyword contains one, there is no gate.
    if (std::any_of(keyword.begin(), keyword.end(), [](char c) { return c < 0x20; })) return;
    for (std::string& spelling : SpellingsOf(PartWithFewSlashes(keyword))) {
      gate.written.push_back(std::move(spelling));
      gate.keywords.push_back(id);
    }
  }
  gate.scanner = std::make_unique<LiteralScanner>(gate.written, LiteralScanner::Case::kIgnoreAscii);
  keyword_gate_ = std::move(gate);
}

}  // namespace picket::detector
