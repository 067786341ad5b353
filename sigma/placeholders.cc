#include "sigma/placeholders.h"

#include <algorithm>
#include <utility>

#include "sigma/item_fault.h"
#include "sigma/search_item.h"

namespace picket::sigma {
namespace {

void CollectPlaceholders(const Expression& expression, std::vector<std::string>& names) {
  if (expression.kind == Expression::Kind::kPlaceholder) {
    const std::vector<std::string>& lists = expression.placeholder->lists;
    names.insert(names.end(), lists.begin(), lists.end());
  }
  for (const ExpressionPtr& child : expression.children) CollectPlaceholders(*child, names);
}

// Returns the expression with the values of the lists inserted. If the expression contains no
// placeholder, returns the expression itself. If there is an error, returns null.
ExpressionPtr Resolved(const ExpressionPtr& expression, const ValueLists& lists,
                       std::vector<ItemFault>& faults) {
  if (expression->kind == Expression::Kind::kPlaceholder) {
    const PlaceholderItem& item = *expression->placeholder;
    return BuildItem(item.key, item.value, &lists, faults);
  }
  bool is_changed = false, is_valid = true;
  std::vector<ExpressionPtr> children;
  for (const ExpressionPtr& child : expression->children) {
    children.push_back(Resolved(child, lists, faults));
    is_changed |= children.back() != child;
    is_valid &= children.back() != nullptr;
  }
  if (!is_valid) return nullptr;
  if (!is_changed) return expression;
  auto resolved = std::make_shared<Expression>(*expression);
  resolved->children = std::move(children);
  return resolved;
}

// The result of BoundOf: either an expression (kOpen), or a constant that does not depend on the
// event.
struct Bound {
  enum class Kind { kTrue, kFalse, kOpen };
  Kind kind = Kind::kOpen;
  ExpressionPtr expression;  // null unless the kind is kOpen
};

Bound Known(bool holds) { return {holds ? Bound::Kind::kTrue : Bound::Kind::kFalse, nullptr}; }

bool HasPlaceholder(const Expression& expression) {
  if (expression.kind == Expression::Kind::kPlaceholder) return true;
  for (const ExpressionPtr& child : expression.children) {
    if (HasPlaceholder(*child)) return true;
  }
  return false;
}

// Returns a bound of the expression that contains no placeholders. If `widest` is true, the bound
// holds for every event that fulfils the expression with some contents of the lists. Otherwise, the
// bound holds only for events that fulfil the expression with any contents of the lists.
Bound BoundOf(const ExpressionPtr& expression, bool widest) {
  if (!HasPlaceholder(*expression)) return {Bound::Kind::kOpen, expression};
  switch (expression->kind) {
    case Expression::Kind::kNot: {
      Bound child = BoundOf(expression->children[0], !widest);
      if (child.kind != Bound::Kind::kOpen) return Known(child.kind == Bound::Kind::kFalse);
      auto negated = std::make_shared<Expression>(*expression);
      negated->children = {std::move(child.expression)};
      return {Bound::Kind::kOpen, std::move(negated)};
    }
    case Expression::Kind::kAnd:
    case Expression::Kind::kOr: {
      const bool is_and = expression->kind == Expression::Kind::kAnd;
      // A child that is known to be false makes an AND false, and a child that is known to be true
      // makes an OR true. The other known children have no effect and are dropped.
      const Bound::Kind decides = is_and ? Bound::Kind::kFalse : Bound::Kind::kTrue;
      auto joined = std::make_shared<Expression>(*expression);
      joined->children.clear();
      for (const ExpressionPtr& part : expression->children) {
        Bound child = BoundOf(part, widest);
        if (child.kind == decides) return child;
        if (child.kind == Bound::Kind::kOpen)
          joined->children.push_back(std::move(child.expression));
      }
      if (joined->children.empty()) return Known(is_and);
      return {Bound::Kind::kOpen, std::move(joined)};
    }
    default:
      // This is a placeholder, or a test of array elements that contains a placeholder. Whether it
      // holds depends on the lists, so its bound is a constant.
      return Known(widest);
  }
}

// Returns an expression that holds for every event, because it tests that a field is either present
// or absent.
ExpressionPtr Always() {
  auto always = std::make_shared<Expression>();
  always->field = "Operation";
  always->tests.resize(2);
  always->tests[0].kind = Test::Kind::kExists;
  always->tests[1].kind = Test::Kind::kNotExists;
  always->label = "any event";
  return always;
}

}  // namespace

std::vector<std::string> PlaceholdersOf(const SigmaDocument& document) {
  std::vector<std::string> names;
  if (document.expression != nullptr) CollectPlaceholders(*document.expression, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool ResolvePlaceholders(const ValueLists& lists, SigmaDocument& document,
                         std::vector<RuleFault>& faults) {
  if (document.expression == nullptr) return true;
  std::vector<ItemFault> found;
  ExpressionPtr resolved = Resolved(document.expression, lists, found);
  for (ItemFault& fault : found) {
    if (fault.severity != RuleFault::Severity::kError) continue;
    faults.push_back({document.info.file, fault.line, fault.column, std::move(fault.message)});
  }
  if (resolved == nullptr) return false;
  document.expression = std::move(resolved);
  return true;
}

ExpressionPtr WithoutPlaceholders(const ExpressionPtr& expression) {
  Bound bound = BoundOf(expression, true);
  if (bound.kind == Bound::Kind::kOpen) return bound.expression;
  if (bound.kind == Bound::Kind::kTrue) return Always();
  auto never = std::make_shared<Expression>();
  never->kind = Expression::Kind::kNot;
  never->children = {Always()};
  return never;
}

}  // namespace picket::sigma
