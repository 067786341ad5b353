#pragma once

// The values of an indexed JSON text, walked token by token. What has been walked is valid JSON: its grammar, its
// numbers and its escapes are checked, so that its bytes may be copied as they stand.

#include <cstdint>
#include <string_view>

#include "json/json_tokens.h"

namespace picket {

// A place in the index travels as an argument and comes back as the result, so that it stays in a register: as a
// member it went through memory at every token, a third of the time of reading a record.
// Threads: one. Lifetime: the indexed text must outlive its use.
class JsonWalker {
 public:
  // A token; nullptr: what should stand there is at fault, which is kept in fault().
  using At = const uint32_t*;

  // Before the first value of a newly indexed text.
  void Begin(const JsonTokens& tokens);
  // What is wrong with the text as a whole: nothing of it may be walked then. Every list and object is closed, or the
  // walk meets the last bracket where it cannot be: so only what follows a bracket that closes can be the end of the
  // index.
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

  // The string whose quote is at `at`.
  At String(At at, JsonValue& value) {
    const uint32_t start = at[0];
    const uint32_t stop = at[1];
    if (text_[stop - 1] != '"' || stop < start + 2) [[unlikely]]
      return SpacedString(at, value);
    value.kind = JsonValue::kText;
    value.raw = {text_ + start, stop - start};
    return at + 1;
  }

  // The value that starts at `at`, which is before the end.
  At Value(At at, int depth, JsonValue& value) {
    value.token = static_cast<uint32_t>(at - begin());
    value.end_token = value.token + 1;
    value.spaced = false;
    const char first = Byte(at);
    if (first == '"') return String(at, value);
    if (first == '{' || first == '[') return Container(at, depth, value);
    return Scalar(at, value);
  }

  // What a container that starts at `first` and whose last token is at `at` is.
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
