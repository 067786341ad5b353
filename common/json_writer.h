#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace picket {

// Appends `text` with JSON escapes and without quotes. Each byte that is not part of valid UTF-8
// becomes U+FFFD, so the result is always the inside of a valid JSON string.
void AppendJsonEscaped(std::string& out, std::string_view text);

// Writes JSON to a string sequentially. The caller must close every object and array.
//   JsonWriter json(&out);
//   json.BeginObject().Key("time").Value(5);
//   json.Key("tags").BeginArray().Value("a").EndArray().EndObject();
// Threads: an instance is used by one thread only. Lifetime: `out` must outlive the writer. The
// previous contents of `out` are kept.
// Complexity: linear in the size of the output. Memory is allocated only when `out` grows.
class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(*out) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  JsonWriter& Key(std::string_view key) {
    Value(key);
    out_.push_back(':');
    comma_ = false;
    return *this;
  }

  JsonWriter& Value(std::string_view text) {
    Separate();
    out_.push_back('"');
    AppendJsonEscaped(out_, text);
    out_.push_back('"');
    return *this;
  }
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value) { return Raw(value ? "true" : "false"); }
  template <typename Integer>
  requires(std::is_integral_v<Integer> &&
           !std::is_same_v<Integer, bool>) JsonWriter& Value(Integer value) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
    return Raw(std::string_view(digits, end - digits));
  }
  JsonWriter& Value(double value);
  JsonWriter& Null() { return Raw("null"); }

  // Writes a value that is already JSON.
  JsonWriter& Raw(std::string_view json) {
    Separate();
    out_.append(json);
    return *this;
  }

 private:
  JsonWriter& Open(char bracket) {
    Separate();
    out_.push_back(bracket);
    comma_ = false;
    return *this;
  }
  JsonWriter& Close(char bracket) {
    out_.push_back(bracket);
    comma_ = true;
    return *this;
  }
  void Separate() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace picket
