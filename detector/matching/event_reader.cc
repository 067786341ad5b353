#include "detector/matching/event_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "common/strings.h"
#include "detector/text/fold.h"
#include "json/json_tokens.h"

namespace picket::detector {
namespace {

constexpr uint32_t kNoKey = KeyTable::kNone;
// Values that are nested more deeply than this are skipped.
constexpr int kMaxDepth = 100;
// The Key::member_key of the key "Name" in a Name/Value list (path_node.h) if no rule tests the
// values of "Name". These values are still read, because they identify the members of the list.
constexpr uint32_t kNameOnly = kNoKey - 1;

void Clear(std::string_view json, ParsedEvent& event) {
  event.json = json;
  event.ok = false;
  event.values.clear();
  event.entries.erase(event.entries.begin(), event.entries.end());  // clear() would free the memory
}

}  // namespace

void EventReader::Read(std::string_view json, ParsedEvent& event) {
  if (tokens_.Index(json) == JsonFault::kNone) return ReadIndexed(tokens_, event);
  Clear(json, event);
}

void EventReader::ReadIndexed(const JsonTokens& tokens, ParsedEvent& event) {
  const std::string_view json = tokens.text();
  Clear(json, event);
  if (tokens.count() < 2) return;
  // The last token is a closing brace, so every other token has a next token.
  const uint32_t last = tokens.count() - 1;
  if (tokens.at(0) != '{' || tokens.at(last) != '}') return;
  event_ = &event;
  keys_.Begin();
  text_ = json.data();
  end_ = tokens.begin() + tokens.count();
  next_backslash_ = 0;
  has_failed_ = false;
  predicted_keys_end_ = json.size() < kComparedKey ? 0 : json.size() - kComparedKey + 1;
  member_values_.clear();
  is_searched_ = false;
  is_searched_ = searches_ && IsSearched(0);
  event.ok = ReadObject(tokens.begin() + 1, 0, false, 0, &first_key_) == end_ && !has_failed_;
}

inline EventReader::Token EventReader::SkipValue(Token at) {
  static constexpr std::array<int16_t, 256> kDeeper = [] {
    std::array<int16_t, 256> deeper = {};
    deeper['{'] = deeper['['] = 1;
    deeper['}'] = deeper[']'] = -1;
    return deeper;
  }();
  int depth = kDeeper[static_cast<unsigned char>(text_[*at++])];
  while (depth > 0) {
    if (at == end_) return Fail();
    depth += kDeeper[static_cast<unsigned char>(text_[*at++])];
  }
  return depth == 0 ? at : Fail();
}

// Reads the key at `at` and the colon after the key. Returns nullptr if the JSON is invalid. The
// next call may overwrite the returned key.
inline EventReader::Key* EventReader::ReadKey(Token& at, uint32_t path, Predictions& predictions) {
  if (end_ - at < 3) return nullptr;  // a key, a colon and a value must follow
  const uint32_t start = at[0], size = at[1] + 1 - start;
  at += 2;
  if (start < predicted_keys_end_) {
    Key* const predicted = keys_.Find(predictions, text_ + start, size, path);
    if (predicted != nullptr) return predicted;
  }
  return ReadNewKey({text_ + start, size}, path, predictions);
}

// Reads an object from the token after its opening brace. `predictions` are used for the first key
// of the object.
EventReader::Token EventReader::ReadObject(Token at, uint32_t path, bool dotted, int depth,
                                           Predictions* predictions) {
  if (text_[*at] == '}') return at + 1;
  const bool is_too_deep = depth >= kMaxDepth;
  for (;;) {
    Key* const key = ReadKey(at, path, *predictions);
    if (key == nullptr) return Fail();
    predictions = &key->after;
    const bool is_wanted = key->child != kNoKey || is_searched_;
    at = is_wanted && !is_too_deep
             ? ReadValue(at, key->child, dotted || key->is_dotted, depth + 1, &key->inside)
             : SkipValue(at);
    if (at == end_) return Fail();
    const char c = text_[*at++];
    if (c == '}') return at;
    if (c != ',' || at == end_) return Fail();
  }
}

// Reads a key that was not predicted. `written` begins with the key and ends with the token after
// the key. Returns nullptr if the key is not a valid string or if the token is not a colon.
EventReader::Key* EventReader::ReadNewKey(std::string_view written, uint32_t path,
                                          Predictions& predictions) {
  if (written.front() != '"' || written.back() != ':') return nullptr;
  size_t size = written.size() - 1;
  while (IsJsonBlank(written[size - 1])) --size;
  if (size < 2 || written[size - 1] != '"') return nullptr;
  std::string_view text = written.substr(1, size - 2);
  Key* key = &other_key_;
  const auto start = static_cast<size_t>(written.data() - text_);
  if (HasBackslash(start, start + size)) {
    key_.resize(text.size() + kFoldSlack);
    if (!UnescapeJson(text, key_.data(), size)) return nullptr;
    text = std::string_view(key_).substr(0, size);
  } else if (size + 1 == written.size() && written.size() <= kComparedKey) {
    key = &keys_.Add(predictions, written, path);
    if (key->size != 0) return key;
    key->size = static_cast<uint8_t>(written.size());
  }
  key->child = kNoKey;
  key->is_dotted = false;
  key->member_key = kNoKey;
  key->is_name = false;
  if (path == kNoKey) return key;
  key->child = Child(path, text, key->is_dotted);
  const std::vector<std::string>& wanted = paths_[path].pivot_keys;
  const auto found = std::find(wanted.begin(), wanted.end(), text);
  key->is_name = EqualsIgnoreCase(text, "name");
  if (found != wanted.end()) {
    key->member_key = static_cast<uint32_t>(found - wanted.begin());
  } else if (key->is_name) {
    key->member_key = kNameOnly;
  }
  return key;
}

// Returns the path to which a key leads. A key that contains dots can lead down several levels.
uint32_t EventReader::Child(uint32_t path, std::string_view key, bool& dotted) const {
  const KeyTable& keys = paths_[path].keys;
  const uint32_t found = keys.Find(key);
  if (found != kNoKey || !keys.HasStart(key)) return found;
  size_t dot = key.find('.');
  if (dot == std::string_view::npos) return kNoKey;
  for (;;) {
    path = paths_[path].keys.Find(key.substr(0, dot));
    if (path == kNoKey) return kNoKey;
    if (dot == std::string_view::npos) break;
    key.remove_prefix(dot + 1);
    dot = key.find('.');
  }
  dotted = true;
  return path;
}

EventReader::Token EventReader::ReadValue(Token at, uint32_t path, bool dotted, int depth,
                                          Predictions* predictions, bool is_element) {
  const uint32_t start = *at++;
  const char c = text_[start];
  if (at == end_) return Fail();
  if (c == '{' || c == '[') {
    const bool was_searched = is_searched_;
    is_searched_ = searches_ && IsSearched(path);
    if (c == '{') {
      AddContainer(start, path, dotted);
      const uint32_t member_key = std::exchange(member_key_, kNoKey);
      at = ReadObject(at, path, dotted, depth, predictions);
      member_key_ = member_key;
    } else if (!is_element && path != kNoKey && !paths_[path].arrays.empty()) {
      at = ReadArray(at, path, dotted, depth, predictions);
    } else {
      at = ReadElements(at, path, dotted, depth, predictions);
    }
    is_searched_ = was_searched;
    return at;
  }
  if (!(c == '"' ? ReadString(start, *at) : ReadScalar(start, *at))) return Fail();
  const auto index = static_cast<uint32_t>(event_->values.size() - 1);
  if (searches_ && IsSearched(path)) {
    EventValue& value = event_->values.back();
    value.is_searched = path == kNoKey || paths_[path].placeholder.empty() ||
                        value.raw() != paths_[path].placeholder;
  }
  if (member_key_ < kNameOnly) member_values_.emplace_back(member_key_, index);
  if (path != kNoKey) AddEntries(paths_[path].fields, dotted);
  return at;
}

// Reads an array from the token after its opening bracket. Adds the whole array as one value, for
// rules that test arrays (ElementSet in compiled_rules.h), and then the values of its elements.
EventReader::Token EventReader::ReadArray(Token at, uint32_t path, bool dotted, int depth,
                                          Predictions* predictions) {
  const uint32_t start = at[-1];
  const size_t index = event_->values.size();
  EventValue& whole = event_->values.emplace_back();
  whole.type = EventValue::Type::kArray;
  whole.data = text_ + start;
  AddEntries(paths_[path].arrays, dotted);
  at = ReadElements(at, path, dotted, depth, predictions);
  event_->values[index].size = at[-1] + 1 - start;
  return at;
}

// Reads the elements of an array from the token after its opening bracket.
EventReader::Token EventReader::ReadElements(Token at, uint32_t path, bool dotted, int depth,
                                             Predictions* predictions) {
  if (text_[*at] == ']') {
    AddContainer(*at, path, dotted);
    return at + 1;
  }
  const bool is_too_deep = depth >= kMaxDepth;
  const bool has_pivot = path != kNoKey && !paths_[path].pivots.empty() && !is_too_deep;
  for (;;) {
    if (has_pivot && text_[*at] == '{') {
      at = ReadMember(at, path, dotted, depth + 1, predictions);
    } else {
      at = is_too_deep ? SkipValue(at) : ReadValue(at, path, dotted, depth + 1, predictions, true);
    }
    if (at == end_) return Fail();
    const char c = text_[*at++];
    if (c == ']') return at;
    if (c != ',' || at == end_) return Fail();
  }
}

// Reads a member of a Name/Value list. `at` is the opening brace of the member.
EventReader::Token EventReader::ReadMember(Token at, uint32_t path, bool dotted, int depth,
                                           Predictions* predictions) {
  const PathNode& node = paths_[path];
  AddContainer(*at, path, dotted);
  if (++at == end_) return Fail();
  if (text_[*at] == '}') return at + 1;
  const size_t members_begin = member_values_.size();
  uint32_t name = kNoKey;  // index of the value that is the member's name
  for (;;) {
    Key* const key = ReadKey(at, path, *predictions);
    if (key == nullptr) return Fail();
    predictions = &key->after;
    const bool is_name = key->is_name;
    const size_t values_begin = event_->values.size();
    if (key->member_key != kNoKey) member_key_ = key->member_key;
    const bool is_wanted = key->child != kNoKey || member_key_ != kNoKey || is_searched_;
    at = is_wanted && depth < kMaxDepth
             ? ReadValue(at, key->child, dotted || key->is_dotted, depth + 1, &key->inside)
             : SkipValue(at);
    member_key_ = kNoKey;
    if (at == end_) return Fail();
    if (is_name && event_->values.size() == values_begin + 1 && event_->values.back().HasText()) {
      name = static_cast<uint32_t>(values_begin);
    }
    const char c = text_[*at++];
    if (c == '}') break;
    if (c != ',' || at == end_) return Fail();
  }
  const bool is_valid = name == kNoKey || AddPivot(node, name, members_begin);
  member_values_.resize(members_begin);
  return is_valid ? at : Fail();
}

// Called when all of a Name/Value member has been read, so that its name is known. Assigns the
// values of the member to the fields that rules select by this name. Returns false if the name
// contains an invalid escape.
bool EventReader::AddPivot(const PathNode& node, uint32_t name_value, size_t members_begin) {
  const EventValue& name = event_->values[name_value];
  if (name.size == 0) return true;
  name_.resize(name.size + kFoldSlack);
  size_t size = 0;
  if (!name.is_escaped) {
    size = Fold(name.raw(), name_.data());
  } else if (!FoldJson(name.raw(), name_.data(), size)) {
    return false;
  }
  const uint32_t found = node.member_names.Find({name_.data(), size});
  if (found == kNoKey) return true;
  for (const PathNode::PivotField& pivot : node.pivots[found]) {
    for (size_t i = members_begin; i < member_values_.size(); ++i) {
      if (member_values_[i].first != pivot.member_key) continue;
      event_->entries.emplace_back(pivot.field, member_values_[i].second, false);
    }
  }
  return true;
}

// Returns whether there is a backslash between the two positions. Only the next backslash is
// remembered, so the positions must ascend from call to call.
bool EventReader::HasBackslash(size_t start, size_t stop) {
  if (next_backslash_ >= stop) return false;
  if (next_backslash_ < start) {
    const size_t rest = event_->json.size() - start;
    const void* const next = std::memchr(text_ + start, '\\', rest);
    next_backslash_ = next == nullptr ? event_->json.size()
                                      : static_cast<size_t>(static_cast<const char*>(next) - text_);
  }
  return next_backslash_ < stop;
}

// Reads a string. `stop` is the position of the next token.
bool EventReader::ReadString(uint32_t start, uint32_t stop) {
  while (stop > start + 1 && IsJsonBlank(text_[stop - 1])) --stop;
  if (stop < start + 2 || text_[stop - 1] != '"') return false;
  EventValue& value = event_->values.emplace_back();
  value.data = text_ + start + 1;
  value.size = stop - start - 2;
  value.type = EventValue::Type::kText;
  value.is_escaped = HasBackslash(start, stop);
  return true;
}

bool EventReader::ReadScalar(uint32_t start, uint32_t stop) {
  while (stop > start && IsJsonBlank(text_[stop - 1])) --stop;
  EventValue& value = event_->values.emplace_back();
  value.data = text_ + start;
  value.size = stop - start;
  switch (*value.data) {
    case 't':
      value.type = EventValue::Type::kBool;
      return value.raw() == "true";
    case 'f':
      value.type = EventValue::Type::kBool;
      return value.raw() == "false";
    case 'n':
      value.type = EventValue::Type::kNull;
      return value.raw() == "null";
    default: {
      bool integral = false;
      if (!IsJsonNumber(value.raw(), integral)) return false;
      value.type = EventValue::Type::kNumber;
      value.is_fraction = !integral;
      return true;
    }
  }
}

// Assigns the value that was added last to the given fields.
void EventReader::AddEntries(const std::vector<FieldId>& fields, bool dotted) {
  const auto index = static_cast<uint32_t>(event_->values.size() - 1);
  for (const FieldId field : fields) event_->entries.emplace_back(field, index, dotted);
}

void EventReader::AddContainer(uint32_t start, uint32_t path, bool dotted) {
  if (path == kNoKey || paths_[path].fields.empty()) return;
  EventValue& value = event_->values.emplace_back();
  value.type = EventValue::Type::kContainer;
  value.data = text_ + start;
  AddEntries(paths_[path].fields, dotted);
}

}  // namespace picket::detector
