#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace picket::fetcher {

// Checks, while bytes arrive, whether they form one complete JSON array and nothing else. Only such
// a body is content. An error page, an error object or a truncated array is not.
//
// The array must be closed. Commas must separate its elements, strings must be closed, and each
// bracket must be closed by a bracket of its own kind. Only JSON whitespace may surround the array.
// The scanner does not check the numbers, literals and strings, or the commas and colons within an
// element, because one damaged record must not hold back the other records. The parser reports such
// a record.
// Threads: an instance is used by one thread at a time. Memory: fixed. Complexity: linear.
class JsonArrayScanner {
 public:
  // Arrays and objects that are nested more deeply are rejected.
  static constexpr size_t kDeepest = 1024;

  // Scans the next bytes.
  void Scan(std::string_view bytes);
  // Returns true if all bytes so far are one complete array.
  bool is_complete() const { return state_ == State::kAfterArray; }

 private:
  enum class State : uint8_t {
    kBeforeArray,
    kFirstElement,  // after '[': an element or ']' must follow
    kElement,       // after ',': an element must follow
    kScalar,        // in a number or a literal that is an element
    kContainer,     // in an element that is an object or an array, or in a string of it
    kAfterElement,  // a comma or ']' must follow
    kAfterArray,
    kInvalid,
  };

  State Step(char c);
  State BeginElement(char c);
  // Handles an opening or closing bracket within the array.
  void Open(char bracket);
  void Close(char bracket);

  State state_ = State::kBeforeArray;
  bool in_string_ = false;
  bool is_escaped_ = false;
  size_t depth_ = 0;  // open brackets within the array
  // For each open bracket, whether it is '['.
  std::array<uint64_t, kDeepest / 64> is_array_{};
};

}  // namespace picket::fetcher
