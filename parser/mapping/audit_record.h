#pragma once

// The centre of the normaliser: reads an audit record in a single pass over its tokens.
//
//   bytes of a content blob
//     │  JsonTokens::Index (simdjson): the position of every token
//     ▼
//   token index
//     │  Begin(tokens), once per text; Read(token), once per record: walks all tokens of the
//     ▼  record, so everything copied to the output is valid JSON by construction
//   members ─┬─ PlainMember     the predicted field with the expected type: almost every member
//     │      └─ AnyMember ─┬─── KnownMember     other fields of the table (model/audit_fields.h)
//     │                    └─── UnknownMember   undocumented fields
//     ├─► values_       fields that the mapping reads            → Get, Text, GetInteger
//     ├─► pair_lists_   the five lists of {Name, Value}          → Pairs, FindPair, PairValue
//     ├─► parameters    one of these lists, under api.request    → HasParameters, PutParameters
//     └─► pieces_       everything without an OCSF attribute     → unmapped
//     │                   copied unchanged (CopyMember; adjacent members form one piece) or,
//     ▼                   if changed, written to `rewritten_` (EndRewrittenPiece)
//   FactFinder::Find (fact_finder.h) ─► RecordFacts ─► WriteOcsfEvent, WriteEcsEvent
//
// The order of calls: SetTypeObserver at most once, Begin for each indexed text, and Read for each
// record of the text. After a successful Read, the getters are valid until the next Read or Begin.
//
// A walk step is a function that takes a TokenPtr, a position in the token index. The step returns
// the position after the tokens that it has read, or nullptr after an error. Positions are passed
// by value, so that they stay in a register. MemberWalk is the state of the walk through one
// record: the previous field, which predicts the next field, and the current copy run. A copy run
// is a sequence of adjacent members of the record that are copied as one piece.

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
#include "parser/mapping/typed_writer.h"

namespace picket::parser {

// A pair {Name, Value} or {Name, NewValue, OldValue}. Strings have no quotes and are still escaped.
// Numbers, booleans and null are given as JSON. Lists and objects are given as an empty view. Every
// view can therefore be written between quotes.
struct NameValue {
  std::string_view name;
  std::string_view value;
  std::string_view old_value;
  bool is_text = true;
};

// Holds the values of one record after Read.
// Threads: Only one thread may use an instance. Lifetime: Values are views into the text of the
// last Read, and are valid until the next Read.
class AuditRecord {
 public:
  // Sets the observer of the JSON types of undocumented fields. The observer must outlive the
  // record.
  void SetTypeObserver(MixedTypeMonitor& observer) { type_observer_ = &observer; }
  // Sets the text for the next calls of Read. `tokens` is the index of that text. Must be called
  // before the first Read of that text.
  void Begin(const JsonTokens& tokens);
  // Reads the object that starts at `token`, and advances `token` past that object.
  JsonFault Read(uint32_t& token);

  const JsonTokens& tokens() const { return walker_.tokens(); }
  std::string_view raw() const { return raw_; }
  bool Has(Field field) const { return last_seen_[static_cast<size_t>(field)] == record_number_; }
  const JsonValue& Get(Field field) const {
    static constexpr JsonValue kNone;
    return Has(field) ? values_[static_cast<size_t>(field)] : kNone;
  }
  // Returns a string field without its quotes, still escaped. Returns an empty view if the field is
  // absent or not a string.
  std::string_view Text(Field field) const {
    const JsonValue& value = Get(field);
    return value.is_text() ? value.inner() : std::string_view();
  }
  bool GetInteger(Field field, int64_t& value) const;

  // Returns the members of ModifiedProperties, ExtendedProperties, DeviceProperties,
  // OperationProperties or Parameters, even if the record has the list as JSON in a string.
  const std::vector<NameValue>& Pairs(Field field) const;
  const NameValue* FindPair(Field field, std::string_view name) const;
  std::string_view PairValue(Field field, std::string_view name) const {
    const NameValue* const pair = FindPair(field, name);
    return pair == nullptr ? std::string_view() : pair->value;
  }

  // The members without an OCSF attribute are kept as pieces of JSON. The pieces, concatenated in
  // order, are the members of one object, each preceded by a comma: `,"Name":value`.
  struct Piece {
    // During Read, `text` is nullptr if the piece is in `rewritten_`, which may still be
    // reallocated. At its end, Read sets these pointers. The pieces are in `rewritten_` in order
    // and without gaps.
    const char* text;
    uint32_t size;
    enum Kind : uint8_t {
      kMembers,
      // The piece ends inside the name of a list of pairs (ModifiedProperties, …), before the
      // closing quote. The ECS writer adds a suffix to the name.
      kListName,
      // The piece is one undocumented member for which WouldAddIndexFields returns true.
      kUndocumented,
    } kind;
    std::string_view view() const { return {text, size}; }
  };
  const std::vector<Piece>& unmapped() const { return pieces_; }

  bool HasParameters() const { return !parameters_text_.empty(); }
  // Writes the parameters as [{"name":…,"value":…}].
  void PutParameters(Appender& to) const {
    const size_t begin = to.size();
    to.Put(parameters_text_);
    for (const uint32_t place : parameter_keys_) {
      to.data()[begin + place] |= 0x20;  // OCSF has "name" and "value" in lower case
    }
  }
  // Returns the remarks as bits of Remark.
  uint16_t remarks() const { return remarks_; }
  // Returns true if an export has flattened lists or objects of the record: it has members such as
  // Param_ForwardTo, or text of PowerShell in place of a list or an object. The unwrapper restores
  // such a record (parser/input/unwrapper.h).
  bool is_flattened() const { return has_parameter_members_ || has_lost_nesting_; }
  // Returns true if the record has text of PowerShell in place of a list or an object.
  bool has_lost_nesting() const { return has_lost_nesting_; }

 private:
  using TokenPtr = TypedWalker::TokenPtr;

  enum class PairList : uint8_t {
    kParameters,
    kModifiedProperties,
    kExtendedProperties,
    kDeviceProperties,
    kOperationProperties,
    kNone,
  };
  static constexpr size_t kPairLists = static_cast<size_t>(PairList::kNone);
  static PairList PairListOf(Field field);

  struct PairListState {
    std::vector<NameValue> pairs;
    // True if every element is an object, every value in it is a string or null, and no key is
    // repeated. Such a list need not be rewritten.
    bool is_regular = true;
    // The text of the list, if the record has the list as a string. The views in `pairs` then point
    // into this text.
    std::string unescaped;
  };
  PairListState& State(PairList list) { return pair_lists_[static_cast<size_t>(list)]; }

  // The keys under which a pair is written.
  struct PairKeys {
    std::string_view name;
    std::string_view value;
  };

  struct MemberWalk {
    size_t previous_field = 0;  // AuditField::number of the previous field
    const char* copy_begin = nullptr;
    const char* copy_end = nullptr;
  };

  void StartRecord();
  TokenPtr PlainMember(TokenPtr at, MemberWalk& walk);
  TokenPtr AnyMember(TokenPtr at, MemberWalk& walk);
  TokenPtr KnownMember(TokenPtr at, const AuditField& field, std::string_view key, bool as_named,
                       MemberWalk& walk);
  TokenPtr UnknownMember(TokenPtr at, const JsonValue& key, MemberWalk& walk);
  TokenPtr ReadPairs(TokenPtr at, PairList list, JsonValue& value);
  void ReadPairsInString(PairList list, const JsonValue& value);
  TokenPtr ReadRegularPair(TokenPtr at, PairList list, uint32_t start);
  TokenPtr ReadAnyPair(TokenPtr at, PairList list, uint32_t start, uint32_t& place, bool& spaced);
  void WriteField(const AuditField& field, const JsonValue& value);
  void WriteTextMember(const AuditField& field, const JsonValue& value);
  void WriteList(const AuditField& field, const JsonValue& value);
  void WritePairs(ByteBuffer& out, const PairKeys& keys, const AuditField& field,
                  const JsonTokens& tokens, const JsonValue& value);
  void WriteParameters(const AuditField& field, const JsonTokens& tokens, const JsonValue& value);
  TypedWriter Writer(ByteBuffer& out) { return TypedWriter(out, buffers_, tokens()); }
  bool WouldAddIndexFields(std::string_view name, const JsonValue& value) const;
  void AddMinified(const JsonValue& value);
  bool IsFirstOfName(std::string_view key);
  const AuditField* FindField(const JsonValue& key);
  void CopyMember(MemberWalk& walk, const char* begin, const char* end);
  void EndCopyRun(MemberWalk& walk);
  void AddCopiedPiece(const char* begin, const char* end);
  void EndRewrittenPiece(Piece::Kind kind);

  TypedWalker walker_;
  MixedTypeMonitor* type_observer_ = nullptr;
  std::string_view raw_;
  // The fields that most recently followed each field; they predict the next field. The first index
  // is the number of the earlier field. The second index is the length of the later field's key,
  // modulo kSuccessors. Each field has several successors, because records of several kinds
  // alternate.
  static constexpr size_t kSuccessors = 8;
  std::array<std::array<uint16_t, kSuccessors>, kMostAuditFields> successors_{};
  const AuditField* const fields_ = AuditFieldTable();
  // The record_number_ of the last record that had each field, indexed by AuditField::number.
  std::array<uint32_t, kMostAuditFields> last_seen_{};
  std::array<JsonValue, kFieldCount> values_;
  std::array<PairListState, kPairLists> pair_lists_;
  const std::vector<NameValue> no_pairs_ = {};
  std::vector<Piece> pieces_;
  // The parts of `unmapped` that could not be copied unchanged from the record.
  ByteBuffer rewritten_;
  size_t rewritten_piece_begin_ = 0;
  std::string_view parameters_text_;  // a view into the record or into `parameters_`
  ByteBuffer parameters_;
  WriterBuffers buffers_;
  uint16_t remarks_ = 0;
  bool has_parameter_members_ = false;
  bool has_lost_nesting_ = false;
  // The offsets of the keys "Name" and "Value" in parameters_text_, if parameters_text_ is a view
  // into the record. PutParameters changes these keys to lower case.
  std::vector<uint32_t> parameter_keys_;
  // The undocumented names of this record: a hash table with open addressing.
  struct SeenKey {
    uint32_t record = 0;
    std::string_view key;
  };
  std::vector<SeenKey> seen_keys_;
  uint32_t seen_count_ = 0;
  uint32_t record_number_ = 0;
  std::string key_text_;
  // The undocumented names of this record that had escapes, unescaped. seen_keys_ refers to these
  // strings.
  std::deque<std::string> unescaped_keys_;
  // The tokens of the last string that ReadPairsInString has read.
  JsonTokens text_tokens_;
  JsonWalker text_walker_;
  JsonValue text_list_;  // the list in that string; kAbsent if it is not a list of pairs
};

}  // namespace picket::parser
