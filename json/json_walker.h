#pragma once

// Walks over the values of an indexed JSON text, token by token. The walk checks the grammar,
// numbers and escapes, so the bytes of a walked value can be copied unchanged.

#include <cstdint>
#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// Each call takes the position in the index as an argument and returns the new position, so that
// the position stays in a register. An earlier version kept the position in a member. Storing and
// loading this member for every token took a third of the time needed to read a record.
// Threads: an object is used by one thread. Lifetime: the indexed text must stay valid while the
// walker is used.
class JsonWalker {
 public:
  // A position in the index. A call that fails returns nullptr, and fault() then returns the error.
  using At = const uint32_t*;

  // Prepares to walk a newly indexed text.
  void Begin(const JsonTokens& tokens);
  // Returns an error that concerns the text as a whole: a bad escape, or a last token that is not a
  // closing bracket. Returns kNone if there is no such error; otherwise, the text must not be
  // walked. The walk checks for the end of the index only after complete values. This suffices
  // because the last token is known to be a closing bracket.
  JsonFault text_fault() const { return text_fault_; }

  const JsonTokens& tokens() const { return *tokens_; }
  const char* text() const { return text_; }
  At begin() const { return tokens_->begin(); }
  At end() const { return tokens_->begin() + tokens_->count(); }
  char Byte(At at) const { return text_[*at]; }
  JsonFault fault() const { return fault_; }
  At Fail(JsonFault fault) {
    fault_ = fault;
    return nullptr;
  }

  // Reads the string whose opening quote is at `at`.
  At String(At at, JsonValue& value) {
    const uint32_t start = at[0];
    const uint32_t stop = at[1];
    if (text_[stop - 1] != '"' || stop < start + 2) [[unlikely]]
      return SpacedString(at, value);
    value.kind = JsonValue::kText;
    value.raw = {text_ + start, stop - start};
    return at + 1;
  }

  // Reads the value that starts at `at`. `at` must be before end().
  At Value(At at, int depth, JsonValue& value) {
    value.token = static_cast<uint32_t>(at - begin());
    value.end_token = value.token + 1;
    value.spaced = false;
    const char first = Byte(at);
    if (first == '"') return String(at, value);
    if (first == '{' || first == '[') return Container(at, depth, value);
    return Scalar(at, value);
  }

  // Fills in `value` for a container that starts at `first` and whose last token is at `at`.
  At EndContainer(At first, At at, JsonValue::Kind kind, bool spaced, JsonValue& value) {
    value.kind = kind;
    value.spaced = spaced;
    value.raw = {text_ + *first, *at + 1 - *first};
    ++at;
    value.token = static_cast<uint32_t>(first - begin());
    value.end_token = static_cast<uint32_t>(at - begin());
    return at;
  }

 private:
  At SpacedString(At at, JsonValue& value);
  At Scalar(At at, JsonValue& value);
  At Container(At at, int depth, JsonValue& value);

  const JsonTokens* tokens_ = nullptr;
  const char* text_ = nullptr;
  JsonFault text_fault_ = JsonFault::kNone;
  JsonFault fault_ = JsonFault::kNone;
};

}  // namespace picket
