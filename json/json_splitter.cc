#include "json/json_splitter.h"

#include <cstring>

#include "json/json_skip.h"
#include "json/json_tokens.h"

namespace picket {

JsonArraySplitter::JsonArraySplitter(std::string_view text) : text_(text) {}

std::optional<std::string_view> JsonArraySplitter::Next() {
  if (complete_) return std::nullopt;
  size_t at = position_;
  while (at < text_.size() && IsJsonBlank(text_[at])) ++at;
  if (!started_) {
    if (at >= text_.size() || (text_[at] != '[' && text_[at] != '{')) return std::nullopt;
    started_ = true;
    bare_ = text_[at] == '{';
    if (!bare_) position_ = ++at;
  }
  // Tolerate missing and additional commas between elements. Otherwise, one wrong comma would hide
  // the elements after it.
  while (at < text_.size() && (IsJsonBlank(text_[at]) || text_[at] == ',')) ++at;
  if (at >= text_.size()) {
    position_ = at;
    complete_ = bare_;
    return std::nullopt;
  }
  if (text_[at] == ']' && !bare_) {
    position_ = ++at;
    while (at < text_.size() && IsJsonBlank(text_[at])) ++at;
    complete_ = at == text_.size();
    started_ = complete_;  // a further call must not treat the text after the array as elements
    return std::nullopt;
  }
  position_ = at;
  size_t end;
  if (text_[at] == '{' || text_[at] == '[') {
    end = SkipJsonContainer(text_, at);
  } else if (text_[at] == '"') {
    end = SkipJsonString(text_, at);
  } else {
    end = at + 1;
    while (end < text_.size() && std::strchr(",]{[\"", text_[end]) == nullptr) ++end;
    if (end == text_.size()) end = std::string_view::npos;
  }
  if (end == std::string_view::npos) return std::nullopt;
  position_ = end;
  while (end > at && IsJsonBlank(text_[end - 1])) --end;
  return text_.substr(at, end - at);
}

}  // namespace picket
