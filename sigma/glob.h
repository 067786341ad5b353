#pragma once

// Wildcard patterns, which consist of literal text, `*` and `?`.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification", sections "String Wildcard" and
// "Escaping".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace picket::sigma {

// A part of a pattern: literal bytes, `*` or `?`.
struct GlobPart {
  enum class Kind : uint8_t { kText, kAnyRun, kAnyOne };
  Kind kind;
  std::string text;
  friend bool operator==(const GlobPart&, const GlobPart&) = default;
};
// A pattern that must match a whole value. The modifier `contains` adds a `*` at both ends.
using Glob = std::vector<GlobPart>;

// Splits a Sigma string into literal text and the wildcards `*` and `?`. A backslash escapes `*`,
// `?` and another backslash. Before any other character, a backslash is literal text.
Glob ParseGlob(std::string_view text);

// Returns the pattern that matches exactly `text`.
Glob PlainGlob(std::string text);

// Appends a part to a pattern. Merges adjacent `*` and adjacent literals.
void Append(const GlobPart& part, Glob& glob);

bool HasWildcard(const Glob& glob);

// Returns the literal text of a pattern that has no wildcards.
std::string PlainText(const Glob& glob);

// Returns the pattern in readable form. Wildcards appear as `*` and `?`, and literal text appears
// without escapes.
std::string PatternText(const Glob& glob);

}  // namespace picket::sigma
