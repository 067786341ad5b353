#pragma once

// Reads JSON by its tokens: simdjson's structural index, and values that are views into the text,
// still escaped. README.md in this folder lists the other readers.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace picket {

inline constexpr int kMaxJsonDepth = 256;

// Whether the character may occur between tokens.
inline bool IsJsonBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

struct JsonValue {
  enum Kind : uint8_t { kAbsent, kText, kNumber, kTrue, kFalse, kNull, kArray, kObject };
  Kind kind = kAbsent;
  bool spaced = false;     // a container with whitespace between its tokens
  bool integral = false;   // a number without fraction and exponent; set by JsonWalker only
  uint32_t token = 0;      // the first token; may be unset for strings and numbers
  uint32_t end_token = 0;  // the token after the last
  std::string_view raw;    // the JSON

  bool is_text() const { return kind == kText; }
  // A string without its quotes, still escaped.
  std::string_view inner() const { return raw.substr(1, raw.size() - 2); }
};

// Why a text was rejected.
enum class JsonFault : uint8_t {
  kNone,
  kSyntax,     // not JSON
  kTooDeep,    // deeper than kMaxJsonDepth
  kBadString,  // bad UTF-8, a raw control character or half a surrogate pair: can be repaired
  kNotAnObject,
};

// The structural index of a JSON text: where each token starts. It is made by simdjson's first
// stage, which is selected for the CPU at run time.
// Threads: one. Lifetime: `text` must outlive its use. Memory: 4 bytes per byte of the longest
// text.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();
  // kNone, kSyntax or kBadString.
  JsonFault Index(std::string_view text);

  std::string_view text() const { return text_; }
  const uint32_t* begin() const { return begin_; }
  uint32_t count() const { return count_; }
  char at(uint32_t token) const { return text_[begin_[token]]; }
  uint32_t position(uint32_t token) const { return begin_[token]; }
  // The token's bytes, without the whitespace after it.
  std::string_view bytes(uint32_t token) const {
    const size_t start = begin_[token];
    size_t end = token + 1 < count_ ? begin_[token + 1] : text_.size();
    while (end > start + 1 && IsJsonBlank(text_[end - 1])) --end;
    return text_.substr(start, end - start);
  }
  // The following functions need a text that has been walked (JsonWalker), so that it is valid JSON.

  // The token after the value that starts at `token`.
  uint32_t EndOf(uint32_t token) const {
    const char c = at(token);
    return c == '{' || c == '[' ? EndOfContainer(token) : token + 1;
  }

  // The value that starts at `token`.
  JsonValue ValueAt(uint32_t token) const;
  // The member of an object by its name; kAbsent if there is none.
  JsonValue Member(const JsonValue& object, std::string_view name) const;
  // Calls function(value) for each element of an array.
  template <typename Function>
  void ForEach(const JsonValue& array, Function function) const {
    if (array.kind != JsonValue::kArray) return;
    for (uint32_t token = array.token + 1; token + 1 < array.end_token;) {
      const JsonValue value = ValueAt(token);
      function(value);
      token = value.end_token;
      if (token + 1 < array.end_token) ++token;  // the comma
    }
  }
  // EachElement calls function(token) for each element of the array that starts at `token`;
  // EachMember calls function(name without quotes, token) for each member of the object. `function`
  // reads the value that starts at its token, and returns the token after the value; so nothing is
  // read twice. The result is the token after the array or object.
  template <typename Function>
  uint32_t EachElement(uint32_t token, Function function) const {
    for (++token; at(token) != ']';) {
      token = function(token);
      if (at(token) == ',') ++token;
    }
    return token + 1;
  }
  template <typename Function>
  uint32_t EachMember(uint32_t token, Function function) const {
    for (++token; at(token) != '}';) {
      const std::string_view key = bytes(token);
      token = function(key.substr(1, key.size() - 2), token + 2);
      if (at(token) == ',') ++token;
    }
    return token + 1;
  }
  // A string token without its quotes, still escaped. Empty, but not null, for any other token.
  std::string_view Text(uint32_t token) const {
    if (at(token) != '"') return "";
    const std::string_view raw = bytes(token);
    return raw.substr(1, raw.size() - 2);
  }

  // Calls function(name without quotes, value) for each member of an object.
  template <typename Function>
  void ForEachMember(const JsonValue& object, Function function) const {
    if (object.kind != JsonValue::kObject) return;
    for (uint32_t token = object.token + 1; token + 1 < object.end_token;) {
      std::string_view key = bytes(token);
      key = key.substr(1, key.size() - 2);
      const JsonValue value = ValueAt(token + 2);
      function(key, value);
      token = value.end_token;
      if (token + 1 < object.end_token) ++token;
    }
  }

 private:
  uint32_t EndOfContainer(uint32_t token) const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string_view text_;
  const uint32_t* begin_ = nullptr;
  uint32_t count_ = 0;
};

// Appends the characters of a JSON string to `out`. `inner` is the string without its quotes, in a
// text that has been walked.
void AppendJsonUnescaped(std::string_view inner, std::string& out);

// The value of the four hexadecimal digits at `at`; -1 if they are not four digits.
int JsonHex4(std::string_view text, size_t at);

// Whether the token is a JSON number. `integral` is set if it has no fraction and no exponent.
bool IsJsonNumber(std::string_view token, bool& integral);

}  // namespace picket
