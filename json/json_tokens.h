#pragma once

// Reads JSON token by token, with simdjson's structural index. Values are views into the text,
// still escaped. README.md in this folder lists the other readers.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace picket {

inline constexpr int kMaxJsonDepth = 256;

// Returns true if the character is JSON whitespace.
inline bool IsJsonBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

struct JsonValue {
  enum Kind : uint8_t { kAbsent, kText, kNumber, kTrue, kFalse, kNull, kArray, kObject };
  Kind kind = kAbsent;
  bool spaced = false;     // true for a container with whitespace between its tokens
  bool integral = false;   // true for a number without fraction or exponent; set only by JsonWalker
  uint32_t token = 0;      // the value's first token; may be unset for strings and numbers
  uint32_t end_token = 0;  // the token after the value's last token
  std::string_view raw;    // the value's JSON

  bool is_text() const { return kind == kText; }
  // Returns a string without its quotes, still escaped.
  std::string_view inner() const { return raw.substr(1, raw.size() - 2); }
};

// The reason why a text was rejected.
enum class JsonFault : uint8_t {
  kNone,
  kSyntax,     // not JSON
  kTooDeep,    // nested deeper than kMaxJsonDepth
  kBadString,  // bad UTF-8, a raw control character or a lone surrogate; can be repaired
  kNotAnObject,
};

// The structural index of a JSON text. The index contains the position of each token, and is built
// by simdjson's first stage. At run time, simdjson selects the implementation for the CPU.
// Threads: an object is used by one thread. Lifetime: the indexed text must stay valid while the
// index is used. Memory: the index takes 4 bytes per byte of the longest text.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();
  // Indexes a text. Returns kNone, kSyntax or kBadString.
  JsonFault Index(std::string_view text);

  std::string_view text() const { return text_; }
  const uint32_t* begin() const { return begin_; }
  uint32_t count() const { return count_; }
  char at(uint32_t token) const { return text_[begin_[token]]; }
  uint32_t position(uint32_t token) const { return begin_[token]; }
  // Returns the bytes of the token, without the whitespace after them.
  std::string_view bytes(uint32_t token) const {
    const size_t start = begin_[token];
    size_t end = token + 1 < count_ ? begin_[token + 1] : text_.size();
    while (end > start + 1 && IsJsonBlank(text_[end - 1])) --end;
    return text_.substr(start, end - start);
  }
  // The following functions require that the text is valid JSON. Walking the text with JsonWalker
  // verifies this.

  // Returns the token after the value that starts at `token`.
  uint32_t EndOf(uint32_t token) const {
    const char c = at(token);
    return c == '{' || c == '[' ? EndOfContainer(token) : token + 1;
  }

  // Returns the value that starts at `token`.
  JsonValue ValueAt(uint32_t token) const;
  // Returns the object's member with this name, or a value of kind kAbsent if the object has no
  // such member.
  JsonValue Member(const JsonValue& object, std::string_view name) const;
  // Calls function(value) for each element of an array.
  template <typename Function>
  void ForEach(const JsonValue& array, Function function) const {
    if (array.kind != JsonValue::kArray) return;
    for (uint32_t token = array.token + 1; token + 1 < array.end_token;) {
      const JsonValue value = ValueAt(token);
      function(value);
      token = value.end_token;
      if (token + 1 < array.end_token) ++token;  // skip the comma
    }
  }
  // EachElement calls function(token) for each element of the array that starts at `token`.
  // EachMember calls function(name without quotes, token) for each member of the object that starts
  // at `token`. `function` reads the value at the given token and returns the token after the
  // value. Therefore, no value is read twice. EachElement returns the token after the array, and
  // EachMember the token after the object.
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
  // Returns a string token without its quotes, still escaped. For any other token, returns a view
  // that is empty but not null.
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

// Decodes the escapes of a JSON string and appends the result to `out`. `inner` is the string
// without its quotes, and must come from a text that JsonWalker has accepted.
void AppendJsonUnescaped(std::string_view inner, std::string& out);

// Returns the value of the four hexadecimal digits at `at`, or -1 if there are not four such
// digits.
int JsonHex4(std::string_view text, size_t at);

// Returns true if the token is a JSON number. Then sets `integral` to false if the number has a
// fraction or an exponent, and to true otherwise.
bool IsJsonNumber(std::string_view token, bool& integral);

}  // namespace picket
