#include "parser/mapping/typed_walker.h"

#include <charconv>
#include <cmath>

#include "common/strings.h"
#include "json/key_compare.h"

namespace picket::parser {
namespace {

// How far the readers of plain members look past the start of a member without asking.
constexpr size_t kLookAhead = 64;

// JsonTokens do not tell what kind of number a value is, as the walker does.
JsonValue WithNumber(JsonValue value) {
  if (value.kind == JsonValue::kNumber) IsJsonNumber(value.raw, value.integral);
  return value;
}

}  // namespace

bool ToInteger(std::string_view text, int64_t& value) {
  if (text.empty()) return false;
  if (text.size() <= 3) {  // mostly
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
  look_ahead_end_ = size < kLookAhead ? 0 : size - kLookAhead + 1;
}

TypedWalker::At TypedWalker::Typed(At at, int depth, const AuditField& field, JsonValue& value) {
  const char first = Byte(at);
  if (first == '{' && field.members != 0 && field.type == FieldType::kObject) {
    return Object(at, depth, field.members, value);
  }
  if (first == '[' && field.element != FieldType::kAny) return List(at, depth, field, value);
  if ((at = Value(at, depth, value)) == nullptr) return nullptr;
  if (!HasType(field.type, value) && value.kind != JsonValue::kNull) has_other_types_ = true;
  return at;
}

TypedWalker::At TypedWalker::List(At at, int depth, const AuditField& field, JsonValue& value) {
  if (depth >= kMaxJsonDepth) return Fail(JsonFault::kTooDeep);
  const At first = at;
  uint32_t place = *at + 1;  // where the next token stands when nothing is spaced
  bool spaced = false;
  ++at;
  if (Byte(at) != ']') {
    JsonValue child;
    while (true) {
      spaced |= *at != place;
      if (Byte(at) == '{' && field.members != 0) {
        at = Object(at, depth + 1, field.members, child);
      } else {
        at = Value(at, depth + 1, child);
        if (!HasType(field.element, child) && child.kind != JsonValue::kNull) {
          has_other_types_ = true;
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

TypedWalker::At TypedWalker::Object(At at, int depth, uint8_t complex_type, JsonValue& value) {
  if (depth >= kMaxJsonDepth) return Fail(JsonFault::kTooDeep);
  const At first = at;
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
      if (behind - start != field->plain_key_size || start >= look_ahead_end_ ||
          !IsKeyAt(text() + start, field->key, field->plain_key_size)) [[unlikely]] {
        if (Byte(at) != '"') return Fail(JsonFault::kSyntax);
        if ((at = String(at, child)) == nullptr) return nullptr;
        if (Byte(at) != ':') return Fail(JsonFault::kSyntax);
        spaced |= child.raw.data() + child.raw.size() != text() + *at;
        field = LookUp(child.inner(), complex_type);
        if (field->number != 0) successor = field->number;
        ++at;
      } else {
        at += 2;
      }
      if (field->number != 0) {
        before = field->number;
        const uint64_t bit = uint64_t{1} << field->place;
        if ((seen & bit) != 0) [[unlikely]]
          has_other_types_ = true;
        seen |= bit;
      }
      spaced |= *at != behind;
      if (Byte(at) == '"') {
        at = String(at, child);
        child.spaced = false;
        if (field->type != FieldType::kText && field->type != FieldType::kAny) {
          has_other_types_ = true;
        }
      } else {
        at = Typed(at, depth + 1, *field, child);
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

// Field 0 for a member that is not documented.
const AuditField* TypedWalker::LookUp(std::string_view key, uint8_t complex_type) {
  if (key.find('\\') != std::string_view::npos) [[unlikely]] {
    key_text_.clear();
    AppendJsonUnescaped(key, key_text_);
    key = key_text_;
  }
  if (const AuditField* const field = FindAuditMember(complex_type, key)) return field;
  if (IsNameOfText(complex_type, key)) has_other_types_ = true;
  return fields_;
}

void TypedWriter::Minified(const JsonValue& value) {
  if (!value.spaced) {
    out_.Put(value.raw);
    return;
  }
  for (uint32_t token = value.token; token < value.end_token; ++token) {
    out_.Put(token + 1 == value.end_token ? value.raw.substr(value.raw.size() - 1)
                                          : tokens_.bytes(token));
  }
}

void TypedWriter::JsonText(const JsonValue& value) {
  if (value.is_text()) {
    out_.Put(value.raw);
    return;
  }
  buffers_.scratch.Clear();
  TypedWriter(buffers_.scratch, buffers_, tokens_).Minified(value);
  out_.Put('"');
  out_.PutEscaped(buffers_.scratch.view());
  out_.Put('"');
}

void TypedWriter::Key(std::string_view key, std::string_view suffix) {
  out_.Put(",\"");
  out_.Put(key);
  out_.Put(suffix);
  out_.Put("\":");
}

void TypedWriter::PutPath(Bytes& out, const Path* path) {
  if (path == nullptr) return;
  PutPath(out, path->outer);
  out.Put(path->field->name());
  out.Put('.');
}

void TypedWriter::Duplicate(const Path* outer, std::string_view name, const JsonValue& value) {
  Bytes& out = buffers_.duplicates;
  out.Put(",{\"name\":\"");
  PutPath(out, outer);
  out.Put(name);
  out.Put("\",\"value\":");
  TypedWriter(out, buffers_, tokens_).JsonText(value);
  out.Put('}');
}

void TypedWriter::Member(const Path* outer, const AuditField& field, const JsonValue& value) {
  const Path path{outer, &field};
  if (value.kind == JsonValue::kArray && field.element != FieldType::kAny) {
    Key(field.name());
    if (List(path, value)) return;
  } else if (value.kind == JsonValue::kObject && field.type == FieldType::kObject &&
             field.members != 0) {
    Key(field.name());
    return Object(path, value);
  } else if (value.kind == JsonValue::kNull || HasType(field.type, value)) {
    Key(field.name());
    return Minified(value);
  } else if (field.type == FieldType::kText) {
    // What it means, under its own name.
    Key(field.name());
    JsonText(value);
  } else if (field.type == FieldType::kInteger) {
    const std::string_view text = value.is_text()                    ? value.inner()
                                  : value.kind == JsonValue::kNumber ? value.raw
                                                                     : std::string_view();
    if (int64_t number = 0; ToInteger(text, number)) {
      Key(field.name());
      out_.PutInteger(number);
    }
  } else if (field.type == FieldType::kBoolean && value.is_text()) {
    const bool is_true = EqualsIgnoreCase(value.inner(), "true");
    if (is_true || EqualsIgnoreCase(value.inner(), "false")) {
      Key(field.name());
      out_.Put(is_true ? "true" : "false");
    }
  }
  Key(field.name(), "_text");
  JsonText(value);
}

void TypedWriter::Object(const Path& path, const JsonValue& object) {
  const size_t begin = out_.size();
  const uint8_t complex_type = path.field->members;
  uint64_t seen = 0;
  tokens_.ForEachMember(object, [&](std::string_view key, const JsonValue& value) {
    std::string_view name = key;
    if (key.find('\\') != std::string_view::npos) {
      buffers_.key.clear();
      AppendJsonUnescaped(key, buffers_.key);
      name = buffers_.key;
    }
    const AuditField* const field = FindAuditMember(complex_type, name);
    if (field == nullptr) {
      if (IsNameOfText(complex_type, name)) return Duplicate(&path, key, value);
      Key(key);
      return Minified(value);
    }
    const uint64_t bit = uint64_t{1} << field->place;
    if ((seen & bit) != 0) return Duplicate(&path, field->name(), value);
    seen |= bit;
    Member(&path, *field, WithNumber(value));
  });
  if (out_.size() == begin) out_.Put(',');
  out_.data()[begin] = '{';  // in place of the first comma
  out_.Put('}');
}

// Whether all elements are there: one of another type is not.
bool TypedWriter::List(const Path& path, const JsonValue& list) {
  const AuditField& field = *path.field;
  bool is_whole = true;
  bool first = true;
  out_.Put('[');
  tokens_.ForEach(list, [&](const JsonValue& element) {
    if (element.kind != JsonValue::kNull && !HasType(field.element, WithNumber(element))) {
      is_whole = false;
      return;
    }
    if (!first) out_.Put(',');
    first = false;
    if (element.kind == JsonValue::kObject && field.members != 0) {
      Object(path, element);
    } else {
      Minified(element);
    }
  });
  out_.Put(']');
  return is_whole;
}

}  // namespace picket::parser
