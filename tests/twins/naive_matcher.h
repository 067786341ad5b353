#pragma once

// The slow twin of RuleSet and Matcher. It evaluates the expression of a rule directly on a JSON
// tree, without an index or a cache. It shares only the expression types of sigma/ and LowerAscii
// with the matcher.

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
  std::string text;  // a string without escapes, or a number or boolean as in the event
  std::vector<Json> items;
  std::vector<JsonMember> members;
};

struct JsonMember {
  std::string key;
  Json value;
};

// Parses a JSON text. Returns nullopt if the text is not valid JSON, has more than 64 levels or
// contains a number outside the range of a double.
std::optional<Json> ParseJson(std::string_view text);

// What the resolver of field names adds to literal names.
struct NaivePlaces {
  // Keywords search the values at or below `searched`, but not at or below `unsearched`. If several
  // of these paths contain a value, the longest one decides. Paths are keys joined by dots.
  std::vector<std::string> searched, unsearched;
  // A path, and a value at this path that keywords do not search.
  std::string placeholder_path, placeholder;
  std::vector<std::string> addresses;  // fields whose values are addresses, possibly with a port
};

// Returns whether the expression of a rule holds for an event. Field names are literal keys or
// dotted paths. Without `places`, keywords search the whole event, and no field contains addresses.
bool NaivelyMatches(const sigma::Expression& expression, const Json& event,
                    const NaivePlaces* places = nullptr);

}  // namespace picket::detector
