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

#include "absl/types/span.h"
#include "common/strings.h"
#include "detector/matching/rule_set.h"
#include "detector/text/anchored_literals.h"
#include "detector/text/literal_compare.h"
#include "detector/text/literal_scanner.h"
#include "sigma/network.h"
#include "sigma/sigma_document.h"

namespace picket::detector {

// The pseudo-field of keywords: every scalar of the event.
inline constexpr FieldId kAnyField = 0;
// What routing looks at, always there.
inline constexpr FieldId kProductField = 1;
inline constexpr FieldId kServiceField = 2;
inline constexpr FieldId kCategoryField = 3;

// Something that must be in an event for a predicate to hold: a literal at a place of a field's folded text, or the field.
struct Atom {
  enum class Kind : uint8_t { kWhole, kBegin, kEnd, kInside, kPresent };
  FieldId field = kNoField;
  Kind kind = Kind::kPresent;
  std::string literal;
};

// A test that is more than a comparison of folded text.
struct CompiledTest {
  sigma::Test::Kind kind = sigma::Test::Kind::kGlob;
  bool cased = false;
  sigma::Glob glob;  // folded unless cased
  std::unique_ptr<RE2> regex;
  std::vector<std::string>
      needs;  // folded: a text that `regex` is found in holds one of these; none: not known
  sigma::Network network;
  sigma::Comparison comparison = sigma::Comparison::kEqual;
  double number = 0;
  sigma::TimePart part = sigma::TimePart::kHour;
  FieldId other = kNoField;
  sigma::ReferenceKind reference = sigma::ReferenceKind::kEquals;
};

// What is asked of the elements of the arrays of a field (Expression::Kind::kElements). Every element is an event of its
// own to the rules of an element set; `rule` is the one that it must match.
struct ElementTest {
  uint32_t set = 0;
  uint32_t rule = 0;
  sigma::Quantifier quantifier = sigma::Quantifier::kAny;
  int index = 0;
  bool matches_nothing = false;  // the rule matches an element that is not there
};

// True when any of its tests holds for any value of the field, or what is asked of the elements of its arrays. Events are
// asked for one after the other of these, so they are small; what few of them have lies in PredicateDetails, what is known
// of them for planning in PredicateWitness.
struct Predicate {
  static constexpr uint32_t kNoDetails = UINT32_MAX;

  FieldId field = kNoField;
  bool matches_absent = false;
  bool matches_null = false;
  bool matches_present = false;
  // What it consists of, in the order that it is asked in.
  enum Part : uint8_t {
    kExact = 1,
    kSuffixes = 2,
    kPrefixes = 4,
    kSubstrings = 8,
    kExactSet = 16,   // instead of kExact where that is long
    kSuffixSet = 32,  // instead of kSuffixes
    kOthers = 64,     // and a scanner instead of kSubstrings
    kElements = 128,
  };
  uint8_t parts = 0;
  uint32_t texts = 0;             // where those of kExact to kSubstrings begin in PackedTexts
  uint32_t details = kNoDetails;  // index in Compiled::details, for the other parts
};

// The texts that predicates compare with, folded, as they are read: for each list the number of its texts, for each text
// its size and its bytes.
class PackedTexts {
 public:
  // Where the next list will begin.
  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }
  void Add(const std::vector<std::string>& list) {
    Append(static_cast<uint32_t>(list.size()));
    for (const std::string& text : list) {
      Append(static_cast<uint32_t>(text.size()));
      bytes_ += text;
    }
  }

  // Whether `holds` says so of any text of the list at `at`, which is then behind it unless this is so.
  template <typename Holds>
  bool AnyOf(uint32_t& at, Holds&& holds) const {
    for (uint32_t left = Read(at); left > 0; --left) {
      const uint32_t size = Read(at);
      const std::string_view text(bytes_.data() + at, size);
      at += size;
      if (holds(text)) return true;
    }
    return false;
  }

 private:
  void Append(uint32_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  uint32_t Read(uint32_t& at) const {
    uint32_t number;
    std::memcpy(&number, bytes_.data() + at, sizeof(number));
    at += sizeof(number);
    return number;
  }
  std::string bytes_;
};

struct PredicateDetails {
  StringSet exact_set;
  AnchoredLiterals suffix_set;
  std::unique_ptr<LiteralScanner> scanner;
  std::vector<CompiledTest> others;
  std::optional<ElementTest> elements;
};

struct PredicateWitness {
  // Of the set: one of them must be there. Nothing when it can hold without any (`has_atoms` is false then).
  std::vector<uint32_t> atoms;
  bool has_atoms = false;
  // What must be there for the predicate not to hold: the field, where it holds without. Nothing when it may be absent.
  std::optional<uint32_t> absence_excluded_by;
  int cost = 0;
};

// The rules that are asked of the elements of one field.
struct ElementSet {
  FieldId field = kNoField;  // whose values are arrays, as they are written
  std::shared_ptr<const RuleSet> rules;
};

struct Node {
  sigma::Expression::Kind kind;
  uint32_t predicate = 0;          // kField
  std::vector<uint32_t> children;  // cheapest first
  int cost = 0;
};

// A predicate or a node, or that it does not hold.
struct Term {
  uint32_t index : 30;  // of a predicate, else of a node
  uint32_t is_predicate : 1;
  uint32_t is_negated : 1;
};

// An and or an or of terms, as it is evaluated.
struct Connective {
  uint32_t first = 0;  // in Compiled::terms
  uint32_t count : 31 = 0;
  uint32_t is_and : 1 = 0;
};

// Keys of an event to numbers: a table that a short key is looked up in within a few nanoseconds.
class KeyTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  void Build(const StringMap<uint32_t>& keys);
  // kNone when the key is not there.
  uint32_t Find(std::string_view key) const {
    if ((sizes_[StartOf(key)] >> (key.size() & 31) & 1) == 0) return kNone;
    const uint64_t hash = Hash(key);
    for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value == kNone) return kNone;
      if (slot.hash == hash && IsText(slot.key, key)) return slot.value;
    }
  }
  // False when no key begins like this one.
  bool HasStart(std::string_view key) const { return sizes_[StartOf(key)] != 0; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t value = kNone;
    std::string key;
  };

  static size_t StartOf(std::string_view key) {
    return key.empty() ? 0 : static_cast<unsigned char>(key[0]) & 31;
  }

  // Size, first and last eight bytes: keys that agree in these are told apart by comparing them.
  static uint64_t Hash(std::string_view key) {
    uint64_t first = 0, last = 0;
    const size_t size = key.size();
    if (size >= 8) {
      std::memcpy(&first, key.data(), 8);
      std::memcpy(&last, key.data() + size - 8, 8);
    } else if (size >= 4) {
      uint32_t low, high;
      std::memcpy(&low, key.data(), 4);
      std::memcpy(&high, key.data() + size - 4, 4);
      first = low;
      last = high;
    } else if (size > 0) {
      first = static_cast<unsigned char>(key[0]);
      last = static_cast<unsigned char>(key[size / 2]) << 8 |
             static_cast<unsigned char>(key[size - 1]);
    }
    uint64_t hash = (first ^ size * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ hash >> 32 ^ last) * 0x94D049BB133111EBu;
    return hash ^ hash >> 29;
  }

  // By the low bits of its first byte: the sizes of keys, modulo 32. Most keys of an event are none of these.
  std::array<uint32_t, 32> sizes_ = {};
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
  StringMap<uint32_t> members;  // while compiling
  KeyTable member_names;        // the same, for matching: folded Name to index in `pivots`
  std::vector<std::vector<PivotField>> pivots;
  std::vector<std::string> pivot_keys;
};

class RuleIndex;

struct RuleSet::Compiled {
  Compiled();
  ~Compiled();

  std::vector<DetectionRule> rules;
  std::vector<CorrelationRule> correlations;

  std::vector<Atom> atoms;
  std::vector<Predicate> predicates;
  PackedTexts texts;
  std::vector<PredicateDetails> details;
  std::vector<PredicateWitness> witnesses;  // by predicate
  std::vector<ElementSet> element_sets;
  bool has_keywords = false;  // some predicate asks kAnyField
  std::vector<Node> nodes;
  std::vector<Connective> connectives;  // by node; of a predicate or a negation nothing
  std::vector<Term> terms;              // of all of these, cheapest first
  struct Root {
    uint32_t node;
    sigma::LogSource logsource;   // folded
    std::vector<uint32_t> rules;  // that mean the same
  };
  // What must hold for a root to hold.
  std::vector<Term> conjuncts;           // of all roots, in the order that they are asked in
  std::vector<uint32_t> first_conjunct;  // by root, and where the last one's end
  std::vector<Root> roots;
  std::vector<uint32_t> root_of_rule;

  size_t field_count = 1;       // with kAnyField
  std::vector<PathNode> paths;  // paths[0] is the event
  // By rule: the name as it is written there of each field that it uses.
  std::vector<std::vector<std::pair<FieldId, std::string>>> names_of_rule;

  std::unique_ptr<const RuleIndex> index;  // over all roots

  // A node without the negations before it.
  Term TermOf(uint32_t node) const {
    bool is_negated = false;
    for (; nodes[node].kind == sigma::Expression::Kind::kNot; node = nodes[node].children[0]) {
      is_negated = !is_negated;
    }
    const bool is_predicate = nodes[node].kind == sigma::Expression::Kind::kField;
    return {is_predicate ? nodes[node].predicate : node, is_predicate, is_negated};
  }
};

// The way to the rules that an event may match: every rule needs one of its witnesses, atoms that must be there. A
// witness that is found makes its rules candidates; all others cannot match.
// Threads: immutable after construction.
class RuleIndex {
 public:
  // Over some of the roots of `compiled`, which must outlive it.
  RuleIndex(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots);

  using Candidates = absl::Span<const uint32_t>;  // roots
  // What is looked for in the values of one field.
  struct Field {
    bool needs_text = false;
    bool is_costly = false;  // more than one hash probe
    AnchoredLiterals whole, begin, end;
    std::unique_ptr<LiteralScanner> inside;
    // By literal, all of these in this order: where its roots begin and end in roots_.
    std::vector<uint32_t> first, last;
    uint32_t first_begin = 0, first_end = 0, first_inside = 0;
    Candidates present;
  };

  Candidates always() const { return always_; }
  // Nullptr when no witness lies in this field.
  const Field* field(FieldId id) const {
    const uint32_t at = field_at_[id];
    return at == UINT32_MAX ? nullptr : &fields_[at];
  }
  // Of one of the field's literals, counted over all kinds.
  Candidates roots(const Field& field, uint32_t literal) const {
    return Candidates(roots_).subspan(field.first[literal],
                                      field.last[literal] - field.first[literal]);
  }

  // Keywords ask every value of an event. This finds them in the event as it is written, where it holds but ASCII and no \u.
  // What it finds inside a value makes the keyword's rules candidates.
  struct KeywordGate {
    std::unique_ptr<LiteralScanner> scanner;  // nullptr: keywords cannot be looked for so
    std::vector<std::string> written;         // by literal of the scanner
    std::vector<uint32_t> keywords;  // the same: the literal of the field of keywords, `inside`
  };
  const KeywordGate& keyword_gate() const { return keyword_gate_; }

 private:
  void AddField(const RuleSet::Compiled& compiled,
                absl::Span<const std::pair<uint32_t, uint32_t>> found, size_t at, size_t end);
  void MakeKeywordGate(absl::Span<const std::string_view> keywords);

  std::vector<uint32_t> always_;
  std::vector<uint32_t> roots_;     // of all literals, one after the other
  std::vector<uint32_t> field_at_;  // by field: index in fields_, or UINT32_MAX
  std::vector<Field> fields_;
  KeywordGate keyword_gate_;
};

// Numbers in one form: 42.0, 4.2e1 and 0x2A as 42. Nothing when the text is no number.
bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical);

}  // namespace picket::detector
