#include "detector/matching/rule_compiler.h"

#include <algorithm>
#include <initializer_list>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "detector/matching/canonical_number.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_index.h"
#include "detector/matching/witness_planner.h"
#include "detector/text/fold.h"
#include "sigma/decimal.h"

namespace picket::detector {
namespace {

// Lists with more literals than this are compiled into a set or a scanner.
constexpr size_t kManyLiterals = 8;

// Returns the approximate cost of a predicate in nanoseconds. Cheap predicates are evaluated first.
int CostOf(const PredicateDraft& p) {
  const bool has_exact_set = (p.predicate.parts & Predicate::kExactSet) != 0;
  int cost = 1;
  cost += has_exact_set ? 8 : static_cast<int>(p.exact.size());
  cost += static_cast<int>(p.prefixes.size() + std::min(p.suffixes.size(), kManyLiterals));
  cost += p.details.scanner != nullptr ? 60 : 15 * static_cast<int>(p.substrings.size());
  if (p.details.globs != nullptr) cost += 100;
  if (!p.details.networks.empty()) cost += 60;
  for (const CompiledTest& test : p.details.others) {
    cost += test.kind == sigma::Test::Kind::kRegex  ? 400
            : test.kind == sigma::Test::Kind::kGlob ? 40
                                                    : 60;
  }
  return p.predicate.field == kAnyField ? cost * 30 : cost;
}

// Returns a string that identifies a predicate. Predicates are equal if their strings are equal.
std::string KeyOf(FieldId field, const std::vector<sigma::Test>& tests) {
  std::string key = absl::StrCat(field);
  for (const sigma::Test& test : tests) {
    absl::StrAppend(&key, "|", static_cast<int>(test.kind), test.cased, test.is_number, " ",
                    test.text.size(), ":", test.text, " ", static_cast<int>(test.comparison), " ",
                    absl::SixDigits(test.number), " ", static_cast<int>(test.part),
                    static_cast<int>(test.reference));
    if (test.number != 0) {
      key.append(reinterpret_cast<const char*>(&test.number), sizeof(test.number));
    }
    for (const sigma::GlobPart& part : test.glob) {
      absl::StrAppend(&key, ",", static_cast<int>(part.kind), part.text.size(), ":", part.text);
    }
  }
  return key;
}

}  // namespace

void RuleCompiler::AddRule(const sigma::SigmaDocument& document) {
  names_ = &out_.names_of_rule.emplace_back();
  const uint32_t node = AddNode(*document.expression);
  const sigma::LogSource& source = document.logsource;
  const sigma::LogSource folded = {Folded(source.product), Folded(source.service),
                                   Folded(source.category)};
  const auto [found, is_new] = root_of_key_.try_emplace(
      absl::StrCat(node, "\n", folded.product, "\n", folded.service, "\n", folded.category),
      static_cast<uint32_t>(out_.roots.size()));
  if (is_new) out_.roots.push_back({node, folded, {}});
  out_.roots[found->second].rules.push_back(static_cast<uint32_t>(out_.rules.size()));
  out_.root_of_rule.push_back(found->second);
  DetectionRule& rule = out_.rules.emplace_back();
  rule.info = document.info;
}

void RuleCompiler::AddName(FieldId field, const std::string& name) {
  if (std::none_of(names_->begin(), names_->end(),
                   [field](const auto& known) { return known.first == field; })) {
    names_->emplace_back(field, name);
  }
}

uint32_t RuleCompiler::AddNode(const sigma::Expression& expression) {
  Node node;
  node.kind = expression.kind;
  std::string key;
  if (expression.kind == sigma::Expression::Kind::kField) {
    const FieldId field = Intern(expression.field);
    AddName(field, expression.field);
    node.predicate = AddPredicate(field, expression.tests);
    node.cost = out_.witnesses[node.predicate].cost;
    key = absl::StrCat("p", node.predicate);
  } else if (expression.kind == sigma::Expression::Kind::kElements) {
    node.kind = sigma::Expression::Kind::kField;
    node.predicate = AddElements(expression);
    node.cost = out_.witnesses[node.predicate].cost;
    key = absl::StrCat("p", node.predicate);
  } else {
    for (const sigma::ExpressionPtr& child : expression.children) {
      const uint32_t added = AddNode(*child);
      if (std::find(node.children.begin(), node.children.end(), added) == node.children.end()) {
        node.children.push_back(added);
      }
    }
    if (node.children.size() == 1 && node.kind != sigma::Expression::Kind::kNot) {
      return node.children[0];
    }
    std::sort(node.children.begin(), node.children.end(), [this](uint32_t a, uint32_t b) {
      const int cost_a = out_.nodes[a].cost, cost_b = out_.nodes[b].cost;
      return cost_a != cost_b ? cost_a < cost_b : a < b;
    });
    key = absl::StrCat("n", static_cast<int>(node.kind));
    for (const uint32_t child : node.children) {
      absl::StrAppend(&key, ",", child);
      node.cost = std::min(node.cost + out_.nodes[child].cost, 1'000'000);
    }
  }
  const auto [found, is_new] =
      node_of_key_.try_emplace(std::move(key), static_cast<uint32_t>(out_.nodes.size()));
  if (is_new) out_.nodes.push_back(std::move(node));
  return found->second;
}

// Adds a predicate that tests the elements of a field's arrays.
uint32_t RuleCompiler::AddElements(const sigma::Expression& expression) {
  const FieldId field = fields_.InternArrays(expression.field);
  AddName(field, expression.field);
  size_t set = 0;
  while (set < out_.element_sets.size() && out_.element_sets[set].field != field) ++set;
  if (set == out_.element_sets.size()) {
    out_.element_sets.push_back({field, nullptr});
    element_rules_.emplace_back();
  }
  std::vector<sigma::ExpressionPtr>& rules = element_rules_[set];
  const auto [rule, is_new_rule] = element_rule_of_key_.try_emplace(
      absl::StrCat(set, " ", sigma::CanonicalText(*expression.children[0])),
      static_cast<uint32_t>(rules.size()));
  if (is_new_rule) rules.push_back(expression.children[0]);
  const auto [found, is_new] = predicate_of_key_.try_emplace(
      absl::StrCat("elements ", set, " ", rule->second, " ",
                   static_cast<int>(expression.quantifier), " ", expression.index),
      static_cast<uint32_t>(out_.predicates.size()));
  if (!is_new) return found->second;
  Predicate& p = out_.predicates.emplace_back();
  p.field = field;
  p.parts = Predicate::kElements;
  p.matches_absent = expression.quantifier == sigma::Quantifier::kNone ||
                     expression.quantifier == sigma::Quantifier::kAllOrEmpty;
  p.details = static_cast<uint32_t>(out_.details.size());
  out_.details.emplace_back().elements = {.set = static_cast<uint32_t>(set),
                                          .rule = rule->second,
                                          .quantifier = expression.quantifier,
                                          .index = expression.index};
  out_.witnesses.emplace_back().cost = 2000;
  return found->second;
}

uint32_t RuleCompiler::AddPredicate(FieldId field, const std::vector<sigma::Test>& tests) {
  const auto [found, is_new] = predicate_of_key_.try_emplace(
      KeyOf(field, tests), static_cast<uint32_t>(out_.predicates.size()));
  const uint32_t index = found->second;
  if (is_new) CompilePredicate(field, tests);
  return index;
}

void RuleCompiler::CompilePredicate(FieldId field, const std::vector<sigma::Test>& tests) {
  PredicateDraft draft;
  Predicate& p = draft.predicate;
  p.field = field;
  p.is_address = out_.is_address[field];
  for (const sigma::Test& test : tests) {
    switch (test.kind) {
      case sigma::Test::Kind::kNull:
        p.matches_absent = true;
        p.matches_null = true;
        break;
      case sigma::Test::Kind::kExists:
        p.matches_present = true;
        break;
      case sigma::Test::Kind::kNotExists:
        p.matches_absent = true;
        break;
      case sigma::Test::Kind::kGlob:
        AddGlob(test, draft);
        break;
      case sigma::Test::Kind::kNetwork: {
        sigma::Network network;
        if (sigma::ParseNetwork(test.text, network)) draft.details.networks.Add(network);
        break;
      }
      default:
        AddOther(test, draft);
        break;
    }
  }
  draft.details.networks.Build();
  PredicateWitness& witness = out_.witnesses.emplace_back();
  AddAtoms(draft, witness);
  StoreStrings(draft);
  if (field == kAnyField) out_.has_keywords = true;
  witness.cost = CostOf(draft);
  if (p.parts >= Predicate::kExactSet) {
    p.details = static_cast<uint32_t>(out_.details.size());
    out_.details.push_back(std::move(draft.details));
  }
  out_.predicates.push_back(p);
}

// Stores the strings of the draft. Short lists are stored in PackedStrings, in the order of
// Predicate::Part. Long lists are stored as sets or as a scanner.
void RuleCompiler::StoreStrings(PredicateDraft& draft) {
  Predicate& p = draft.predicate;
  PredicateDetails& details = draft.details;
  p.strings = out_.strings.size();
  // Returns false if the list is too long to be packed.
  const auto pack = [&](const std::vector<std::string>& list, Predicate::Part part) {
    if (list.size() > kManyLiterals) return false;
    if (list.empty()) return true;
    p.parts |= part;
    out_.strings.Add(list);
    return true;
  };
  if (!pack(draft.exact, Predicate::kExact)) {
    p.parts |= Predicate::kExactSet;
    details.exact_set = StringSet(draft.exact.begin(), draft.exact.end());
  }
  if (!pack(draft.suffixes, Predicate::kSuffixes)) {
    p.parts |= Predicate::kSuffixSet;
    details.suffix_set = AnchoredLiterals(AnchoredLiterals::At::kEnd,
                                          {draft.suffixes.begin(), draft.suffixes.end()});
  }
  if (!pack(draft.prefixes, Predicate::kPrefixes)) {
    details.prefix_set = AnchoredLiterals(AnchoredLiterals::At::kBegin,
                                          {draft.prefixes.begin(), draft.prefixes.end()});
  }
  if (!pack(draft.substrings, Predicate::kSubstrings)) {
    details.scanner = std::make_unique<LiteralScanner>(draft.substrings);
  }
  StoreGlobs(details);
  if (details.scanner != nullptr || details.globs != nullptr || !details.prefix_set.empty() ||
      !details.networks.empty() || !details.others.empty()) {
    p.parts |= Predicate::kOthers;
  }
}

// Moves the globs of `others` into a GlobSet if there are many.
void RuleCompiler::StoreGlobs(PredicateDetails& details) {
  const auto is_glob = [](const CompiledTest& test) {
    return test.kind == sigma::Test::Kind::kGlob;
  };
  const auto count = std::count_if(details.others.begin(), details.others.end(), is_glob);
  if (static_cast<size_t>(count) <= kManyLiterals) return;
  std::vector<GlobSet::Pattern> patterns;
  for (CompiledTest& test : details.others) {
    if (is_glob(test)) patterns.push_back({std::move(test.glob), test.cased});
  }
  std::erase_if(details.others, is_glob);
  details.globs = std::make_unique<GlobSet>(std::move(patterns));
}

void RuleCompiler::AddGlob(const sigma::Test& test, PredicateDraft& draft) {
  const sigma::Glob& glob = test.glob;
  const auto is = [&glob](std::initializer_list<sigma::GlobPart::Kind> kinds) {
    return std::equal(
        glob.begin(), glob.end(), kinds.begin(), kinds.end(),
        [](const sigma::GlobPart& part, sigma::GlobPart::Kind kind) { return part.kind == kind; });
  };
  constexpr auto kText = sigma::GlobPart::Kind::kText, kRun = sigma::GlobPart::Kind::kAnyRun;
  if (!test.cased && (glob.empty() || is({kText}))) {
    draft.exact.push_back(glob.empty() ? "" : Folded(glob[0].text));
    AddAddress(draft);
    char buffer[32];
    std::string_view canonical;
    if (test.is_number && CanonicalNumber(glob.empty() ? "" : glob[0].text, buffer, &canonical) &&
        canonical != draft.exact.back()) {
      draft.exact.emplace_back(canonical);
    }
  } else if (!test.cased && is({kText, kRun})) {
    draft.prefixes.push_back(Folded(glob[0].text));
  } else if (!test.cased && is({kRun, kText})) {
    draft.suffixes.push_back(Folded(glob[1].text));
  } else if (!test.cased && is({kRun, kText, kRun})) {
    draft.substrings.push_back(Folded(glob[1].text));
  } else {
    AddOther(test, draft);
  }
}

// If the last exact literal is an address without a port that is spelled unusually, such as
// 2001:DB8:0::1, adds its canonical spelling.
void RuleCompiler::AddAddress(PredicateDraft& draft) {
  if (!draft.predicate.is_address) return;
  const std::string& literal = draft.exact.back();
  sigma::Network network;  // unlike ParseAddress, ParseNetwork accepts no port
  sigma::Address address;
  if (literal.find('/') != std::string::npos || !sigma::ParseNetwork(literal, network) ||
      !sigma::ParseAddress(literal, address)) {
    return;
  }
  char buffer[sigma::kMaxAddressText];
  const std::string canonical(buffer, sigma::WriteAddress(address, buffer));
  if (canonical != literal) draft.exact.push_back(canonical);
}

void RuleCompiler::AddOther(const sigma::Test& test, PredicateDraft& draft) {
  CompiledTest& compiled = draft.details.others.emplace_back();
  compiled.kind = test.kind;
  compiled.cased = test.cased;
  compiled.comparison = test.comparison;
  compiled.number = test.number;
  if (test.kind == sigma::Test::Kind::kCompare) {
    compiled.exact_number = test.text.empty() ? sigma::DecimalText(test.number) : test.text;
  }
  compiled.part = test.part;
  compiled.reference = test.reference;
  compiled.glob = test.glob;
  if (!test.cased) {
    for (sigma::GlobPart& part : compiled.glob) part.text = Folded(part.text);
  }
  if (test.kind == sigma::Test::Kind::kRegex) {
    compiled.regex = std::make_unique<RE2>(test.text, RE2::Quiet);
    compiled.required_literals = LiteralsOfRegex(test.text);
  } else if (test.kind == sigma::Test::Kind::kReference) {
    compiled.other = Intern(test.text);
    compiled.compares_addresses = out_.is_address[compiled.other] || draft.predicate.is_address;
  }
}

void RuleCompiler::AddAtoms(const PredicateDraft& draft, PredicateWitness& witness) {
  std::vector<Atom> atoms;
  witness.has_atoms = AtomsOf(draft, atoms);
  for (Atom& atom : atoms) witness.atoms.push_back(InternAtom(std::move(atom)));
  const Predicate& p = draft.predicate;
  if (p.matches_absent && p.field != kAnyField) {
    witness.absence_excluded_by = InternAtom({p.field, Atom::Kind::kPresent, ""});
  }
}

uint32_t RuleCompiler::InternAtom(Atom atom) {
  const auto [found, is_new] = atom_of_key_.try_emplace(
      absl::StrCat(atom.field, " ", static_cast<int>(atom.kind), " ", atom.literal),
      static_cast<uint32_t>(out_.atoms.size()));
  if (is_new) out_.atoms.push_back(std::move(atom));
  return found->second;
}

void RuleCompiler::Finish() {
  fields_.BuildKeyTables();
  FinishElementTests();
  AddConnectives();
  BuildIndex();
}

void RuleCompiler::FinishElementTests() {
  for (size_t i = 0; i < out_.element_sets.size(); ++i) {
    out_.element_sets[i].rules = RuleSet::CompileElementRules(element_rules_[i]);
  }
  for (uint32_t i = 0; i < out_.predicates.size(); ++i) {
    Predicate& p = out_.predicates[i];
    if ((p.parts & Predicate::kElements) == 0) continue;
    ElementTest& test = *out_.details[p.details].elements;
    if (test.quantifier == sigma::Quantifier::kIndex) {
      // If the index is out of range, the element does not exist. The verdict for such an element
      // is the same for all events, so it is computed here once.
      Matcher matcher(out_.element_sets[test.set].rules);
      const absl::Span<const uint32_t> matched = matcher.Match("{}");
      test.matches_nothing = std::find(matched.begin(), matched.end(), test.rule) != matched.end();
      p.matches_absent = test.matches_nothing;
    }
    PredicateDraft draft;
    draft.predicate = p;
    draft.details.elements = test;
    AddAtoms(draft, out_.witnesses[i]);
  }
}

void RuleCompiler::AddConnectives() {
  out_.connectives.resize(out_.nodes.size());
  for (size_t i = 0; i < out_.nodes.size(); ++i) {
    const Node& node = out_.nodes[i];
    const bool is_and = node.kind == sigma::Expression::Kind::kAnd;
    if (!is_and && node.kind != sigma::Expression::Kind::kOr) continue;
    out_.connectives[i] = {static_cast<uint32_t>(out_.terms.size()),
                           static_cast<uint32_t>(node.children.size()), is_and};
    for (const uint32_t child : node.children) out_.terms.push_back(out_.TermOf(child));
  }
}

void RuleCompiler::BuildIndex() {
  std::vector<uint32_t> roots(out_.roots.size());
  std::iota(roots.begin(), roots.end(), 0);
  WitnessPlanner planner(out_, roots);
  out_.first_conjunct.push_back(0);
  for (const RuleSet::Compiled::Root& root : out_.roots) {
    planner.AddConjuncts(root.node, out_.conjuncts);
    out_.first_conjunct.push_back(static_cast<uint32_t>(out_.conjuncts.size()));
  }
  out_.index = std::make_unique<RuleIndex>(out_, roots);
}

}  // namespace picket::detector
