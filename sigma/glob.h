#pragma once

// Wildcard patterns: literal text with `*` and `?`.
// Facts: Sigma specification 2.1.0, "Sigma Rules Specification", sections "String Wildcard" and
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
// A pattern for a whole value; `contains` is a pattern with an any-run at both ends.
using Glob = std::vector<GlobPart>;

// Splits a Sigma string into literal text and the wildcards `*` and `?`. A backslash escapes `*`,
// `?` and a backslash; before any other character it is a literal backslash.
Glob ParseGlob(std::string_view text);

// The pattern that matches exactly this text.
Glob PlainGlob(std::string text);

// Appends a part; merges adjacent `*` and adjacent literals.
void Append(const GlobPart& part, Glob& glob);

bool HasWildcard(const Glob& glob);

// The literal text of a pattern that has no wildcards.
std::string PlainText(const Glob& glob);

// The pattern in readable form: wildcards as `*` and `?`, literals without escapes.
std::string PatternText(const Glob& glob);

}  // namespace picket::sigma
