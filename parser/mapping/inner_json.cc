#include "parser/mapping/inner_json.h"

#include <cstring>

#include "common/byte_search.h"
#include "json/json_tokens.h"

namespace picket::parser {
namespace {

// Returns the first character that is neither a blank nor an escaped blank. Returns 0 if there is
// no such character, or if that character is escaped.
char FirstCharacter(std::string_view escaped) {
  for (size_t i = 0; i < escaped.size(); ++i) {
    if (IsJsonBlank(escaped[i])) continue;
    if (escaped[i] != '\\' || i + 1 == escaped.size()) return escaped[i];
    ++i;
    if (escaped[i] != 'n' && escaped[i] != 'r' && escaped[i] != 't') return 0;
  }
  return 0;
}

}  // namespace

bool InnerJson::LooksLikeJson(std::string_view escaped) {
  const char first = FirstCharacter(escaped);
  return first == '{' || first == '[';
}

InnerJson::Result InnerJson::Append(std::string_view name, std::string_view escaped,
                                    ByteBuffer& out) {
  if (!LooksLikeJson(escaped)) return Result::kNoJson;
  text_.clear();
  AppendJsonUnescaped(escaped, text_);
  return AppendText(name, out);
}

InnerJson::Result InnerJson::AppendJson(std::string_view name, std::string_view json,
                                        ByteBuffer& out) {
  text_.assign(json);
  return AppendText(name, out);
}

InnerJson::Result InnerJson::AppendText(std::string_view name, ByteBuffer& out) {
  at_ = 0;
  path_.assign(name);
  leaves_.Clear();
  too_large_ = false;
  room_ = out.size() < kMaxBytes ? kMaxBytes - out.size() : 0;
  SkipBlanks();
  bool good = Value(1);
  SkipBlanks();
  good = good && at_ == text_.size();
  if (too_large_) return Result::kTooLarge;
  if (!good) return Result::kBad;
  if (leaves_.empty()) return Result::kDecoded;
  out.Put(out.empty() ? leaves_.view().substr(1) : leaves_.view());
  return Result::kDecoded;
}

void InnerJson::SkipBlanks() {
  while (at_ < text_.size() && IsJsonBlank(text_[at_])) ++at_;
}

void InnerJson::Leaf(std::string_view text) {
  leaves_.Put(",{\"name\":\"");
  leaves_.Put(path_);
  leaves_.Put("\",\"value\":\"");
  leaves_.Put(text);
  leaves_.Put("\"}");
}

bool InnerJson::Value(int depth) {
  if (depth > kMaxDepth || at_ >= text_.size()) return false;
  if (leaves_.size() > room_) {
    too_large_ = true;
    return false;
  }
  switch (text_[at_]) {
    case '{':
      return Object(depth);
    case '[':
      return Array(depth);
    case '"': {
      std::string_view inner;
      if (!String(inner)) return false;
      Leaf(inner);
      return true;
    }
    default:
      return Scalar();
  }
}

bool InnerJson::Object(int depth) {
  ++at_;
  SkipBlanks();
  if (at_ < text_.size() && text_[at_] == '}') {
    ++at_;
    return true;
  }
  const size_t length = path_.size();
  while (true) {
    std::string_view key;
    if (!String(key)) return false;
    path_.push_back('.');
    path_.append(key);
    SkipBlanks();
    if (at_ >= text_.size() || text_[at_] != ':') return false;
    ++at_;
    SkipBlanks();
    if (!Value(depth + 1)) return false;
    path_.resize(length);
    SkipBlanks();
    if (at_ >= text_.size()) return false;
    const char next = text_[at_++];
    if (next == '}') return true;
    if (next != ',') return false;
    SkipBlanks();
  }
}

bool InnerJson::Array(int depth) {
  ++at_;
  SkipBlanks();
  if (at_ < text_.size() && text_[at_] == ']') {
    ++at_;
    return true;
  }
  while (true) {
    if (!Value(depth + 1)) return false;
    SkipBlanks();
    if (at_ >= text_.size()) return false;
    const char next = text_[at_++];
    if (next == ']') return true;
    if (next != ',') return false;
    SkipBlanks();
  }
}

// Reads a string. The content of the string is copied to the output unchanged. Its escapes are
// therefore checked as strictly as those of a record.
bool InnerJson::String(std::string_view& inner) {
  if (at_ >= text_.size() || text_[at_] != '"') return false;
  const size_t start = ++at_;
  const std::string_view text = text_;
  for (; at_ < text.size(); ++at_) {
    while (at_ + 8 <= text.size()) {
      uint64_t word;
      std::memcpy(&word, text.data() + at_, 8);
      const int plain =
          BytesBefore(MarkByte('"', word) | MarkByte('\\', word) | MarkBelow(0x20, word));
      at_ += static_cast<size_t>(plain);
      if (plain < 8) break;
    }
    if (at_ == text.size()) break;
    const unsigned char c = static_cast<unsigned char>(text[at_]);
    if (c == '"') {
      inner = text.substr(start, at_ - start);
      ++at_;
      return true;
    }
    if (c < 0x20) return false;
    if (c != '\\') continue;
    if (++at_ >= text.size()) return false;
    switch (text[at_]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        break;
      case 'u': {
        const int code = JsonHex4(text, at_ + 1);
        if (code < 0 || (code >= 0xdc00 && code < 0xe000)) return false;
        at_ += 4;
        if (code >= 0xd800 && code < 0xdc00) {
          if (text.substr(at_ + 1, 2) != "\\u") return false;
          const int low = JsonHex4(text, at_ + 3);
          if (low < 0xdc00 || low >= 0xe000) return false;
          at_ += 6;
        }
        break;
      }
      default:
        return false;
    }
  }
  return false;
}

bool InnerJson::Scalar() {
  const size_t start = at_;
  while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']' &&
         !IsJsonBlank(text_[at_])) {
    ++at_;
  }
  const std::string_view token = std::string_view(text_).substr(start, at_ - start);
  bool integral = false;
  if (token != "true" && token != "false" && token != "null" && !IsJsonNumber(token, integral)) {
    return false;
  }
  Leaf(token);
  return true;
}

}  // namespace picket::parser
