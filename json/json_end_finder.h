#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace picket {

// Follows one JSON value through text that arrives in pieces and finds where it ends, by quotes, escapes and brackets
// alone. What it calls whole need not be JSON, but its brackets and quotes match.
//
//   follower.Start();
//   while (!follower.Follow(text)) … more text behind the same bytes
//   text.substr(0, follower.end())
//
// Threads: one. Complexity: linear; keeps one byte per open bracket.
class JsonFollower {
 public:
  enum class State {
    kInside,   // the value goes on
    kWhole,    // ended
    kDamaged,  // ended, its brackets do not match
    kBroken,   // a line ends inside a text, which JSON forbids; end() is where
  };

  // The value begins at byte 0 of what Follow gets.
  void Start();

  // `text` is all of the value that is known so far; goes on where the last call stopped.
  State Follow(std::string_view text);

  // The bytes that were followed are gone from the front of the next text.
  void Dropped(size_t bytes) { position_ -= bytes; }

  size_t end() const { return position_; }
  // Inside: no bracket or quote is open, as in a bare word at the end of a file.
  bool nothing_open() const { return open_.empty() && !in_text_; }

 private:
  std::string open_;  // the brackets that are open, '{' and '['
  size_t position_ = 0;
  bool in_text_ = false;
  bool mismatch_ = false;
};

}  // namespace picket
