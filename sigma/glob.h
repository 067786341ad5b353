#pragma once

// Text patterns: what must stand there, with `*` and `?` between.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace picket::sigma {

// A piece of a text pattern: bytes that must stand there, `*` or `?`.
struct GlobPart {
  enum class Kind : uint8_t { kText, kAnyRun, kAnyOne };
  Kind kind;
  std::string text;
  friend bool operator==(const GlobPart&, const GlobPart&) = default;
};
// A pattern for a whole value; `contains` is one with an any-run at both ends.
using Glob = std::vector<GlobPart>;

// Splits a Sigma string into text and wildcards: `*`, `?`, escaped by a backslash (\* \? \\* \\?); any other backslash
// stands for itself.
Glob ParseGlob(std::string_view text);

// The pattern for this text and no other.
Glob PlainGlob(std::string text);

// Runs of `*` become one, texts beside each other too.
void Append(const GlobPart& part, Glob& glob);

bool HasWildcard(const Glob& glob);

// The text of a pattern without wildcards.
std::string PlainText(const Glob& glob);

// The pattern for people: `*` and `?` as they are, texts without escapes.
std::string PatternText(const Glob& glob);

}  // namespace picket::sigma
