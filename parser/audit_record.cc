#include "parser/audit_record.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "common/strings.h"

namespace picket::parser {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

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
    if (pair.name == name) return &pair;
  }
  return nullptr;
}

bool AuditRecord::GetInteger(Field field, int64_t& value) const {
  const JsonValue& json = Get(field);
  if (json.kind == JsonValue::kNumber) return ToInteger(json.raw, value);
  return json.is_text() && ToInteger(json.inner(), value);
}

JsonFault AuditRecord::CheckEscapes(std::string_view token) {
  for (size_t i = 1; i + 1 < token.size(); ++i) {
    if (token[i] != '\\') continue;
    switch (token[++i]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        break;
      case 'u': {
        const int code = JsonHex4(token, i + 1);
        if (code < 0) return JsonFault::kSyntax;
        i += 4;
        if (code >= 0xdc00 && code < 0xe000) return JsonFault::kBadText;
        if (code >= 0xd800 && code < 0xdc00) {
          const int low = i + 2 < token.size() && token[i + 1] == '\\' && token[i + 2] == 'u'
                              ? JsonHex4(token, i + 3)
                              : -1;
          if (low < 0xdc00 || low >= 0xe000) return JsonFault::kBadText;
          i += 6;
        }
        break;
      }
      default:
        return JsonFault::kSyntax;
    }
  }
  return JsonFault::kNone;
}

// The string at the current token. What may follow a string is for the caller to check.
JsonFault AuditRecord::WalkString(JsonValue& value) {
  const uint32_t start = *at_;
  uint32_t stop = at_ + 1 < end_ ? at_[1] : length_;
  while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
  if (stop < start + 2 || text_[stop - 1] != '"') return JsonFault::kSyntax;
  value.kind = JsonValue::kText;
  value.raw = {text_ + start, stop - start};
  value.escaped = false;
  if (next_backslash_ < stop) [[unlikely]] {
    if (next_backslash_ < start) {
      const void* const next = std::memchr(text_ + start, '\\', length_ - start);
      next_backslash_ =
          next == nullptr ? length_ : static_cast<uint32_t>(static_cast<const char*>(next) - text_);
    }
    if (next_backslash_ < stop) {
      value.escaped = true;
      if (const JsonFault fault = CheckEscapes(value.raw); fault != JsonFault::kNone) return fault;
    }
  }
  ++at_;
  return JsonFault::kNone;
}

JsonFault AuditRecord::WalkScalar(JsonValue& value) {
  const uint32_t start = *at_;
  uint32_t stop = at_ + 1 < end_ ? at_[1] : length_;
  while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
  value.raw = {text_ + start, stop - start};
  bool integral = false;
  if (value.raw == "true") {
    value.kind = JsonValue::kTrue;
  } else if (value.raw == "false") {
    value.kind = JsonValue::kFalse;
  } else if (value.raw == "null") {
    value.kind = JsonValue::kNull;
  } else if (IsJsonNumber(value.raw, integral)) {
    value.kind = JsonValue::kNumber;
  } else {
    return JsonFault::kSyntax;
  }
  ++at_;
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
  unmapped_.Clear();
  parameters_.Clear();
  list_names_.clear();
  duplicates_.Clear();
  remarks_ = 0;
  seen_count_ = 0;
  ++record_number_;
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
  while (true) {
    if (at_ == end_ || text_[*at_] != '"') return JsonFault::kSyntax;
    JsonValue key;
    if (const JsonFault fault = WalkString(key); fault != JsonFault::kNone) return fault;
    if (at_ == end_ || text_[*at_] != ':') return JsonFault::kSyntax;
    ++at_;
    std::string_view name = key.inner();
    if (key.escaped) {
      key_text_.clear();
      AppendJsonUnescaped(name, key_text_);
      name = key_text_;
    }
    const AuditField* const field = FindAuditField(name);
    JsonValue value;
    const bool is_pairs = field != nullptr && PairListOf(field->field) >= 0;
    if (is_pairs && Has(field->field)) {
      if (const JsonFault fault = Walk(value, 1); fault != JsonFault::kNone) return fault;
      WriteDuplicate(key.inner(), value);
    } else {
      const JsonFault fault = is_pairs ? WalkPairs(field->field, value) : Walk(value, 1);
      if (fault != JsonFault::kNone) return fault;
      if (field == nullptr) {
        if (FirstOfUnknown(key.inner())) {
          unmapped_.Put(',');
          unmapped_.Put(key.raw);
          unmapped_.Put(':');
          WriteMinified(unmapped_, value);
        } else {
          WriteDuplicate(key.inner(), value);
        }
      } else if (field->field != Field::kOther) {
        const size_t slot = static_cast<size_t>(field->field);
        if (present_[slot]) {
          WriteDuplicate(key.inner(), value);
        } else {
          present_.set(slot);
          values_[slot] = value;
          WriteField(*field, value);
        }
      } else if (FirstOfUnknown(field->name)) {
        WriteField(*field, value);
      } else {
        WriteDuplicate(key.inner(), value);
      }
    }
    if (at_ == end_) return JsonFault::kSyntax;
    if (text_[*at_] == '}') break;
    if (text_[*at_] != ',') return JsonFault::kSyntax;
    ++at_;
  }
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
      bool integral = false;
      if (value.kind == JsonValue::kNumber && IsJsonNumber(value.raw, integral) && integral) {
        return as_it_is();
      }
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
