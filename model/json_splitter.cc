#include "model/json_splitter.h"

#include <cstring>

#include "common/json_tokens.h"

namespace picket {
namespace {

// The position after the string that starts at `at`; npos when it is not closed.
size_t SkipString(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    const void* const quote = std::memchr(text.data() + at, '"', text.size() - at);
    if (quote == nullptr) return std::string_view::npos;
    at = static_cast<const char*>(quote) - text.data();
    size_t backslashes = 0;
    while (text[at - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at + 1;
  }
  return std::string_view::npos;
}

// The position after the object or array that starts at `at`; npos when it is not closed.
size_t SkipContainer(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = SkipString(text, at);
        if (at == std::string_view::npos) return at;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

JsonArraySplitter::JsonArraySplitter(std::string_view text) : text_(text) {}

std::optional<std::string_view> JsonArraySplitter::Next() {
  if (complete_) return std::nullopt;
  size_t at = position_;
  while (at < text_.size() && IsJsonBlank(text_[at])) ++at;
  if (!started_) {
    if (at >= text_.size() || (text_[at] != '[' && text_[at] != '{')) return std::nullopt;
    started_ = true;
    bare_ = text_[at] == '{';
    if (!bare_) position_ = ++at;
  }
  // A missing comma between members and one too many are forgiven: neither hides a member.
  while (at < text_.size() && (IsJsonBlank(text_[at]) || text_[at] == ',')) ++at;
  if (at >= text_.size()) {
    position_ = at;
    complete_ = bare_;
    return std::nullopt;
  }
  if (text_[at] == ']' && !bare_) {
    position_ = ++at;
    while (at < text_.size() && IsJsonBlank(text_[at])) ++at;
    complete_ = at == text_.size();
    started_ = complete_;  // what follows is no array of ours
    return std::nullopt;
  }
  position_ = at;
  size_t end;
  if (text_[at] == '{' || text_[at] == '[') {
    end = SkipContainer(text_, at);
  } else if (text_[at] == '"') {
    end = SkipString(text_, at);
  } else {
    end = at + 1;
    while (end < text_.size() && std::strchr(",]{[\"", text_[end]) == nullptr) ++end;
    if (end == text_.size()) end = std::string_view::npos;
  }
  if (end == std::string_view::npos) return std::nullopt;
  position_ = end;
  while (end > at && IsJsonBlank(text_[end - 1])) --end;
  return text_.substr(at, end - at);
}

}  // namespace picket
