#include "json/json_end_finder.h"

#include <array>

namespace picket {
namespace {

// The bytes that mean something outside and inside of a text.
constexpr std::array<bool, 256> BytesOf(std::string_view bytes) {
  std::array<bool, 256> table = {};
  for (const char c : bytes) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kOutside = BytesOf("\"{}[],\n \t\r");
constexpr std::array<bool, 256> kBetween = BytesOf("\"{}[]");
constexpr std::array<bool, 256> kInText = BytesOf("\"\\\n");

}  // namespace

void JsonFollower::Start() {
  open_.clear();
  position_ = 0;
  in_text_ = false;
  mismatch_ = false;
}

JsonFollower::State JsonFollower::Follow(std::string_view text) {
  const auto done = [this] { return mismatch_ ? State::kDamaged : State::kWhole; };
  while (position_ < text.size()) {
    if (in_text_) {
      while (position_ < text.size() && !kInText[static_cast<unsigned char>(text[position_])]) {
        ++position_;
      }
      if (position_ == text.size()) break;
      if (text[position_] == '\n') return State::kBroken;
      if (text[position_] == '\\') {
        if (position_ + 1 == text.size()) break;  // the escaped byte has not come yet
        position_ += text[position_ + 1] == '\n' ? 1 : 2;
        continue;
      }
      ++position_;
      in_text_ = false;
      if (open_.empty()) return done();
      continue;
    }
    const std::array<bool, 256>& stops = open_.empty() ? kOutside : kBetween;
    while (position_ < text.size() && !stops[static_cast<unsigned char>(text[position_])]) {
      ++position_;
    }
    if (position_ == text.size()) break;
    switch (text[position_]) {
      case '"':
        if (open_.empty() && position_ > 0)
          return done();  // a text begins right behind a bare word
        in_text_ = true;
        ++position_;
        break;
      case '{':
      case '[':
        if (open_.empty() && position_ > 0) return done();
        open_.push_back(text[position_++]);
        break;
      case '}':
      case ']': {
        const char opening = text[position_] == '}' ? '{' : '[';
        if (!open_.empty() && open_.back() != opening) mismatch_ = true;
        // The nearest bracket of the kind is closed, and those inside it with it; where there is none, the bracket
        // belongs to what surrounds the value.
        const size_t nearest = open_.rfind(opening);
        if (nearest == std::string::npos) return done();
        open_.resize(nearest);
        ++position_;
        if (open_.empty()) return done();
        break;
      }
      default:  // a comma or a blank behind a bare word
        return done();
    }
  }
  return State::kInside;
}

}  // namespace picket
