#include "json/json_members.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "json/json_skip.h"

namespace picket {

std::string_view JsonMember(std::string_view object, std::string_view key) {
  size_t at = SkipJsonBlanks(object, 0);
  if (at == object.size() || object[at] != '{') return {};
  ++at;
  while (true) {
    at = SkipJsonBlanks(object, at);
    if (at == object.size() || object[at] != '"') return {};
    const size_t name = at + 1;
    at = SkipJsonString(object, at);
    if (at == std::string_view::npos) return {};
    const bool is_found = object.substr(name, at - 1 - name) == key;
    at = SkipJsonBlanks(object, at);
    if (at == object.size() || object[at] != ':') return {};
    const size_t value = SkipJsonBlanks(object, at + 1);
    at = std::min(SkipJsonValue(object, value), object.size());
    if (is_found) return object.substr(value, at - value);
    at = SkipJsonBlanks(object, at);
    if (at == object.size() || object[at] != ',') return {};
    ++at;
  }
}

bool ParseJsonInteger(std::string_view value, int64_t* number) {
  const auto result = std::from_chars(value.data(), value.data() + value.size(), *number);
  return result.ec == std::errc() && result.ptr == value.data() + value.size();
}

JsonContainerEnds::JsonContainerEnds(std::string_view text) : text_(text) {
  std::vector<uint32_t> open;
  for (size_t at = 0; at < text.size();) {
    switch (text[at]) {
      case '"':
        at = SkipJsonString(text, at);
        if (at == std::string_view::npos) return;
        continue;
      case '{':
      case '[':
        open.push_back(static_cast<uint32_t>(containers_.size()));
        containers_.push_back({static_cast<uint32_t>(at), 0});
        break;
      case '}':
      case ']':
        if (open.empty()) return;
        containers_[open.back()].end = static_cast<uint32_t>(at + 1);
        open.pop_back();
        break;
      default:
        break;
    }
    ++at;
  }
}

size_t JsonContainerEnds::EndOf(const char* begin) const {
  const auto at = static_cast<uint32_t>(begin - text_.data());
  const auto found =
      std::lower_bound(containers_.begin(), containers_.end(), at,
                       [](const Container& container, uint32_t b) { return container.begin < b; });
  if (found == containers_.end() || found->begin != at || found->end == 0) {
    return std::string_view::npos;
  }
  return found->end;
}

JsonMembers::JsonMembers(std::string_view container, const JsonContainerEnds* ends)
    : text_(container), ends_(ends) {
  at_ = SkipJsonBlanks(text_, 0);
  if (at_ >= text_.size() || (text_[at_] != '{' && text_[at_] != '[')) return;
  close_ = text_[at_++] == '{' ? '}' : ']';
}

size_t JsonMembers::SkipValue(size_t at) const {
  const bool is_container = at < text_.size() && (text_[at] == '{' || text_[at] == '[');
  if (ends_ == nullptr || !is_container) return SkipJsonValue(text_, at);
  const size_t end = ends_->EndOf(text_.data() + at);
  if (end == std::string_view::npos) return end;
  const size_t here = end - static_cast<size_t>(text_.data() - ends_->text());
  return here <= text_.size() ? here : std::string_view::npos;
}

bool JsonMembers::Next() {
  if (close_ == 0) return false;
  const bool in_object = close_ == '}';
  const char close = std::exchange(close_, '\0');
  size_t at = SkipJsonBlanks(text_, at_);
  if (at >= text_.size() || text_[at] == close) return false;
  if (!first_) {
    if (text_[at] != ',') return false;
    at = SkipJsonBlanks(text_, at + 1);
  }
  first_ = false;
  if (in_object) {
    if (at >= text_.size() || text_[at] != '"') return false;
    const size_t end = SkipJsonValue(text_, at);
    if (end == std::string_view::npos) return false;
    name_ = JsonStringContent(text_.substr(at, end - at));
    at = SkipJsonBlanks(text_, end);
    if (at >= text_.size() || text_[at] != ':') return false;
    at = SkipJsonBlanks(text_, at + 1);
  }
  at_ = at;
  const size_t end = SkipValue(at);
  if (end == std::string_view::npos || end == at) return false;
  value_ = text_.substr(at, end - at);
  at_ = end;
  close_ = close;
  return true;
}

}  // namespace picket
