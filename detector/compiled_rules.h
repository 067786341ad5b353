#pragma once

// The compiled form of a rule set. Rules become roots of one graph of and, or, not and predicates, in which equal parts
// exist once; so a predicate that a hundred rules share is evaluated once an event, and copies of a rule cost nothing.

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "common/strings.h"
#include "detector/literal_scanner.h"
#include "detector/network.h"
#include "detector/rule_set.h"
#include "detector/sigma_document.h"

namespace picket::detector {

// The pseudo-field of keywords: every scalar of the event.
inline constexpr FieldId kAnyField = 0;
// What routing looks at, always there.
inline constexpr FieldId kProductField = 1;
inline constexpr FieldId kServiceField = 2;
inline constexpr FieldId kCategoryField = 3;

// A test that is more than a comparison of folded text.
struct CompiledTest {
  Test::Kind kind = Test::Kind::kGlob;
  bool cased = false;
  Glob glob;  // folded unless cased
  std::unique_ptr<RE2> regex;
  Network network;
  Comparison comparison = Comparison::kEqual;
  double number = 0;
  TimePart part = TimePart::kHour;
  FieldId other = kNoField;
  ReferenceKind reference = ReferenceKind::kEquals;
};

// True when any of its tests holds for any value of the field.
struct Predicate {
  FieldId field = kNoField;
  std::vector<Test> source;  // as read; for the index and for explanations
  bool matches_absent = false;
  bool matches_null = false;
  bool matches_present = false;
  // Folded text.
  std::vector<std::string> exact, prefixes, suffixes, substrings;
  StringSet exact_set;                      // instead of `exact` where that is long
  std::unique_ptr<LiteralScanner> scanner;  // instead of `substrings` where that is long
  std::vector<CompiledTest> others;
  int cost = 0;
};

struct Node {
  Expression::Kind kind;
  uint32_t predicate = 0;          // kField
  std::vector<uint32_t> children;  // cheapest first
  int cost = 0;
};

// Where values of the event belong: a trie of keys.
struct PathNode {
  StringMap<uint32_t> children;
  std::vector<FieldId> fields;  // that end here
  // Name/Value lists: of each member, the folded Name leads to fields by member key.
  struct PivotField {
    uint32_t member_key;  // index into pivot_keys
    FieldId field;
  };
  StringMap<std::vector<PivotField>> pivot;
  std::vector<std::string> pivot_keys;
};

class RuleIndex;

struct RuleSet::Compiled {
  Compiled();
  ~Compiled();

  std::vector<DetectionRule> rules;
  std::vector<CorrelationRule> correlations;

  std::vector<Predicate> predicates;
  std::vector<Node> nodes;
  struct Root {
    uint32_t node;
    LogSource logsource;          // folded
    std::vector<uint32_t> rules;  // that mean the same
  };
  std::vector<Root> roots;
  std::vector<uint32_t> root_of_rule;

  size_t field_count = 1;       // with kAnyField
  std::vector<PathNode> paths;  // paths[0] is the event
  bool uses_keywords = false;
  // By rule: the name as it is written there of each field that it uses.
  std::vector<std::vector<std::pair<FieldId, std::string>>> names_of_rule;

  std::unique_ptr<const RuleIndex> index;  // over all roots
};

// The way to the rules that an event may match: every rule needs one of its witnesses, literals that must stand in a
// field. A witness that is found makes its rules candidates; all others cannot match.
// Threads: immutable after construction.
class RuleIndex {
 public:
  // Over some of the roots of `compiled`, which must outlive it.
  RuleIndex(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots);
  ~RuleIndex();

  using Candidates = std::vector<uint32_t>;  // roots
  struct Field {
    // Each is a map from a literal to the roots that it makes candidates.
    StringMap<Candidates> exact;
    std::unique_ptr<LiteralScanner> scanner;
    std::vector<Candidates> scanned;  // by literal of the scanner
    // Tries over bytes: edge (node << 8 | byte) → node; root is node 0.
    absl::flat_hash_map<uint32_t, uint32_t> prefix_edges, suffix_edges;
    std::vector<Candidates> prefix_ends, suffix_ends;
    Candidates present;
    bool needs_text = false;
  };

  const Candidates& always() const { return always_; }
  // Nullptr when no witness lies in this field.
  const Field* field(FieldId id) const { return fields_[id].get(); }

 private:
  std::vector<std::unique_ptr<Field>> fields_;
  Candidates always_;
};

// Numbers in one form: 42.0, 4.2e1 and 0x2A as 42. Nothing when the text is no number.
bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical);

}  // namespace picket::detector
