#pragma once

// One audit record taken apart: which fields it has, and what of it goes to `unmapped`. The reader walks every token of
// the record once, so that what is copied to the output is valid JSON by construction.

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/audit_fields.h"
#include "parser/bytes.h"

namespace picket::parser {

struct JsonValue {
  enum Kind : uint8_t { kAbsent, kText, kNumber, kTrue, kFalse, kNull, kArray, kObject };
  Kind kind = kAbsent;
  bool escaped = false;    // a text with backslashes
  bool spaced = false;     // a container with blanks between its tokens
  uint32_t token = 0;      // its first token
  uint32_t end_token = 0;  // the one after its last
  std::string_view raw;    // the JSON text

  bool is_text() const { return kind == kText; }
  // A text without its quotes, still escaped.
  std::string_view inner() const { return raw.substr(1, raw.size() - 2); }
};

// Why a text is no record.
enum class Fault : uint8_t {
  kNone,
  kSyntax,  // not JSON
  kTooDeep,
  kBadText,  // bad UTF-8, a raw control character or half a surrogate pair: repair and read again
  kNotAnObject,
};

// The structural index of a JSON text (simdjson's first stage, picked for the CPU at run time): where each token starts.
// Threads: one. Lifetime: `text` must outlive its use. Memory: 4 bytes a byte of the longest text.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();
  Fault Index(std::string_view text);

  std::string_view text() const { return text_; }
  const uint32_t* begin() const { return begin_; }
  uint32_t count() const { return count_; }
  char at(uint32_t token) const { return text_[begin_[token]]; }
  uint32_t position(uint32_t token) const { return begin_[token]; }
  // The token's bytes, blanks after it removed.
  std::string_view bytes(uint32_t token) const;
  // The token after the value that starts at `token`. The text has been walked before.
  uint32_t Skip(uint32_t token) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string_view text_;
  const uint32_t* begin_ = nullptr;
  uint32_t count_ = 0;
};

// {Name, Value} or {Name, NewValue, OldValue}; texts without quotes, still escaped. A value that is no text is there as
// its JSON.
struct NameValue {
  std::string_view name;
  std::string_view value;
  std::string_view old_value;
  bool is_text = true;
};

enum Remark : uint16_t {
  kIpUnparsed = 1,
  kTimeMissing = 2,
  kUtf8Repaired = 4,
  kDupKey = 8,
  kInnerJsonBad = 16,
  kTruncated = 32,
  kIdMissing = 64,
  kOrgMismatch = 128,
};

// Threads: one. Lifetime: values are views into the text of the last Read and valid until the next.
class AuditRecord {
 public:
  static constexpr int kMaxDepth = 256;

  // Before the first Read of a newly indexed text.
  void NewText() { next_backslash_ = 0; }
  // Reads the object that starts at `token`; `token` is then the one after it.
  Fault Read(const JsonTokens& tokens, uint32_t& token);

  const JsonTokens& tokens() const { return *tokens_; }
  std::string_view raw() const { return raw_; }
  bool Has(Field field) const { return present_[static_cast<size_t>(field)]; }
  const JsonValue& Get(Field field) const {
    static constexpr JsonValue kNone;
    return Has(field) ? values_[static_cast<size_t>(field)] : kNone;
  }
  // The text of a field without quotes, still escaped; empty when absent or no text.
  std::string_view Text(Field field) const {
    const JsonValue& value = Get(field);
    return value.is_text() ? value.inner() : std::string_view();
  }
  bool GetInteger(Field field, int64_t& value) const;

  // Members of ModifiedProperties, ExtendedProperties, DeviceProperties, OperationProperties, Parameters.
  const std::vector<NameValue>& Pairs(Field field) const;
  const NameValue* FindPair(Field field, std::string_view name) const;
  std::string_view PairValue(Field field, std::string_view name) const {
    const NameValue* const pair = FindPair(field, name);
    return pair == nullptr ? std::string_view() : pair->value;
  }

  // `,"Name":value…` of all that has no OCSF home, ready to stand in an object.
  const Bytes& unmapped() const { return unmapped_; }
  Bytes& unmapped() { return unmapped_; }
  // [{"name":…,"value":…}]
  const Bytes& parameters() const { return parameters_; }
  uint16_t remarks() const { return remarks_; }

  // The member of an object value by its name; kAbsent when there is none.
  JsonValue Member(const JsonValue& object, std::string_view name) const;
  // The members of an array.
  template <typename Function>
  void ForEach(const JsonValue& array, Function function) const {
    if (array.kind != JsonValue::kArray) return;
    for (uint32_t token = array.token + 1; token + 1 < array.end_token;) {
      const JsonValue value = ValueAt(token);
      function(value);
      token = value.end_token;
      if (token + 1 < array.end_token) ++token;  // the comma
    }
  }
  // name (without quotes) and value of each member of an object.
  template <typename Function>
  void ForEachMember(const JsonValue& object, Function function) const {
    if (object.kind != JsonValue::kObject) return;
    for (uint32_t token = object.token + 1; token + 1 < object.end_token;) {
      std::string_view key = tokens_->bytes(token);
      key = key.substr(1, key.size() - 2);
      const JsonValue value = ValueAt(token + 2);
      function(key, value);
      token = value.end_token;
      if (token + 1 < object.end_token) ++token;
    }
  }
  JsonValue ValueAt(uint32_t token) const;

 private:
  static constexpr int kPairLists = 5;
  static int PairListOf(Field field);

  Fault Walk(JsonValue& value, int depth);
  Fault WalkString(JsonValue& value);
  Fault WalkScalar(JsonValue& value);
  Fault WalkPairs(Field field, JsonValue& value);
  Fault CheckEscapes(std::string_view token);
  void WriteField(const AuditField& field, const JsonValue& value);
  void WriteText(const AuditField& field, const JsonValue& value);
  void WriteJsonText(Bytes& out, const JsonValue& value);
  void WriteMinified(Bytes& out, const JsonValue& value);
  void WritePairs(const AuditField& field, const JsonValue& value);
  void WriteParameters(const JsonValue& value);
  void WriteDuplicate(std::string_view key, const JsonValue& value);
  bool FirstOfUnknown(std::string_view key);

  const JsonTokens* tokens_ = nullptr;
  const char* text_ = nullptr;
  const uint32_t* at_ = nullptr;  // the next token
  const uint32_t* end_ = nullptr;
  uint32_t length_ = 0;
  uint32_t next_backslash_ =
      0;  // the first at or after the walk's place; length_ when there is none

  std::string_view raw_;
  std::bitset<kFieldCount> present_;
  std::array<JsonValue, kFieldCount> values_;
  std::array<std::vector<NameValue>, kPairLists> pairs_;
  std::array<bool, kPairLists> pairs_regular_;
  Bytes unmapped_;
  Bytes parameters_;
  Bytes duplicates_;
  Bytes scratch_;
  uint16_t remarks_ = 0;
  std::vector<uint32_t> parameter_keys_;  // places of "Name" and "Value" in the list
  struct SeenKey {
    uint32_t record = 0;
    std::string_view key;
  };
  std::vector<SeenKey> seen_keys_;
  uint32_t seen_count_ = 0;
  uint32_t record_number_ = 0;
  std::string key_text_;
};

// Unescapes the inside of a JSON string; the text has been walked before. Appends to `out`.
void AppendUnescaped(std::string_view inner, std::string& out);

// Whether the token is a JSON number; `integral`: no fraction, no exponent.
bool IsJsonNumber(std::string_view token, bool& integral);

}  // namespace picket::parser
