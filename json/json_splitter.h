#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace picket {

// Splits a JSON array into its elements without parsing them. It follows quotes, escapes and
// bracket depth only, so that one damaged record does not hide its neighbours. The fetcher uses it
// to cut blobs into messages, the parser to salvage damaged blobs. Text that begins with '{' is
// taken for a sequence of elements without brackets (one record per line, or a single record).
//
//   JsonArraySplitter splitter(text);
//   while (std::optional<std::string_view> element = splitter.Next()) …
//   if (!splitter.complete()) … the text is cut off or not an array; splitter.rest() was not split
//
// Threads: one. Lifetime: `text` must outlive it and what Next() returns. Complexity: linear, no
// allocation.
class JsonArraySplitter {
 public:
  explicit JsonArraySplitter(std::string_view text);

  // The next element, without whitespace around it. nullopt at the end of the array, and where the
  // text cannot be followed.
  std::optional<std::string_view> Next();

  // After Next() has returned nullopt: the closing bracket was reached (without brackets: the end
  // of the text), and only whitespace follows.
  bool complete() const { return complete_; }
  // The text from the first byte that could not be followed.
  std::string_view rest() const { return text_.substr(position_); }

 private:
  std::string_view text_;
  size_t position_ = 0;
  bool started_ = false;
  bool bare_ = false;  // the elements have no brackets around them
  bool complete_ = false;
};

}  // namespace picket
