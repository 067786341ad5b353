#include "json/json_member.h"

#include <algorithm>
#include <charconv>

#include "json/json_skip.h"

namespace picket {

std::string_view JsonMember(std::string_view object, std::string_view key) {
  size_t at = SkipJsonBlanks(object, 0);
  if (at == object.size() || object[at] != '{') return {};
  ++at;
  while (true) {
    at = SkipJsonBlanks(object, at);
    if (at == object.size() || object[at] != '"') return {};
    const size_t name = at + 1;
    at = SkipJsonText(object, at);
    if (at == std::string_view::npos) return {};
    const bool is_found = object.substr(name, at - 1 - name) == key;
    at = SkipJsonBlanks(object, at);
    if (at == object.size() || object[at] != ':') return {};
    const size_t value = SkipJsonBlanks(object, at + 1);
    at = std::min(SkipJsonValue(object, value), object.size());
    if (is_found) return object.substr(value, at - value);
    at = SkipJsonBlanks(object, at);
    if (at == object.size() || object[at] != ',') return {};
    ++at;
  }
}

std::string_view JsonText(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  return value.substr(1, value.size() - 2);
}

bool JsonInteger(std::string_view value, int64_t* number) {
  const auto result = std::from_chars(value.data(), value.data() + value.size(), *number);
  return result.ec == std::errc() && result.ptr == value.data() + value.size();
}

std::string_view CutText(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace picket
