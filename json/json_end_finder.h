#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace picket {

// Finds where one JSON value ends in text that arrives in pieces, by quotes, escapes and brackets
// alone. A value that it calls complete need not be JSON, but its brackets and quotes match.
//
//   finder.Start();
//   while (finder.Scan(text) == JsonEndFinder::State::kUnfinished) … append more bytes to the text
//   text.substr(0, finder.end())
//
// Threads: one. Complexity: linear; uses one byte per open bracket.
class JsonEndFinder {
 public:
  enum class State {
    kUnfinished,  // the value does not end in the text
    kComplete,    // the value has ended
    kMismatch,    // the value has ended, but its brackets do not match
    kBrokenLine,  // a line ends inside a string, which JSON forbids; end() is its position
  };

  // Starts at a value that begins at byte 0 of the text.
  void Start();

  // `text` is everything known of the value. Continues where the previous call stopped.
  State Scan(std::string_view text);

  // Starts, and returns whether `text` is a single value with matching brackets and quotes.
  bool IsOneValue(std::string_view text);

  // The first `bytes` bytes are no longer part of the text that the next Scan gets.
  void DropFront(size_t bytes) { position_ -= bytes; }

  size_t end() const { return position_; }
  // After kUnfinished: no bracket or quote is open, as in a bare word at the end of a file.
  bool is_balanced() const { return open_.empty() && !in_string_; }

 private:
  std::string open_;  // the open brackets, '{' and '['
  size_t position_ = 0;
  bool in_string_ = false;
  bool mismatch_ = false;
};

}  // namespace picket
