#include "sigma/expression.h"

#include "absl/strings/str_cat.h"
#include "sigma/search_item.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {
namespace {

void AppendCanonical(const YamlNode& node, std::string& out) {
  absl::StrAppend(&out, "(", static_cast<int>(node.kind), static_cast<int>(node.type), " ",
                  node.text.size(), ":", node.text);
  for (const YamlNode& item : node.items) AppendCanonical(item, out);
  for (const auto& [key, value] : node.pairs) {
    AppendCanonical(key, out);
    AppendCanonical(value, out);
  }
  out += ')';
}

void AppendCanonical(const Expression& expression, std::string& out) {
  switch (expression.kind) {
    case Expression::Kind::kAnd:
      out += "and";
      break;
    case Expression::Kind::kOr:
      out += "or";
      break;
    case Expression::Kind::kNot:
      out += "not";
      break;
    case Expression::Kind::kElements:
      absl::StrAppend(&out, "elements ", expression.field.size(), ":", expression.field, " ",
                      static_cast<int>(expression.quantifier), " ", expression.index);
      break;
    case Expression::Kind::kPlaceholder:
      out += "item ";
      AppendCanonical(expression.placeholder->key, out);
      AppendCanonical(expression.placeholder->value, out);
      break;
    case Expression::Kind::kField:
      absl::StrAppend(&out, "field ", expression.field.size(), ":", expression.field);
      for (const Test& test : expression.tests) {
        absl::StrAppend(&out, "[", static_cast<int>(test.kind), " ", test.cased, " ",
                        test.is_number, " ", test.text.size(), ":", test.text, " ",
                        static_cast<int>(test.comparison), " ", test.number, " ",
                        static_cast<int>(test.part), " ", static_cast<int>(test.reference));
        for (const GlobPart& part : test.glob) {
          absl::StrAppend(&out, " ", static_cast<int>(part.kind), part.text.size(), ":", part.text);
        }
        out += ']';
      }
      break;
  }
  out += '(';
  for (const ExpressionPtr& child : expression.children) AppendCanonical(*child, out);
  out += ')';
}

}  // namespace

std::string CanonicalText(const Expression& expression) {
  std::string text;
  AppendCanonical(expression, text);
  return text;
}

}  // namespace picket::sigma
