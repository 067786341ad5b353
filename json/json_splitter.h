#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace picket {

// Splits a JSON array into its elements without parsing them. It looks only at quotes, escapes and
// bracket depth, so a damaged element does not hide the elements after it. The fetcher uses this
// class to cut blobs into messages. The parser uses it to salvage damaged blobs.
//
// The enclosing brackets may be missing: text that begins with '{' is treated as a sequence of
// elements (one record per line, or a single record).
//
//   JsonArraySplitter splitter(text);
//   while (std::optional<std::string_view> element = splitter.Next()) …
//   if (!splitter.complete()) … the text is cut off or not an array; splitter.rest() was not split
//
// Threads: an object is used by one thread. Lifetime: `text` must outlive the splitter and the
// views that Next() returns. Complexity: linear, without allocation.
class JsonArraySplitter {
 public:
  explicit JsonArraySplitter(std::string_view text);

  // Returns the next element, without whitespace around it. Returns nullopt at the end of the
  // array, and where the text cannot be split any further.
  std::optional<std::string_view> Next();

  // Valid after Next() has returned nullopt. Returns true if the closing bracket was reached and
  // only whitespace follows it. For elements without enclosing brackets, returns true if the end of
  // the text was reached.
  bool complete() const { return complete_; }
  // Returns the text that could not be split.
  std::string_view rest() const { return text_.substr(position_); }

 private:
  std::string_view text_;
  size_t position_ = 0;
  bool started_ = false;
  bool bare_ = false;  // true if the elements have no enclosing brackets
  bool complete_ = false;
};

}  // namespace picket
