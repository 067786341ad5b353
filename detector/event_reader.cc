#include "detector/event_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/json_tokens.h"
#include "common/strings.h"
#include "detector/fold.h"

namespace picket::detector {
namespace {

constexpr uint32_t kNone = KeyTable::kNone;
// Deeper levels of an event are not looked at.
constexpr int kMaxDepth = 100;
// In place of a member key: the value is kept to be read as the member's name.
constexpr uint32_t kNameOnly = kNone - 1;

}  // namespace

void EventReader::Read(std::string_view json, ParsedEvent& event) {
  event.json = json;
  event.ok = false;
  event.values.clear();
  event.entries.resize(0);  // keeps its memory, as clear() does not
  if (tokens_.Index(json) != JsonFault::kNone || tokens_.count() < 2) return;
  // With the last token known, no token that is read but the last lacks a next one.
  const uint32_t last = tokens_.count() - 1;
  if (tokens_.at(0) != '{' || tokens_.at(last) != '}') return;
  event_ = &event;
  text_ = json.data();
  at_ = tokens_.begin() + 1;
  end_ = tokens_.begin() + tokens_.count();
  next_backslash_ = 0;
  member_values_.clear();
  event.ok = ReadObject(0, false, 0) && at_ == end_;
}

// Behind the opening brace.
bool EventReader::ReadObject(uint32_t path, bool dotted, int depth) {
  if (text_[*at_] == '}') {
    ++at_;
    return true;
  }
  for (;;) {
    std::string_view key;
    if (!ReadKey(key)) return false;
    bool is_dotted = dotted;
    const uint32_t child = path == kNone ? kNone : Child(path, key, is_dotted);
    if (!ReadValue(child, is_dotted, depth + 1) || at_ == end_) return false;
    const char c = text_[*at_++];
    if (c == '}') return true;
    if (c != ',' || at_ == end_) return false;
  }
}

bool EventReader::ReadKey(std::string_view& text) {
  const uint32_t* const at = at_;
  if (end_ - at < 3) return false;  // the key, its colon, a value
  const uint32_t start = at[0], colon = at[1];
  if (text_[start] != '"' || text_[colon] != ':') return false;
  uint32_t stop = colon;
  while (IsJsonBlank(text_[stop - 1])) --stop;
  if (stop < start + 2 || text_[stop - 1] != '"') return false;
  at_ = at + 2;
  text = {text_ + start + 1, stop - start - 2};
  if (!HasBackslash(start, stop)) return true;
  key_.resize(text.size() + kFoldSlack);
  size_t size = 0;
  if (!UnescapeJson(text, key_.data(), size)) return false;
  text = std::string_view(key_).substr(0, size);
  return true;
}

// A key may hold dots and so lead down several levels at once.
uint32_t EventReader::Child(uint32_t path, std::string_view key, bool& dotted) const {
  const KeyTable& keys = compiled_.paths[path].keys;
  const uint32_t found = keys.Find(key);
  if (found != kNone || !keys.HasStart(key)) return found;
  size_t dot = key.find('.');
  if (dot == std::string_view::npos) return kNone;
  for (;;) {
    path = compiled_.paths[path].keys.Find(key.substr(0, dot));
    if (path == kNone) return kNone;
    if (dot == std::string_view::npos) break;
    key.remove_prefix(dot + 1);
    dot = key.find('.');
  }
  dotted = true;
  return path;
}

bool EventReader::ReadValue(uint32_t path, bool dotted, int depth, bool is_element) {
  if ((path == kNone && member_key_ == kNone && !compiled_.has_keywords) || depth > kMaxDepth) {
    return Skip();
  }
  switch (text_[*at_]) {
    case '{': {
      AddContainer(*at_, path, dotted);
      const uint32_t member_key = std::exchange(member_key_, kNone);
      const bool is_right = ++at_ != end_ && ReadObject(path, dotted, depth);
      member_key_ = member_key;
      return is_right;
    }
    case '[':
      if (is_element || path == kNone || compiled_.paths[path].arrays.empty()) {
        return ++at_ != end_ && ReadElements(path, dotted, depth);
      }
      return ReadArray(path, dotted, depth);
    case '"': {
      EventValue value;
      if (!ReadString(value)) return false;
      Add(value, path, dotted);
      return true;
    }
    default: {
      EventValue value;
      if (!ReadScalar(value)) return false;
      Add(value, path, dotted);
      return true;
    }
  }
}

// An array that is also taken whole, from its opening bracket. Arrays in arrays are elements.
bool EventReader::ReadArray(uint32_t path, bool dotted, int depth) {
  const uint32_t start = *at_;
  EventValue whole;
  whole.type = EventValue::Type::kArray;
  whole.data = text_ + start;
  const auto index = static_cast<uint32_t>(event_->values.size());
  event_->values.push_back(whole);
  for (const FieldId field : compiled_.paths[path].arrays) {
    event_->entries.push_back({field, index, dotted});
  }
  if (++at_ == end_ || !ReadElements(path, dotted, depth)) return false;
  event_->values[index].size = at_[-1] + 1 - start;
  return true;
}

// Behind the opening bracket.
bool EventReader::ReadElements(uint32_t path, bool dotted, int depth) {
  if (text_[*at_] == ']') {
    AddContainer(*at_++, path, dotted);
    return true;
  }
  const bool has_pivot = path != kNone && !compiled_.paths[path].pivot.empty();
  for (;;) {
    const bool is_member = has_pivot && text_[*at_] == '{' && depth < kMaxDepth;
    if (!(is_member ? ReadMember(path, dotted, depth + 1)
                    : ReadValue(path, dotted, depth + 1, true)) ||
        at_ == end_) {
      return false;
    }
    const char c = text_[*at_++];
    if (c == ']') return true;
    if (c != ',' || at_ == end_) return false;
  }
}

// A member of a Name/Value list, from its opening brace.
bool EventReader::ReadMember(uint32_t path, bool dotted, int depth) {
  const PathNode& node = compiled_.paths[path];
  AddContainer(*at_, path, dotted);
  if (++at_ == end_) return false;
  const size_t members_begin = member_values_.size();
  EventValue name;
  bool is_first = true;
  for (;; is_first = false) {
    if (is_first && text_[*at_] == '}') {
      ++at_;
      break;
    }
    std::string_view key;
    if (!ReadKey(key)) return false;
    bool is_dotted = dotted;
    const uint32_t child = Child(path, key, is_dotted);
    const auto wanted = std::find(node.pivot_keys.begin(), node.pivot_keys.end(), key);
    const bool is_name = EqualsIgnoreCase(key, "name");
    const size_t values_begin = event_->values.size();
    if (wanted != node.pivot_keys.end()) {
      member_key_ = static_cast<uint32_t>(wanted - node.pivot_keys.begin());
    } else if (is_name) {
      member_key_ = kNameOnly;
    }
    const bool is_right = ReadValue(child, is_dotted, depth + 1);
    member_key_ = kNone;
    if (!is_right || at_ == end_) return false;
    if (is_name && event_->values.size() == values_begin + 1 && event_->values.back().HasText()) {
      name = event_->values.back();
    }
    const char c = text_[*at_++];
    if (c == '}') break;
    if (c != ',' || at_ == end_) return false;
  }
  const bool is_right = !name.HasText() || name.size == 0 || AddPivot(node, name, members_begin);
  member_values_.resize(members_begin);
  return is_right;
}

// What was read of the member whose name is now known goes to the fields that ask for it.
bool EventReader::AddPivot(const PathNode& node, const EventValue& name, size_t members_begin) {
  name_.resize(name.size + kFoldSlack);
  size_t size = 0;
  if (!name.is_escaped) {
    size = Fold(name.raw(), name_.data());
  } else if (!FoldJson(name.raw(), name_.data(), size)) {
    return false;
  }
  const auto found = node.pivot.find(std::string_view(name_).substr(0, size));
  if (found == node.pivot.end()) return true;
  for (const PathNode::PivotField& pivot : found->second) {
    for (size_t i = members_begin; i < member_values_.size(); ++i) {
      if (member_values_[i].first != pivot.member_key) continue;
      event_->entries.push_back({pivot.field, member_values_[i].second, 0});
    }
  }
  return true;
}

// Whether a backslash stands between the places; they ascend from call to call.
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

bool EventReader::ReadString(EventValue& value) {
  const uint32_t start = *at_;
  if (++at_ == end_) return false;
  uint32_t stop = *at_;
  while (stop > start + 1 && IsJsonBlank(text_[stop - 1])) --stop;
  if (stop < start + 2 || text_[stop - 1] != '"') return false;
  value.data = text_ + start + 1;
  value.size = stop - start - 2;
  value.type = EventValue::Type::kText;
  value.is_escaped = HasBackslash(start, stop);
  return true;
}

bool EventReader::ReadScalar(EventValue& value) {
  const uint32_t start = *at_;
  if (++at_ == end_) return false;
  uint32_t stop = *at_;
  while (stop > start && IsJsonBlank(text_[stop - 1])) --stop;
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

bool EventReader::Skip() {
  const uint32_t* at = at_;
  int depth = 0;
  do {
    if (at == end_) return false;
    const int c = text_[*at++] | 0x20;  // [ as {, ] as }
    depth += (c == '{') - (c == '}');
  } while (depth > 0);
  at_ = at;
  return depth == 0;
}

void EventReader::Add(const EventValue& value, uint32_t path, bool dotted) {
  const auto index = static_cast<uint32_t>(event_->values.size());
  event_->values.push_back(value);
  if (member_key_ < kNameOnly) member_values_.emplace_back(member_key_, index);
  if (path == kNone) return;
  for (const FieldId field : compiled_.paths[path].fields) {
    event_->entries.push_back({field, index, dotted});
  }
}

void EventReader::AddContainer(uint32_t start, uint32_t path, bool dotted) {
  if (path == kNone || compiled_.paths[path].fields.empty()) return;
  EventValue value;
  value.type = EventValue::Type::kContainer;
  value.data = text_ + start;
  const auto index = static_cast<uint32_t>(event_->values.size());
  event_->values.push_back(value);
  for (const FieldId field : compiled_.paths[path].fields) {
    event_->entries.push_back({field, index, dotted});
  }
}

}  // namespace picket::detector
