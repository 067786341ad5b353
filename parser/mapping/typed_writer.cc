#include "parser/mapping/typed_writer.h"

#include "common/strings.h"
#include "parser/mapping/typed_walker.h"

namespace picket::parser {
namespace {

// Returns the value with `integral` set if the value is a number. JsonTokens does not set
// `integral`.
JsonValue WithNumber(JsonValue value) {
  if (value.kind == JsonValue::kNumber) IsJsonNumber(value.raw, value.integral);
  return value;
}

}  // namespace

void TypedWriter::PutMinified(const JsonValue& value) {
  if (!value.spaced) {
    out_.Put(value.raw);
    return;
  }
  for (uint32_t token = value.token; token < value.end_token; ++token) {
    out_.Put(token + 1 == value.end_token ? value.raw.substr(value.raw.size() - 1)
                                          : tokens_.bytes(token));
  }
}

void TypedWriter::PutAsString(const JsonValue& value) {
  if (value.is_text()) {
    out_.Put(value.raw);
    return;
  }
  buffers_.scratch.Clear();
  TypedWriter(buffers_.scratch, buffers_, tokens_).PutMinified(value);
  out_.Put('"');
  out_.PutEscaped(buffers_.scratch.view());
  out_.Put('"');
}

void TypedWriter::PutKey(std::string_view key, std::string_view suffix) {
  out_.Put(",\"");
  out_.Put(key);
  out_.Put(suffix);
  out_.Put("\":");
}

void TypedWriter::PutPath(ByteBuffer& out, const Path* path) {
  if (path == nullptr) return;
  PutPath(out, path->outer);
  out.Put(path->field->name());
  out.Put('.');
}

void TypedWriter::AddDuplicate(const Path* outer, std::string_view name, const JsonValue& value) {
  ByteBuffer& out = buffers_.duplicates;
  out.Put(",{\"name\":\"");
  PutPath(out, outer);
  out.Put(name);
  out.Put("\",\"value\":");
  TypedWriter(out, buffers_, tokens_).PutAsString(value);
  out.Put('}');
}

void TypedWriter::PutMember(const Path* outer, const AuditField& field, const JsonValue& value) {
  const Path path{outer, &field};
  if (value.kind == JsonValue::kArray && field.element != FieldType::kAny) {
    PutKey(field.name());
    if (PutList(path, value)) return;
  } else if (value.kind == JsonValue::kObject && field.type == FieldType::kObject &&
             field.members != 0) {
    PutKey(field.name());
    return PutObject(path, value);
  } else if (value.kind == JsonValue::kNull || HasType(field.type, value)) {
    PutKey(field.name());
    return PutMinified(value);
  } else if (field.type == FieldType::kText) {
    PutKey(field.name());
    PutAsString(value);
  } else if (field.type == FieldType::kInteger) {
    const std::string_view text = value.is_text()                    ? value.inner()
                                  : value.kind == JsonValue::kNumber ? value.raw
                                                                     : std::string_view();
    if (int64_t number = 0; ToInteger(text, number)) {
      PutKey(field.name());
      out_.PutInteger(number);
    }
  } else if (field.type == FieldType::kBoolean && value.is_text()) {
    const bool is_true = EqualsIgnoreCase(value.inner(), "true");
    if (is_true || EqualsIgnoreCase(value.inner(), "false")) {
      PutKey(field.name());
      out_.Put(is_true ? "true" : "false");
    }
  }
  PutKey(field.name(), "_text");
  PutAsString(value);
}

void TypedWriter::PutObject(const Path& path, const JsonValue& object) {
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
      if (IsTextMemberName(complex_type, name)) return AddDuplicate(&path, key, value);
      PutKey(key);
      return PutMinified(value);
    }
    const uint64_t bit = uint64_t{1} << field->place;
    if ((seen & bit) != 0) return AddDuplicate(&path, field->name(), value);
    seen |= bit;
    PutMember(&path, *field, WithNumber(value));
  });
  if (out_.size() == begin) out_.Put(',');
  out_.data()[begin] = '{';  // overwrites the first comma
  out_.Put('}');
}

// Writes the elements that are null or have the documented type. Returns true if no element was
// omitted.
bool TypedWriter::PutList(const Path& path, const JsonValue& list) {
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
      PutObject(path, element);
    } else {
      PutMinified(element);
    }
  });
  out_.Put(']');
  return is_whole;
}

}  // namespace picket::parser
