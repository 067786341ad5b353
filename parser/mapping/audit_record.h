#pragma once

// One audit record taken apart: which fields it has, and what of it goes to `unmapped`. The reader walks every token of
// the record once, so that what is copied to the output is valid JSON by construction.

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_tokens.h"
#include "json/json_walker.h"
#include "model/audit_fields.h"
#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/mixed_type_monitor.h"
#include "parser/mapping/typed_walker.h"

namespace picket::parser {

// {Name, Value} or {Name, NewValue, OldValue}; texts without quotes, still escaped. A number or literal is there as its
// JSON, a list or object not at all: whatever is there may stand between quotes.
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
  // Who is told which types the fields come with that are not documented. Outlives the record.
  void TellTypes(FieldTypes& types) { types_ = &types; }
  // Before the first Read of a newly indexed text.
  void Begin(const JsonTokens& tokens);
  // Reads the object that starts at `token`; `token` is then the one after it.
  JsonFault Read(uint32_t& token);

  const JsonTokens& tokens() const { return walker_.tokens(); }
  std::string_view raw() const { return raw_; }
  bool Has(Field field) const { return last_seen_[static_cast<size_t>(field)] == record_number_; }
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

  // Members of ModifiedProperties, ExtendedProperties, DeviceProperties, OperationProperties, Parameters; also where
  // the list stands as JSON in a text.
  const std::vector<NameValue>& Pairs(Field field) const;
  const NameValue* FindPair(Field field, std::string_view name) const;
  std::string_view PairValue(Field field, std::string_view name) const {
    const NameValue* const pair = FindPair(field, name);
    return pair == nullptr ? std::string_view() : pair->value;
  }

  // `,"Name":value…` of all that has no OCSF home, in pieces that stand one behind another in an object.
  struct Piece {
    const char* text;
    uint32_t size;
    enum Kind : uint8_t {
      kMembers,
      kListName,  // ends with the name of an ordered list (ModifiedProperties, …), before its quote
      kUndocumented,  // one member, whose name or content would make fields of their own in an index: an object, a list
      // of such, a name with a dot
    } kind;
    std::string_view view() const { return {text, size}; }
  };
  const std::vector<Piece>& unmapped() const { return pieces_; }

  bool HasParameters() const { return !parameters_text_.empty(); }
  // [{"name":…,"value":…}]
  void PutParameters(Appender& to) const {
    const size_t begin = to.size();
    to.Put(parameters_text_);
    for (const uint32_t place : parameter_keys_) {
      to.data()[begin + place] |= 0x20;  // "Name" and "Value" in OCSF's lower case
    }
  }
  uint16_t remarks() const { return remarks_; }

 private:
  static constexpr int kPairLists = 5;
  static int PairListOf(Field field);

  using At = JsonWalker::At;
  // What the walk over the members carries along.
  struct Run {
    size_t before = 0;  // the number of the field before
    // Members of the source that stand side by side and go to `unmapped` as they are.
    const char* begin = nullptr;
    const char* end = nullptr;
  };
  void NewRecord();
  At PlainMember(At at, Run& run);
  At AnyMember(At at, Run& run);
  At KnownMember(At at, const AuditField& field, std::string_view key, bool as_named, Run& run);
  At UnknownMember(At at, const JsonValue& key, Run& run);
  At Pairs(At at, int list, JsonValue& value);
  void PairsInText(int list, const JsonValue& value);
  At RegularPair(At at, int list, uint32_t start);
  At Pair(At at, int list, uint32_t start, uint32_t& place, bool& spaced);
  void WriteField(const AuditField& field, const JsonValue& value);
  void WriteText(const AuditField& field, const JsonValue& value);
  void WriteList(const AuditField& field, const JsonValue& value);
  TypedWriter Writer(Bytes& out) { return TypedWriter(out, buffers_, tokens()); }
  bool MakesFields(std::string_view name, const JsonValue& value) const;
  void MakeMinified(const JsonValue& value);
  void WritePairs(const AuditField& field, const JsonTokens& tokens, const JsonValue& value);
  void WriteParameters(const AuditField& field, const JsonTokens& tokens, const JsonValue& value);
  bool FirstOfUnknown(std::string_view key);
  const AuditField* FindField(const JsonValue& key);
  void Keep(Run& run, const char* begin, const char* end);
  void EndRun(Run& run);
  void FlushKept(const char* begin, const char* end);
  void CutMade(Piece::Kind kind);

  TypedWalker walker_;
  FieldTypes* types_ = nullptr;
  std::string_view raw_;
  // By number of a field: which fields came after it last time, told apart by the lengths of their names, for records
  // of several kinds take turns.
  static constexpr size_t kSuccessors = 8;
  std::array<std::array<uint16_t, kSuccessors>, kMostAuditFields> successors_{};
  const AuditField* const fields_ = AuditFieldTable();
  // By number of a field: the number of the last record that had it.
  std::array<uint32_t, kMostAuditFields> last_seen_{};
  std::array<JsonValue, kFieldCount> values_;
  std::array<std::vector<NameValue>, kPairLists> pairs_;
  std::array<bool, kPairLists> pairs_regular_;
  const std::vector<NameValue> no_pairs_ = {};
  std::vector<Piece> pieces_;
  // What of `unmapped` does not stand in the source as it must. Its pieces have no text before the record's end.
  Bytes made_;
  size_t made_cut_ = 0;               // the end of its last piece
  std::string_view parameters_text_;  // in the source, or `parameters_`
  Bytes parameters_;
  WriterBuffers buffers_;
  uint16_t remarks_ = 0;
  // Places of "Name" and "Value" in the list of parameters where it stands as it is.
  std::vector<uint32_t> parameter_keys_;
  struct SeenKey {
    uint32_t record = 0;
    std::string_view key;
  };
  std::vector<SeenKey> seen_keys_;
  uint32_t seen_count_ = 0;
  uint32_t record_number_ = 0;
  std::string key_text_;
  std::deque<std::string> unescaped_keys_;  // of this record, seen_keys_ views them
  // Lists of pairs that a text holds: what their pairs view, and the last of them.
  std::array<std::string, kPairLists> pair_texts_;
  JsonTokens text_tokens_;
  JsonWalker text_walker_;
  JsonValue text_list_;  // kAbsent: the last text held none
};

}  // namespace picket::parser
