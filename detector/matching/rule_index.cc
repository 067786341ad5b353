#include <algorithm>
#include <tuple>

#include "common/json_writer.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/witness_planner.h"

namespace picket::detector {
namespace {

// The longest part of a text that holds no more slashes than this.
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

// What stands for a keyword. Makers write a slash as / or as \/, so that every slash doubles the spellings; a long piece
// without any will do, a short one would be found everywhere.
std::string_view PartWithFewSlashes(std::string_view keyword) {
  constexpr size_t kLongPiece = 8, kFewSlashes = 2;
  const std::string_view piece = LongestPart(keyword, 0);
  const bool will_do = piece.size() >= std::min(kLongPiece, keyword.size());
  return will_do ? piece : LongestPart(keyword, kFewSlashes);
}

// All ways in which JSON writes a text of visible ASCII, but for \u.
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
  std::vector<std::pair<uint32_t, uint32_t>> found;  // atom, root
  std::vector<uint32_t> atoms;
  for (const uint32_t root : roots) {
    const uint32_t node = compiled.roots[root].node;
    if (!planner.HasWitness(node)) {
      always_.push_back(root);
      continue;
    }
    atoms.clear();
    planner.AddAtoms(node, atoms);
    for (const uint32_t atom : atoms) found.emplace_back(atom, root);
  }
  std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    const Atom &left = compiled.atoms[a.first], &right = compiled.atoms[b.first];
    return std::tie(left.field, left.kind, a.first, a.second) <
           std::tie(right.field, right.kind, b.first, b.second);
  });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  roots_.reserve(found.size());
  const auto field_of = [&](size_t i) { return compiled.atoms[found[i].first].field; };
  // Spans into roots_ are taken below, so it must not move from here on.
  for (const auto& [atom, root] : found) roots_.push_back(root);
  for (size_t begin = 0, end = 0; begin < found.size(); begin = end) {
    while (end < found.size() && field_of(end) == field_of(begin)) ++end;
    AddField(compiled, found, begin, end);
  }
}

// Of the field that the witnesses from `at` to `end` lie in, which are sorted by kind and atom.
void RuleIndex::AddField(const RuleSet::Compiled& compiled,
                         absl::Span<const std::pair<uint32_t, uint32_t>> found, size_t at,
                         size_t end) {
  const FieldId id = compiled.atoms[found[at].first].field;
  field_at_[id] = static_cast<uint32_t>(fields_.size());
  Field& field = fields_.emplace_back();
  std::vector<std::string_view> literals[4];
  while (at < end) {
    const Atom& atom = compiled.atoms[found[at].first];
    const size_t begin = at;
    while (at < end && found[at].first == found[begin].first) ++at;
    if (atom.kind == Atom::Kind::kPresent) {
      field.present = Candidates(roots_).subspan(begin, at - begin);
      continue;
    }
    literals[static_cast<size_t>(atom.kind)].push_back(atom.literal);
    field.first.push_back(static_cast<uint32_t>(begin));
    // Kinds are in order, so the next literal or the presence of the field begins where this one ends.
    field.last.push_back(static_cast<uint32_t>(at));
  }
  field.needs_text = !field.first.empty();
  field.first_begin = static_cast<uint32_t>(literals[0].size());
  field.first_end = field.first_begin + static_cast<uint32_t>(literals[1].size());
  field.first_inside = field.first_end + static_cast<uint32_t>(literals[2].size());
  field.whole = AnchoredLiterals(AnchoredLiterals::At::kWhole, literals[0]);
  field.begin = AnchoredLiterals(AnchoredLiterals::At::kBegin, literals[1]);
  field.end = AnchoredLiterals(AnchoredLiterals::At::kEnd, literals[2]);
  field.is_costly = field.first.size() > field.first_begin;
  const std::vector<std::string_view>& inside = literals[3];
  if (inside.empty()) return;
  field.inside =
      std::make_unique<LiteralScanner>(std::vector<std::string>(inside.begin(), inside.end()));
  const bool is_inside_only = field.first_inside == 0 && field.present.empty();
  if (id == kAnyField && is_inside_only) MakeKeywordGate(inside);
}

// Keywords as JSON writes them. Those beyond ASCII cannot be in the events that the gate is asked of.
void RuleIndex::MakeKeywordGate(absl::Span<const std::string_view> keywords) {
  KeywordGate gate;
  for (uint32_t id = 0; id < keywords.size(); ++id) {
    const std::string_view keyword = keywords[id];
    if (!std::all_of(keyword.begin(), keyword.end(), [](char c) { return c >= 0; })) continue;
    // Control characters have more than one spelling.
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
