#include "detector/matching/rule_set.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "detector/matching/atoms.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/matcher.h"
#include "detector/matching/witness_planner.h"
#include "detector/text/fold.h"
#include "sigma/placeholders.h"

namespace picket::detector {
namespace {

constexpr size_t kManyLiterals = 8;

// What a test costs, roughly, in nanoseconds: cheap ones go first.
int CostOf(const PredicateDraft& p) {
  const bool has_exact_set = (p.predicate.parts & Predicate::kExactSet) != 0;
  int cost = 1;
  cost += has_exact_set ? 8 : static_cast<int>(p.exact.size());
  cost += static_cast<int>(p.prefixes.size() + std::min(p.suffixes.size(), kManyLiterals));
  cost += p.details.scanner != nullptr ? 60 : 15 * static_cast<int>(p.substrings.size());
  for (const CompiledTest& test : p.details.others) {
    cost += test.kind == sigma::Test::Kind::kRegex  ? 400
            : test.kind == sigma::Test::Kind::kGlob ? 40
                                                    : 60;
  }
  return p.predicate.field == kAnyField ? cost * 30 : cost;
}

// Turns documents into the graph; equal parts are found by their canonical text.
class Compiler {
 public:
  Compiler(RuleSet::Compiled& out, const FieldResolver& resolve) : out_(out), resolve_(resolve) {
    out_.paths.emplace_back();
    for (const char* const name : {"product", "service", "category"}) {
      const auto field = static_cast<FieldId>(out_.field_count++);
      AddPath({{name}, "", ""}, field);
    }
  }

  void AddRule(const sigma::SigmaDocument& document) {
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

  FieldId Intern(const std::string& name) {
    if (name.empty()) return kAnyField;
    return InternField(name, false);
  }

  // What is left when all rules are in: keys for matching, rules for the elements of arrays.
  void Finish() {
    for (PathNode& node : out_.paths) {
      if (!node.children.empty()) node.keys.Build(node.children);
      if (!node.members.empty()) node.member_names.Build(node.members);
    }
    for (size_t i = 0; i < out_.element_sets.size(); ++i) {
      out_.element_sets[i].rules = RuleSet::CompileElementRules(element_rules_[i]);
    }
    // An index may point at nothing: what a rule then says is asked once, here.
    for (uint32_t i = 0; i < out_.predicates.size(); ++i) {
      Predicate& p = out_.predicates[i];
      if ((p.parts & Predicate::kElements) == 0) continue;
      ElementTest& test = *out_.details[p.details].elements;
      if (test.quantifier == sigma::Quantifier::kIndex) {
        Matcher matcher(out_.element_sets[test.set].rules);
        const absl::Span<const uint32_t> matched = matcher.Match("{}");
        test.matches_nothing =
            std::find(matched.begin(), matched.end(), test.rule) != matched.end();
        p.matches_absent = test.matches_nothing;
      }
      PredicateDraft draft;
      draft.predicate = p;
      draft.details.elements = test;
      AddAtoms(draft, out_.witnesses[i]);
    }
    AddConnectives();
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

 private:
  FieldId InternField(const std::string& name, bool takes_arrays) {
    StringMap<FieldId>& fields = takes_arrays ? array_of_name_ : field_of_name_;
    const auto known = fields.find(name);
    if (known != fields.end()) return known->second;
    const std::vector<EventPath> paths = takes_arrays ? ArraysOf(resolve_(name)) : resolve_(name);
    // Names that lead to the same places are one field.
    std::string places = takes_arrays ? "arrays " : "";
    for (const EventPath& path : paths) {
      for (const std::string& segment : path.segments) {
        absl::StrAppend(&places, segment.size(), ":", segment, "/");
      }
      absl::StrAppend(&places, "[", Folded(path.member), "]", path.member_key, ";");
    }
    const auto [found, is_new] =
        field_of_places_.try_emplace(places, static_cast<FieldId>(out_.field_count));
    if (is_new) {
      ++out_.field_count;
      for (const EventPath& path : paths) AddPath(path, found->second, takes_arrays);
    }
    fields[name] = found->second;
    return found->second;
  }

  // A name that leads into the members of a Name/Value list (`Parameters` and its like) means, as an array, the list.
  static std::vector<EventPath> ArraysOf(std::vector<EventPath> paths) {
    for (EventPath& path : paths) {
      const std::string last = path.segments.empty() ? "" : LowerAscii(path.segments.back());
      const bool is_member =
          last == "name" || last == "value" || last == "newvalue" || last == "oldvalue";
      if (is_member && paths.size() > 1 && path.segments.size() > 1) path.segments.pop_back();
    }
    return paths;
  }

  void AddPath(const EventPath& path, FieldId field, bool takes_arrays = false) {
    uint32_t at = 0;
    for (const std::string& segment : path.segments) {
      const auto found = out_.paths[at].children.find(segment);
      if (found != out_.paths[at].children.end()) {
        at = found->second;
        continue;
      }
      const auto next = static_cast<uint32_t>(out_.paths.size());
      out_.paths[at].children[segment] = next;
      out_.paths.emplace_back();
      at = next;
    }
    PathNode& node = out_.paths[at];
    if (path.member.empty()) {
      std::vector<FieldId>& fields = takes_arrays ? node.arrays : node.fields;
      if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
      return;
    }
    const std::string key = path.member_key.empty() ? "Value" : path.member_key;
    auto known = std::find(node.pivot_keys.begin(), node.pivot_keys.end(), key);
    if (known == node.pivot_keys.end()) known = node.pivot_keys.insert(known, key);
    const auto index = static_cast<uint32_t>(known - node.pivot_keys.begin());
    const auto [member, is_new] =
        node.members.try_emplace(Folded(path.member), static_cast<uint32_t>(node.pivots.size()));
    if (is_new) node.pivots.emplace_back();
    node.pivots[member->second].push_back({index, field});
  }

  void AddConnectives() {
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

  uint32_t AddNode(const sigma::Expression& expression) {
    Node node;
    node.kind = expression.kind;
    std::string key;
    if (expression.kind == sigma::Expression::Kind::kField) {
      const FieldId field = Intern(expression.field);
      if (std::none_of(names_->begin(), names_->end(),
                       [field](const auto& name) { return name.first == field; })) {
        names_->emplace_back(field, expression.field);
      }
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
      if (node.children.size() == 1 && node.kind != sigma::Expression::Kind::kNot)
        return node.children[0];
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

  // A predicate on the arrays of a field.
  uint32_t AddElements(const sigma::Expression& expression) {
    const FieldId field = InternField(expression.field, true);
    if (std::none_of(names_->begin(), names_->end(),
                     [field](const auto& name) { return name.first == field; })) {
      names_->emplace_back(field, expression.field);
    }
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

  uint32_t AddPredicate(FieldId field, const std::vector<sigma::Test>& tests) {
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
    const auto [found, is_new] = predicate_of_key_.try_emplace(
        std::move(key), static_cast<uint32_t>(out_.predicates.size()));
    const uint32_t index = found->second;
    if (!is_new) return index;
    MakePredicate(field, tests);
    return index;
  }

  void MakePredicate(FieldId field, const std::vector<sigma::Test>& tests) {
    PredicateDraft draft;
    Predicate& p = draft.predicate;
    p.field = field;
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
        default:
          AddOther(test, draft);
          break;
      }
    }
    PredicateDetails& details = draft.details;
    p.texts = out_.texts.size();
    // In the order of the parts. False when the list is too long for that.
    const auto add_texts = [&](const std::vector<std::string>& list, Predicate::Part part) {
      if (list.size() > kManyLiterals) return false;
      if (list.empty()) return true;
      p.parts |= part;
      out_.texts.Add(list);
      return true;
    };
    if (!add_texts(draft.exact, Predicate::kExact)) {
      p.parts |= Predicate::kExactSet;
      details.exact_set = StringSet(draft.exact.begin(), draft.exact.end());
    }
    if (!add_texts(draft.suffixes, Predicate::kSuffixes)) {
      p.parts |= Predicate::kSuffixSet;
      details.suffix_set = AnchoredLiterals(AnchoredLiterals::At::kEnd,
                                            {draft.suffixes.begin(), draft.suffixes.end()});
    }
    if (!draft.prefixes.empty()) {
      p.parts |= Predicate::kPrefixes;
      out_.texts.Add(draft.prefixes);
    }
    if (!add_texts(draft.substrings, Predicate::kSubstrings)) {
      details.scanner = std::make_unique<LiteralScanner>(draft.substrings);
    }
    if (details.scanner != nullptr || !details.others.empty()) p.parts |= Predicate::kOthers;
    PredicateWitness& witness = out_.witnesses.emplace_back();
    AddAtoms(draft, witness);
    if (field == kAnyField) out_.has_keywords = true;
    witness.cost = CostOf(draft);
    if (p.parts >= Predicate::kExactSet) {
      p.details = static_cast<uint32_t>(out_.details.size());
      out_.details.push_back(std::move(details));
    }
    out_.predicates.push_back(p);
  }

  void AddAtoms(const PredicateDraft& draft, PredicateWitness& witness) {
    std::vector<Atom> atoms;
    witness.has_atoms = AtomsOf(draft, atoms);
    for (Atom& atom : atoms) witness.atoms.push_back(InternAtom(std::move(atom)));
    const Predicate& p = draft.predicate;
    if (p.matches_absent && p.field != kAnyField) {
      witness.absence_excluded_by = InternAtom({p.field, Atom::Kind::kPresent, ""});
    }
  }

  uint32_t InternAtom(Atom atom) {
    const auto [found, is_new] = atom_of_key_.try_emplace(
        absl::StrCat(atom.field, " ", static_cast<int>(atom.kind), " ", atom.literal),
        static_cast<uint32_t>(out_.atoms.size()));
    if (is_new) out_.atoms.push_back(std::move(atom));
    return found->second;
  }

  void AddGlob(const sigma::Test& test, PredicateDraft& p) {
    const sigma::Glob& glob = test.glob;
    const auto is = [&glob](std::initializer_list<sigma::GlobPart::Kind> kinds) {
      return std::equal(glob.begin(), glob.end(), kinds.begin(), kinds.end(),
                        [](const sigma::GlobPart& part, sigma::GlobPart::Kind kind) {
                          return part.kind == kind;
                        });
    };
    constexpr auto kText = sigma::GlobPart::Kind::kText, kRun = sigma::GlobPart::Kind::kAnyRun;
    if (!test.cased && (glob.empty() || is({kText}))) {
      p.exact.push_back(glob.empty() ? "" : Folded(glob[0].text));
      char buffer[32];
      std::string_view canonical;
      if (test.is_number && CanonicalNumber(glob.empty() ? "" : glob[0].text, buffer, &canonical) &&
          canonical != p.exact.back()) {
        p.exact.emplace_back(canonical);
      }
    } else if (!test.cased && is({kText, kRun})) {
      p.prefixes.push_back(Folded(glob[0].text));
    } else if (!test.cased && is({kRun, kText})) {
      p.suffixes.push_back(Folded(glob[1].text));
    } else if (!test.cased && is({kRun, kText, kRun})) {
      p.substrings.push_back(Folded(glob[1].text));
    } else {
      AddOther(test, p);
    }
  }

  void AddOther(const sigma::Test& test, PredicateDraft& p) {
    CompiledTest& compiled = p.details.others.emplace_back();
    compiled.kind = test.kind;
    compiled.cased = test.cased;
    compiled.comparison = test.comparison;
    compiled.number = test.number;
    compiled.part = test.part;
    compiled.reference = test.reference;
    compiled.glob = test.glob;
    if (!test.cased) {
      for (sigma::GlobPart& part : compiled.glob) part.text = Folded(part.text);
    }
    if (test.kind == sigma::Test::Kind::kRegex) {
      compiled.regex = std::make_unique<RE2>(test.text, RE2::Quiet);
      compiled.needs = LiteralsOfRegex(test.text);
    } else if (test.kind == sigma::Test::Kind::kNetwork) {
      sigma::ParseNetwork(test.text, compiled.network);
    } else if (test.kind == sigma::Test::Kind::kReference) {
      compiled.other = Intern(test.text);
    }
  }

  RuleSet::Compiled& out_;
  const FieldResolver& resolve_;
  std::vector<std::pair<FieldId, std::string>>* names_ = nullptr;
  StringMap<FieldId> field_of_name_;
  StringMap<FieldId> array_of_name_;
  StringMap<FieldId> field_of_places_;
  std::vector<std::vector<sigma::ExpressionPtr>> element_rules_;  // by element set
  StringMap<uint32_t> element_rule_of_key_;
  StringMap<uint32_t> predicate_of_key_;
  StringMap<uint32_t> atom_of_key_;
  StringMap<uint32_t> node_of_key_;
  StringMap<uint32_t> root_of_key_;
};

sigma::RuleFault FaultAt(const sigma::SigmaDocument& document, sigma::SourcePosition position,
                         std::string message) {
  return {document.info.file, position.line, position.column, std::move(message)};
}

// Where a name or an id leads; ambiguous when two documents bear the name.
struct Referent {
  uint32_t index = 0;
  bool is_correlation = false;
  bool ambiguous = false;
};

using Referents = std::map<std::string, Referent, std::less<>>;

void Declare(const std::string& name, const Referent& referent, Referents& names) {
  if (name.empty()) return;
  const auto [found, is_new] = names.try_emplace(name, referent);
  if (!is_new && (found->second.index != referent.index ||
                  found->second.is_correlation != referent.is_correlation)) {
    found->second.ambiguous = true;
  }
}

// Joins the filter's condition to the rules that it names and whose log source it covers.
void ApplyFilter(const sigma::SigmaDocument& filter, const Referents& names,
                 std::vector<sigma::SigmaDocument>& rules, std::vector<sigma::RuleFault>& faults) {
  std::vector<bool> chosen(rules.size(), filter.filter.rules.empty());
  for (const auto& [name, position] : filter.filter.rules) {
    bool is_known = false;
    const auto found = names.find(name);
    if (found != names.end() && !found->second.is_correlation) {
      is_known = true;
      chosen[found->second.index] = true;
    }
    for (size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].info.title != name) continue;
      is_known = true;
      chosen[i] = true;
    }
    if (!is_known) {
      faults.push_back(FaultAt(filter, position,
                               absl::StrCat("no detection rule has the id, name or title '", name,
                                            "': the filter is left out")));
      return;
    }
  }
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!chosen[i] || !sigma::CoversLogSource(filter.logsource, rules[i].logsource)) continue;
    auto both = std::make_shared<sigma::Expression>();
    both->kind = sigma::Expression::Kind::kAnd;
    both->label = filter.info.title;
    both->children = {rules[i].expression, filter.expression};
    rules[i].expression = std::move(both);
    rules[i].info.version = HexPrefix(Sha256Of({rules[i].info.version, filter.info.version}), 16);
  }
}

}  // namespace

void KeyTable::Build(const StringMap<uint32_t>& keys) {
  size_t size = 2;
  while (size < keys.size() * 2) size *= 2;
  mask_ = size - 1;
  slots_.assign(size, {});
  for (const auto& [key, value] : keys) {
    sizes_[StartOf(key)] |= uint32_t{1} << (key.size() & 31);
    const uint64_t hash = Hash(key);
    size_t i = hash & mask_;
    while (slots_[i].value != UINT32_MAX) i = (i + 1) & mask_;
    slots_[i] = {hash, value, key};
  }
}

bool CanonicalNumber(std::string_view text, char (&buffer)[32], std::string_view* canonical) {
  double number = 0;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(text.data() + 2, text.data() + text.size(), value, text[1] == 'x' ? 16 : 8);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    const auto written = std::to_chars(buffer, buffer + sizeof(buffer), value);
    *canonical = {buffer, static_cast<size_t>(written.ptr - buffer)};
    return true;
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  // Longer integers than a double can tell apart stay as they are.
  if (text.size() > 15 && text.find_first_not_of("-0123456789") == std::string_view::npos) {
    *canonical = text;
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return false;
  }
  const bool is_whole = std::floor(number) == number && std::fabs(number) < 9007199254740992.0;
  const auto written =
      is_whole ? std::to_chars(buffer, buffer + sizeof(buffer), static_cast<int64_t>(number))
               : std::to_chars(buffer, buffer + sizeof(buffer), number);
  *canonical = {buffer, static_cast<size_t>(written.ptr - buffer)};
  return true;
}

std::vector<EventPath> LiteralFieldName(std::string_view name) {
  std::vector<std::string> segments = absl::StrSplit(ToAbsl(name), '.');
  const bool is_path = std::none_of(segments.begin(), segments.end(),
                                    [](const std::string& segment) { return segment.empty(); });
  EventPath path;
  // Keys with dots in them are followed by the matcher at every level, so one path says it all.
  path.segments = is_path ? std::move(segments) : std::vector<std::string>{std::string(name)};
  return {std::move(path)};
}

RuleSet::Compiled::Compiled() = default;
RuleSet::Compiled::~Compiled() = default;
RuleSet::RuleSet() : compiled_(std::make_unique<Compiled>()) {}
RuleSet::~RuleSet() = default;
absl::Span<const DetectionRule> RuleSet::rules() const { return compiled_->rules; }
absl::Span<const CorrelationRule> RuleSet::correlations() const { return compiled_->correlations; }

std::shared_ptr<const RuleSet> RuleSet::Compile(const std::vector<sigma::RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists) {
  std::vector<sigma::SigmaDocument> documents;
  for (const sigma::RuleFile& file : files) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      documents.push_back(std::move(document));
    }
  }
  return Compile(std::move(documents), resolve, faults, lists);
}

std::shared_ptr<const RuleSet> RuleSet::Compile(std::vector<sigma::SigmaDocument> documents,
                                                const FieldResolver& resolve,
                                                std::vector<sigma::RuleFault>& faults,
                                                const sigma::ValueLists& lists) {
  std::shared_ptr<RuleSet> set(new RuleSet);
  Compiled& compiled = *set->compiled_;
  Compiler compiler(compiled, resolve);

  std::vector<sigma::SigmaDocument> detections, correlations, filters;
  std::map<std::string, std::string, std::less<>> ids;  // id → place of the first rule that has it
  std::map<std::string, Referent, std::less<>> names;
  for (sigma::SigmaDocument& document : documents) {
    if (!sigma::ResolvePlaceholders(lists, document, faults)) continue;
    if (document.kind == sigma::SigmaDocument::Kind::kFilter) {
      filters.push_back(std::move(document));
      continue;
    }
    const auto [first, is_new] = ids.try_emplace(
        document.info.id, absl::StrCat(document.info.file, ":", document.position.line));
    if (!is_new) {
      faults.push_back(
          FaultAt(document, document.position,
                  absl::StrCat(document.declared_id.empty() ? "without an id the rule is known as '"
                                                            : "the id '",
                               document.info.id, "', which is taken by ", first->second,
                               ": give every rule an id of its own")));
      continue;
    }
    const bool is_correlation = document.kind == sigma::SigmaDocument::Kind::kCorrelation;
    std::vector<sigma::SigmaDocument>& kind = is_correlation ? correlations : detections;
    const Referent referent{static_cast<uint32_t>(kind.size()), is_correlation};
    Declare(document.declared_id, referent, names);
    Declare(document.info.name, referent, names);
    kind.push_back(std::move(document));
  }
  for (const sigma::SigmaDocument& filter : filters) ApplyFilter(filter, names, detections, faults);
  // All documents stay until the last is compiled: let go of one by one, they leave holes, what is compiled is scattered
  // over these, and an event takes up to 1.7 times as long.
  for (const sigma::SigmaDocument& document : detections) compiler.AddRule(document);
  detections.clear();

  // generate: true of any correlation lets its base rules speak for themselves.
  std::vector<bool> referred(compiled.rules.size()), generates(compiled.rules.size());
  for (const sigma::SigmaDocument& document : correlations) {
    const sigma::CorrelationSpec& spec = document.correlation;
    CorrelationRule rule;
    rule.info = document.info;
    rule.type = spec.type;
    rule.timespan = spec.timespan;
    rule.conditions = spec.conditions;
    bool is_right = true;
    // Versions of the rules that it counts are part of what it means.
    for (const auto& [name, position] : spec.rules) {
      const auto found = names.find(name);
      std::string problem;
      if (found == names.end()) {
        problem = absl::StrCat("no rule is called '", name,
                               "': 'rules' takes ids or names of rules that are loaded");
      } else if (found->second.ambiguous) {
        problem = absl::StrCat("several rules are called '", name, "': refer to one by its id");
      } else if (found->second.is_correlation) {
        problem = absl::StrCat(
            "'", name, "' is a correlation; correlations of correlations are not supported");
      } else if (std::find(rule.rules.begin(), rule.rules.end(), found->second.index) !=
                 rule.rules.end()) {
        problem = absl::StrCat("the rule '", name, "' is listed twice");
      }
      if (!problem.empty()) {
        faults.push_back(FaultAt(document, position, std::move(problem)));
        is_right = false;
        continue;
      }
      rule.rules.push_back(found->second.index);
    }
    if (!is_right) continue;
    std::string versions = rule.info.version;
    for (const uint32_t base : rule.rules) {
      absl::StrAppend(&versions, " ", compiled.rules[base].info.version);
      referred[base] = true;
      if (spec.generate) generates[base] = true;
    }
    rule.info.version = HexPrefix(Sha256(versions), 16);
    for (const std::string& name : spec.group_by) {
      std::vector<FieldId>& fields = rule.group_by.emplace_back();
      rule.group_by_names.push_back(name);
      for (const auto& [reference, position] : spec.rules) {
        std::string field = name;
        for (const auto& [alias, by_rule] : spec.aliases) {
          if (alias != name) continue;
          for (const auto& [rule_name, alias_field] : by_rule) {
            if (rule_name == reference) field = alias_field;
          }
        }
        fields.push_back(compiler.Intern(field));
      }
    }
    if (!spec.value_field.empty()) rule.value_field = compiler.Intern(spec.value_field);
    compiled.correlations.push_back(std::move(rule));
  }
  for (size_t i = 0; i < compiled.rules.size(); ++i) {
    compiled.rules[i].alerts = !referred[i] || generates[i];
  }
  compiler.Finish();
  return set;
}

std::shared_ptr<const RuleSet> RuleSet::CompileElementRules(
    const std::vector<sigma::ExpressionPtr>& rules) {
  // An element is matched as the one member, without a name, of an object.
  const FieldResolver resolve = [](std::string_view name) {
    std::vector<EventPath> paths = {EventPath()};
    if (name != sigma::kElementItself) {
      paths = LiteralFieldName(name);
      // Normalised lists of Name and Value have them in lower case.
      const std::string lower = LowerAscii(name);
      if (lower != name) paths.push_back(LiteralFieldName(lower)[0]);
    }
    for (EventPath& path : paths) path.segments.insert(path.segments.begin(), "");
    return paths;
  };
  std::shared_ptr<RuleSet> set(new RuleSet);
  Compiler compiler(*set->compiled_, resolve);
  for (const sigma::ExpressionPtr& rule : rules) {
    sigma::SigmaDocument document;
    document.expression = rule;
    compiler.AddRule(document);
  }
  compiler.Finish();
  return set;
}

}  // namespace picket::detector
