#include "parser/mapping/audit_record.h"

#include <algorithm>
#include <cstring>

#include "common/strings.h"
#include "json/key_compare.h"
#include "model/powershell_text.h"
#include "parser/mapping/inner_json.h"
#include "parser/mapping/remarks.h"

namespace picket::parser {
namespace {

// Returns true if the `size` bytes at `text` are a JSON number of one to eight digits, without a
// sign. At least eight bytes must be readable.
inline bool IsShortNumber(const char* text, size_t size) {
  if (size - 1 > 7) return false;
  uint64_t digits;
  std::memcpy(&digits, text, 8);
  const size_t spare = 64 - 8 * size;
  digits <<= spare;  // now the `size` bytes, preceded by zero bytes
  const uint64_t zeros = 0x3030303030303030 << spare;
  const uint64_t high = 0xf0f0f0f0f0f0f0f0;
  const uint64_t wrong = (digits & high) ^ zeros;
  const uint64_t above_nine = ((digits + (0x0606060606060606 << spare)) & high) ^ zeros;
  return (wrong | above_nine) == 0 && (text[0] != '0' || size == 1);
}

// Returns the text of a value for NameValue: the inside of a string, the JSON of a number, boolean
// or null, and nothing for a list or an object.
std::string_view PairText(const JsonValue& value) {
  if (value.is_text()) return value.inner();
  const bool container = value.kind == JsonValue::kObject || value.kind == JsonValue::kArray;
  return container ? std::string_view() : value.raw;
}

// Returns a bit for each key that has a meaning in a pair, and 0 for any other key.
unsigned PairMember(std::string_view key) {
  return key == "Name"       ? 1u
         : key == "Value"    ? 2u
         : key == "NewValue" ? 4u
         : key == "OldValue" ? 8u
                             : 0u;
}

// Returns true if the value of a documented list or object is a text that PowerShell has written in
// its place, or a list of such texts.
bool HasLostNesting(const AuditField& field, const JsonValue& value) {
  if (field.type != FieldType::kPairs && field.type != FieldType::kList &&
      field.type != FieldType::kObject) {
    return false;
  }
  if (value.is_text()) return IsPowerShellText(value.inner());
  if (value.kind != JsonValue::kArray) return false;
  const size_t first = value.raw.find_first_not_of(" \t\r\n", 1);
  return value.raw[first] == '"' && IsPowerShellText(value.raw.substr(first + 1));
}

// Returns true if the normaliser itself may add a member of this name to `unmapped`. A field of the
// record with such a name is moved to `duplicate_keys`, so that the name does not occur twice.
bool IsReservedName(std::string_view name) {
  if (name == "decoded" || name == "duplicate_keys" || name == "undocumented") return true;
  static constexpr std::string_view kListSuffix = "_kv";
  if (name.size() > kListSuffix.size() &&
      name.substr(name.size() - kListSuffix.size()) == kListSuffix) {
    const std::string_view documented = name.substr(0, name.size() - kListSuffix.size());
    const AuditField* const field = FindAuditField(documented);
    return field != nullptr && field->name() == documented;
  }
  return IsTextMemberName(0, name);
}

}  // namespace

AuditRecord::PairList AuditRecord::PairListOf(Field field) {
  switch (field) {
    case Field::kParameters:
      return PairList::kParameters;
    case Field::kModifiedProperties:
      return PairList::kModifiedProperties;
    case Field::kExtendedProperties:
      return PairList::kExtendedProperties;
    case Field::kDeviceProperties:
      return PairList::kDeviceProperties;
    case Field::kOperationProperties:
      return PairList::kOperationProperties;
    default:
      return PairList::kNone;
  }
}

const std::vector<NameValue>& AuditRecord::Pairs(Field field) const {
  const PairList list = PairListOf(field);
  if (list == PairList::kNone || !Has(field)) return no_pairs_;
  return pair_lists_[static_cast<size_t>(list)].pairs;
}

const NameValue* AuditRecord::FindPair(Field field, std::string_view name) const {
  for (const NameValue& pair : Pairs(field)) {
    if (EqualsInline(pair.name, name)) return &pair;
  }
  return nullptr;
}

bool AuditRecord::GetInteger(Field field, int64_t& value) const {
  const JsonValue& json = Get(field);
  if (json.kind == JsonValue::kNumber) return ToInteger(json.raw, value);
  return json.is_text() && ToInteger(json.inner(), value);
}

void AuditRecord::Begin(const JsonTokens& tokens) { walker_.Begin(tokens); }

void AuditRecord::StartRecord() {
  pieces_.clear();
  rewritten_.Clear();
  rewritten_piece_begin_ = 0;
  parameters_text_ = {};
  buffers_.duplicates.Clear();
  remarks_ = 0;
  has_parameter_members_ = has_lost_nesting_ = false;
  seen_count_ = 0;
  if (!unescaped_keys_.empty()) unescaped_keys_.clear();
  // After 2^32 records, record_number_ starts again. The tables are then cleared, because the
  // numbers of old records could be mistaken for the number of this record.
  if (++record_number_ == 0) {
    last_seen_.fill(0);
    seen_keys_.clear();
    record_number_ = 1;
  }
}

JsonFault AuditRecord::Read(uint32_t& token) {
  StartRecord();
  TokenPtr at = walker_.begin() + token;
  if (at == walker_.end()) return JsonFault::kSyntax;
  if (walker_.Byte(at) != '{') return JsonFault::kNotAnObject;
  if (walker_.text_fault() != JsonFault::kNone) return walker_.text_fault();
  const uint32_t start = *at;
  MemberWalk walk;
  ++at;
  if (walker_.Byte(at) != '}') {
    const TokenPtr end = walker_.end();
    while (true) {
      if (const TokenPtr next = PlainMember(at, walk)) {
        at = next;
      } else {
        MemberWalk other = walk;  // a copy, so that `walk` stays in registers for plain members
        at = AnyMember(at, other);
        walk = other;
        if (at == nullptr) return walker_.fault();
        if (at == end) return JsonFault::kSyntax;
      }
      const char next = walker_.Byte(at);
      ++at;
      if (next == ',') continue;
      if (next != '}') return JsonFault::kSyntax;
      break;
    }
  } else {
    ++at;
  }
  AddCopiedPiece(walk.copy_begin, walk.copy_end);
  if (!buffers_.duplicates.empty()) {
    rewritten_.Put(",\"duplicate_keys\":[");
    rewritten_.Put(buffers_.duplicates.view().substr(1));
    rewritten_.Put(']');
    remarks_ |= kDupKey;
  }
  EndRewrittenPiece(Piece::kMembers);
  // From here on `rewritten_` no longer grows, so pointers into it are stable.
  const char* next_piece = rewritten_.data();
  for (Piece& piece : pieces_) {
    if (piece.text != nullptr) continue;
    piece.text = next_piece;
    next_piece += piece.size;
  }
  raw_ = {walker_.text() + start, at[-1] + 1 - start};
  token = static_cast<uint32_t>(at - walker_.begin());
  return JsonFault::kNone;
}

// Fast path: reads the member if it is the predicted field and has the documented type of the
// field. The type must be string, short integer or boolean. Returns nullptr and changes nothing for
// any other member, for a repeated field, and if there are blanks between the tokens.
inline AuditRecord::TokenPtr AuditRecord::PlainMember(TokenPtr at, MemberWalk& walk) {
  const char* const text = walker_.text();
  const size_t start = at[0];
  const size_t place = size_t{at[1]} + 1;
  const size_t number = successors_[walk.previous_field][(place - start) % kSuccessors];
  const AuditField& field = fields_[number];
  if (place - start != field.plain_key_size || start >= walker_.unchecked_read_end() ||
      !IsKeyAt(text + start, field.key, field.plain_key_size)) [[unlikely]] {
    return nullptr;
  }
  if (at[2] != place || last_seen_[number] == record_number_) [[unlikely]]
    return nullptr;
  const size_t stop = at[3];
  JsonValue::Kind kind = JsonValue::kText;
  if (text[place] == '"') {
    if (text[stop - 1] != '"') [[unlikely]]
      return nullptr;
    if (field.type != FieldType::kText) return nullptr;
  } else if (field.type == FieldType::kInteger) {
    if (!IsShortNumber(text + place, stop - place)) return nullptr;
    kind = JsonValue::kNumber;
  } else {
    if (field.type != FieldType::kBoolean) return nullptr;
    const std::string_view value(text + place, stop - place);
    if (value != "true" && value != "false") return nullptr;
    kind = value.size() == 4 ? JsonValue::kTrue : JsonValue::kFalse;
  }
  last_seen_[number] = record_number_;
  walk.previous_field = number;
  if (number < kFieldCount) {
    JsonValue& value = values_[number];
    value.kind = kind;
    value.spaced = false;
    value.integral = true;
    value.raw = {text + place, stop - place};
  }
  if (!field.mapped) CopyMember(walk, text + start, text + stop);
  return at + 3;
}

// Slow path: reads any member, starting at its key.
AuditRecord::TokenPtr AuditRecord::AnyMember(TokenPtr at, MemberWalk& walk) {
  const char* const text = walker_.text();
  if (walker_.Byte(at) != '"') return walker_.Fail(JsonFault::kSyntax);
  const uint32_t key_size = at[1] + 1 - at[0];
  uint16_t& successor = successors_[walk.previous_field][key_size % kSuccessors];
  const AuditField& expected = fields_[successor];
  if (key_size == expected.plain_key_size && at[0] < walker_.unchecked_read_end()
          ? IsKeyAt(text + at[0], expected.key, expected.plain_key_size)
          : key_size == expected.key_size &&
                std::memcmp(text + at[0], expected.key, key_size) == 0) {
    walk.previous_field = expected.number;
    return KnownMember(at + 2, expected, {text + at[0], key_size}, true, walk);
  }
  JsonValue key;
  if ((at = walker_.String(at, key)) == nullptr) return nullptr;
  if (walker_.Byte(at) != ':') return walker_.Fail(JsonFault::kSyntax);
  const AuditField* const field = FindField(key);
  if (field == nullptr) return UnknownMember(at, key, walk);
  successor = field->number;
  walk.previous_field = field->number;
  // KnownMember gets `bytes` as the key. `bytes` includes the colon only if the record spells the
  // key as the table does.
  const bool as_named = field->name() == key.inner() && key_size == field->key_size;
  const std::string_view bytes(key.raw.data(), as_named ? key_size : key.raw.size());
  return KnownMember(at + 1, *field, bytes, as_named, walk);
}

// Reads a field of the table, starting at its value. `key` includes the quotes. If `as_named` is
// true, the key is spelled as in the table, and `key` includes the colon too.
AuditRecord::TokenPtr AuditRecord::KnownMember(TokenPtr at, const AuditField& field,
                                               std::string_view key, bool as_named,
                                               MemberWalk& walk) {
  if (last_seen_[field.number] == record_number_) [[unlikely]] {
    JsonValue value;
    if ((at = walker_.Value(at, 1, value)) == nullptr) return nullptr;
    Writer(rewritten_).AddDuplicate(key.substr(1, key.size() - (as_named ? 3 : 2)), value);
    return at;
  }
  last_seen_[field.number] = record_number_;
  JsonValue other;
  JsonValue& value = field.number < kFieldCount ? values_[field.number] : other;
  const PairList list = field.type == FieldType::kPairs ? PairListOf(field.field) : PairList::kNone;
  bool plain;
  if (field.has_typed_content()) {
    at = walker_.TypedValue(at, 1, field, value);
    plain = !walker_.needs_rewrite() && value.kind != JsonValue::kNull;
  } else {
    at = list != PairList::kNone ? ReadPairs(at, list, value) : walker_.Value(at, 1, value);
    plain = HasType(field.type, value);
  }
  if (at == nullptr) return nullptr;
  // The event writers output mapped fields. Most other fields are copied unchanged, and adjacent
  // copies become one piece.
  if (plain && field.mapped) return at;
  if (plain && as_named && !value.spaced && value.raw.data() == key.data() + key.size()) {
    CopyMember(walk, key.data(), value.raw.data() + value.raw.size());
    return at;
  }
  EndCopyRun(walk);
  WriteField(field, value);
  return at;
}

// Reads a field that is not in the table, starting at its colon.
AuditRecord::TokenPtr AuditRecord::UnknownMember(TokenPtr at, const JsonValue& key,
                                                 MemberWalk& walk) {
  const char* const colon = walker_.text() + *at;
  JsonValue value;
  if ((at = walker_.Value(at + 1, 1, value)) == nullptr) return nullptr;
  const char* const begin = key.raw.data();
  std::string_view name = key.inner();
  if (name.find('\\') != std::string_view::npos) [[unlikely]]
    name = unescaped_keys_.emplace_back(key_text_);
  const bool is_first = !IsReservedName(name) && IsFirstOfName(name);
  static constexpr std::string_view kParameter = "Param_";  // as Hawk writes parameters
  if (name.size() > kParameter.size() && name.substr(0, kParameter.size()) == kParameter) {
    has_parameter_members_ = true;
  }
  if (is_first && type_observer_ != nullptr) type_observer_->Observe(name, value.kind);
  if (!is_first) {
    Writer(rewritten_).AddDuplicate(key.inner(), value);
  } else if (WouldAddIndexFields(name, value)) {
    EndCopyRun(walk);
    EndRewrittenPiece(Piece::kMembers);
    rewritten_.Put(',');
    rewritten_.Put(key.raw);
    rewritten_.Put(':');
    Writer(rewritten_).PutMinified(value);
    EndRewrittenPiece(Piece::kUndocumented);
  } else if (!value.spaced && begin + key.raw.size() == colon && value.raw.data() == colon + 1) {
    CopyMember(walk, begin, value.raw.data() + value.raw.size());
  } else {
    EndCopyRun(walk);
    rewritten_.Put(',');
    rewritten_.Put(key.raw);
    rewritten_.Put(':');
    Writer(rewritten_).PutMinified(value);
  }
  return at;
}

// Returns true if this undocumented member would not become exactly one field of a search index.
// Nested objects and names with dots become several fields.
bool AuditRecord::WouldAddIndexFields(std::string_view name, const JsonValue& value) const {
  if (value.kind == JsonValue::kObject || name.find('.') != std::string_view::npos) return true;
  // A blank name is not a valid field name.
  if (name.find_first_not_of(' ') == std::string_view::npos) return true;
  if (value.kind != JsonValue::kArray) return false;
  for (uint32_t token = value.token; token < value.end_token; ++token) {
    if (tokens().at(token) == '{') return true;
  }
  return false;
}

// Reads a list of {Name, Value}. Marks the list as irregular if an element has another shape, or if
// the value is an object.
AuditRecord::TokenPtr AuditRecord::ReadPairs(TokenPtr at, PairList list, JsonValue& value) {
  std::vector<NameValue>& pairs = State(list).pairs;
  pairs.clear();
  State(list).is_regular = true;
  if (list == PairList::kParameters) parameter_keys_.clear();
  if (walker_.Byte(at) != '[') {
    if ((at = walker_.Value(at, 1, value)) == nullptr) return nullptr;
    // If the record has an object instead of a list, the members of the object become pairs.
    if (value.kind == JsonValue::kObject) {
      State(list).is_regular = false;
      tokens().ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
        pairs.push_back({key, PairText(member), {}, member.is_text()});
      });
    } else if (value.is_text()) {
      ReadPairsInString(list, value);
    }
    return at;
  }
  const TokenPtr first = at;
  const uint32_t start = *at;
  bool spaced = false;
  uint32_t place = start + 1;  // where the next token is, if there are no blanks
  ++at;
  if (walker_.Byte(at) != ']') {
    while (true) {
      spaced |= *at != place;
      const TokenPtr after = ReadRegularPair(at, list, start);
      if (after != nullptr) [[likely]] {
        at = after;
        place = at[-1] + 1;
      } else if ((at = ReadAnyPair(at, list, start, place, spaced)) == nullptr) {
        return nullptr;
      }
      if (at == walker_.end()) return walker_.Fail(JsonFault::kSyntax);
      spaced |= *at != place;
      const char next = walker_.Byte(at);
      if (next == ']') break;
      if (next != ',') return walker_.Fail(JsonFault::kSyntax);
      place = *at + 1;
      ++at;
    }
  } else {
    spaced = *at != place;
  }
  return walker_.EndContainer(first, at, JsonValue::kArray, spaced, value);
}

// Some collectors write the list as one string. A string is accepted only if it is certainly such a
// list: an array of objects that have a name, values, and nothing else.
void AuditRecord::ReadPairsInString(PairList list, const JsonValue& value) {
  text_list_ = {};
  if (!InnerJson::LooksLikeJson(value.inner())) return;
  std::string& text = State(list).unescaped;
  text.clear();
  AppendJsonUnescaped(value.inner(), text);
  if (text_tokens_.Index(text) != JsonFault::kNone) return;
  text_walker_.Begin(text_tokens_);
  if (text_walker_.text_fault() != JsonFault::kNone) return;
  JsonValue whole;
  if (text_walker_.Value(text_walker_.begin(), 1, whole) != text_walker_.end()) return;
  std::vector<NameValue>& pairs = State(list).pairs;
  bool is_list = whole.kind == JsonValue::kArray;
  text_tokens_.ForEach(whole, [&](const JsonValue& element) {
    NameValue pair;
    bool has_name = false;
    unsigned seen = 0;
    text_tokens_.ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
      const unsigned bit = PairMember(key);
      if (key == "Name") {
        has_name = member.is_text();
        pair.name = PairText(member);
      } else if (key == "Value" || key == "NewValue") {
        pair.value = PairText(member);
        pair.is_text = member.is_text();
      } else if (key == "OldValue") {
        pair.old_value = PairText(member);
      }
      is_list &= bit != 0 && (seen & bit) == 0;
      seen |= bit;
    });
    is_list &= has_name;
    pairs.push_back(pair);
  });
  if (!is_list) return pairs.clear();
  if (pairs.empty()) return;
  State(list).is_regular = false;  // WriteList then writes the pairs one by one
  text_list_ = whole;
}

// Reads {"Name":"…","Value":"…"} or {"Name":"…","NewValue":"…","OldValue":"…"} without blanks.
// Compares only bytes, because an object of this form always has the same tokens. If the bytes have
// another form, returns nullptr and changes nothing. `start` is the byte position of the list.
inline AuditRecord::TokenPtr AuditRecord::ReadRegularPair(TokenPtr at, PairList list,
                                                          uint32_t start) {
  // Each token has at least one byte. If 24 tokens remain, the comparisons of keys stay inside the
  // text.
  if (walker_.end() - at < 24) return nullptr;
  const char* const text = walker_.text();
  const auto is_at = [&](uint32_t place, const auto& literal) {
    return std::memcmp(text + place, literal, sizeof literal - 1) == 0;
  };
  // Returns the bytes from `place` to the quote before the token `next`.
  const auto between = [&](uint32_t place, TokenPtr next) {
    return std::string_view(text + place, *next - 1 - place);
  };
  const auto ends_with_quote = [&](uint32_t place, TokenPtr next) {
    return *next > place && text[*next - 1] == '"';
  };
  NameValue pair;
  const uint32_t name = *at + 9;
  if (!is_at(*at, "{\"Name\":\"") || !ends_with_quote(name, at + 4)) return nullptr;
  pair.name = between(name, at + 4);
  const uint32_t comma = at[4];
  TokenPtr close = at + 8;
  if (is_at(comma, ",\"Value\":\"")) {
    if (!ends_with_quote(comma + 10, close)) return nullptr;
    pair.value = between(comma + 10, close);
  } else if (is_at(comma, ",\"NewValue\":\"")) {
    if (!ends_with_quote(comma + 13, close)) return nullptr;
    pair.value = between(comma + 13, close);
    const uint32_t second = *close;
    close = at + 12;
    if (!is_at(second, ",\"OldValue\":\"") || !ends_with_quote(second + 13, close)) return nullptr;
    pair.old_value = between(second + 13, close);
  } else {
    return nullptr;
  }
  if (text[*close] != '}') return nullptr;
  State(list).pairs.push_back(pair);
  if (list == PairList::kParameters) {
    parameter_keys_.push_back(*at + 2 - start);
    if (close == at + 8 && text[comma + 2] == 'V') parameter_keys_.push_back(comma + 2 - start);
  }
  return close + 1;
}

// Reads a member of a list of pairs in any shape. Sets `place` to the position after the member,
// and sets `spaced` if the member contains blanks.
AuditRecord::TokenPtr AuditRecord::ReadAnyPair(TokenPtr at, PairList list, uint32_t start,
                                               uint32_t& place, bool& spaced) {
  const char* const text = walker_.text();
  const auto end_of = [&](const JsonValue& value) {
    return static_cast<uint32_t>(value.raw.data() + value.raw.size() - text);
  };
  NameValue pair;
  JsonValue child;
  if (walker_.Byte(at) != '{') {
    if ((at = walker_.Value(at, 2, child)) == nullptr) return nullptr;
    spaced |= child.spaced;
    State(list).is_regular = false;
    if (child.is_text()) {
      pair.name = child.inner();
    } else {
      pair.value = PairText(child);
      pair.is_text = false;
    }
    place = end_of(child);
    State(list).pairs.push_back(pair);
    return at;
  }
  place = *at + 1;
  ++at;
  unsigned seen = 0;
  if (walker_.Byte(at) != '}') {
    while (true) {
      if (walker_.Byte(at) != '"') return walker_.Fail(JsonFault::kSyntax);
      spaced |= *at != place;
      if ((at = walker_.String(at, child)) == nullptr) return nullptr;
      const std::string_view key = child.inner();
      if (walker_.Byte(at) != ':') return walker_.Fail(JsonFault::kSyntax);
      spaced |= *at != end_of(child);
      place = *at + 1;
      ++at;
      spaced |= *at != place;
      if ((at = walker_.Value(at, 3, child)) == nullptr) return nullptr;
      spaced |= child.spaced;
      if (!child.is_text() && child.kind != JsonValue::kNull) State(list).is_regular = false;
      place = end_of(child);
      const std::string_view value = PairText(child);
      const bool is_value = key == "Value";
      const unsigned bit = PairMember(key);
      if ((seen & bit) != 0) {  // the first of several equal keys is used
        State(list).is_regular = false;
      } else if (key == "Name" && child.is_text()) {
        pair.name = value;
        if (list == PairList::kParameters) {
          parameter_keys_.push_back(static_cast<uint32_t>(key.data() - text) - start);
        }
      } else if (is_value || key == "NewValue") {
        pair.value = value;
        pair.is_text = child.is_text();
        if (list == PairList::kParameters && is_value) {
          parameter_keys_.push_back(static_cast<uint32_t>(key.data() - text) - start);
        }
      } else if (key == "OldValue") {
        pair.old_value = value;
      } else if (list == PairList::kParameters) {
        State(list).is_regular = false;
      }
      seen |= bit;
      if (at == walker_.end()) return walker_.Fail(JsonFault::kSyntax);
      spaced |= *at != place;
      const char next = walker_.Byte(at);
      if (next == '}') break;
      if (next != ',') return walker_.Fail(JsonFault::kSyntax);
      place = *at + 1;
      ++at;
    }
  } else {
    spaced |= *at != place;
  }
  place = *at + 1;
  State(list).pairs.push_back(pair);
  return at + 1;
}

const AuditField* AuditRecord::FindField(const JsonValue& key) {
  if (key.inner().find('\\') == std::string_view::npos) return FindAuditField(key.inner());
  key_text_.clear();
  AppendJsonUnescaped(key.inner(), key_text_);
  return FindAuditField(key_text_);
}

// Adds an unchanged member to the copy run. When the run ends, it becomes one piece of `unmapped`.
inline void AuditRecord::CopyMember(MemberWalk& walk, const char* begin, const char* end) {
  if (walk.copy_end != begin - 1) {
    AddCopiedPiece(walk.copy_begin, walk.copy_end);
    walk.copy_begin = begin;
  }
  walk.copy_end = end;
}

void AuditRecord::EndCopyRun(MemberWalk& walk) {
  AddCopiedPiece(walk.copy_begin, walk.copy_end);
  walk.copy_begin = walk.copy_end = nullptr;
}

void AuditRecord::AddCopiedPiece(const char* begin, const char* end) {
  if (begin == nullptr) return;
  if (begin[-1] == ',') {  // the usual case, in which the comma of the source is copied too
    --begin;
  } else {
    rewritten_.Put(',');
  }
  EndRewrittenPiece(Piece::kMembers);
  pieces_.push_back({begin, static_cast<uint32_t>(end - begin), Piece::kMembers});
}

void AuditRecord::EndRewrittenPiece(Piece::Kind kind) {
  const size_t size = rewritten_.size() - rewritten_piece_begin_;
  if (size > 0) pieces_.push_back({nullptr, static_cast<uint32_t>(size), kind});
  rewritten_piece_begin_ = rewritten_.size();
}

// Returns true if the record has no earlier undocumented member with this name.
bool AuditRecord::IsFirstOfName(std::string_view key) {
  if (seen_keys_.size() < size_t{2} * (seen_count_ + 1)) {
    // The table is replaced by a larger, empty one. The names of this record are inserted again.
    std::vector<SeenKey> old;
    old.swap(seen_keys_);
    seen_keys_.resize(std::max<size_t>(64, old.size() * 2));
    seen_count_ = 0;
    for (const SeenKey& seen : old) {
      if (seen.record == record_number_) IsFirstOfName(seen.key);
    }
  }
  const size_t mask = seen_keys_.size() - 1;
  for (size_t at = StringHash()(key) & mask;; at = (at + 1) & mask) {
    SeenKey& seen = seen_keys_[at];
    if (seen.record != record_number_) {
      seen = {record_number_, key};
      ++seen_count_;
      return true;
    }
    if (seen.key == key) return false;
  }
}

// Adds a value without the blanks between its tokens. A long value that has no such blanks is
// copied from the source as a piece of its own.
void AuditRecord::AddMinified(const JsonValue& value) {
  if (value.spaced || value.raw.size() <= 64) return Writer(rewritten_).PutMinified(value);
  EndRewrittenPiece(Piece::kMembers);
  pieces_.push_back({value.raw.data(), static_cast<uint32_t>(value.raw.size()), Piece::kMembers});
}

// Writes the value of a field under `<name>_text`, always as a string. A string is written
// unchanged, and any other value is written as its JSON.
void AuditRecord::WriteTextMember(const AuditField& field, const JsonValue& value) {
  rewritten_.Put(",\"");
  rewritten_.Put(field.name());
  rewritten_.Put("_text\":");
  Writer(rewritten_).PutAsString(value);
}

// Writes a field so that its name always has the same JSON type. A value of another type is written
// as a string under <name>_text. If that value can be converted to the documented type, the
// converted value is also written under the name of the field.
void AuditRecord::WriteField(const AuditField& field, const JsonValue& value) {
  const auto write_unchanged = [&](const JsonValue& it) {
    rewritten_.Put(',');
    rewritten_.Put(field.key_json());
    AddMinified(it);
  };
  if (value.kind == JsonValue::kNull) return write_unchanged(value);
  has_lost_nesting_ |= HasLostNesting(field, value);
  if (field.type == FieldType::kPairs) return WriteList(field, value);
  if (field.mapped) {
    if (!value.is_text()) WriteTextMember(field, value);
  } else if (HasType(field.type, value) && !field.has_typed_content()) {
    write_unchanged(value);
  } else {
    Writer(rewritten_).PutField(field, value);
  }
}

void AuditRecord::WriteList(const AuditField& field, const JsonValue& value) {
  const PairList list = PairListOf(field.field);
  const bool in_string = value.is_text() && text_list_.kind == JsonValue::kArray;
  if (value.kind != JsonValue::kArray && value.kind != JsonValue::kObject) {
    WriteTextMember(field, value);
    if (!in_string) return;
  }
  const JsonTokens& tokens = in_string ? text_tokens_ : walker_.tokens();
  const JsonValue& pairs = in_string ? text_list_ : value;
  if (list == PairList::kParameters) return WriteParameters(field, tokens, pairs);
  rewritten_.Put(",\"");
  rewritten_.Put(field.name());
  EndRewrittenPiece(Piece::kListName);
  rewritten_.Put("\":");
  if (State(list).is_regular) return AddMinified(pairs);
  WritePairs(rewritten_, {"Name", "Value"}, field, tokens, pairs);
}

// Writes an irregular list in the regular shape, in which every member is an object and every value
// is a string or null.
void AuditRecord::WritePairs(ByteBuffer& out, const PairKeys& keys, const AuditField& field,
                             const JsonTokens& tokens, const JsonValue& value) {
  TypedWriter writer(out, buffers_, tokens);
  const auto put_key = [&](std::string_view key) {
    out.Put('"');
    out.Put(key);
    out.Put("\":");
  };
  out.Put('[');
  bool first = true;
  const auto open = [&] {
    if (!first) out.Put(',');
    first = false;
    out.Put('{');
  };
  tokens.ForEachMember(value, [&](std::string_view name, const JsonValue& member) {
    open();
    put_key(keys.name);
    out.Put('"');
    out.Put(name);
    out.Put("\",");
    put_key(keys.value);
    writer.PutAsString(member);
    out.Put('}');
  });
  tokens.ForEach(value, [&](const JsonValue& element) {
    open();
    if (element.kind != JsonValue::kObject) {
      put_key(element.is_text() ? keys.name : keys.value);
      writer.PutAsString(element);
      out.Put('}');
      return;
    }
    bool first_member = true;
    unsigned seen = 0;
    tokens.ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
      const unsigned bit = PairMember(key);
      if ((seen & bit) != 0) return writer.AddDuplicate(field, key, member);
      seen |= bit;
      if (!first_member) out.Put(',');
      first_member = false;
      put_key(key == "Name" ? keys.name : key == "Value" ? keys.value : key);
      if (member.kind == JsonValue::kNull) {
        out.Put("null");
      } else {
        writer.PutAsString(member);
      }
    });
    out.Put('}');
  });
  out.Put(']');
}

void AuditRecord::WriteParameters(const AuditField& field, const JsonTokens& tokens,
                                  const JsonValue& value) {
  if (value.kind == JsonValue::kArray && State(PairList::kParameters).is_regular && !value.spaced) {
    parameters_text_ = value.raw;
    return;
  }
  parameter_keys_.clear();
  parameters_.Clear();
  WritePairs(parameters_, {"name", "value"}, field, tokens, value);
  parameters_text_ = parameters_.view();
}

}  // namespace picket::parser
