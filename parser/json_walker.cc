#include "parser/json_walker.h"

#include <bit>
#include <cstring>

namespace picket::parser {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// `at`: the token's first backslash.
JsonFault CheckEscapes(std::string_view token, size_t at) {
  while (true) {
    switch (token[at + 1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        at += 2;
        break;
      case 'u': {
        const int code = JsonHex4(token, at + 2);
        if (code < 0) return JsonFault::kSyntax;
        at += 6;
        if (code >= 0xdc00 && code < 0xe000) return JsonFault::kBadText;
        if (code >= 0xd800 && code < 0xdc00) {
          const int low = at + 1 < token.size() && token[at] == '\\' && token[at + 1] == 'u'
                              ? JsonHex4(token, at + 2)
                              : -1;
          if (low < 0xdc00 || low >= 0xe000) return JsonFault::kBadText;
          at += 6;
        }
        break;
      }
      default:
        // Not every kernel sees a raw control character behind a backslash.
        return static_cast<unsigned char>(token[at + 1]) < 0x20 ? JsonFault::kBadText
                                                                : JsonFault::kSyntax;
    }
    // Escapes stand close together, so that a call for the next would cost more than the search.
    static constexpr uint64_t kOnes = 0x0101010101010101;
    while (at + 8 <= token.size()) {
      uint64_t word;
      std::memcpy(&word, token.data() + at, 8);
      word ^= kOnes * '\\';
      const uint64_t zero = (word - kOnes) & ~word & kOnes << 7;
      if (zero != 0) {
        at += std::countr_zero(zero) / 8;
        break;
      }
      at += 8;
    }
    while (at < token.size() && token[at] != '\\') ++at;
    if (at + 1 >= token.size()) return JsonFault::kNone;
  }
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
