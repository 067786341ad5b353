#include "parser/input/python_literal.h"

#include <algorithm>
#include <cstdint>

#include "common/json_writer.h"
#include "common/strings.h"
#include "json/json_tokens.h"

namespace picket::parser {
namespace {

// Appends a code point in UTF-8. A surrogate or an invalid code point becomes U+FFFD.
void AppendCodePoint(uint32_t c, std::string& out) {
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static constexpr uint32_t kFirstByte[] = {0, 0xc0, 0xe0, 0xf0};
  out.push_back(static_cast<char>(kFirstByte[more] | c >> 6 * more));
  for (int i = more - 1; i >= 0; --i) out.push_back(static_cast<char>(0x80 | (c >> 6 * i & 0x3f)));
}

class PythonReader {
 public:
  explicit PythonReader(std::string_view text) : text_(text) {}

  // Returns false if the text contains something that is not in a literal. Does not check whether
  // the commas, colons and brackets form JSON, because the caller parses the result.
  bool Read(std::string& json) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        if (!ReadString(c, json)) return false;
      } else if (std::string_view("[]{},: ").find(c) != std::string_view::npos) {
        json.push_back(c);
        ++at_;
      } else if (!ReadWord(json)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool ReadWord(std::string& json) {
    const size_t end = std::min(text_.find_first_of("[]{},: '\"", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    bool integral = false;
    if (word == "True") {
      json.append("true");
    } else if (word == "False") {
      json.append("false");
    } else if (word == "None" || word == "nan") {
      json.append("null");
    } else if (IsJsonNumber(word, integral)) {
      json.append(word);
    } else {
      return false;
    }
    return true;
  }

  bool ReadString(char quote, std::string& json) {
    std::string content;
    for (++at_; at_ < text_.size() && text_[at_] != quote;) {
      if (text_[at_] != '\\') {
        content.push_back(text_[at_++]);
      } else if (!ReadEscape(content)) {
        return false;
      }
    }
    if (at_ == text_.size()) return false;
    ++at_;
    json.push_back('"');
    AppendJsonEscaped(json, content);
    json.push_back('"');
    return true;
  }

  bool ReadEscape(std::string& content) {
    if (at_ + 1 >= text_.size()) return false;
    const char c = text_[at_ + 1];
    at_ += 2;
    switch (c) {
      case 'n':
        content.push_back('\n');
        return true;
      case 'r':
        content.push_back('\r');
        return true;
      case 't':
        content.push_back('\t');
        return true;
      case '\\':
      case '\'':
      case '"':
        content.push_back(c);
        return true;
      case 'x':
        return ReadHex(2, content);
      case 'u':
        return ReadHex(4, content);
      case 'U':
        return ReadHex(8, content);
      default:
        return false;
    }
  }

  bool ReadHex(size_t digits, std::string& content) {
    uint32_t code = 0;
    if (at_ + digits > text_.size()) return false;
    for (size_t i = 0; i < digits; ++i) {
      const char c = text_[at_++];
      const char lower = static_cast<char>(c | 0x20);
      if (!IsDigit(c) && (lower < 'a' || lower > 'f')) return false;
      code = code << 4 | static_cast<uint32_t>(IsDigit(c) ? c - '0' : lower - 'a' + 10);
    }
    AppendCodePoint(code, content);
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string PythonLiteralToJson(std::string_view text) {
  text = TrimBlanks(text);
  if (text.empty() || (text.front() != '[' && text.front() != '{')) return "";
  std::string json;
  return PythonReader(text).Read(json) ? json : "";
}

}  // namespace picket::parser
