#include "parser/json_members.h"

#include <cstring>
#include <utility>

namespace picket::parser {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

size_t SkipText(std::string_view text, size_t at) {
  for (++at; at < text.size();) {
    const void* const quote = std::memchr(text.data() + at, '"', text.size() - at);
    if (quote == nullptr) return std::string_view::npos;
    const size_t end = static_cast<const char*>(quote) - text.data();
    size_t backslashes = 0;
    while (end - backslashes > at && text[end - backslashes - 1] == '\\') ++backslashes;
    at = end + 1;
    if (backslashes % 2 == 0) return at;
  }
  return std::string_view::npos;
}

}  // namespace

size_t SkipJsonBlanks(std::string_view text, size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

size_t SkipJsonValue(std::string_view text, size_t at) {
  if (at >= text.size()) return std::string_view::npos;
  if (text[at] == '"') return SkipText(text, at);
  if (text[at] != '{' && text[at] != '[') {
    while (at < text.size() && !IsBlank(text[at]) && text[at] != ',' && text[at] != '}' &&
           text[at] != ']') {
      ++at;
    }
    return at;
  }
  size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = SkipText(text, at);
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

JsonMembers::JsonMembers(std::string_view container) : text_(container) {
  at_ = SkipJsonBlanks(text_, 0);
  if (at_ >= text_.size() || (text_[at_] != '{' && text_[at_] != '[')) return;
  close_ = text_[at_++] == '{' ? '}' : ']';
}

bool JsonMembers::Next() {
  if (close_ == 0) return false;
  const bool in_object = close_ == '}';
  const char close = std::exchange(close_, '\0');
  size_t at = SkipJsonBlanks(text_, at_);
  if (at >= text_.size() || text_[at] == close) return false;
  if (!first_) {
    if (text_[at] != ',') return false;
    at = SkipJsonBlanks(text_, at + 1);
  }
  first_ = false;
  if (in_object) {
    if (at >= text_.size() || text_[at] != '"') return false;
    const size_t end = SkipJsonValue(text_, at);
    if (end == std::string_view::npos) return false;
    name_ = JsonInner(text_.substr(at, end - at));
    at = SkipJsonBlanks(text_, end);
    if (at >= text_.size() || text_[at] != ':') return false;
    at = SkipJsonBlanks(text_, at + 1);
  }
  at_ = at;
  const size_t end = SkipJsonValue(text_, at);
  if (end == std::string_view::npos || end == at) return false;
  value_ = text_.substr(at, end - at);
  at_ = end;
  close_ = close;
  return true;
}

}  // namespace picket::parser
