#include "sigma/condition.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::sigma {
namespace {

constexpr int kMaxDepth = 64;
// The maximum total number of identifiers that the `of` operators of a condition can select.
constexpr size_t kMaxChosen = 100'000;
// The maximum number of combinations into which an operator such as `7 of x*` is expanded.
constexpr size_t kMaxCombinations = 1000;

struct Token {
  std::string_view text;
  size_t offset = 0;
  bool Is(std::string_view word) const { return EqualsIgnoreCase(text, word); }
};

ExpressionPtr Join(Expression::Kind kind, std::vector<ExpressionPtr> children) {
  if (children.size() == 1 && kind != Expression::Kind::kNot) return children[0];
  auto expression = std::make_shared<Expression>();
  expression->kind = kind;
  expression->children = std::move(children);
  return expression;
}

// A recursive descent parser. Every method reports an error before it returns null. After an
// unknown identifier, the parser continues with an empty expression, so that one run reports all
// unknown identifiers.
class Parser {
 public:
  Parser(std::string_view text, Identifiers& identifiers, std::vector<ConditionFault>& faults)
      : text_(text), identifiers_(identifiers), faults_(faults) {
    Next();
  }

  ExpressionPtr Parse() {
    ExpressionPtr expression = ParseWhole();
    return has_failed_ ? nullptr : expression;
  }

 private:
  ExpressionPtr ParseWhole() {
    if (token_.text.empty()) return Fail("the condition is empty");
    ExpressionPtr expression = ParseOr();
    if (expression != nullptr && !token_.text.empty()) {
      if (token_.text == "|") {
        return Fail("aggregations after '|' are not part of Sigma 2: write a correlation document");
      }
      return Fail(absl::StrCat("unexpected '", ToAbsl(token_.text), "', expected 'and' or 'or'"));
    }
    return expression;
  }

  void Next() {
    size_t i = token_.offset + token_.text.size();
    while (i < text_.size() && IsBlank(text_[i])) ++i;
    const size_t begin = i;
    if (i < text_.size() && IsSign(text_[i])) {
      ++i;
    } else {
      while (i < text_.size() && !IsBlank(text_[i]) && !IsSign(text_[i])) ++i;
    }
    token_ = {text_.substr(begin, i - begin), begin};
  }
  static bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static bool IsSign(char c) { return c == '(' || c == ')' || c == '|'; }

  ExpressionPtr Fail(std::string message) { return FailAt(token_.offset, std::move(message)); }
  ExpressionPtr FailAt(size_t offset, std::string message) {
    has_failed_ = true;
    faults_.push_back({offset, std::move(message)});
    return nullptr;
  }
  void WarnAt(size_t offset, std::string message) {
    faults_.push_back({offset, std::move(message), RuleFault::Severity::kWarning});
  }
  // If the current token is `word`, advances past it and returns true. Sigma requires lower case,
  // so upper-case letters are accepted with a warning.
  bool ConsumeWord(std::string_view word) {
    if (!token_.Is(word)) return false;
    if (token_.text != word) {
      WarnAt(token_.offset, absl::StrCat("write '", ToAbsl(word), "' in lower case"));
    }
    Next();
    return true;
  }

  ExpressionPtr ParseOr() {
    std::vector<ExpressionPtr> children;
    for (;;) {
      ExpressionPtr child = ParseAnd();
      if (child == nullptr) return nullptr;
      children.push_back(std::move(child));
      if (!ConsumeWord("or")) return Join(Expression::Kind::kOr, std::move(children));
    }
  }

  ExpressionPtr ParseAnd() {
    std::vector<ExpressionPtr> children;
    for (;;) {
      ExpressionPtr child = ParseNot();
      if (child == nullptr) return nullptr;
      children.push_back(std::move(child));
      if (!ConsumeWord("and")) return Join(Expression::Kind::kAnd, std::move(children));
    }
  }

  ExpressionPtr ParseNot() {
    if (++depth_ > kMaxDepth) {
      return Fail(absl::StrCat("nested deeper than ", kMaxDepth, " levels"));
    }
    ExpressionPtr result;
    if (ConsumeWord("not")) {
      ExpressionPtr child = ParseNot();
      if (child != nullptr) result = Join(Expression::Kind::kNot, {std::move(child)});
    } else {
      result = ParsePrimary();
    }
    --depth_;
    return result;
  }

  ExpressionPtr ParsePrimary() {
    if (token_.text.empty()) return Fail("the condition ends where an identifier is expected");
    if (token_.text == "(") {
      const size_t open = token_.offset;
      Next();
      ExpressionPtr inner = ParseOr();
      if (inner == nullptr) return nullptr;
      if (token_.text != ")") return FailAt(open, "this parenthesis is not closed");
      Next();
      return inner;
    }
    const Token first = token_;
    if (first.text == ")" || first.text == "|" || first.Is("and") || first.Is("or")) {
      return Fail(absl::StrCat("unexpected '", ToAbsl(first.text), "', expected an identifier"));
    }
    Next();
    if (token_.Is("of")) {
      Next();
      return ParseOf(first);
    }
    for (Identifier& identifier : identifiers_) {
      if (identifier.name != first.text) continue;
      identifier.is_used = true;
      return identifier.expression;
    }
    FailAt(first.offset, absl::StrCat("the condition names '", ToAbsl(first.text),
                                      "', but detection has ", Names()));
    faults_.back().identifier = std::string(first.text);
    return std::make_shared<Expression>();
  }

  ExpressionPtr ParseOf(const Token& quantity) {
    const Token pattern = token_;
    if (pattern.text.empty()) return Fail("'of' must be followed by 'them' or a pattern");
    Next();
    std::vector<ExpressionPtr> chosen;
    for (Identifier& identifier : identifiers_) {
      // Only a pattern that begins with '_' selects identifiers that begin with '_'.
      const bool is_hidden = identifier.name.starts_with('_');
      const bool matches = pattern.Is("them") ? !is_hidden
                                              : MatchesPattern(pattern.text, identifier.name) &&
                                                    (!is_hidden || pattern.text.starts_with('_'));
      if (!matches) continue;
      identifier.is_used = true;
      chosen.push_back(identifier.expression);
    }
    chosen_ += chosen.size();
    if (chosen_ > kMaxChosen) {
      return FailAt(pattern.offset, absl::StrCat("'of' selects more than ", kMaxChosen,
                                                 " identifiers in this condition"));
    }
    if (chosen.empty()) {
      return FailAt(pattern.offset, absl::StrCat("no identifier matches '", ToAbsl(pattern.text),
                                                 "': detection has ", Names()));
    }
    if (quantity.Is("all")) return Join(Expression::Kind::kAnd, std::move(chosen));
    if (quantity.Is("any")) {
      WarnAt(quantity.offset, "'any of' is not in the specification: write '1 of'");
      return Join(Expression::Kind::kOr, std::move(chosen));
    }
    uint32_t wanted = 0;
    if (!absl::SimpleAtoi(ToAbsl(quantity.text), &wanted) || wanted == 0) {
      return FailAt(quantity.offset, absl::StrCat("'", ToAbsl(quantity.text),
                                                  " of' is unknown: write '1 of', 'all of', "
                                                  "'any of' or a number of at least 1"));
    }
    if (wanted > chosen.size()) {
      return FailAt(quantity.offset,
                    absl::StrCat("asks for ", wanted, " of ", chosen.size(), " identifiers"));
    }
    if (wanted == 1) return Join(Expression::Kind::kOr, std::move(chosen));
    WarnAt(
        quantity.offset,
        absl::StrCat("'", wanted, " of' is not in the specification: other engines may refuse it"));
    return Combinations(quantity, chosen, wanted);
  }

  ExpressionPtr Combinations(const Token& quantity, const std::vector<ExpressionPtr>& chosen,
                             size_t wanted) {
    std::vector<ExpressionPtr> alternatives;
    std::vector<size_t> picks(wanted);
    for (size_t i = 0; i < wanted; ++i) picks[i] = i;
    for (;;) {
      std::vector<ExpressionPtr> all;
      for (const size_t pick : picks) all.push_back(chosen[pick]);
      alternatives.push_back(Join(Expression::Kind::kAnd, std::move(all)));
      if (alternatives.size() > kMaxCombinations) {
        return FailAt(quantity.offset,
                      absl::StrCat("'", ToAbsl(quantity.text), " of' over ", chosen.size(),
                                   " identifiers has too many "
                                   "combinations"));
      }
      size_t i = wanted;
      while (i > 0 && picks[i - 1] == chosen.size() - wanted + i - 1) --i;
      if (i == 0) return Join(Expression::Kind::kOr, std::move(alternatives));
      ++picks[i - 1];
      for (; i < wanted; ++i) picks[i] = picks[i - 1] + 1;
    }
  }

  std::string Names() const {
    if (identifiers_.empty()) return "no identifiers";
    std::string names;
    for (const Identifier& identifier : identifiers_) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", "'", identifier.name, "'");
    }
    return names;
  }

  const std::string_view text_;
  Identifiers& identifiers_;
  std::vector<ConditionFault>& faults_;
  bool has_failed_ = false;
  size_t chosen_ = 0;
  Token token_;
  int depth_ = 0;
};

constexpr size_t kMaxItems = 12;
// The maximum number of nodes of a condition. An identifier counts once for each use.
constexpr size_t kMaxLogicNodes = 500;

// A condition whose leaves are numbered search items.
class Formula {
 public:
  // Returns nullopt if the condition is too large, or if it has no negation, so that it can neither
  // contradict itself nor hold always.
  static std::optional<Formula> Of(const Expression& expression) {
    size_t nodes = 0;
    bool has_negation = false;
    Measure(expression, nodes, has_negation);
    if (!has_negation || nodes > kMaxLogicNodes) return std::nullopt;
    Formula formula;
    formula.Add(expression);
    if (formula.is_too_large_) return std::nullopt;
    return formula;
  }

  size_t items() const { return items_.size(); }

  // Evaluates the condition. Bit i of `values` is the value of item i.
  bool Holds(uint32_t values) const { return Holds(0, values); }

 private:
  struct LogicNode {
    Expression::Kind kind = Expression::Kind::kField;
    uint32_t item = 0;
    std::vector<size_t> children;
  };

  static bool IsComposed(const Expression& expression) {
    return expression.kind == Expression::Kind::kAnd || expression.kind == Expression::Kind::kOr ||
           expression.kind == Expression::Kind::kNot;
  }

  // Counts the nodes, until there are too many, and looks for a negation among them.
  static void Measure(const Expression& expression, size_t& nodes, bool& has_negation) {
    if (++nodes > kMaxLogicNodes || !IsComposed(expression)) return;
    has_negation |= expression.kind == Expression::Kind::kNot;
    for (const ExpressionPtr& child : expression.children) {
      Measure(*child, nodes, has_negation);
      if (nodes > kMaxLogicNodes) return;
    }
  }

  // Returns true if a search item is so long that comparing it with others would take too long.
  static bool IsLong(const Expression& item) {
    size_t size = 0;
    for (const Test& test : item.tests) {
      size += 10 + test.text.size();
      for (const GlobPart& part : test.glob) size += part.text.size();
    }
    return size > 10'000;
  }

  size_t Add(const Expression& expression) {
    const size_t index = nodes_.size();
    nodes_.emplace_back();
    if (is_too_large_) return index;
    if (IsComposed(expression)) {
      nodes_[index].kind = expression.kind;
      for (const ExpressionPtr& child : expression.children) {
        const size_t added = Add(*child);
        nodes_[index].children.push_back(added);
        if (is_too_large_) break;
      }
      return index;
    }
    const auto next = static_cast<uint32_t>(items_.size());
    std::string text = IsLong(expression) ? std::to_string(index) : CanonicalText(expression);
    nodes_[index].item = items_.emplace(std::move(text), next).first->second;
    is_too_large_ = items_.size() > kMaxItems;
    return index;
  }

  bool Holds(size_t index, uint32_t values) const {
    const LogicNode& node = nodes_[index];
    const auto holds = [&](size_t child) { return Holds(child, values); };
    switch (node.kind) {
      case Expression::Kind::kAnd:
        return std::all_of(node.children.begin(), node.children.end(), holds);
      case Expression::Kind::kOr:
        return std::any_of(node.children.begin(), node.children.end(), holds);
      case Expression::Kind::kNot:
        return !holds(node.children[0]);
      default:
        return (values >> node.item & 1) != 0;
    }
  }

  std::vector<LogicNode> nodes_;
  std::map<std::string, uint32_t> items_;  // numbers of the search items by their canonical text
  bool is_too_large_ = false;
};

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

ExpressionPtr ParseCondition(std::string_view text, Identifiers& identifiers,
                             std::vector<ConditionFault>& faults) {
  return Parser(text, identifiers, faults).Parse();
}

Logic LogicOf(const Expression& expression) {
  const std::optional<Formula> formula = Formula::Of(expression);
  if (!formula.has_value()) return Logic::kDepends;
  bool can_hold = false, can_fail = false;
  for (uint32_t values = 0; values >> formula->items() == 0; ++values) {
    (formula->Holds(values) ? can_hold : can_fail) = true;
    if (can_hold && can_fail) return Logic::kDepends;
  }
  return can_hold ? Logic::kAlways : Logic::kNever;
}

}  // namespace picket::sigma
