#include "detector/explain.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/strings.h"
#include "detector/matching/matcher.h"
#include "sigma/decimal.h"
#include "sigma/rule_names.h"

namespace picket::detector {
namespace {

constexpr size_t kMostTestsShown = 6;
constexpr size_t kLongestValueShown = 200;

std::string Quoted(std::string_view text) {
  if (text.size() <= kLongestValueShown)
    return absl::StrCat("'", absl::string_view(text.data(), text.size()), "'");
  size_t end = kLongestValueShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat("'", absl::string_view(text.data(), end), "…'");
}

std::string_view TextOf(sigma::Comparison comparison) {
  switch (comparison) {
    case sigma::Comparison::kGreater:
      return "> ";
    case sigma::Comparison::kGreaterEqual:
      return ">= ";
    case sigma::Comparison::kLess:
      return "< ";
    case sigma::Comparison::kLessEqual:
      return "<= ";
    case sigma::Comparison::kEqual:
      return "";
    case sigma::Comparison::kNotEqual:
      return "other than ";
  }
  return "";
}

std::string TextOf(const sigma::Test& test) {
  switch (test.kind) {
    case sigma::Test::Kind::kGlob:
      return Quoted(sigma::PatternText(test.glob));
    case sigma::Test::Kind::kRegex:
      return absl::StrCat("/", test.text, "/");
    case sigma::Test::Kind::kNull:
      return "null";
    case sigma::Test::Kind::kExists:
      return "any value";
    case sigma::Test::Kind::kNotExists:
      return "no such field";
    case sigma::Test::Kind::kCompare:
    case sigma::Test::Kind::kTimePart: {
      const std::string_view comparison = TextOf(test.comparison);
      return absl::StrCat(ToAbsl(comparison),
                          test.text.empty() ? sigma::DecimalText(test.number) : test.text);
    }
    default:
      return test.text;
  }
}

// Describes a comparison. The description consists of the field as written in the rule and the
// patterns that result from the modifiers.
std::string TextOf(const sigma::Expression& leaf) {
  std::string text = leaf.label.empty() ? leaf.field : leaf.label;
  if (text.empty()) text = "keywords";
  std::vector<std::string> tests;
  for (const sigma::Test& test : leaf.tests) {
    if (tests.size() == kMostTestsShown) {
      tests.push_back(absl::StrCat(leaf.tests.size() - kMostTestsShown, " more"));
      break;
    }
    tests.push_back(TextOf(test));
  }
  return tests.empty() ? text : absl::StrCat(text, ": ", absl::StrJoin(tests, ", "));
}

bool IsComposed(const sigma::Expression& expression) {
  return expression.kind == sigma::Expression::Kind::kAnd ||
         expression.kind == sigma::Expression::Kind::kOr ||
         expression.kind == sigma::Expression::Kind::kNot;
}

std::string NameOf(const sigma::Expression& composed) {
  const char* const name = composed.kind == sigma::Expression::Kind::kAnd  ? "all of"
                           : composed.kind == sigma::Expression::Kind::kOr ? "any of"
                                                                           : "not";
  return composed.label.empty() ? name : absl::StrCat(composed.label, ": ", name);
}

// Turns every part of the condition into a rule of its own. For each comparison, also adds one rule
// that tests whether the field is present, and one that tests whether it is null. A single pass of
// the matcher then evaluates all these rules.
class Explainer {
 public:
  void Add(sigma::ExpressionPtr expression, int depth) {
    Explanation::Part part;
    std::string name;
    while (IsComposed(*expression) && expression->kind != sigma::Expression::Kind::kNot &&
           expression->children.size() == 1) {  // skip an "and" or "or" of one part
      if (!expression->label.empty()) name = absl::StrCat(expression->label, ": ");
      expression = sigma::ExpressionPtr(expression->children[0]);
    }
    part.depth = depth;
    const bool is_composed = IsComposed(*expression);
    part.text = absl::StrCat(name, is_composed ? NameOf(*expression) : TextOf(*expression));
    parts_.push_back({std::move(part), AddRule(expression), -1, -1, expression.get()});
    if (is_composed) {
      for (const sigma::ExpressionPtr& child : expression->children) Add(child, depth + 1);
    } else if (!expression->field.empty()) {
      const size_t index = parts_.size() - 1;
      parts_[index].present_rule = AddRule(FieldIs(expression->field, sigma::Test::Kind::kExists));
      parts_[index].null_rule = AddRule(FieldIs(expression->field, sigma::Test::Kind::kNull));
    }
  }

  absl::StatusOr<std::vector<Explanation::Part>> Run(const FieldResolver& resolve,
                                                     std::string_view event_json) {
    std::vector<sigma::RuleFault> faults;
    const auto rules = RuleSet::Compile(std::move(documents_), resolve, faults);
    if (!faults.empty()) return absl::InvalidArgumentError(faults[0].ToString());
    Matcher matcher(rules);
    for (const uint32_t rule : matcher.Match(event_json)) matched_.insert(static_cast<int>(rule));
    if (!matcher.ok()) return absl::InvalidArgumentError("the event is not a JSON object");
    std::vector<Explanation::Part> explained;
    for (Entry& entry : parts_) {
      entry.part.holds = matched_.contains(entry.rule);
      if (!IsComposed(*entry.expression)) entry.part.why = WhyOf(entry, matcher);
      explained.push_back(std::move(entry.part));
    }
    return explained;
  }

 private:
  struct Entry {
    Explanation::Part part;
    int rule;
    int present_rule, null_rule;  // -1 if the part has no field
    const sigma::Expression* expression;
  };

  static sigma::ExpressionPtr FieldIs(const std::string& field, sigma::Test::Kind kind) {
    auto expression = std::make_shared<sigma::Expression>();
    expression->kind = sigma::Expression::Kind::kField;
    expression->field = field;
    expression->tests.emplace_back().kind = kind;
    return expression;
  }

  int AddRule(sigma::ExpressionPtr expression) {
    sigma::SigmaDocument& document = documents_.emplace_back();
    document.info.id = absl::StrCat("part ", documents_.size());
    document.expression = std::move(expression);
    return static_cast<int>(documents_.size()) - 1;
  }

  std::string WhyOf(const Entry& entry, const Matcher& matcher) const {
    std::vector<Matcher::MatchedField> fields;
    if (entry.part.holds) {
      matcher.MatchedFields(static_cast<uint32_t>(entry.rule), &fields);
      if (!fields.empty()) return absl::StrCat("the event has ", Quoted(fields[0].value));
    }
    if (entry.present_rule < 0) {
      return entry.part.holds ? "" : "no value of the event matches";
    }
    if (!matched_.contains(entry.present_rule)) return "the event has no such field";
    matcher.MatchedFields(static_cast<uint32_t>(entry.present_rule), &fields);
    if (!fields.empty()) return absl::StrCat("the event has ", Quoted(fields[0].value));
    return matched_.contains(entry.null_rule) ? "the event has null"
                                              : "the event has a list or an object";
  }

  std::vector<Entry> parts_;
  std::vector<sigma::SigmaDocument> documents_;
  std::set<int> matched_;
};

}  // namespace

absl::StatusOr<Explanation> ExplainRule(const sigma::SigmaDocument& rule,
                                        const std::vector<sigma::SigmaDocument>& filters,
                                        const FieldResolver& resolve, std::string_view event_json) {
  Explainer explainer;
  explainer.Add(rule.expression, 0);
  absl::StatusOr<std::vector<Explanation::Part>> parts = explainer.Run(resolve, event_json);
  if (!parts.ok()) return parts.status();
  Explanation explanation;
  explanation.parts = *std::move(parts);
  explanation.matches = explanation.parts[0].holds;
  if (!explanation.matches) return explanation;
  for (const sigma::SigmaDocument& filter : filters) {
    // Remove the names of all other rules from the filter. Compile receives only this rule, and
    // would report the other names as unknown.
    sigma::SigmaDocument own = filter;
    std::erase_if(own.filter.rules,
                  [&rule](const auto& entry) { return !sigma::IsCalled(rule.info, entry.first); });
    if (own.filter.rules.empty() && !filter.filter.rules.empty()) continue;
    std::vector<sigma::RuleFault> faults;
    Matcher matcher(RuleSet::Compile({rule, std::move(own)}, resolve, faults));
    if (matcher.Match(event_json).empty()) {
      explanation.filtered_by.push_back(filter.info.title);
      explanation.matches = false;
    }
  }
  return explanation;
}

}  // namespace picket::detector
