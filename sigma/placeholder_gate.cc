#include "sigma/placeholder_gate.h"

#include <utility>

namespace picket::sigma {
namespace {

// An expression, or one of the two that are known without an event.
struct Bound {
  enum class Kind { kTrue, kFalse, kOpen };
  Kind kind = Kind::kOpen;
  ExpressionPtr expression;  // kOpen
};

Bound Known(bool holds) { return {holds ? Bound::Kind::kTrue : Bound::Kind::kFalse, nullptr}; }

bool HasPlaceholder(const Expression& expression) {
  if (expression.kind == Expression::Kind::kPlaceholder) return true;
  for (const ExpressionPtr& child : expression.children) {
    if (HasPlaceholder(*child)) return true;
  }
  return false;
}

// The widest that the expression can be with any lists, or (`widest` false) the narrowest.
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
      // What decides an AND is false, what decides an OR is true; the other drops out.
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
      // A placeholder, or elements of an array that one is asked of.
      return Known(widest);
  }
}

// Holds for every event, whether it has the field or not.
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
