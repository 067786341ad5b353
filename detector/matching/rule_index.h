#pragma once

// The prefilter of the engine. It maps the literals in an event to the rules that the event may
// match. See compiled_rules.h for the terms "root", "atom" and "witness".

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/compiled_rules.h"
#include "detector/text/anchored_literals.h"
#include "detector/text/literal_scanner.h"

namespace picket::detector {

// Maps atoms to rules. A rule with a witness can match only events that have one of the atoms of
// the witness. When such an atom is found, the rule becomes a candidate. A rule without a witness
// is always a candidate. A rule that is not a candidate cannot match.
// Threads: Any thread may use the index, which does not change after construction.
class RuleIndex {
 public:
  // Indexes the given roots of `compiled`, which must outlive the index.
  RuleIndex(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots);

  using Candidates = absl::Span<const uint32_t>;  // roots
  // The literals to search for in the values of one field.
  struct Field {
    bool needs_text = false;
    bool is_costly = false;   // the search needs more than one hash lookup
    bool is_address = false;  // the literals are also searched in the address without its port
    AnchoredLiterals whole, begin, end;
    std::unique_ptr<LiteralScanner> inside;
    // The roots of literal i are roots_[first[i], last[i]). The literals are numbered in this
    // order: `whole`, `begin`, `end`, `inside`.
    std::vector<uint32_t> first, last;
    uint32_t first_begin = 0, first_end = 0, first_inside = 0;
    Candidates present;
  };

  // Returns the roots without a witness. These roots are always candidates.
  Candidates always() const { return always_; }
  // Returns the literals of a field, or nullptr if no witness uses the field.
  const Field* field(FieldId id) const {
    const uint32_t at = field_at_[id];
    return at == UINT32_MAX ? nullptr : &fields_[at];
  }
  // Returns the roots whose witness contains this literal of the field.
  Candidates roots(const Field& field, uint32_t literal) const {
    return Candidates(roots_).subspan(field.first[literal],
                                      field.last[literal] - field.first[literal]);
  }

  // Keywords apply to every value of an event. The gate searches for all keywords in the raw JSON
  // of the event in one pass. The search is possible if the event is pure ASCII and contains no \u
  // escape. If a keyword is found inside a value, the rules with this keyword become candidates.
  struct KeywordGate {
    // Null if there is no gate, for example because no rule has a keyword.
    std::unique_ptr<LiteralScanner> scanner;
    // The literals of the scanner, which are JSON spellings of keywords or of parts of keywords.
    std::vector<std::string> written;
    // For each literal of the scanner, the index of its keyword among the literals of
    // Field::inside.
    std::vector<uint32_t> keywords;
  };
  const KeywordGate& keyword_gate() const { return keyword_gate_; }

 private:
  void AddField(const RuleSet::Compiled& compiled,
                absl::Span<const std::pair<uint32_t, uint32_t>> witnesses, size_t at, size_t end);
  void BuildKeywordGate(absl::Span<const std::string_view> keywords);

  std::vector<uint32_t> always_;
  std::vector<uint32_t> roots_;  // the roots of all literals, concatenated
  // For each FieldId, the index of the field in fields_, or UINT32_MAX if no witness uses the
  // field.
  std::vector<uint32_t> field_at_;
  std::vector<Field> fields_;
  KeywordGate keyword_gate_;
};

}  // namespace picket::detector
