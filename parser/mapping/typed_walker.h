#pragma once

// Values of fields with a documented type (model/audit_fields.h): walked with a look at the type of each member and
// element, and written so that each path has one JSON type whatever the record holds.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/json_tokens.h"
#include "json/json_walker.h"
#include "model/audit_fields.h"
#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

// Text or number that means a whole number of 64 bits: "4096", "1.0", "1e9".
bool ToInteger(std::string_view text, int64_t& value);
inline bool IsInteger(std::string_view text) {
  int64_t value = 0;
  return ToInteger(text, value);
}

// Whether a value has the shape that its field asks for, so that it may stand as it is.
inline bool HasType(FieldType type, const JsonValue& value) {
  constexpr auto kBit = [](int kind) { return static_cast<uint16_t>(1 << kind); };
  constexpr int kIntegral = 8;
  constexpr uint16_t kKinds[] = {
      0xffff,                                            // kAny
      kBit(JsonValue::kText),                            // kText
      kBit(kIntegral),                                   // kInteger
      kBit(JsonValue::kTrue) | kBit(JsonValue::kFalse),  // kBoolean
      kBit(JsonValue::kArray),                           // kList
      0,                                                 // kPairs
      kBit(JsonValue::kObject),                          // kObject
  };
  const bool is_integer = value.kind == JsonValue::kNumber && value.integral &&
                          (value.raw.size() < 19 || IsInteger(value.raw));
  const int kind = is_integer ? kIntegral : static_cast<int>(value.kind);
  return (kKinds[static_cast<size_t>(type)] >> kind & 1) != 0;
}

// A walker that sees whether what it walks has the documented types.
// Threads and lifetime as of JsonWalker.
class TypedWalker : public JsonWalker {
 public:
  void Begin(const JsonTokens& tokens);

  // As Value, of a field whose members or elements have types.
  At TypedValue(At at, int depth, const AuditField& field, JsonValue& value) {
    has_other_types_ = false;
    return Typed(at, depth, field, value);
  }
  // Whether the last TypedValue met what cannot stand as it is: a value of another type than the documented one, null
  // aside; a documented member that stands twice in an object; a name that a writer gives.
  bool has_other_types() const { return has_other_types_; }

  // What starts before has as many bytes of the text behind it as a plain key can have (IsKeyAt).
  size_t look_ahead_end() const { return look_ahead_end_; }

 private:
  At Typed(At at, int depth, const AuditField& field, JsonValue& value);
  At List(At at, int depth, const AuditField& field, JsonValue& value);
  At Object(At at, int depth, uint8_t complex_type, JsonValue& value);
  const AuditField* LookUp(std::string_view key, uint8_t complex_type);

  const AuditField* const fields_ = AuditFieldTable();
  size_t look_ahead_end_ = 0;
  bool has_other_types_ = false;
  // By number of a member, or of a complex type for the first: which members came after it last time, told apart by the
  // lengths of their names. No field of the record has a place here, so that the two kinds of number do not meet.
  static constexpr size_t kSuccessors = 4;
  std::array<std::array<uint16_t, kSuccessors>, kMostAuditFields> successors_{};
  std::string key_text_;
};

// What writers of values need besides their output; kept from record to record.
struct WriterBuffers {
  Bytes scratch;
  Bytes
      duplicates;  // `,{"name":…,"value":…}` of what stands twice in its object, or has a name that is given here
  std::string key;
};

// Lifetime: of what it is made with. Complexity: of the value's size.
class TypedWriter {
 public:
  TypedWriter(Bytes& out, WriterBuffers& buffers, const JsonTokens& tokens)
      : out_(out), buffers_(buffers), tokens_(tokens) {}

  // `,"name":value` with the documented type, and where the value has another, `,"name_text":"…"` with its own text. What
  // stands twice within goes to the duplicates, under its path.
  void Field(const AuditField& field, const JsonValue& value) { Member(nullptr, field, value); }
  // To the duplicates. `name`: still escaped.
  void Duplicate(std::string_view name, const JsonValue& value) { Duplicate(nullptr, name, value); }
  // The same of a member of `field`.
  void Duplicate(const AuditField& field, std::string_view name, const JsonValue& value) {
    const Path path{nullptr, &field};
    Duplicate(&path, name, value);
  }
  // The value without blanks between its tokens.
  void Minified(const JsonValue& value);
  // A text as it is, anything else as its JSON in a text.
  void JsonText(const JsonValue& value);

 private:
  // The fields that a value lies in, from the inner one.
  struct Path {
    const Path* outer;
    const AuditField* field;
  };
  void Member(const Path* outer, const AuditField& field, const JsonValue& value);
  void Duplicate(const Path* outer, std::string_view name, const JsonValue& value);
  void Key(std::string_view key, std::string_view suffix = {});
  void Object(const Path& path, const JsonValue& object);
  bool List(const Path& path, const JsonValue& list);
  static void PutPath(Bytes& out, const Path* path);

  Bytes& out_;
  WriterBuffers& buffers_;
  const JsonTokens& tokens_;
};

}  // namespace picket::parser
