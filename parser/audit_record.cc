#include "parser/audit_record.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "common/strings.h"

namespace picket::parser {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Equality of texts that are short and mostly equal, without a call.
inline bool SameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto differ = [&](size_t at) {
    uint64_t x;
    uint64_t y;
    std::memcpy(&x, a.data() + at, 8);
    std::memcpy(&y, b.data() + at, 8);
    return x ^ y;
  };
  if (a.size() < 8) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  uint64_t different = differ(a.size() - 8);
  for (size_t at = 0; at + 8 < a.size(); at += 8) different |= differ(at);
  return different == 0;
}

// Text or number that means a whole number: "4096", "1.0", "1e9".
bool ToInteger(std::string_view text, int64_t& value) {
  if (text.empty()) return false;
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

// What of a value may stand between quotes.
std::string_view PairText(const JsonValue& value) {
  if (value.is_text()) return value.inner();
  const bool container = value.kind == JsonValue::kObject || value.kind == JsonValue::kArray;
  return container ? std::string_view() : value.raw;
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
  static const std::vector<NameValue>* const none = new std::vector<NameValue>();
  const int list = PairListOf(field);
  return list < 0 || !Has(field) ? *none : pairs_[list];
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

// `at`: the token's first backslash.
JsonFault AuditRecord::CheckEscapes(std::string_view token, size_t at) {
  while (true) {
    switch (token[at + 1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        at += 2;
        break;
      case 'u': {
        const int code = JsonHex4(token, at + 2);
        if (code < 0) return JsonFault::kSyntax;
        at += 6;
        if (code >= 0xdc00 && code < 0xe000) return JsonFault::kBadText;
        if (code >= 0xd800 && code < 0xdc00) {
          const int low = at + 1 < token.size() && token[at] == '\\' && token[at + 1] == 'u'
                              ? JsonHex4(token, at + 2)
                              : -1;
          if (low < 0xdc00 || low >= 0xe000) return JsonFault::kBadText;
          at += 6;
        }
        break;
      }
      default:
        // Not every kernel sees a raw control character behind a backslash.
        return static_cast<unsigned char>(token[at + 1]) < 0x20 ? JsonFault::kBadText
                                                                : JsonFault::kSyntax;
    }
    // Escapes stand close together, so that a call for the next would cost more than the search.
    static constexpr uint64_t kOnes = 0x0101010101010101;
    while (at + 8 <= token.size()) {
      uint64_t word;
      std::memcpy(&word, token.data() + at, 8);
      word ^= kOnes * '\\';
      const uint64_t zero = (word - kOnes) & ~word & kOnes << 7;
      if (zero != 0) {
        at += std::countr_zero(zero) / 8;
        break;
      }
      at += 8;
    }
    while (at < token.size() && token[at] != '\\') ++at;
    if (at + 1 >= token.size()) return JsonFault::kNone;
  }
}

// The string at the current token. What may follow a string is for the caller to check.
inline JsonFault AuditRecord::WalkString(JsonValue& value) {
  const uint32_t start = *at_;
  uint32_t stop = at_ + 1 < end_ ? at_[1] : length_;
  if (text_[stop - 1] != '"' || stop < start + 2) [[unlikely]] {
    while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
    if (stop < start + 2 || text_[stop - 1] != '"') return JsonFault::kSyntax;
  }
  ++at_;
  value.kind = JsonValue::kText;
  value.raw = {text_ + start, stop - start};
  value.escaped = false;
  return next_backslash_ < stop ? WalkEscapes(value) : JsonFault::kNone;
}

// A string behind, or with, the backslash that was found last.
JsonFault AuditRecord::WalkEscapes(JsonValue& value) {
  const uint32_t start = static_cast<uint32_t>(value.raw.data() - text_);
  if (next_backslash_ < start) {
    const void* const next = std::memchr(text_ + start, '\\', length_ - start);
    next_backslash_ =
        next == nullptr ? length_ : static_cast<uint32_t>(static_cast<const char*>(next) - text_);
    if (next_backslash_ >= start + value.raw.size()) return JsonFault::kNone;
  }
  value.escaped = true;
  return CheckEscapes(value.raw, next_backslash_ - start);
}

inline JsonFault AuditRecord::WalkScalar(JsonValue& value) {
  const uint32_t start = *at_;
  uint32_t stop = at_ + 1 < end_ ? at_[1] : length_;
  while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
  value.raw = {text_ + start, stop - start};
  value.integral = false;
  ++at_;
  if (value.raw.size() == 1 && text_[start] >= '0' && text_[start] <= '9') {
    value.kind = JsonValue::kNumber;
    value.integral = true;
  } else if (value.raw == "true") {
    value.kind = JsonValue::kTrue;
  } else if (value.raw == "false") {
    value.kind = JsonValue::kFalse;
  } else if (value.raw == "null") {
    value.kind = JsonValue::kNull;
  } else if (IsJsonNumber(value.raw, value.integral)) {
    value.kind = JsonValue::kNumber;
  } else {
    return JsonFault::kSyntax;
  }
  return JsonFault::kNone;
}

JsonFault AuditRecord::Walk(JsonValue& value, int depth) {
  if (at_ == end_) return JsonFault::kSyntax;
  value.token = static_cast<uint32_t>(at_ - tokens_->begin());
  value.spaced = false;
  const uint32_t start = *at_;
  const char open = text_[start];
  if (open == '"') {
    const JsonFault fault = WalkString(value);
    value.end_token = value.token + 1;
    return fault;
  }
  if (open != '{' && open != '[') {
    const JsonFault fault = WalkScalar(value);
    value.end_token = value.token + 1;
    return fault;
  }
  if (depth >= kMaxJsonDepth) return JsonFault::kTooDeep;
  value.kind = open == '{' ? JsonValue::kObject : JsonValue::kArray;
  value.escaped = false;
  const char close = open == '{' ? '}' : ']';
  uint32_t place = start + 1;  // where the next token stands when nothing is spaced
  bool spaced = false;
  ++at_;
  if (at_ == end_) return JsonFault::kSyntax;
  if (text_[*at_] != close) {
    while (true) {
      JsonValue child;
      if (open == '{') {
        if (at_ == end_ || text_[*at_] != '"') return JsonFault::kSyntax;
        spaced |= *at_ != place;
        if (const JsonFault fault = WalkString(child); fault != JsonFault::kNone) return fault;
        place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
        if (at_ == end_ || text_[*at_] != ':') return JsonFault::kSyntax;
        spaced |= *at_ != place;
        place = *at_ + 1;
        ++at_;
      }
      if (at_ == end_) return JsonFault::kSyntax;
      spaced |= *at_ != place;
      if (const JsonFault fault = Walk(child, depth + 1); fault != JsonFault::kNone) return fault;
      spaced |= child.spaced;
      place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
      if (at_ == end_) return JsonFault::kSyntax;
      spaced |= *at_ != place;
      const char next = text_[*at_];
      if (next == close) break;
      if (next != ',') return JsonFault::kSyntax;
      place = *at_ + 1;
      ++at_;
      if (at_ == end_) return JsonFault::kSyntax;
    }
  } else {
    spaced = *at_ != place;
  }
  value.raw = {text_ + start, *at_ + 1 - start};
  value.spaced = spaced;
  ++at_;
  value.end_token = static_cast<uint32_t>(at_ - tokens_->begin());
  return JsonFault::kNone;
}

// A list of {Name, Value} in one go; what has another shape is walked as any value and marked irregular.
JsonFault AuditRecord::WalkPairs(Field field, JsonValue& value) {
  const int list = PairListOf(field);
  std::vector<NameValue>& pairs = pairs_[list];
  pairs.clear();
  pairs_regular_[list] = true;
  if (at_ == end_) return JsonFault::kSyntax;
  if (text_[*at_] == '{') {  // an object in place of the list: its members are the pairs
    if (const JsonFault fault = Walk(value, 1); fault != JsonFault::kNone) return fault;
    pairs_regular_[list] = false;
    tokens_->ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
      pairs.push_back({key, PairText(member), {}, member.is_text()});
    });
    return JsonFault::kNone;
  }
  if (text_[*at_] != '[') return Walk(value, 1);
  const uint32_t start = *at_;
  value.token = static_cast<uint32_t>(at_ - tokens_->begin());
  value.kind = JsonValue::kArray;
  value.escaped = false;
  if (list == 0) parameter_keys_.clear();
  bool spaced = false;
  uint32_t place = start + 1;
  ++at_;
  if (at_ == end_) return JsonFault::kSyntax;
  if (text_[*at_] == ']') {
    spaced = *at_ != place;
  } else {
    while (true) {
      if (at_ == end_) return JsonFault::kSyntax;
      spaced |= *at_ != place;
      NameValue pair;
      JsonValue child;
      if (text_[*at_] != '{') {
        if (const JsonFault fault = Walk(child, 2); fault != JsonFault::kNone) return fault;
        pairs_regular_[list] = false;
        if (child.is_text()) {
          pair.name = child.inner();
        } else {
          pair.value = PairText(child);
          pair.is_text = false;
        }
        place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
      } else {
        place = *at_ + 1;
        ++at_;
        if (at_ == end_) return JsonFault::kSyntax;
        if (text_[*at_] != '}') {
          while (true) {
            if (at_ == end_ || text_[*at_] != '"') return JsonFault::kSyntax;
            spaced |= *at_ != place;
            if (const JsonFault fault = WalkString(child); fault != JsonFault::kNone) return fault;
            const std::string_view key = child.inner();
            place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
            if (at_ == end_ || text_[*at_] != ':') return JsonFault::kSyntax;
            spaced |= *at_ != place;
            place = *at_ + 1;
            ++at_;
            if (at_ == end_) return JsonFault::kSyntax;
            spaced |= *at_ != place;
            if (text_[*at_] == '"') {
              if (const JsonFault fault = WalkString(child); fault != JsonFault::kNone)
                return fault;
            } else {
              if (const JsonFault fault = Walk(child, 3); fault != JsonFault::kNone) return fault;
              if (child.kind != JsonValue::kNull) pairs_regular_[list] = false;
            }
            place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
            const std::string_view text = PairText(child);
            if (key == "Name" && child.is_text()) {
              pair.name = text;
              if (list == 0)
                parameter_keys_.push_back(static_cast<uint32_t>(key.data() - text_) - start);
            } else if (key == "Value" || key == "NewValue") {
              pair.value = text;
              pair.is_text = child.is_text();
              if (list == 0 && key.size() == 5) {
                parameter_keys_.push_back(static_cast<uint32_t>(key.data() - text_) - start);
              }
            } else if (key == "OldValue") {
              pair.old_value = text;
            } else if (list == 0) {
              pairs_regular_[list] = false;
            }
            if (at_ == end_) return JsonFault::kSyntax;
            spaced |= *at_ != place;
            if (text_[*at_] == '}') break;
            if (text_[*at_] != ',') return JsonFault::kSyntax;
            place = *at_ + 1;
            ++at_;
          }
        } else {
          spaced |= *at_ != place;
        }
        place = *at_ + 1;
        ++at_;
      }
      pairs.push_back(pair);
      if (at_ == end_) return JsonFault::kSyntax;
      spaced |= *at_ != place;
      if (text_[*at_] == ']') break;
      if (text_[*at_] != ',') return JsonFault::kSyntax;
      place = *at_ + 1;
      ++at_;
    }
  }
  value.raw = {text_ + start, *at_ + 1 - start};
  value.spaced = spaced;
  ++at_;
  value.end_token = static_cast<uint32_t>(at_ - tokens_->begin());
  return JsonFault::kNone;
}

JsonFault AuditRecord::Read(const JsonTokens& tokens, uint32_t& token) {
  tokens_ = &tokens;
  text_ = tokens.text().data();
  length_ = static_cast<uint32_t>(tokens.text().size());
  at_ = tokens.begin() + token;
  end_ = tokens.begin() + tokens.count();
  present_.reset();
  kept_begin_ = kept_end_ = nullptr;
  unmapped_.Clear();
  parameters_.Clear();
  list_names_.clear();
  duplicates_.Clear();
  remarks_ = 0;
  seen_count_ = 0;
  if (++record_number_ ==
      0) {  // after 4 G records the marks of the first would count as this one's
    last_seen_.fill(0);
    seen_keys_.clear();
    record_number_ = 1;
  }
  if (at_ == end_) return JsonFault::kSyntax;
  if (text_[*at_] != '{') return JsonFault::kNotAnObject;
  const uint32_t start = *at_;
  ++at_;
  if (at_ == end_) return JsonFault::kSyntax;
  if (text_[*at_] == '}') {
    raw_ = {text_ + start, *at_ + 1 - start};
    ++at_;
    token = static_cast<uint32_t>(at_ - tokens.begin());
    return JsonFault::kNone;
  }
  uint32_t before =
      0;  // the number of the field before, in whose successor the next one is looked for
  while (true) {
    if (at_ == end_ || text_[*at_] != '"') return JsonFault::kSyntax;
    JsonValue key;
    if (const JsonFault fault = WalkString(key); fault != JsonFault::kNone) return fault;
    if (at_ == end_ || text_[*at_] != ':') return JsonFault::kSyntax;
    const uint32_t colon = *at_;
    ++at_;
    const AuditField* field = successors_[before];
    bool exact = field != nullptr && SameText(field->name, key.inner());
    if (!exact) [[unlikely]] {
      field = FindField(key);
      exact = field != nullptr && field->name == key.inner();
      successors_[before] = field;
    }
    JsonValue value;
    if (field == nullptr) {
      if (const JsonFault fault = Walk(value, 1); fault != JsonFault::kNone) return fault;
      if (!FirstOfUnknown(key.inner())) {
        WriteDuplicate(key.inner(), value);
      } else if (!Keep(key, colon, value)) {
        FlushKept();
        unmapped_.Put(',');
        unmapped_.Put(key.raw);
        unmapped_.Put(':');
        WriteMinified(unmapped_, value);
      }
    } else {
      before = field->number;
      const bool first = last_seen_[field->number] != record_number_;
      const bool is_pairs = field->type == FieldType::kPairs && PairListOf(field->field) >= 0;
      const JsonFault fault = is_pairs && first ? WalkPairs(field->field, value) : Walk(value, 1);
      if (fault != JsonFault::kNone) return fault;
      if (first) {
        last_seen_[field->number] = record_number_;
        const size_t slot = static_cast<size_t>(field->field);
        present_.set(slot);
        values_[slot] = value;
        // Most fields go on as they are, and those side by side in one piece.
        const bool plain = field->type == FieldType::kText ? value.is_text()
                           : field->type == FieldType::kInteger
                               ? value.kind == JsonValue::kNumber && value.integral
                           : field->type == FieldType::kBoolean
                               ? value.kind == JsonValue::kTrue || value.kind == JsonValue::kFalse
                               : field->type == FieldType::kAny;
        if (!plain) {
          WriteField(*field, value);
        } else if (!field->mapped && !(exact && Keep(key, colon, value))) {
          WriteField(*field, value);
        }
      } else {
        WriteDuplicate(key.inner(), value);
      }
    }
    if (at_ == end_) return JsonFault::kSyntax;
    if (text_[*at_] == '}') break;
    if (text_[*at_] != ',') return JsonFault::kSyntax;
    ++at_;
  }
  FlushKept();
  raw_ = {text_ + start, *at_ + 1 - start};
  ++at_;
  token = static_cast<uint32_t>(at_ - tokens.begin());
  if (!duplicates_.empty()) {
    unmapped_.Put(",\"duplicate_keys\":[");
    unmapped_.Put(duplicates_.view().substr(1));
    unmapped_.Put(']');
    remarks_ |= kDupKey;
  }
  return JsonFault::kNone;
}

const AuditField* AuditRecord::FindField(const JsonValue& key) {
  if (!key.escaped) return FindAuditField(key.inner());
  key_text_.clear();
  AppendJsonUnescaped(key.inner(), key_text_);
  return FindAuditField(key_text_);
}

// Puts a member into `unmapped` as it stands, later and together with its neighbours; false when there are blanks in it.
inline bool AuditRecord::Keep(const JsonValue& key, uint32_t colon, const JsonValue& value) {
  const char* const begin = key.raw.data();
  if (value.spaced || key.raw.data() + key.raw.size() != text_ + colon ||
      value.raw.data() != text_ + colon + 1) {
    return false;
  }
  const char* const end = value.raw.data() + value.raw.size();
  if (kept_end_ == nullptr || kept_end_ + 1 != begin) {
    FlushKept();
    kept_begin_ = begin;
  }
  kept_end_ = end;
  return true;
}

void AuditRecord::FlushKept() {
  if (kept_begin_ != nullptr) {
    unmapped_.Put(',');
    unmapped_.Put({kept_begin_, static_cast<size_t>(kept_end_ - kept_begin_)});
  }
  kept_begin_ = kept_end_ = nullptr;
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

void AuditRecord::WriteMinified(Bytes& out, const JsonValue& value) {
  if (!value.spaced) {
    out.Put(value.raw);
    return;
  }
  for (uint32_t token = value.token; token < value.end_token; ++token) {
    out.Put(token + 1 == value.end_token ? value.raw.substr(value.raw.size() - 1)
                                         : tokens_->bytes(token));
  }
}

// The value's JSON as a text.
void AuditRecord::WriteJsonText(Bytes& out, const JsonValue& value) {
  if (value.is_text()) {
    out.Put(value.raw);
    return;
  }
  scratch_.Clear();
  WriteMinified(scratch_, value);
  out.Put('"');
  out.PutEscaped(scratch_.view());
  out.Put('"');
}

void AuditRecord::WriteText(const AuditField& field, const JsonValue& value) {
  unmapped_.Put(',');
  unmapped_.Put(field.text_key_json);
  WriteJsonText(unmapped_, value);
}

void AuditRecord::WriteDuplicate(std::string_view key, const JsonValue& value) {
  duplicates_.Put(",{\"name\":\"");
  duplicates_.Put(key);
  duplicates_.Put("\",\"value\":");
  WriteJsonText(duplicates_, value);
  duplicates_.Put('}');
}

// One JSON type a name: a value of another shape goes as text under <name>_text, what it means beside it.
void AuditRecord::WriteField(const AuditField& field, const JsonValue& value) {
  FlushKept();
  const auto as_it_is = [&] {
    unmapped_.Put(',');
    unmapped_.Put(field.key_json);
    WriteMinified(unmapped_, value);
  };
  if (value.kind == JsonValue::kNull) return as_it_is();
  switch (field.type) {
    case FieldType::kAny:
      return as_it_is();
    case FieldType::kText:
      if (value.is_text()) {
        if (!field.mapped) as_it_is();
        return;
      }
      return WriteText(field, value);
    case FieldType::kInteger: {
      if (value.kind == JsonValue::kNumber && value.integral) return as_it_is();
      int64_t number = 0;
      if ((value.kind == JsonValue::kNumber && ToInteger(value.raw, number)) ||
          (value.is_text() && ToInteger(value.inner(), number))) {
        unmapped_.Put(',');
        unmapped_.Put(field.key_json);
        unmapped_.PutInteger(number);
      }
      return WriteText(field, value);
    }
    case FieldType::kBoolean: {
      if (value.kind == JsonValue::kTrue || value.kind == JsonValue::kFalse) return as_it_is();
      if (value.is_text()) {
        const bool is_true = EqualsIgnoreCase(value.inner(), "true");
        if (is_true || EqualsIgnoreCase(value.inner(), "false")) {
          unmapped_.Put(',');
          unmapped_.Put(field.key_json);
          unmapped_.Put(is_true ? "true" : "false");
        }
      }
      return WriteText(field, value);
    }
    case FieldType::kList:
      if (value.kind == JsonValue::kArray) return as_it_is();
      return WriteText(field, value);
    case FieldType::kObject:
      if (value.kind == JsonValue::kObject) return as_it_is();
      return WriteText(field, value);
    case FieldType::kPairs: {
      const int list = PairListOf(field.field);
      if (value.kind != JsonValue::kArray && (value.kind != JsonValue::kObject || list < 0)) {
        return WriteText(field, value);
      }
      if (list < 0) return as_it_is();
      if (list == 0) return WriteParameters(value);
      // After the comma, the quote and the name.
      list_names_.push_back(static_cast<uint32_t>(unmapped_.size() + 2 + field.name.size()));
      if (pairs_regular_[list]) return as_it_is();
      return WritePairs(field, value);
    }
  }
}

// An irregular list in the shape of the regular ones: every member an object, every value a text.
void AuditRecord::WritePairs(const AuditField& field, const JsonValue& value) {
  unmapped_.Put(',');
  unmapped_.Put(field.key_json);
  unmapped_.Put('[');
  bool first = true;
  const auto separate = [&] {
    if (!first) unmapped_.Put(',');
    first = false;
  };
  if (value.kind == JsonValue::kObject) {
    tokens_->ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
      separate();
      unmapped_.Put("{\"Name\":\"");
      unmapped_.Put(key);
      unmapped_.Put("\",\"Value\":");
      WriteJsonText(unmapped_, member);
      unmapped_.Put('}');
    });
  }
  tokens_->ForEach(value, [&](const JsonValue& element) {
    separate();
    if (element.kind != JsonValue::kObject) {
      unmapped_.Put(element.is_text() ? "{\"Name\":" : "{\"Value\":");
      WriteJsonText(unmapped_, element);
      unmapped_.Put('}');
      return;
    }
    unmapped_.Put('{');
    bool first_member = true;
    tokens_->ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
      if (!first_member) unmapped_.Put(',');
      first_member = false;
      unmapped_.Put('"');
      unmapped_.Put(key);
      unmapped_.Put("\":");
      if (member.kind == JsonValue::kNull) {
        unmapped_.Put("null");
      } else {
        WriteJsonText(unmapped_, member);
      }
    });
    unmapped_.Put('}');
  });
  unmapped_.Put(']');
}

void AuditRecord::WriteParameters(const JsonValue& value) {
  if (value.kind == JsonValue::kArray && pairs_regular_[0] && !value.spaced) {
    // The same bytes with the keys in OCSF's lower case.
    parameters_.Put(value.raw);
    for (const uint32_t place : parameter_keys_) parameters_.data()[place] |= 0x20;
    return;
  }
  const auto put_key = [&](std::string_view key) {
    parameters_.Put('"');
    parameters_.Put(key == "Name" ? "name" : key == "Value" ? "value" : key);
    parameters_.Put("\":");
  };
  parameters_.Put('[');
  bool first = true;
  const auto separate = [&] {
    if (!first) parameters_.Put(',');
    first = false;
  };
  tokens_->ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
    separate();
    parameters_.Put("{\"name\":\"");
    parameters_.Put(key);
    parameters_.Put("\",\"value\":");
    WriteJsonText(parameters_, member);
    parameters_.Put('}');
  });
  tokens_->ForEach(value, [&](const JsonValue& element) {
    separate();
    if (element.kind != JsonValue::kObject) {
      parameters_.Put(element.is_text() ? "{\"name\":" : "{\"value\":");
      WriteJsonText(parameters_, element);
      parameters_.Put('}');
      return;
    }
    parameters_.Put('{');
    bool first_member = true;
    tokens_->ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
      if (!first_member) parameters_.Put(',');
      first_member = false;
      put_key(key);
      if (member.kind == JsonValue::kNull) {
        parameters_.Put("null");
      } else {
        WriteJsonText(parameters_, member);
      }
    });
    parameters_.Put('}');
  });
  parameters_.Put(']');
}

}  // namespace picket::parser
