#pragma once

// Walks the values of fields that have a documented type (model/audit_fields.h), and checks the
// type of each member and element on the way.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/json_tokens.h"
#include "json/json_walker.h"
#include "model/audit_fields.h"

namespace picket::parser {

// Parses a whole number of 64 bits, given as a string or as a JSON number: "4096", "1.0", "1e9".
// Returns false if the text is not such a number.
bool ToInteger(std::string_view text, int64_t& value);
inline bool IsInteger(std::string_view text) {
  int64_t value = 0;
  return ToInteger(text, value);
}

// Returns true if a value has the documented type of its field and can be copied unchanged.
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

// Walks values like JsonWalker, and checks their types.
// Threads and lifetime: The rules of JsonWalker apply.
class TypedWalker : public JsonWalker {
 public:
  // A position in the token index, or nullptr after an error.
  using TokenPtr = JsonWalker::At;

  void Begin(const JsonTokens& tokens);

  // Does the same as Value for a field whose members or elements have documented types, and checks
  // these types.
  TokenPtr TypedValue(TokenPtr at, int depth, const AuditField& field, JsonValue& value) {
    needs_rewrite_ = false;
    return WalkField(at, depth, field, value);
  }
  // Returns true if the value of the last TypedValue cannot be copied unchanged. There are three
  // reasons: a value inside it does not have its documented type (null is allowed), a documented
  // member is repeated in its object, or a member has a name that is reserved for TypedWriter.
  bool needs_rewrite() const { return needs_rewrite_; }

  // If a member starts before this position, IsKeyAt and the reading of a short number need no
  // bounds checks.
  size_t unchecked_read_end() const { return unchecked_read_end_; }

 private:
  TokenPtr WalkField(TokenPtr at, int depth, const AuditField& field, JsonValue& value);
  TokenPtr WalkList(TokenPtr at, int depth, const AuditField& field, JsonValue& value);
  TokenPtr WalkObject(TokenPtr at, int depth, uint8_t complex_type, JsonValue& value);
  const AuditField* FindMember(std::string_view key, uint8_t complex_type);

  const AuditField* const fields_ = AuditFieldTable();
  size_t unchecked_read_end_ = 0;
  bool needs_rewrite_ = false;
  // The members that most recently followed each member; they predict the next member. The first
  // index is the number of the earlier member. For the first member of an object, it is the number
  // of the complex type. No member has the number of a complex type: such small numbers belong to
  // fields of the record itself. The second index is the length of the later member's key, modulo
  // kSuccessors.
  static constexpr size_t kSuccessors = 4;
  std::array<std::array<uint16_t, kSuccessors>, kMostAuditFields> successors_{};
  std::string key_text_;
};

}  // namespace picket::parser
