#include "detector/matching/matcher.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "detector/matching/candidate_finder.h"
#include "detector/matching/canonical_number.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/element_matcher.h"
#include "detector/matching/event_reader.h"
#include "detector/matching/event_values.h"
#include "detector/matching/rule_index.h"
#include "detector/matching/rule_set.h"
#include "detector/matching/value_tests.h"
#include "detector/text/literal_compare.h"

namespace picket::detector {
namespace {

constexpr uint32_t kNone = EventValues::kNone;
// The maximum number of log sources whose indexes are kept. Without a limit, a hostile sender could
// use up the memory by inventing log sources. At the limit, all indexes are discarded.
constexpr size_t kMaxRoutes = 256;

}  // namespace

struct Matcher::Scratch {
  Scratch(std::shared_ptr<const RuleSet> set, MatcherOptions matcher_options)
      : rules(std::move(set)),
        options(matcher_options),
        compiled(rules->compiled()),
        reader(compiled),
        values(compiled.field_count),
        candidates(compiled.roots.size(), options.cache_values),
        predicate_state(compiled.predicates.size()),
        node_state(compiled.nodes.size()) {
    for (const ElementSet& set : compiled.element_sets) elements.emplace_back(set);
  }

  const std::shared_ptr<const RuleSet> rules;
  const MatcherOptions options;
  const RuleSet::Compiled& compiled;

  EventReader reader;
  ParsedEvent event;  // the event that Match parses
  EventValues values;
  CandidateFinder candidates;
  bool ok = false;

  // For each log source, an index of the rules that apply to its events. The index is built when
  // the first event from the log source arrives.
  StringMap<std::unique_ptr<const RuleIndex>> routes;
  const RuleIndex* last_route = nullptr;
  std::string route_key, last_route_key;

  // `epoch` is the number of the current event. The result of each predicate and node is stored as
  // epoch * 2 + result. Therefore, the results for earlier events need not be cleared.
  uint32_t epoch = 0;
  std::vector<uint32_t> predicate_state, node_state;
  std::deque<ElementMatcher> elements;  // indexed by element set
  std::vector<uint32_t> matched;
  GlobSet::Scratch globs;
  absl::flat_hash_set<std::string> distinct;  // the strings of a long array, in lower case

  void BeginEpoch() {
    if (++epoch < UINT32_MAX / 2) return;
    epoch = 1;
    std::fill(predicate_state.begin(), predicate_state.end(), 0);
    std::fill(node_state.begin(), node_state.end(), 0);
    for (ElementMatcher& each : elements) each.epoch = 0;
  }

  // ---- Routing ----

  // Returns the folded string of a field, or an empty view if no value of the field has a string.
  std::string_view RouteText(FieldId field) {
    for (uint32_t i = values.First(field); i != kNone; i = values.Next(i)) {
      const uint32_t value = values.ValueAt(i);
      if (values.value(value).HasText()) return values.FoldedText(value);
    }
    return {};
  }

  // Returns the roots whose log source does not contradict the log source of the event.
  std::vector<uint32_t> RoutedRoots() {
    const std::string_view product = RouteText(kProductField), service = RouteText(kServiceField),
                           category = RouteText(kCategoryField);
    const auto agrees = [](std::string_view event, std::string_view rule) {
      return event.empty() || rule.empty() || event == rule;
    };
    std::vector<uint32_t> roots;
    for (uint32_t i = 0; i < compiled.roots.size(); ++i) {
      const sigma::LogSource& source = compiled.roots[i].logsource;
      if (!options.route || (agrees(product, source.product) && agrees(service, source.service) &&
                             agrees(category, source.category))) {
        roots.push_back(i);
      }
    }
    return roots;
  }

  const RuleIndex& Route() {
    if (!options.route) return *compiled.index;
    route_key.assign(RouteText(kProductField)).append(1, '\n');
    route_key.append(RouteText(kServiceField)).append(1, '\n');
    route_key.append(RouteText(kCategoryField));
    if (last_route != nullptr && route_key == last_route_key) return *last_route;
    auto found = routes.find(route_key);
    if (found == routes.end()) {
      if (routes.size() >= kMaxRoutes) {
        candidates.ClearCache();
        routes.clear();
      }
      found = routes.emplace(route_key, std::make_unique<RuleIndex>(compiled, RoutedRoots())).first;
    }
    last_route = found->second.get();
    last_route_key = route_key;
    return *last_route;
  }

  // ---- Verdicts ----

  bool Holds(Term term) {
    const bool holds =
        term.is_predicate != 0 ? EvaluatePredicate(term.index) : EvaluateNode(term.index);
    return holds != (term.is_negated != 0);
  }

  bool EvaluateNode(uint32_t index) {
    uint32_t& state = node_state[index];
    if (state >> 1 == epoch) return (state & 1) != 0;
    const Connective node = compiled.connectives[index];
    const bool is_and = node.is_and != 0;
    bool result = is_and;
    for (uint32_t i = node.first; i < node.first + node.count; ++i) {
      if (Holds(compiled.terms[i]) == is_and) continue;
      result = !is_and;
      break;
    }
    state = epoch << 1 | (result ? 1 : 0);
    return result;
  }

  bool EvaluatePredicate(uint32_t index) {
    uint32_t& state = predicate_state[index];
    if (state >> 1 == epoch) return (state & 1) != 0;
    const bool result = FindValue(compiled.predicates[index]).found;
    state = epoch << 1 | (result ? 1 : 0);
    return result;
  }

  // Returns whether the predicate holds, and the first value of the field for which it holds.
  FoundValue FindValue(const Predicate& p) {
    if (p.field == kAnyField) return FindAnyValue(p);
    uint32_t i = values.First(p.field);
    if (i == kNone) return {p.matches_absent};
    if ((p.parts & Predicate::kElements) != 0) {
      return FindElement(*compiled.details[p.details].elements, i);
    }
    for (; i != kNone; i = values.Next(i)) {
      const uint32_t value = values.ValueAt(i);
      if (Holds(p, value)) return {true, value};
    }
    return {false};
  }

  // Tests the elements of the arrays of a field, from the value of entry `i` to the last value of
  // the field. Returns whether the test holds, and an array for which it holds.
  FoundValue FindElement(const ElementTest& test, uint32_t i) {
    ElementMatcher& found = elements[test.set];
    if (found.epoch != epoch) {
      found.Begin(epoch);
      for (; i != kNone; i = values.Next(i)) {
        const uint32_t value = values.ValueAt(i);
        if (!found.Add(value, values.value(value).raw())) ok = false;
      }
    }
    return found.Holds(test);
  }

  FoundValue FindAnyValue(const Predicate& p) {
    bool is_empty = true;
    for (uint32_t value = 0; value < values.size(); ++value) {
      if (!values.value(value).is_searched || !values.value(value).HasText()) continue;
      if (Holds(p, value)) return {true, value};
      is_empty = false;
    }
    return {is_empty && p.matches_absent};
  }

  bool Holds(const Predicate& p, uint32_t index) {
    if (p.matches_present) return true;
    const EventValue& value = values.value(index);
    if (value.type == EventValue::Type::kNull) return p.matches_null;
    if (!value.HasText()) return false;
    const std::string_view text = values.FoldedText(index);
    if (HoldsText(p, index, value.is_fraction, text)) return true;
    if (!p.is_address) return false;
    const std::string_view address = values.AddressText(index);
    return !address.empty() && address != text && HoldsText(p, index, false, address);
  }

  // Returns whether the predicate holds for the folded text of a value, or for the address in it.
  bool HoldsText(const Predicate& p, uint32_t index, bool is_fraction, std::string_view text) {
    uint32_t at = p.strings;
    const auto any_of = [&](Predicate::Part part, const auto& holds) {
      return (p.parts & part) != 0 && compiled.strings.AnyOf(at, holds);
    };
    char buffer[32];
    std::string_view canonical;
    constexpr uint8_t kAnyExact = Predicate::kExact | Predicate::kExactSet;
    const bool has_canonical =
        is_fraction && (p.parts & kAnyExact) != 0 && CanonicalNumber(text, buffer, &canonical);
    return any_of(Predicate::kExact,
                  [&](std::string_view whole) {
                    return IsText(text, whole) || (has_canonical && IsText(canonical, whole));
                  }) ||
           any_of(Predicate::kSuffixes,
                  [&](std::string_view end) { return EndsWith(text, end); }) ||
           any_of(Predicate::kPrefixes,
                  [&](std::string_view begin) { return BeginsWith(text, begin); }) ||
           any_of(Predicate::kSubstrings,
                  [&](std::string_view part) { return ContainsText(text, part); }) ||
           (p.details != Predicate::kNoDetails &&
            HoldsDetails(p, compiled.details[p.details], index, text,
                         has_canonical ? canonical : text));
  }

  bool HoldsDetails(const Predicate& p, const PredicateDetails& details, uint32_t index,
                    std::string_view text, std::string_view canonical) {
    if ((p.parts & Predicate::kExactSet) != 0 &&
        (details.exact_set.contains(text) || details.exact_set.contains(canonical))) {
      return true;
    }
    if ((p.parts & Predicate::kSuffixSet) != 0) {
      bool has_suffix = false;
      details.suffix_set.Find(text, [&](uint32_t) { has_suffix = true; });
      if (has_suffix) return true;
    }
    if (!details.prefix_set.empty()) {
      bool has_prefix = false;
      details.prefix_set.Find(text, [&](uint32_t) { has_prefix = true; });
      if (has_prefix) return true;
    }
    if (details.scanner != nullptr &&
        details.scanner->Scan(text, [](uint32_t, size_t) { return true; })) {
      return true;
    }
    // `text` is the address in an address with a port, or the whole value. Only in the latter case
    // do the letters of the value differ from those of `text`.
    const bool is_whole = text.data() == values.FoldedText(index).data();
    const auto unfolded = [&] { return is_whole ? values.Text(index) : text; };
    if (details.globs != nullptr && details.globs->Matches(text, unfolded, globs)) return true;
    if (is_whole && !details.networks.empty()) {
      sigma::Address address;
      if (sigma::ParseAddress(values.Text(index), address) && details.networks.Contains(address)) {
        return true;
      }
    }
    return std::any_of(details.others.begin(), details.others.end(), [&](const CompiledTest& test) {
      return HoldsOther(test, index, text, test.cased ? unfolded() : text, is_whole);
    });
  }

  // `text` is the value or the address in it, folded; `written` is the same, but folded only if the
  // test ignores case.
  bool HoldsOther(const CompiledTest& test, uint32_t index, std::string_view text,
                  std::string_view written, bool is_whole) {
    double number;
    switch (test.kind) {
      case sigma::Test::Kind::kGlob:
        return MatchesGlob(test.glob, written);
      case sigma::Test::Kind::kRegex: {
        // If there are only a few literals, searching for them is cheaper than starting RE2.
        constexpr size_t kFew = 4;
        if (!test.required_literals.empty() && test.required_literals.size() <= kFew) {
          const bool may_match =
              std::any_of(test.required_literals.begin(), test.required_literals.end(),
                          [&](const std::string& literal) { return ContainsText(text, literal); });
          if (!may_match) return false;
        }
        const std::string_view searched = is_whole ? values.Text(index) : text;
        return RE2::PartialMatch(re2::StringPiece(searched.data(), searched.size()), *test.regex);
      }
      case sigma::Test::Kind::kCompare:
        return is_whole && values.value(index).type != EventValue::Type::kBool &&
               ParseDouble(values.Text(index), number) &&
               CompareExactly(values.Text(index), number, test.comparison, test.number,
                              test.exact_number);
      case sigma::Test::Kind::kTimePart:
        return is_whole && TimePartOf(values.Text(index), test.part, number) &&
               Compare(number, test.comparison, test.number);
      case sigma::Test::Kind::kReference:
        return is_whole && HoldsReference(test, index);
      default:
        return false;
    }
  }

  // Returns the folded string of a value. Numbers with a fraction are returned in canonical form.
  std::string_view ByValue(uint32_t index, char (&buffer)[32]) {
    const std::string_view text = values.FoldedText(index);
    std::string_view canonical;
    const bool has_canonical =
        values.value(index).is_fraction && CanonicalNumber(text, buffer, &canonical);
    return has_canonical ? canonical : text;
  }

  // Returns whether the values are equal as numbers and at least one of them has a fraction. For
  // example, 42.0 equals 42 and "42".
  bool AreSameNumber(uint32_t a, uint32_t b) {
    if (!values.value(a).is_fraction && !values.value(b).is_fraction) return false;
    char buffer_a[32], buffer_b[32];
    return ByValue(a, buffer_a) == ByValue(b, buffer_b);
  }

  // Returns whether the values contain the same address, if the field of at least one of them
  // contains addresses.
  bool AreSameAddress(const CompiledTest& test, uint32_t a, uint32_t b) {
    if (!test.compares_addresses) return false;
    const std::string_view address = values.AddressText(a);
    return !address.empty() && address == values.AddressText(b);
  }

  bool HoldsReference(const CompiledTest& test, uint32_t index) {
    for (uint32_t i = values.First(test.other); i != kNone; i = values.Next(i)) {
      const uint32_t other = values.ValueAt(i);
      if (!values.value(other).HasText()) continue;
      const std::string_view a = test.cased ? values.Text(index) : values.FoldedText(index);
      const std::string_view b = test.cased ? values.Text(other) : values.FoldedText(other);
      switch (test.reference) {
        case sigma::ReferenceKind::kEquals:
          if (a == b || AreSameNumber(index, other) || AreSameAddress(test, index, other)) {
            return true;
          }
          break;
        case sigma::ReferenceKind::kContains:
          if (ContainsText(a, b)) return true;
          break;
        case sigma::ReferenceKind::kStartsWith:
          if (a.starts_with(b)) return true;
          break;
        case sigma::ReferenceKind::kEndsWith:
          if (a.ends_with(b)) return true;
          break;
      }
    }
    return false;
  }

  // ---- Rules that a single value excludes ----

  // Returns true if the root cannot match any event in which `value` is the only value of the
  // field.
  bool RulesOut(uint32_t root, FieldId field, uint32_t value) {
    for (uint32_t i = compiled.first_conjunct[root]; i < compiled.first_conjunct[root + 1]; ++i) {
      if (HoldsByValue(compiled.conjuncts[i], field, value) == false) return true;
    }
    return false;
  }

  // Returns whether the term holds in events in which `value` is the only value of the field.
  // Returns nullopt if the result depends on other fields.
  std::optional<bool> HoldsByValue(Term term, FieldId field, uint32_t value) {
    const std::optional<bool> holds = term.is_predicate != 0
                                          ? PredicateHoldsByValue(term.index, field, value)
                                          : NodeHoldsByValue(term.index, field, value);
    if (!holds.has_value()) return holds;
    return *holds != (term.is_negated != 0);
  }

  std::optional<bool> NodeHoldsByValue(uint32_t index, FieldId field, uint32_t value) {
    const Connective node = compiled.connectives[index];
    const bool is_and = node.is_and != 0;
    std::optional<bool> result = is_and;
    for (uint32_t i = node.first; i < node.first + node.count; ++i) {
      const std::optional<bool> holds = HoldsByValue(compiled.terms[i], field, value);
      if (!holds.has_value()) {
        result = holds;
      } else if (*holds != is_and) {
        return holds;
      }
    }
    return result;
  }

  std::optional<bool> PredicateHoldsByValue(uint32_t index, FieldId field, uint32_t value) {
    const Predicate& p = compiled.predicates[index];
    if (p.field != field || (p.parts & Predicate::kElements) != 0) return std::nullopt;
    if (p.details != Predicate::kNoDetails) {
      for (const CompiledTest& test : compiled.details[p.details].others) {
        if (test.kind == sigma::Test::Kind::kReference) return std::nullopt;
      }
    }
    return Holds(p, value);
  }

  // ---- Values for correlations ----

  // Adds the distinct strings of a field, up to `most` strings in total. Correlations ignore ASCII
  // case, so strings that differ only in case are not distinct.
  void AddStrings(FieldId field, size_t most, std::vector<std::string_view>* texts) {
    const bool is_address = compiled.is_address[field];
    for (uint32_t i = values.First(field); i != kNone && texts->size() < most; i = values.Next(i)) {
      const uint32_t value = values.ValueAt(i);
      if (!values.value(value).HasText()) continue;
      std::string_view text = is_address ? values.AddressText(value) : std::string_view();
      if (text.empty()) text = values.Text(value);
      // An array is usually short. Only in a long array would a hash table be faster.
      constexpr size_t kShort = 32;
      if (texts->size() < kShort) {
        const bool is_known =
            std::any_of(texts->begin(), texts->end(),
                        [text](std::string_view known) { return EqualsIgnoreCase(known, text); });
        if (is_known) continue;
      } else {
        if (texts->size() == kShort) {
          distinct.clear();
          for (const std::string_view known : *texts) distinct.insert(LowerAscii(known));
        }
        if (!distinct.insert(LowerAscii(text)).second) continue;
      }
      texts->push_back(text);
    }
  }

  // ---- Explanation ----

  // Adds the fields and values that make a node true, in the order of evaluation. Negated parts are
  // left out, because no value makes them true.
  void Explain(uint32_t index, uint32_t rule, std::vector<MatchedField>* fields) {
    const Node& node = compiled.nodes[index];
    if (node.kind == sigma::Expression::Kind::kNot || !Holds(compiled.TermOf(index))) return;
    for (const uint32_t child : node.children) Explain(child, rule, fields);
    if (node.kind != sigma::Expression::Kind::kField) return;
    const Predicate& p = compiled.predicates[node.predicate];
    const FoundValue found = FindValue(p);
    if (found.value == kNone) return;
    const EventValue& value = values.value(found.value);
    if (!value.HasText() && value.type != EventValue::Type::kArray) return;
    std::string_view name;
    for (const auto& [field, written] : compiled.names_of_rule[rule]) {
      if (field == p.field) name = written;
    }
    fields->push_back({name, values.Text(found.value)});
  }

  void AddIfMatched(uint32_t root) {
    for (uint32_t i = compiled.first_conjunct[root]; i < compiled.first_conjunct[root + 1]; ++i) {
      if (!Holds(compiled.conjuncts[i])) return;
    }
    const std::vector<uint32_t>& found = compiled.roots[root].rules;
    matched.insert(matched.end(), found.begin(), found.end());
  }

  void Match(const ParsedEvent& parsed) {
    BeginEpoch();
    matched.clear();
    values.Begin(parsed);
    ok = parsed.ok;
    if (!ok) {
      values.Clear();  // do not expose the values of an event that was only partly read
      return;
    }
    if (options.use_index) {
      const auto rules_out = [this](uint32_t root, FieldId field, uint32_t value) {
        return RulesOut(root, field, value);
      };
      for (const uint32_t root : candidates.Find(Route(), values, rules_out)) AddIfMatched(root);
    } else {
      for (const uint32_t root : RoutedRoots()) AddIfMatched(root);
    }
    ok = ok && values.ok();
    if (!ok) {  // a value that some rule tests is not valid JSON
      matched.clear();
      values.Clear();
      return;
    }
    std::sort(matched.begin(), matched.end());
  }
};

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, MatcherOptions options)
    : scratch_(std::make_unique<Scratch>(std::move(rules), options)) {}
Matcher::~Matcher() = default;

absl::Span<const uint32_t> Matcher::Match(std::string_view event_json) {
  Parse(event_json, scratch_->event);
  return MatchParsed(scratch_->event);
}

absl::Span<const uint32_t> Matcher::Match(const JsonTokens& event) {
  scratch_->reader.ReadIndexed(event, scratch_->event);
  return MatchParsed(scratch_->event);
}

bool Matcher::Parse(std::string_view event_json, ParsedEvent& event) {
  scratch_->reader.Read(event_json, event);
  return event.ok;
}

absl::Span<const uint32_t> Matcher::MatchParsed(const ParsedEvent& event) {
  scratch_->Match(event);
  return scratch_->matched;
}

bool Matcher::ok() const { return scratch_->ok; }

const JsonTokens& Matcher::tokens() const { return scratch_->reader.tokens(); }

void Matcher::FieldStrings(absl::Span<const FieldId> places, size_t most,
                           std::vector<std::string_view>* texts) const {
  texts->clear();
  for (const FieldId field : places) {
    scratch_->AddStrings(field, most, texts);
    if (!texts->empty()) return;
  }
}

void Matcher::MatchedFields(uint32_t rule, std::vector<MatchedField>* fields) const {
  fields->clear();
  const RuleSet::Compiled& compiled = scratch_->compiled;
  scratch_->Explain(compiled.roots[compiled.root_of_rule[rule]].node, rule, fields);
}

const RuleSet& Matcher::rule_set() const { return *scratch_->rules; }

}  // namespace picket::detector
