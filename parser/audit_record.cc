#include "parser/audit_record.h"

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "common/strings.h"

namespace picket::parser {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four hexadecimal digits at `at`; -1 when they are none.
int Hex4(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const int digit = HexValue(text[at + i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
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

}  // namespace

bool IsJsonNumber(std::string_view token, bool& integral) {
  size_t at = 0;
  integral = true;
  if (at < token.size() && token[at] == '-') ++at;
  if (at >= token.size() || !IsDigit(token[at])) return false;
  if (token[at] == '0') {
    ++at;
  } else {
    while (at < token.size() && IsDigit(token[at])) ++at;
  }
  if (at < token.size() && token[at] == '.') {
    integral = false;
    if (++at >= token.size() || !IsDigit(token[at])) return false;
    while (at < token.size() && IsDigit(token[at])) ++at;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    integral = false;
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    if (at >= token.size() || !IsDigit(token[at])) return false;
    while (at < token.size() && IsDigit(token[at])) ++at;
  }
  return at == token.size();
}

void AppendUnescaped(std::string_view inner, std::string& out) {
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\' || i + 1 >= inner.size()) {
      out.push_back(inner[i]);
      continue;
    }
    switch (inner[++i]) {
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'u': {
        int code = Hex4(inner, i + 1);
        i += 4;
        if (code >= 0xd800 && code < 0xdc00 && Hex4(inner, i + 3) >= 0xdc00) {
          code = 0x10000 + ((code - 0xd800) << 10) + (Hex4(inner, i + 3) - 0xdc00);
          i += 6;
        }
        if (code < 0x80) {
          out.push_back(static_cast<char>(code));
        } else if (code < 0x800) {
          out.push_back(static_cast<char>(0xc0 | code >> 6));
          out.push_back(static_cast<char>(0x80 | (code & 63)));
        } else if (code < 0x10000) {
          out.push_back(static_cast<char>(0xe0 | code >> 12));
          out.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
          out.push_back(static_cast<char>(0x80 | (code & 63)));
        } else {
          out.push_back(static_cast<char>(0xf0 | code >> 18));
          out.push_back(static_cast<char>(0x80 | (code >> 12 & 63)));
          out.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
          out.push_back(static_cast<char>(0x80 | (code & 63)));
        }
        break;
      }
      default:
        out.push_back(inner[i]);
    }
  }
}

struct JsonTokens::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
  size_t capacity = 0;
};

JsonTokens::JsonTokens() : impl_(std::make_unique<Impl>()) {}
JsonTokens::~JsonTokens() = default;

Fault JsonTokens::Index(std::string_view text) {
  text_ = text;
  begin_ = nullptr;
  count_ = 0;
  if (text.empty()) return Fault::kSyntax;
  if (text.size() > impl_->capacity) {
    const size_t capacity = std::max<size_t>(text.size(), 64 << 10);
    if (impl_->stage == nullptr) {
      if (simdjson::get_active_implementation()->create_dom_parser_implementation(
              capacity, AuditRecord::kMaxDepth, impl_->stage) != simdjson::SUCCESS) {
        return Fault::kSyntax;
      }
    } else if (impl_->stage->set_capacity(capacity) != simdjson::SUCCESS) {
      return Fault::kSyntax;
    }
    impl_->capacity = capacity;
  }
  // The first stage copies the last partial block, so it reads no byte past the text.
  switch (impl_->stage->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                               simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      break;
    case simdjson::UTF8_ERROR:
    case simdjson::UNESCAPED_CHARS:
      return Fault::kBadText;
    default:
      return Fault::kSyntax;
  }
  begin_ = impl_->stage->structural_indexes.get();
  count_ = impl_->stage->n_structural_indexes;
  return Fault::kNone;
}

std::string_view JsonTokens::bytes(uint32_t token) const {
  const size_t start = begin_[token];
  size_t end = token + 1 < count_ ? begin_[token + 1] : text_.size();
  while (end > start + 1 && IsBlank(text_[end - 1])) --end;
  return text_.substr(start, end - start);
}

uint32_t JsonTokens::Skip(uint32_t token) const {
  int depth = 0;
  for (; token < count_; ++token) {
    const char c = at(token);
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
    if (depth == 0) return token + 1;
  }
  return token;
}

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

JsonValue AuditRecord::ValueAt(uint32_t token) const {
  JsonValue value;
  value.token = token;
  value.end_token = token + 1;
  switch (tokens_->at(token)) {
    case '"':
      value.kind = JsonValue::kText;
      break;
    case '{':
    case '[': {
      value.kind = tokens_->at(token) == '{' ? JsonValue::kObject : JsonValue::kArray;
      value.end_token = tokens_->Skip(token);
      const size_t start = tokens_->position(token);
      value.raw = tokens_->text().substr(start, tokens_->position(value.end_token - 1) + 1 - start);
      value.spaced = true;  // not known, so copied token by token
      return value;
    }
    case 't':
      value.kind = JsonValue::kTrue;
      break;
    case 'f':
      value.kind = JsonValue::kFalse;
      break;
    case 'n':
      value.kind = JsonValue::kNull;
      break;
    default:
      value.kind = JsonValue::kNumber;
  }
  value.raw = tokens_->bytes(token);
  value.escaped = value.is_text() && value.raw.find('\\') != std::string_view::npos;
  return value;
}

JsonValue AuditRecord::Member(const JsonValue& object, std::string_view name) const {
  JsonValue found;
  ForEachMember(object, [&](std::string_view key, const JsonValue& value) {
    if (found.kind == JsonValue::kAbsent && key == name) found = value;
  });
  return found;
}

Fault AuditRecord::CheckEscapes(std::string_view token) {
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
        const int code = Hex4(token, i + 1);
        if (code < 0) return Fault::kSyntax;
        i += 4;
        if (code >= 0xdc00 && code < 0xe000) return Fault::kBadText;
        if (code >= 0xd800 && code < 0xdc00) {
          const int low = i + 2 < token.size() && token[i + 1] == '\\' && token[i + 2] == 'u'
                              ? Hex4(token, i + 3)
                              : -1;
          if (low < 0xdc00 || low >= 0xe000) return Fault::kBadText;
          i += 6;
        }
        break;
      }
      default:
        return Fault::kSyntax;
    }
  }
  return Fault::kNone;
}

// The string at the current token. What may follow a string is for the caller to check.
Fault AuditRecord::WalkString(JsonValue& value) {
  const uint32_t start = *at_;
  uint32_t stop = at_ + 1 < end_ ? at_[1] : length_;
  while (stop > start + 1 && IsBlank(text_[stop - 1])) --stop;
  if (stop < start + 2 || text_[stop - 1] != '"') return Fault::kSyntax;
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
      if (const Fault fault = CheckEscapes(value.raw); fault != Fault::kNone) return fault;
    }
  }
  ++at_;
  return Fault::kNone;
}

Fault AuditRecord::WalkScalar(JsonValue& value) {
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
    return Fault::kSyntax;
  }
  ++at_;
  return Fault::kNone;
}

Fault AuditRecord::Walk(JsonValue& value, int depth) {
  if (at_ == end_) return Fault::kSyntax;
  value.token = static_cast<uint32_t>(at_ - tokens_->begin());
  value.spaced = false;
  const uint32_t start = *at_;
  const char open = text_[start];
  if (open == '"') {
    const Fault fault = WalkString(value);
    value.end_token = value.token + 1;
    return fault;
  }
  if (open != '{' && open != '[') {
    const Fault fault = WalkScalar(value);
    value.end_token = value.token + 1;
    return fault;
  }
  if (depth >= kMaxDepth) return Fault::kTooDeep;
  value.kind = open == '{' ? JsonValue::kObject : JsonValue::kArray;
  value.escaped = false;
  const char close = open == '{' ? '}' : ']';
  uint32_t place = start + 1;  // where the next token stands when nothing is spaced
  bool spaced = false;
  ++at_;
  if (at_ == end_) return Fault::kSyntax;
  if (text_[*at_] != close) {
    while (true) {
      JsonValue child;
      if (open == '{') {
        if (at_ == end_ || text_[*at_] != '"') return Fault::kSyntax;
        spaced |= *at_ != place;
        if (const Fault fault = WalkString(child); fault != Fault::kNone) return fault;
        place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
        if (at_ == end_ || text_[*at_] != ':') return Fault::kSyntax;
        spaced |= *at_ != place;
        place = *at_ + 1;
        ++at_;
      }
      if (at_ == end_) return Fault::kSyntax;
      spaced |= *at_ != place;
      if (const Fault fault = Walk(child, depth + 1); fault != Fault::kNone) return fault;
      spaced |= child.spaced;
      place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
      if (at_ == end_) return Fault::kSyntax;
      spaced |= *at_ != place;
      const char next = text_[*at_];
      if (next == close) break;
      if (next != ',') return Fault::kSyntax;
      place = *at_ + 1;
      ++at_;
      if (at_ == end_) return Fault::kSyntax;
    }
  } else {
    spaced = *at_ != place;
  }
  value.raw = {text_ + start, *at_ + 1 - start};
  value.spaced = spaced;
  ++at_;
  value.end_token = static_cast<uint32_t>(at_ - tokens_->begin());
  return Fault::kNone;
}

// A list of {Name, Value} in one go; what has another shape is walked as any value and marked irregular.
Fault AuditRecord::WalkPairs(Field field, JsonValue& value) {
  const int list = PairListOf(field);
  std::vector<NameValue>& pairs = pairs_[list];
  pairs.clear();
  pairs_regular_[list] = true;
  if (at_ == end_) return Fault::kSyntax;
  if (text_[*at_] == '{') {  // an object in place of the list: its members are the pairs
    if (const Fault fault = Walk(value, 1); fault != Fault::kNone) return fault;
    pairs_regular_[list] = false;
    ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
      pairs.push_back({key, member.is_text() ? member.inner() : member.raw, {}, member.is_text()});
    });
    return Fault::kNone;
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
  if (at_ == end_) return Fault::kSyntax;
  if (text_[*at_] == ']') {
    spaced = *at_ != place;
  } else {
    while (true) {
      if (at_ == end_) return Fault::kSyntax;
      spaced |= *at_ != place;
      NameValue pair;
      JsonValue child;
      if (text_[*at_] != '{') {
        if (const Fault fault = Walk(child, 2); fault != Fault::kNone) return fault;
        pairs_regular_[list] = false;
        if (child.is_text()) {
          pair.name = child.inner();
        } else {
          pair.value = child.raw;
          pair.is_text = false;
        }
        place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
      } else {
        place = *at_ + 1;
        ++at_;
        if (at_ == end_) return Fault::kSyntax;
        if (text_[*at_] != '}') {
          while (true) {
            if (at_ == end_ || text_[*at_] != '"') return Fault::kSyntax;
            spaced |= *at_ != place;
            if (const Fault fault = WalkString(child); fault != Fault::kNone) return fault;
            const std::string_view key = child.inner();
            place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
            if (at_ == end_ || text_[*at_] != ':') return Fault::kSyntax;
            spaced |= *at_ != place;
            place = *at_ + 1;
            ++at_;
            if (at_ == end_) return Fault::kSyntax;
            spaced |= *at_ != place;
            if (text_[*at_] == '"') {
              if (const Fault fault = WalkString(child); fault != Fault::kNone) return fault;
            } else {
              if (const Fault fault = Walk(child, 3); fault != Fault::kNone) return fault;
              if (child.kind != JsonValue::kNull) pairs_regular_[list] = false;
            }
            place = static_cast<uint32_t>(child.raw.data() + child.raw.size() - text_);
            const std::string_view text = child.is_text() ? child.inner() : child.raw;
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
            if (at_ == end_) return Fault::kSyntax;
            spaced |= *at_ != place;
            if (text_[*at_] == '}') break;
            if (text_[*at_] != ',') return Fault::kSyntax;
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
      if (at_ == end_) return Fault::kSyntax;
      spaced |= *at_ != place;
      if (text_[*at_] == ']') break;
      if (text_[*at_] != ',') return Fault::kSyntax;
      place = *at_ + 1;
      ++at_;
    }
  }
  value.raw = {text_ + start, *at_ + 1 - start};
  value.spaced = spaced;
  ++at_;
  value.end_token = static_cast<uint32_t>(at_ - tokens_->begin());
  return Fault::kNone;
}

Fault AuditRecord::Read(const JsonTokens& tokens, uint32_t& token) {
  tokens_ = &tokens;
  text_ = tokens.text().data();
  length_ = static_cast<uint32_t>(tokens.text().size());
  at_ = tokens.begin() + token;
  end_ = tokens.begin() + tokens.count();
  present_.reset();
  unmapped_.Clear();
  parameters_.Clear();
  duplicates_.Clear();
  remarks_ = 0;
  seen_count_ = 0;
  ++record_number_;
  if (at_ == end_) return Fault::kSyntax;
  if (text_[*at_] != '{') return Fault::kNotAnObject;
  const uint32_t start = *at_;
  ++at_;
  if (at_ == end_) return Fault::kSyntax;
  if (text_[*at_] == '}') {
    raw_ = {text_ + start, *at_ + 1 - start};
    ++at_;
    token = static_cast<uint32_t>(at_ - tokens.begin());
    return Fault::kNone;
  }
  while (true) {
    if (at_ == end_ || text_[*at_] != '"') return Fault::kSyntax;
    JsonValue key;
    if (const Fault fault = WalkString(key); fault != Fault::kNone) return fault;
    if (at_ == end_ || text_[*at_] != ':') return Fault::kSyntax;
    ++at_;
    std::string_view name = key.inner();
    if (key.escaped) {
      key_text_.clear();
      AppendUnescaped(name, key_text_);
      name = key_text_;
    }
    const AuditField* const field = FindAuditField(name);
    JsonValue value;
    const bool is_pairs = field != nullptr && PairListOf(field->field) >= 0;
    if (is_pairs && Has(field->field)) {
      if (const Fault fault = Walk(value, 1); fault != Fault::kNone) return fault;
      WriteDuplicate(key.inner(), value);
    } else {
      const Fault fault = is_pairs ? WalkPairs(field->field, value) : Walk(value, 1);
      if (fault != Fault::kNone) return fault;
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
    if (at_ == end_) return Fault::kSyntax;
    if (text_[*at_] == '}') break;
    if (text_[*at_] != ',') return Fault::kSyntax;
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
  return Fault::kNone;
}

bool AuditRecord::FirstOfUnknown(std::string_view key) {
  if (seen_keys_.size() < 2 * (seen_count_ + 1)) {
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
    ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
      separate();
      unmapped_.Put("{\"Name\":\"");
      unmapped_.Put(key);
      unmapped_.Put("\",\"Value\":");
      WriteJsonText(unmapped_, member);
      unmapped_.Put('}');
    });
  }
  ForEach(value, [&](const JsonValue& element) {
    separate();
    if (element.kind != JsonValue::kObject) {
      unmapped_.Put(element.is_text() ? "{\"Name\":" : "{\"Value\":");
      WriteJsonText(unmapped_, element);
      unmapped_.Put('}');
      return;
    }
    unmapped_.Put('{');
    bool first_member = true;
    ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
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
  ForEachMember(value, [&](std::string_view key, const JsonValue& member) {
    separate();
    parameters_.Put("{\"name\":\"");
    parameters_.Put(key);
    parameters_.Put("\",\"value\":");
    WriteJsonText(parameters_, member);
    parameters_.Put('}');
  });
  ForEach(value, [&](const JsonValue& element) {
    separate();
    if (element.kind != JsonValue::kObject) {
      parameters_.Put(element.is_text() ? "{\"name\":" : "{\"value\":");
      WriteJsonText(parameters_, element);
      parameters_.Put('}');
      return;
    }
    parameters_.Put('{');
    bool first_member = true;
    ForEachMember(element, [&](std::string_view key, const JsonValue& member) {
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
