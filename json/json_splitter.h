#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace picket {

// Cuts the members out of a JSON array without parsing them, tracking quotes, escapes and depth, so that one damaged
// record does not hide its neighbours. Serves the fetcher (chunks of a blob) and the parser (salvage). A text that starts
// with '{' is taken as a bare sequence of members (one record a line, or a single record).
//
//   JsonArraySplitter splitter(text);
//   while (std::optional<std::string_view> element = splitter.Next()) …
//   if (!splitter.complete()) … the array was cut off or is no array; splitter.rest() is what could not be cut
//
// Threads: one. Lifetime: `text` must outlive it and what Next() returns. Complexity: linear, no allocation.
class JsonArraySplitter {
 public:
  explicit JsonArraySplitter(std::string_view text);

  // The next member, blanks around it removed; nothing at the end of the array or where it cannot be followed.
  std::optional<std::string_view> Next();

  // After Next() returned nothing: the closing bracket (of a bare sequence: the end) was reached and only
  // blanks follow.
  bool complete() const { return complete_; }
  // What lies from the first byte that could not be followed on.
  std::string_view rest() const { return text_.substr(position_); }

 private:
  std::string_view text_;
  size_t position_ = 0;
  bool started_ = false;
  bool bare_ = false;  // no brackets around the members
  bool complete_ = false;
};

}  // namespace picket
