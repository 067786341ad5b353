#include "json/json_walker.h"

#include "json/json_escapes.h"

namespace picket {

void JsonWalker::Begin(const JsonTokens& tokens) {
  tokens_ = &tokens;
  text_ = tokens.text().data();
  const char last = tokens.count() == 0 ? '\0' : tokens.at(tokens.count() - 1);
  const bool is_closed = last == ']' || last == '}';
  text_fault_ = is_closed ? CheckJsonEscapes(tokens.text()) : JsonFault::kSyntax;
}

JsonWalker::At JsonWalker::SpacedString(At at, JsonValue& value) {
  value.raw = tokens_->bytes(static_cast<uint32_t>(at - begin()));
  if (value.raw.size() < 2 || value.raw.back() != '"') return Fail(JsonFault::kSyntax);
  value.kind = JsonValue::kText;
  return at + 1;
}

JsonWalker::At JsonWalker::Scalar(At at, JsonValue& value) {
  value.raw = tokens_->bytes(static_cast<uint32_t>(at - begin()));
  value.integral = false;
  const char first = value.raw.front();
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
  const At first = at;
  const uint32_t start = *at;
  const bool is_object = text_[start] == '{';
  const char close = is_object ? '}' : ']';
  uint32_t place = start + 1;  // where the next token begins if no whitespace precedes it
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
  return EndContainer(first, at, is_object ? JsonValue::kObject : JsonValue::kArray, spaced, value);
}

}  // namespace picket
