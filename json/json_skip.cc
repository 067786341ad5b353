#include "json/json_skip.h"

#include <cstring>

#include "json/json_tokens.h"

namespace picket {

size_t SkipJsonString(std::string_view json, size_t at) {
  for (++at; at < json.size();) {
    const void* const quote = std::memchr(json.data() + at, '"', json.size() - at);
    if (quote == nullptr) return std::string_view::npos;
    const size_t end = static_cast<const char*>(quote) - json.data();
    size_t backslashes = 0;
    while (end - backslashes > at && json[end - backslashes - 1] == '\\') ++backslashes;
    at = end + 1;
    if (backslashes % 2 == 0) return at;
  }
  return std::string_view::npos;
}

size_t SkipJsonContainer(std::string_view json, size_t at) {
  size_t depth = 0;
  while (at < json.size()) {
    switch (json[at]) {
      case '"':
        at = SkipJsonString(json, at);
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

size_t SkipJsonBlanks(std::string_view json, size_t at) {
  while (at < json.size() && IsJsonBlank(json[at])) ++at;
  return at;
}

size_t SkipJsonValue(std::string_view json, size_t at) {
  if (at >= json.size()) return std::string_view::npos;
  if (json[at] == '"') return SkipJsonString(json, at);
  if (json[at] != '{' && json[at] != '[') {
    while (at < json.size() && !IsJsonBlank(json[at]) && json[at] != ',' && json[at] != '}' &&
           json[at] != ']') {
      ++at;
    }
    return at;
  }
  return SkipJsonContainer(json, at);
}

}  // namespace picket
