#include "parser/mapping/audit_record.h"

#include <algorithm>
#include <cstring>

#include "common/strings.h"
#include "json/key_compare.h"
#include "parser/mapping/inner_json.h"

namespace picket::parser {
namespace {

// Whether the `size` bytes at `text`, where eight can be read, are at most eight digits and a number.
inline bool IsShortNumber(const char* text, size_t size) {
  if (size - 1 > 7) return false;
  uint64_t digits;
  std::memcpy(&digits, text, 8);
  const size_t spare = 64 - 8 * size;
  digits <<= spare;  // those that count, behind zero bytes
  const uint64_t zeros = 0x3030303030303030 << spare;
  const uint64_t high = 0xf0f0f0f0f0f0f0f0;
  const uint64_t wrong = (digits & high) ^ zeros;
  const uint64_t above_nine = ((digits + (0x0606060606060606 << spare)) & high) ^ zeros;
  return (wrong | above_nine) == 0 && (text[0] != '0' || size == 1);
}

// What of a value may stand between quotes.
std::string_view PairText(const JsonValue& value) {
  if (value.is_text()) return value.inner();
  const bool container = value.kind == JsonValue::kObject || value.kind == JsonValue::kArray;
  return container ? std::string_view() : value.raw;
}

// The members of a pair, by one bit each; 0: of no meaning.
unsigned PairMember(std::string_view key) {
  return key == "Name"       ? 1u
         : key == "Value"    ? 2u
         : key == "NewValue" ? 4u
         : key == "OldValue" ? 8u
                             : 0u;
}

// A name that is given here or by a writer to a member of `unmapped`: a field that is called so goes with the duplicates.
bool IsOwnName(std::string_view name) {
  if (name == "decoded" || name == "duplicate_keys" || name == "undocumented") return true;
  static constexpr std::string_view kListSuffix = "_kv";
  if (name.size() > kListSuffix.size() &&
      name.substr(name.size() - kListSuffix.size()) == kListSuffix) {
    const std::string_view documented = name.substr(0, name.size() - kListSuffix.size());
    const AuditField* const field = FindAuditField(documented);
    return field != nullptr && field->name() == documented;
  }
  return IsNameOfText(0, name);
}

}  // namespace

int AuditRecord::PairListOf(Field field) {
  switch (field) {
    case Field::kParameters:
      return 0;
    case Field::kModifiedProperties:
      return 1;
    case Field::kExtendedProperties:
      return 2;
    case Field::kDeviceProperties:
      return 3;
    case Field::kOperationProperties:
      return 4;
    default:
      return -1;
  }
}

const std::vector<NameValue>& AuditRecord::Pairs(Field field) const {
  const int list = PairListOf(field);
  return list < 0 || !Has(field) ? no_pairs_ : pairs_[list];
}

const NameValue* AuditRecord::FindPair(Field field, std::string_view name) const {
  for (const NameValue& pair : Pairs(field)) {
    if (SameText(pair.name, name)) return &pair;
  }
  return nullptr;
}

bool AuditRecord::GetInteger(Field field, int64_t& value) const {
  const JsonValue& json = Get(field);
  if (json.kind == JsonValue::kNumber) return ToInteger(json.raw, value);
  return json.is_text() && ToInteger(json.inner(), value);
}

void AuditRecord::Begin(const JsonTokens& tokens) { walker_.Begin(tokens); }

void AuditRecord::NewRecord() {
  pieces_.clear();
  made_.Clear();
  made_cut_ = 0;
  parameters_text_ = {};
  buffers_.duplicates.Clear();
  remarks_ = 0;
  seen_count_ = 0;
  if (!unescaped_keys_.empty()) unescaped_keys_.clear();
  if (++record_number_ ==
      0) {  // after 4 G records the marks of the first would count as this one's
    last_seen_.fill(0);
    seen_keys_.clear();
    record_number_ = 1;
  }
}

JsonFault AuditRecord::Read(uint32_t& token) {
  NewRecord();
  At at = walker_.begin() + token;
  if (at == walker_.end()) return JsonFault::kSyntax;
  if (walker_.Byte(at) != '{') return JsonFault::kNotAnObject;
  if (walker_.text_fault() != JsonFault::kNone) return walker_.text_fault();
  const uint32_t start = *at;
  Run run;
  ++at;
  if (walker_.Byte(at) != '}') {
    const At end = walker_.end();
    while (true) {
      if (const At next = PlainMember(at, run)) {
        at = next;
      } else {
        Run other = run;  // of its own, so that the run of plain members stays in registers
        at = AnyMember(at, other);
        run = other;
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
  FlushKept(run.begin, run.end);
  if (!buffers_.duplicates.empty()) {
    made_.Put(",\"duplicate_keys\":[");
    made_.Put(buffers_.duplicates.view().substr(1));
    made_.Put(']');
    remarks_ |= kDupKey;
  }
  CutMade(Piece::kMembers);
  // Only now does what was made stand still.
  const char* made = made_.data();
  for (Piece& piece : pieces_) {
    if (piece.text != nullptr) continue;
    piece.text = made;
    made += piece.size;
  }
  raw_ = {walker_.text() + start, at[-1] + 1 - start};
  token = static_cast<uint32_t>(at - walker_.begin());
  return JsonFault::kNone;
}

// A member of the record that is as most are: the field that came after the one before in an earlier record, with a text,
// a number or a truth where one belongs, and nothing between its tokens. nullptr for any other, of which nothing is kept.
inline AuditRecord::At AuditRecord::PlainMember(At at, Run& run) {
  const char* const text = walker_.text();
  const size_t start = at[0];
  const size_t place = size_t{at[1]} + 1;
  const size_t number = successors_[run.before][(place - start) % kSuccessors];
  const AuditField& field = fields_[number];
  if (place - start != field.plain_key_size || start >= walker_.look_ahead_end() ||
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
  run.before = number;
  if (number < kFieldCount) {
    JsonValue& value = values_[number];
    value.kind = kind;
    value.spaced = false;
    value.integral = true;
    value.raw = {text + place, stop - place};
  }
  if (!field.mapped) Keep(run, text + start, text + stop);
  return at + 3;
}

// Any other, from its key.
AuditRecord::At AuditRecord::AnyMember(At at, Run& run) {
  const char* const text = walker_.text();
  if (walker_.Byte(at) != '"') return walker_.Fail(JsonFault::kSyntax);
  const uint32_t key_size = at[1] + 1 - at[0];
  uint16_t& successor = successors_[run.before][key_size % kSuccessors];
  const AuditField& expected = fields_[successor];
  if (key_size == expected.plain_key_size && at[0] < walker_.look_ahead_end()
          ? IsKeyAt(text + at[0], expected.key, expected.plain_key_size)
          : key_size == expected.key_size &&
                std::memcmp(text + at[0], expected.key, key_size) == 0) {
    run.before = expected.number;
    return KnownMember(at + 2, expected, {text + at[0], key_size}, true, run);
  }
  JsonValue key;
  if ((at = walker_.String(at, key)) == nullptr) return nullptr;
  if (walker_.Byte(at) != ':') return walker_.Fail(JsonFault::kSyntax);
  const AuditField* const field = FindField(key);
  if (field == nullptr) return UnknownMember(at, key, run);
  successor = field->number;
  run.before = field->number;
  // With its colon when it stands as in the table.
  const bool as_named = field->name() == key.inner() && key_size == field->key_size;
  const std::string_view bytes(key.raw.data(), as_named ? key_size : key.raw.size());
  return KnownMember(at + 1, *field, bytes, as_named, run);
}

// One of a field of the table, from its value. `key`: with quotes; `as_named`: as the table has it, the colon behind it.
AuditRecord::At AuditRecord::KnownMember(At at, const AuditField& field, std::string_view key,
                                         bool as_named, Run& run) {
  if (last_seen_[field.number] == record_number_) [[unlikely]] {
    JsonValue value;
    if ((at = walker_.Value(at, 1, value)) == nullptr) return nullptr;
    Writer(made_).Duplicate(key.substr(1, key.size() - (as_named ? 3 : 2)), value);
    return at;
  }
  last_seen_[field.number] = record_number_;
  JsonValue other;
  JsonValue& value = field.number < kFieldCount ? values_[field.number] : other;
  const int list = field.type == FieldType::kPairs ? PairListOf(field.field) : -1;
  bool plain;
  if (field.has_typed_content()) {
    at = walker_.TypedValue(at, 1, field, value);
    plain = !walker_.has_other_types() && value.kind != JsonValue::kNull;
  } else {
    at = list >= 0 ? Pairs(at, list, value) : walker_.Value(at, 1, value);
    plain = HasType(field.type, value);
  }
  if (at == nullptr) return nullptr;
  // Most fields go on as they are, and those side by side in one piece.
  if (plain && field.mapped) return at;
  if (plain && as_named && !value.spaced && value.raw.data() == key.data() + key.size()) {
    Keep(run, key.data(), value.raw.data() + value.raw.size());
    return at;
  }
  EndRun(run);
  WriteField(field, value);
  return at;
}

// One that the table does not name, from its colon.
AuditRecord::At AuditRecord::UnknownMember(At at, const JsonValue& key, Run& run) {
  const char* const colon = walker_.text() + *at;
  JsonValue value;
  if ((at = walker_.Value(at + 1, 1, value)) == nullptr) return nullptr;
  const char* const begin = key.raw.data();
  std::string_view name = key.inner();
  if (name.find('\\') != std::string_view::npos) [[unlikely]]
    name = unescaped_keys_.emplace_back(key_text_);
  const bool is_first = !IsOwnName(name) && FirstOfUnknown(name);
  if (is_first && types_ != nullptr) types_->Saw(name, value.kind);
  if (!is_first) {
    Writer(made_).Duplicate(key.inner(), value);
  } else if (MakesFields(name, value)) {
    EndRun(run);
    CutMade(Piece::kMembers);
    made_.Put(',');
    made_.Put(key.raw);
    made_.Put(':');
    Writer(made_).Minified(value);
    CutMade(Piece::kUndocumented);
  } else if (!value.spaced && begin + key.raw.size() == colon && value.raw.data() == colon + 1) {
    Keep(run, begin, value.raw.data() + value.raw.size());
  } else {
    EndRun(run);
    made_.Put(',');
    made_.Put(key.raw);
    made_.Put(':');
    Writer(made_).Minified(value);
  }
  return at;
}

// Whether an undocumented member would make other fields in an index than one of its name.
bool AuditRecord::MakesFields(std::string_view name, const JsonValue& value) const {
  if (value.kind == JsonValue::kObject || name.find('.') != std::string_view::npos) return true;
  if (name.find_first_not_of(' ') == std::string_view::npos) return true;  // no name for an index
  if (value.kind != JsonValue::kArray) return false;
  for (uint32_t token = value.token; token < value.end_token; ++token) {
    if (tokens().at(token) == '{') return true;
  }
  return false;
}

// A list of {Name, Value}; what has another shape is walked as any value and marked irregular.
AuditRecord::At AuditRecord::Pairs(At at, int list, JsonValue& value) {
  std::vector<NameValue>& pairs = pairs_[list];
  pairs.clear();
  pairs_regular_[list] = true;
  if (list == 0) parameter_keys_.clear();
  if (walker_.Byte(at) != '[') {
    if ((at = walker_.Value(at, 1, value)) == nullptr) return nullptr;
    if (value.kind == JsonValue::kObject) {  // in place of the list: its members are the pairs
      pairs_regular_[list] = false;
      tokens().ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
        pairs.push_back({key, PairText(member), {}, member.is_text()});
      });
    } else if (value.is_text()) {
      PairsInText(list, value);
    }
    return at;
  }
  const At first = at;
  const uint32_t start = *at;
  bool spaced = false;
  uint32_t place = start + 1;  // where the next token stands when nothing is spaced
  ++at;
  if (walker_.Byte(at) != ']') {
    while (true) {
      spaced |= *at != place;
      const At after = RegularPair(at, list, start);
      if (after != nullptr) [[likely]] {
        at = after;
        place = at[-1] + 1;
      } else if ((at = Pair(at, list, start, place, spaced)) == nullptr) {
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

// Some collectors write the list as one text. Read is only what can be nothing else: a list of objects that have a name
// and values, and nothing beside these.
void AuditRecord::PairsInText(int list, const JsonValue& value) {
  text_list_ = {};
  if (!InnerJson::LooksLikeJson(value.inner())) return;
  std::string& text = pair_texts_[list];
  text.clear();
  AppendJsonUnescaped(value.inner(), text);
  if (text_tokens_.Index(text) != JsonFault::kNone) return;
  text_walker_.Begin(text_tokens_);
  if (text_walker_.text_fault() != JsonFault::kNone) return;
  JsonValue whole;
  if (text_walker_.Value(text_walker_.begin(), 1, whole) != text_walker_.end()) return;
  std::vector<NameValue>& pairs = pairs_[list];
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
  pairs_regular_[list] = false;  // so that it is written member by member
  text_list_ = whole;
}

// {"Name":"…","Value":"…"} or {"Name":"…","NewValue":"…","OldValue":"…"} without blanks, by its bytes:
// they tell where its tokens are. nullptr for anything else, of which nothing is kept. `start`: of the list.
inline AuditRecord::At AuditRecord::RegularPair(At at, int list, uint32_t start) {
  if (walker_.end() - at < 24) return nullptr;  // so many bytes follow at least
  const char* const text = walker_.text();
  const auto stands = [&](uint32_t place, const auto& literal) {
    return std::memcmp(text + place, literal, sizeof literal - 1) == 0;
  };
  // The string from `place` to the quote before the token at `next`.
  const auto between = [&](uint32_t place, At next) {
    return std::string_view(text + place, *next - 1 - place);
  };
  const auto closes = [&](uint32_t place, At next) {
    return *next > place && text[*next - 1] == '"';
  };
  NameValue pair;
  const uint32_t name = *at + 9;
  if (!stands(*at, "{\"Name\":\"") || !closes(name, at + 4)) return nullptr;
  pair.name = between(name, at + 4);
  const uint32_t comma = at[4];
  At close = at + 8;
  if (stands(comma, ",\"Value\":\"")) {
    if (!closes(comma + 10, close)) return nullptr;
    pair.value = between(comma + 10, close);
  } else if (stands(comma, ",\"NewValue\":\"")) {
    if (!closes(comma + 13, close)) return nullptr;
    pair.value = between(comma + 13, close);
    const uint32_t second = *close;
    close = at + 12;
    if (!stands(second, ",\"OldValue\":\"") || !closes(second + 13, close)) return nullptr;
    pair.old_value = between(second + 13, close);
  } else {
    return nullptr;
  }
  if (text[*close] != '}') return nullptr;
  pairs_[list].push_back(pair);
  if (list == 0) {
    parameter_keys_.push_back(*at + 2 - start);
    if (close == at + 8 && text[comma + 2] == 'V') parameter_keys_.push_back(comma + 2 - start);
  }
  return close + 1;
}

// A member of a list of pairs in any shape. `place`: behind it; `spaced` is set where there are blanks.
AuditRecord::At AuditRecord::Pair(At at, int list, uint32_t start, uint32_t& place, bool& spaced) {
  const char* const text = walker_.text();
  const auto end_of = [&](const JsonValue& value) {
    return static_cast<uint32_t>(value.raw.data() + value.raw.size() - text);
  };
  NameValue pair;
  JsonValue child;
  if (walker_.Byte(at) != '{') {
    if ((at = walker_.Value(at, 2, child)) == nullptr) return nullptr;
    spaced |= child.spaced;
    pairs_regular_[list] = false;
    if (child.is_text()) {
      pair.name = child.inner();
    } else {
      pair.value = PairText(child);
      pair.is_text = false;
    }
    place = end_of(child);
    pairs_[list].push_back(pair);
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
      if (!child.is_text() && child.kind != JsonValue::kNull) pairs_regular_[list] = false;
      place = end_of(child);
      const std::string_view value = PairText(child);
      const bool is_value = key == "Value";
      const unsigned bit = PairMember(key);
      if ((seen & bit) != 0) {  // the first stands
        pairs_regular_[list] = false;
      } else if (key == "Name" && child.is_text()) {
        pair.name = value;
        if (list == 0) {
          parameter_keys_.push_back(static_cast<uint32_t>(key.data() - text) - start);
        }
      } else if (is_value || key == "NewValue") {
        pair.value = value;
        pair.is_text = child.is_text();
        if (list == 0 && is_value) {
          parameter_keys_.push_back(static_cast<uint32_t>(key.data() - text) - start);
        }
      } else if (key == "OldValue") {
        pair.old_value = value;
      } else if (list == 0) {
        pairs_regular_[list] = false;
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
  pairs_[list].push_back(pair);
  return at + 1;
}

const AuditField* AuditRecord::FindField(const JsonValue& key) {
  if (key.inner().find('\\') == std::string_view::npos) return FindAuditField(key.inner());
  key_text_.clear();
  AppendJsonUnescaped(key.inner(), key_text_);
  return FindAuditField(key_text_);
}

// Puts a member into `unmapped` as it stands, later and together with its neighbours.
inline void AuditRecord::Keep(Run& run, const char* begin, const char* end) {
  if (run.end != begin - 1) {
    FlushKept(run.begin, run.end);
    run.begin = begin;
  }
  run.end = end;
}

void AuditRecord::EndRun(Run& run) {
  FlushKept(run.begin, run.end);
  run.begin = run.end = nullptr;
}

void AuditRecord::FlushKept(const char* begin, const char* end) {
  if (begin == nullptr) return;
  if (begin[-1] == ',') {  // mostly the source's own comma goes along
    --begin;
  } else {
    made_.Put(',');
  }
  CutMade(Piece::kMembers);
  pieces_.push_back({begin, static_cast<uint32_t>(end - begin), Piece::kMembers});
}

// Ends the piece that is being made.
void AuditRecord::CutMade(Piece::Kind kind) {
  const size_t size = made_.size() - made_cut_;
  if (size > 0) pieces_.push_back({nullptr, static_cast<uint32_t>(size), kind});
  made_cut_ = made_.size();
}

bool AuditRecord::FirstOfUnknown(std::string_view key) {
  if (seen_keys_.size() < size_t{2} * (seen_count_ + 1)) {
    // Grown tables start empty, so what this record has is put in again.
    std::vector<SeenKey> old;
    old.swap(seen_keys_);
    seen_keys_.resize(std::max<size_t>(64, old.size() * 2));
    seen_count_ = 0;
    for (const SeenKey& seen : old) {
      if (seen.record == record_number_) FirstOfUnknown(seen.key);
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

// Into `unmapped`: what is long is a piece of its own where it stands.
void AuditRecord::MakeMinified(const JsonValue& value) {
  if (value.spaced || value.raw.size() <= 64) return Writer(made_).Minified(value);
  CutMade(Piece::kMembers);
  pieces_.push_back({value.raw.data(), static_cast<uint32_t>(value.raw.size()), Piece::kMembers});
}

void AuditRecord::WriteText(const AuditField& field, const JsonValue& value) {
  made_.Put(",\"");
  made_.Put(field.name());
  made_.Put("_text\":");
  Writer(made_).JsonText(value);
}

// One JSON type a name: a value of another shape goes as text under <name>_text, what it means beside it.
void AuditRecord::WriteField(const AuditField& field, const JsonValue& value) {
  const auto as_it_is = [&](const JsonValue& it) {
    made_.Put(',');
    made_.Put(field.key_json());
    MakeMinified(it);
  };
  if (value.kind == JsonValue::kNull) return as_it_is(value);
  if (field.type == FieldType::kPairs) return WriteList(field, value);
  if (field.mapped) {
    if (!value.is_text()) WriteText(field, value);
  } else if (HasType(field.type, value) && !field.has_typed_content()) {
    as_it_is(value);
  } else {
    Writer(made_).Field(field, value);
  }
}

void AuditRecord::WriteList(const AuditField& field, const JsonValue& value) {
  const int list = PairListOf(field.field);
  const bool in_text = value.is_text() && text_list_.kind == JsonValue::kArray;
  if (value.kind != JsonValue::kArray && value.kind != JsonValue::kObject) {
    WriteText(field, value);
    if (!in_text) return;
  }
  const JsonTokens& tokens = in_text ? text_tokens_ : walker_.tokens();
  const JsonValue& pairs = in_text ? text_list_ : value;
  if (list == 0) return WriteParameters(field, tokens, pairs);
  made_.Put(",\"");
  made_.Put(field.name());
  CutMade(Piece::kListName);
  made_.Put("\":");
  return pairs_regular_[list] ? MakeMinified(pairs) : WritePairs(field, tokens, pairs);
}

// An irregular list in the shape of the regular ones: every member an object, every value a text.
void AuditRecord::WritePairs(const AuditField& field, const JsonTokens& tokens,
                             const JsonValue& value) {
  TypedWriter writer(made_, buffers_, tokens);
  made_.Put('[');
  bool first = true;
  const auto separate = [&] {
    if (!first) made_.Put(',');
    first = false;
  };
  if (value.kind == JsonValue::kObject) {
    tokens.ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
      separate();
      made_.Put("{\"Name\":\"");
      made_.Put(key);
      made_.Put("\",\"Value\":");
      writer.JsonText(member);
      made_.Put('}');
    });
  }
  tokens.ForEach(value, [&](const JsonValue& element) {
    separate();
    if (element.kind != JsonValue::kObject) {
      made_.Put(element.is_text() ? "{\"Name\":" : "{\"Value\":");
      writer.JsonText(element);
      made_.Put('}');
      return;
    }
    made_.Put('{');
    bool first_member = true;
    unsigned seen = 0;
    tokens.ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
      const unsigned bit = PairMember(key);
      if ((seen & bit) != 0) return writer.Duplicate(field, key, member);
      seen |= bit;
      if (!first_member) made_.Put(',');
      first_member = false;
      made_.Put('"');
      made_.Put(key);
      made_.Put("\":");
      if (member.kind == JsonValue::kNull) {
        made_.Put("null");
      } else {
        writer.JsonText(member);
      }
    });
    made_.Put('}');
  });
  made_.Put(']');
}

void AuditRecord::WriteParameters(const AuditField& field, const JsonTokens& tokens,
                                  const JsonValue& value) {
  if (value.kind == JsonValue::kArray && pairs_regular_[0] && !value.spaced) {
    parameters_text_ = value.raw;
    return;
  }
  parameter_keys_.clear();
  parameters_.Clear();
  const auto put_key = [&](std::string_view key) {
    parameters_.Put('"');
    parameters_.Put(key == "Name" ? "name" : key == "Value" ? "value" : key);
    parameters_.Put("\":");
  };
  TypedWriter writer(parameters_, buffers_, tokens);
  parameters_.Put('[');
  bool first = true;
  const auto separate = [&] {
    if (!first) parameters_.Put(',');
    first = false;
  };
  tokens.ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
    separate();
    parameters_.Put("{\"name\":\"");
    parameters_.Put(key);
    parameters_.Put("\",\"value\":");
    writer.JsonText(member);
    parameters_.Put('}');
  });
  tokens.ForEach(value, [&](const JsonValue& element) {
    separate();
    if (element.kind != JsonValue::kObject) {
      parameters_.Put(element.is_text() ? "{\"name\":" : "{\"value\":");
      writer.JsonText(element);
      parameters_.Put('}');
      return;
    }
    parameters_.Put('{');
    bool first_member = true;
    unsigned seen = 0;
    tokens.ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
      const unsigned bit = PairMember(key);
      if ((seen & bit) != 0) return writer.Duplicate(field, key, member);
      seen |= bit;
      if (!first_member) parameters_.Put(',');
      first_member = false;
      put_key(key);
      if (member.kind == JsonValue::kNull) {
        parameters_.Put("null");
      } else {
        writer.JsonText(member);
      }
    });
    parameters_.Put('}');
  });
  parameters_.Put(']');
  parameters_text_ = parameters_.view();
}

}  // namespace picket::parser
