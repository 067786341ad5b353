#pragma once

// The compiled form of a rule set. Rules become roots of one graph of and, or, not and predicates, in which equal parts
// exist once; so a predicate that a hundred rules share is evaluated once an event, and copies of a rule cost nothing.

#include <re2/re2.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
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

struct hs_database;

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

// What is asked of the elements of the arrays of a field (Expression::Kind::kElements). Every element is an event of its
// own to the rules of an element set; `rule` is the one that it must match.
struct ElementTest {
  uint32_t set = 0;
  uint32_t rule = 0;
  Quantifier quantifier = Quantifier::kAny;
  int index = 0;
  bool matches_nothing = false;  // the rule matches an element that is not there
};

// True when any of its tests holds for any value of the field, or what `elements` asks for its arrays.
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
  std::optional<ElementTest> elements;
  int cost = 0;
};

// The rules that are asked of the elements of one field.
struct ElementSet {
  FieldId field = kNoField;  // whose values are arrays, as they are written
  std::shared_ptr<const RuleSet> rules;
};

struct Node {
  Expression::Kind kind;
  uint32_t predicate = 0;          // kField
  std::vector<uint32_t> children;  // cheapest first
  int cost = 0;
};

// Keys of an event to numbers: a table that a short key is looked up in within a few nanoseconds.
class KeyTable {
 public:
  void Build(const StringMap<uint32_t>& keys);
  // UINT32_MAX when the key is not there.
  uint32_t Find(std::string_view key) const {
    const uint64_t hash = Hash(key);
    for (size_t i = hash & mask_; !slots_.empty(); i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == UINT32_MAX) break;
      if (slot.hash == hash && slot.key == key) return slot.value;
    }
    return UINT32_MAX;
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t value = UINT32_MAX;
    std::string key;
  };

  // Length, first and last eight bytes: keys that agree in these are told apart by comparing them.
  static uint64_t Hash(std::string_view key) {
    uint64_t first = 0, last = 0;
    if (key.size() >= 8) {
      std::memcpy(&first, key.data(), 8);
      std::memcpy(&last, key.data() + key.size() - 8, 8);
    } else {
      std::memcpy(&first, key.data(), key.size());
    }
    uint64_t hash = (first ^ key.size() * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ hash >> 32 ^ last) * 0x94D049BB133111EBu;
    return hash ^ hash >> 29;
  }

  std::vector<Slot> slots_;  // twice as many as keys, a power of two
  size_t mask_ = 0;
};

// Where values of the event belong: a trie of keys.
struct PathNode {
  StringMap<uint32_t> children;  // while compiling
  KeyTable keys;                 // the same, for matching
  std::vector<FieldId> fields;   // that end here
  std::vector<FieldId> arrays;   // the same, of those that take arrays whole
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
  std::vector<ElementSet> element_sets;
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
    // What lets most texts pass by without a look-up: lengths of exact literals (bit 63: that or more), first bytes of
    // the tries.
    uint64_t exact_lengths = 0;
    std::array<uint64_t, 4> prefix_first = {}, suffix_last = {};
  };

  const Candidates& always() const { return always_; }
  // Nullptr when no witness lies in this field.
  const Field* field(FieldId id) const { return fields_[id].get(); }

  // Keywords ask every value of an event; this asks the whole event, as it is written, whether any of them can be there.
  // Nullptr when that cannot be asked so. Any hit means: look at the values.
  const hs_database* keyword_gate() const { return keyword_gate_.get(); }

 private:
  void MakeKeywordGate(const std::vector<std::string>& keywords);

  struct FreeDatabase {
    void operator()(hs_database* database) const;
  };
  std::unique_ptr<hs_database, FreeDatabase> keyword_gate_;
  std::vector<std::unique_ptr<Field>> fields_;
  Candidates always_;
};

// Numbers in one form: 42.0, 4.2e1 and 0x2A as 42. Nothing when the text is no number.
bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical);

}  // namespace picket::detector
