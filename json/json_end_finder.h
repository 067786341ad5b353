#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace picket {

// Finds the end of a JSON value in text that arrives in pieces. It looks only at quotes, escapes
// and brackets. A value reported as complete may be invalid JSON, but its brackets and quotes
// match.
//
//   finder.Start();
//   while (finder.Scan(text) == JsonEndFinder::State::kUnfinished) … append more bytes to the text
//   text.substr(0, finder.end())
//
// Threads: an object is used by one thread. Complexity: a scan is linear. Memory: the object takes
// one byte per open bracket.
class JsonEndFinder {
 public:
  enum class State {
    kUnfinished,  // the value does not end in the text so far
    kComplete,    // the value has ended
    kMismatch,    // the value has ended, but its brackets do not match
    kBrokenLine,  // a string contains a line end, which JSON forbids; end() is the line end
  };

  // Starts a new value, which begins at byte 0 of the text.
  void Start();

  // Continues where the previous call stopped. `text` is all the text that has arrived so far, from
  // the beginning of the value, and not only the new bytes. After DropFront, `text` begins after
  // the dropped bytes.
  State Scan(std::string_view text);

  // Starts a new value, and returns true if `text` is a single value with matching brackets and
  // quotes.
  bool IsOneValue(std::string_view text);

  // Call this function after removing `bytes` bytes from the front of the text.
  void DropFront(size_t bytes) { position_ -= bytes; }

  // Returns the position at which the last scan stopped.
  size_t end() const { return position_; }
  // Returns true if no bracket or quote is open. If Scan has returned kUnfinished, the text is then
  // a bare word, such as a number, and further bytes may belong to the word. The word is complete
  // if no bytes follow, as at the end of a file.
  bool is_balanced() const { return open_.empty() && !in_string_; }

 private:
  std::string open_;  // the open brackets, '{' and '['
  size_t position_ = 0;
  bool in_string_ = false;
  bool mismatch_ = false;
};

}  // namespace picket
