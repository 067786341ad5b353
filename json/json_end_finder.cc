#include "json/json_end_finder.h"

#include <array>

namespace picket {
namespace {

constexpr std::array<bool, 256> TableOf(std::string_view bytes) {
  std::array<bool, 256> table = {};
  for (const char c : bytes) table[static_cast<unsigned char>(c)] = true;
  return table;
}
// The bytes at which the scan stops: outside of all brackets, inside brackets, and inside strings.
constexpr std::array<bool, 256> kOutside = TableOf("\"{}[],\n \t\r");
constexpr std::array<bool, 256> kInBrackets = TableOf("\"{}[]");
constexpr std::array<bool, 256> kInString = TableOf("\"\\\n");

}  // namespace

void JsonEndFinder::Start() {
  open_.clear();
  position_ = 0;
  in_string_ = false;
  mismatch_ = false;
}

JsonEndFinder::State JsonEndFinder::Scan(std::string_view text) {
  const auto ended = [this] { return mismatch_ ? State::kMismatch : State::kComplete; };
  while (position_ < text.size()) {
    if (in_string_) {
      while (position_ < text.size() && !kInString[static_cast<unsigned char>(text[position_])]) {
        ++position_;
      }
      if (position_ == text.size()) break;
      if (text[position_] == '\n') return State::kBrokenLine;
      if (text[position_] == '\\') {
        if (position_ + 1 == text.size()) break;  // the escaped byte has not arrived yet
        position_ += text[position_ + 1] == '\n' ? 1 : 2;
        continue;
      }
      ++position_;
      in_string_ = false;
      if (open_.empty()) return ended();
      continue;
    }
    const std::array<bool, 256>& stops = open_.empty() ? kOutside : kInBrackets;
    while (position_ < text.size() && !stops[static_cast<unsigned char>(text[position_])]) {
      ++position_;
    }
    if (position_ == text.size()) break;
    switch (text[position_]) {
      case '"':
        // A quote directly after a bare word begins the next value, so the bare word ends here.
        if (open_.empty() && position_ > 0) return ended();
        in_string_ = true;
        ++position_;
        break;
      case '{':
      case '[':
        if (open_.empty() && position_ > 0) return ended();
        open_.push_back(text[position_++]);
        break;
      case '}':
      case ']': {
        const char opening = text[position_] == '}' ? '{' : '[';
        if (!open_.empty() && open_.back() != opening) mismatch_ = true;
        // Closes the nearest open bracket of the same kind, and all brackets opened after it. If no
        // such bracket is open, the closing bracket belongs to the text around the value.
        const size_t nearest = open_.rfind(opening);
        if (nearest == std::string::npos) return ended();
        open_.resize(nearest);
        ++position_;
        if (open_.empty()) return ended();
        break;
      }
      default:  // a comma or whitespace after a bare word
        return ended();
    }
  }
  return State::kUnfinished;
}

bool JsonEndFinder::IsOneValue(std::string_view text) {
  Start();
  const State state = Scan(text);
  if (state == State::kUnfinished) return is_balanced();
  return state == State::kComplete && position_ == text.size();
}

}  // namespace picket
