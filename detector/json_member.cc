#include "detector/json_member.h"

#include <charconv>
#include <cstring>

#include "common/json_tokens.h"

namespace picket::detector {
namespace {

const char* SkipBlanks(const char* at, const char* end) {
  while (at != end && IsJsonBlank(*at)) ++at;
  return at;
}

// `at` is behind the opening quote; returns the place of the closing one.
const char* EndOfString(const char* at, const char* end) {
  while (at != end) {
    at = static_cast<const char*>(std::memchr(at, '"', static_cast<size_t>(end - at)));
    if (at == nullptr) return end;
    const char* before = at;
    while (before[-1] == '\\') --before;  // stops at the opening quote at the latest
    if ((at - before) % 2 == 0) return at;
    ++at;
  }
  return end;
}

const char* EndOfValue(const char* at, const char* end) {
  int depth = 0;
  while (at != end) {
    switch (*at) {
      case '"':
        at = EndOfString(at + 1, end);
        if (at == end) return end;
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0) return at;
        --depth;
        break;
      case ',':
        if (depth == 0) return at;
        break;
      default:
        break;
    }
    ++at;
  }
  return end;
}

}  // namespace

std::string_view JsonMember(std::string_view object, std::string_view key) {
  const char* at = object.data();
  const char* const end = at + object.size();
  at = SkipBlanks(at, end);
  if (at == end || *at != '{') return {};
  ++at;
  while (true) {
    at = SkipBlanks(at, end);
    if (at == end || *at != '"') return {};
    const char* const name = at + 1;
    at = EndOfString(name, end);
    if (at == end) return {};
    const bool found = std::string_view(name, static_cast<size_t>(at - name)) == key;
    at = SkipBlanks(at + 1, end);
    if (at == end || *at != ':') return {};
    const char* const value = SkipBlanks(at + 1, end);
    at = EndOfValue(value, end);
    if (found) {
      const char* last = at;
      while (last != value && IsJsonBlank(last[-1])) --last;
      return {value, static_cast<size_t>(last - value)};
    }
    if (at == end || *at != ',') return {};
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

}  // namespace picket::detector
