#pragma once

// The slow twin of RuleSet and Matcher: every rule on every event, straight from the rule as it is read, over a JSON tree
// of its own. No index, no shared predicates, no folding ahead.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/sigma_document.h"

namespace picket::detector {

struct JsonMember;

struct Json {
  enum class Type { kNull, kBool, kNumber, kText, kList, kObject };
  Type type = Type::kNull;
  std::string text;  // unescaped; numbers and booleans as they are written
  std::vector<Json> items;
  std::vector<JsonMember> members;
};

struct JsonMember {
  std::string key;
  Json value;
};

// Nothing when the text is no JSON, or more than sensible (64 levels deep, numbers beyond a double).
std::optional<Json> ParseJson(std::string_view text);

// Whether the expression of a rule holds for an event, by LiteralFieldName.
bool NaivelyMatches(const sigma::Expression& expression, const Json& event);

}  // namespace picket::detector
