#include "parser/mapping/typed_walker.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "common/strings.h"
#include "json/key_compare.h"

namespace picket::parser {
namespace {

// The fast path for plain members reads up to this many bytes from the start of a member without
// checking for the end of the text.
constexpr size_t kUncheckedBytes = 64;

}  // namespace

bool ToInteger(std::string_view text, int64_t& value) {
  if (text.empty()) return false;
  if (text.size() <= 3) {  // the most frequent case
    int64_t small = 0;
    size_t digits = 0;
    for (; digits < text.size() && IsDigit(text[digits]); ++digits) {
      small = small * 10 + text[digits] - '0';
    }
    if (digits == text.size()) {
      value = small;
      return true;
    }
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return true;
  bool integral = false;
  if (!IsJsonNumber(text, integral)) return false;
  double number = 0;
  const auto [stop, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (trouble != std::errc() || stop != text.data() + text.size()) return false;
  if (number != std::floor(number) || std::fabs(number) > 9007199254740992.0) return false;
  value = static_cast<int64_t>(number);
  return true;
}

void TypedWalker::Begin(const JsonTokens& tokens) {
  JsonWalker::Begin(tokens);
  const size_t size = tokens.text().size();
  unchecked_read_end_ = size < kUncheckedBytes ? 0 : size - kUncheckedBytes + 1;
}

TypedWalker::TokenPtr TypedWalker::WalkField(TokenPtr at, int depth, const AuditField& field,
                                             JsonValue& value) {
  const char first = Byte(at);
  if (first == '{' && field.members != 0 && field.type == FieldType::kObject) {
    return WalkObject(at, depth, field.members, value);
  }
  if (first == '[' && field.element != FieldType::kAny) return WalkList(at, depth, field, value);
  if ((at = Value(at, depth, value)) == nullptr) return nullptr;
  if (!HasType(field.type, value) && value.kind != JsonValue::kNull) needs_rewrite_ = true;
  return at;
}

TypedWalker::TokenPtr TypedWalker::WalkList(TokenPtr at, int depth, const AuditField& field,
                                            JsonValue& value) {
  if (depth >= kMaxJsonDepth) return Fail(JsonFault::kTooDeep);
  const TokenPtr first = at;
  uint32_t place = *at + 1;  // where the next token is, if there are no blanks
  bool spaced = false;
  ++at;
  if (Byte(at) != ']') {
    JsonValue child;
    while (true) {
      spaced |= *at != place;
      if (Byte(at) == '{' && field.members != 0) {
        at = WalkObject(at, depth + 1, field.members, child);
      } else {
        at = Value(at, depth + 1, child);
        if (!HasType(field.element, child) && child.kind != JsonValue::kNull) {
          needs_rewrite_ = true;
        }
      }
      if (at == nullptr) return nullptr;
      spaced |= child.spaced;
      if (at == end()) return Fail(JsonFault::kSyntax);
      spaced |= child.raw.data() + child.raw.size() != text() + *at;
      const char next = Byte(at);
      if (next == ']') break;
      if (next != ',') return Fail(JsonFault::kSyntax);
      place = *at + 1;
      ++at;
    }
  } else {
    spaced = *at != place;
  }
  return EndContainer(first, at, JsonValue::kArray, spaced, value);
}

TypedWalker::TokenPtr TypedWalker::WalkObject(TokenPtr at, int depth, uint8_t complex_type,
                                              JsonValue& value) {
  if (depth >= kMaxJsonDepth) return Fail(JsonFault::kTooDeep);
  const TokenPtr first = at;
  uint32_t place = *at + 1;
  bool spaced = false;
  ++at;
  if (Byte(at) != '}') {
    JsonValue child;
    size_t before = complex_type;
    uint64_t seen = 0;
    while (true) {
      spaced |= *at != place;
      const size_t start = at[0];
      const size_t behind = size_t{at[1]} + 1;
      uint16_t& successor = successors_[before][(behind - start) % kSuccessors];
      const AuditField* field = &fields_[successor];
      if (behind - start != field->plain_key_size || start >= unchecked_read_end_ ||
          !IsKeyAt(text() + start, field->key, field->plain_key_size)) [[unlikely]] {
        if (Byte(at) != '"') return Fail(JsonFault::kSyntax);
        if ((at = String(at, child)) == nullptr) return nullptr;
        if (Byte(at) != ':') return Fail(JsonFault::kSyntax);
        spaced |= child.raw.data() + child.raw.size() != text() + *at;
        field = FindMember(child.inner(), complex_type);
        if (field->number != 0) successor = field->number;
        ++at;
      } else {
        at += 2;
      }
      if (field->number != 0) {
        before = field->number;
        const uint64_t bit = uint64_t{1} << field->place;
        if ((seen & bit) != 0) [[unlikely]]
          needs_rewrite_ = true;
        seen |= bit;
      }
      spaced |= *at != behind;
      if (Byte(at) == '"') {
        at = String(at, child);
        child.spaced = false;
        if (field->type != FieldType::kText && field->type != FieldType::kAny) {
          needs_rewrite_ = true;
        }
      } else {
        at = WalkField(at, depth + 1, *field, child);
      }
      if (at == nullptr) return nullptr;
      spaced |= child.spaced;
      if (at == end()) return Fail(JsonFault::kSyntax);
      spaced |= child.raw.data() + child.raw.size() != text() + *at;
      const char next = Byte(at);
      if (next == '}') break;
      if (next != ',') return Fail(JsonFault::kSyntax);
      place = *at + 1;
      ++at;
    }
  } else {
    spaced = *at != place;
  }
  return EndContainer(first, at, JsonValue::kObject, spaced, value);
}

// Returns a documented member by its name, or the entry with index 0 if the member is undocumented.
// Sets needs_rewrite_ if the name is reserved.
const AuditField* TypedWalker::FindMember(std::string_view key, uint8_t complex_type) {
  if (key.find('\\') != std::string_view::npos) [[unlikely]] {
    key_text_.clear();
    AppendJsonUnescaped(key, key_text_);
    key = key_text_;
  }
  if (const AuditField* const field = FindAuditMember(complex_type, key)) return field;
  if (IsTextMemberName(complex_type, key)) needs_rewrite_ = true;
  return fields_;
}

}  // namespace picket::parser
