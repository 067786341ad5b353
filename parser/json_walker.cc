#include "parser/json_walker.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstring>

namespace picket::parser {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Which of the 16 bytes from `from` are backslashes: bit i for byte i.
inline uint32_t Backslashes(const char* from) {
#ifdef __SSE2__
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
#else
  uint32_t found = 0;
  for (int i = 0; i < 16; ++i) found |= static_cast<uint32_t>(from[i] == '\\') << i;
  return found;
#endif
}

constexpr std::array<bool, 256> kShortEscapes = [] {
  std::array<bool, 256> good{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'})
    good[static_cast<uint8_t>(c)] = true;
  return good;
}();

// The escape whose backslash is at `at`, which is no short one; `at` is then behind it.
JsonFault CheckLongEscape(std::string_view token, size_t& at) {
  if (token[at + 1] != 'u') {
    // Not every kernel sees a raw control character behind a backslash.
    return static_cast<unsigned char>(token[at + 1]) < 0x20 ? JsonFault::kBadText
                                                            : JsonFault::kSyntax;
  }
  const int code = JsonHex4(token, at + 2);
  if (code < 0) return JsonFault::kSyntax;
  at += 6;
  if (code >= 0xdc00 && code < 0xe000) return JsonFault::kBadText;
  if (code >= 0xd800 && code < 0xdc00) {
    const bool follows = at + 1 < token.size() && token[at] == '\\' && token[at + 1] == 'u';
    const int low = follows ? JsonHex4(token, at + 2) : -1;
    if (low < 0xdc00 || low >= 0xe000) return JsonFault::kBadText;
    at += 6;
  }
  return JsonFault::kNone;
}

// `at`: the token's first backslash. Escapes stand close together in JSON inside JSON, so sixteen bytes are looked at
// at once. The byte after a backslash is always there: the token ends with a quote that is not escaped.
JsonFault CheckEscapes(std::string_view token, size_t at) {
  while (at + 16 <= token.size()) {
    uint32_t found = Backslashes(token.data() + at);
    size_t next = at + 16;
    while (found != 0) {
      const int place = std::countr_zero(found);
      size_t escape = at + static_cast<size_t>(place);
      if (!kShortEscapes[static_cast<uint8_t>(token[escape + 1])]) [[unlikely]] {
        const JsonFault fault = CheckLongEscape(token, escape);
        if (fault != JsonFault::kNone) return fault;
        next = escape;
        break;
      }
      if (place == 15) next = at + 17;
      found &= ~(uint32_t{3} << place);  // what is escaped may be a backslash
    }
    at = next;
  }
  while (at < token.size()) {
    if (token[at] != '\\') {
      ++at;
    } else if (kShortEscapes[static_cast<uint8_t>(token[at + 1])]) {
      at += 2;
    } else {
      const JsonFault fault = CheckLongEscape(token, at);
      if (fault != JsonFault::kNone) return fault;
    }
  }
  return JsonFault::kNone;
}

}  // namespace

void JsonWalker::FindBackslash(uint32_t start) {
  const void* const next = std::memchr(text_ + start, '\\', length_ - start);
  next_backslash_ =
      next == nullptr ? length_ : static_cast<uint32_t>(static_cast<const char*>(next) - text_);
}

JsonWalker::At JsonWalker::SpacedString(At at, JsonValue& value) {
  const uint32_t start = at[0];
  uint32_t stop = at[1];
  while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
  if (stop < start + 2 || text_[stop - 1] != '"') return Fail(JsonFault::kSyntax);
  value.kind = JsonValue::kText;
  value.escaped = false;
  value.raw = {text_ + start, stop - start};
  return next_backslash_ < stop ? Escaped(at, value) : at + 1;
}

JsonWalker::At JsonWalker::Escaped(At at, JsonValue& value) {
  const uint32_t start = *at;
  if (!HasBackslash(start, start + static_cast<uint32_t>(value.raw.size()))) return at + 1;
  value.escaped = true;
  const JsonFault fault = CheckEscapes(value.raw, next_backslash_ - start);
  return fault == JsonFault::kNone ? at + 1 : Fail(fault);
}

JsonWalker::At JsonWalker::Scalar(At at, JsonValue& value) {
  const uint32_t start = at[0];
  uint32_t stop = at[1];
  while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
  value.raw = {text_ + start, stop - start};
  value.escaped = false;
  value.integral = false;
  const char first = text_[start];
  if (value.raw.size() == 1 && first >= '0' && first <= '9') {
    value.kind = JsonValue::kNumber;
    value.integral = true;
  } else if (first == 't' && value.raw == "true") {
    value.kind = JsonValue::kTrue;
  } else if (first == 'f' && value.raw == "false") {
    value.kind = JsonValue::kFalse;
  } else if (first == 'n' && value.raw == "null") {
    value.kind = JsonValue::kNull;
  } else if (IsJsonNumber(value.raw, value.integral)) {
    value.kind = JsonValue::kNumber;
  } else {
    return Fail(JsonFault::kSyntax);
  }
  return at + 1;
}

JsonWalker::At JsonWalker::Container(At at, int depth, JsonValue& value) {
  if (depth >= kMaxJsonDepth) return Fail(JsonFault::kTooDeep);
  const uint32_t start = *at;
  const bool is_object = text_[start] == '{';
  const char close = is_object ? '}' : ']';
  uint32_t place = start + 1;  // where the next token stands when nothing is spaced
  bool spaced = false;
  ++at;
  if (Byte(at) != close) {
    JsonValue child;
    while (true) {
      if (is_object) {
        if (Byte(at) != '"') return Fail(JsonFault::kSyntax);
        spaced |= *at != place;
        if ((at = String(at, child)) == nullptr) return nullptr;
        if (Byte(at) != ':') return Fail(JsonFault::kSyntax);
        spaced |= child.raw.data() + child.raw.size() != text_ + *at;
        place = *at + 1;
        ++at;
      }
      spaced |= *at != place;
      if ((at = Value(at, depth + 1, child)) == nullptr) return nullptr;
      spaced |= child.spaced;
      if (at == end()) return Fail(JsonFault::kSyntax);
      spaced |= child.raw.data() + child.raw.size() != text_ + *at;
      const char next = Byte(at);
      if (next == close) break;
      if (next != ',') return Fail(JsonFault::kSyntax);
      place = *at + 1;
      ++at;
    }
  } else {
    spaced = *at != place;
  }
  value.kind = is_object ? JsonValue::kObject : JsonValue::kArray;
  value.escaped = false;
  value.spaced = spaced;
  value.raw = {text_ + start, *at + 1 - start};
  ++at;
  value.end_token = static_cast<uint32_t>(at - begin());
  return at;
}

}  // namespace picket::parser
