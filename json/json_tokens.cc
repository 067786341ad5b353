#include "json/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "common/byte_search.h"
#include "common/strings.h"

namespace picket {
namespace {

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

int JsonHex4(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const int digit = HexValue(text[at + i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

bool IsJsonNumber(std::string_view token, bool& integral) {
  size_t at = 0;
  integral = true;
  if (at < token.size() && token[at] == '-') ++at;
  if (at >= token.size() || !IsDigit(token[at])) return false;
  if (token[at] == '0') {
    ++at;
  } else {
    while (at < token.size() && IsDigit(token[at])) ++at;
  }
  if (at < token.size() && token[at] == '.') {
    integral = false;
    if (++at >= token.size() || !IsDigit(token[at])) return false;
    while (at < token.size() && IsDigit(token[at])) ++at;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    integral = false;
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (at >= token.size() || !IsDigit(token[at])) return false;
    while (at < token.size() && IsDigit(token[at])) ++at;
  }
  return at == token.size();
}

namespace {

char* PutUtf8(int code, char* out) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xc0 | code >> 6);
    *out++ = static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xe0 | code >> 12);
    *out++ = static_cast<char>(0x80 | (code >> 6 & 63));
    *out++ = static_cast<char>(0x80 | (code & 63));
  } else {
    *out++ = static_cast<char>(0xf0 | code >> 18);
    *out++ = static_cast<char>(0x80 | (code >> 12 & 63));
    *out++ = static_cast<char>(0x80 | (code >> 6 & 63));
    *out++ = static_cast<char>(0x80 | (code & 63));
  }
  return out;
}

// Decodes the escapes of `inner` and writes the result to `out`. The result is never longer than
// `inner`. Returns the end of the result.
char* Unescape(std::string_view inner, char* out) {
  const size_t size = inner.size();
  size_t at = 0;
  while (at < size) {
    // Copies eight bytes at a time. If a backslash is among them, the copy is overwritten from the
    // backslash on.
    while (at + 8 <= size) {
      uint64_t word;
      std::memcpy(&word, inner.data() + at, 8);
      std::memcpy(out, &word, 8);
      const int plain = BytesBefore('\\', word);
      at += static_cast<size_t>(plain);
      out += plain;
      if (plain < 8) break;
    }
    if (at == size) break;
    if (inner[at] != '\\' || at + 1 == size) {
      *out++ = inner[at++];
      continue;
    }
    const char c = inner[at + 1];
    at += 2;
    switch (c) {
      case 'n':
        *out++ = '\n';
        break;
      case 'r':
        *out++ = '\r';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'b':
        *out++ = '\b';
        break;
      case 'f':
        *out++ = '\f';
        break;
      case 'u': {
        int code = JsonHex4(inner, at);
        at += 4;
        if (code >= 0xd800 && code < 0xdc00 && JsonHex4(inner, at + 2) >= 0xdc00) {
          code = 0x10000 + ((code - 0xd800) << 10) + (JsonHex4(inner, at + 2) - 0xdc00);
          at += 6;
        }
        out = PutUtf8(code, out);
        break;
      }
      default:
        *out++ = c;
    }
  }
  return out;
}

}  // namespace

void AppendJsonUnescaped(std::string_view inner, std::string& out) {
  const size_t before = out.size();
  out.resize(before + inner.size());
  out.resize(Unescape(inner, out.data() + before) - out.data());
}

struct JsonTokens::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  size_t capacity = 0;
};

JsonTokens::JsonTokens() : impl_(std::make_unique<Impl>()) {}
JsonTokens::~JsonTokens() = default;

JsonFault JsonTokens::Index(std::string_view text) {
  text_ = text;
  begin_ = nullptr;
  count_ = 0;
  if (text.empty()) return JsonFault::kSyntax;
  if (text.size() > impl_->capacity) {
    const size_t capacity = std::max<size_t>(text.size(), 64 << 10);
    if (impl_->stage == nullptr) {
      if (simdjson::get_active_implementation()->create_dom_parser_implementation(
              capacity, kMaxJsonDepth, impl_->stage) != simdjson::SUCCESS) {
        return JsonFault::kSyntax;
      }
    } else if (impl_->stage->set_capacity(capacity) != simdjson::SUCCESS) {
      return JsonFault::kSyntax;
    }
    impl_->capacity = capacity;
  }
  // The text needs no padding, because stage1 copies the last partial block before reading it.
  switch (impl_->stage->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                               simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      break;
    case simdjson::UTF8_ERROR:
    case simdjson::UNESCAPED_CHARS:
      return JsonFault::kBadString;
    default:
      return JsonFault::kSyntax;
  }
  begin_ = impl_->stage->structural_indexes.get();
  count_ = impl_->stage->n_structural_indexes;
  return JsonFault::kNone;
}

uint32_t JsonTokens::EndOfContainer(uint32_t token) const {
  int depth = 0;
  do {
    const int c = at(token) | 0x20;  // turns '[' into '{' and ']' into '}'
    depth += (c == '{') - (c == '}');
    ++token;
  } while (depth > 0 && token < count_);
  return token;
}

JsonValue JsonTokens::ValueAt(uint32_t token) const {
  JsonValue value;
  value.token = token;
  value.end_token = token + 1;
  switch (at(token)) {
    case '"':
      value.kind = JsonValue::kText;
      break;
    case '{':
    case '[': {
      value.kind = at(token) == '{' ? JsonValue::kObject : JsonValue::kArray;
      value.end_token = EndOfContainer(token);
      const size_t start = position(token);
      value.raw = text_.substr(start, position(value.end_token - 1) + 1 - start);
      // Whether whitespace separates the tokens is not checked here. Callers must assume that it
      // does.
      value.spaced = true;
      return value;
    }
    case 't':
      value.kind = JsonValue::kTrue;
      break;
    case 'f':
      value.kind = JsonValue::kFalse;
      break;
    case 'n':
      value.kind = JsonValue::kNull;
      break;
    default:
      value.kind = JsonValue::kNumber;
  }
  value.raw = bytes(token);
  return value;
}

JsonValue JsonTokens::Member(const JsonValue& object, std::string_view name) const {
  if (object.kind != JsonValue::kObject) return {};
  for (uint32_t token = object.token + 1; token + 1 < object.end_token;) {
    const std::string_view key = bytes(token);
    if (EqualsInline(key.substr(1, key.size() - 2), name)) return ValueAt(token + 2);
    token = EndOf(token + 2);
    if (token + 1 < object.end_token) ++token;  // skip the comma
  }
  return {};
}

}  // namespace picket
