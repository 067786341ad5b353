#include "fetcher/content/json_array_scanner.h"

#include "json/json_tokens.h"

namespace picket::fetcher {
namespace {

bool IsScalarByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' ||
         c == 'E';
}

}  // namespace

void JsonArrayScanner::Scan(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size() && state_ != State::kInvalid; ++at) {
    if (!in_string_) {
      state_ = Step(bytes[at]);
      continue;
    }
    if (is_escaped_) {
      is_escaped_ = false;
      continue;
    }
    while (at < bytes.size() && bytes[at] != '"' && bytes[at] != '\\') ++at;
    if (at == bytes.size()) break;
    if (bytes[at] == '\\') {
      is_escaped_ = true;
      continue;
    }
    in_string_ = false;
    if (depth_ == 0) state_ = State::kAfterElement;
  }
}

JsonArrayScanner::State JsonArrayScanner::Step(char c) {
  switch (state_) {
    case State::kBeforeArray:
      if (IsJsonBlank(c)) return state_;
      return c == '[' ? State::kFirstElement : State::kInvalid;
    case State::kFirstElement:
      if (IsJsonBlank(c)) return state_;
      return c == ']' ? State::kAfterArray : BeginElement(c);
    case State::kElement:
      return IsJsonBlank(c) ? state_ : BeginElement(c);
    case State::kScalar:
      if (IsScalarByte(c)) return state_;
      [[fallthrough]];
    case State::kAfterElement:
      if (IsJsonBlank(c)) return State::kAfterElement;
      if (c == ',') return State::kElement;
      return c == ']' ? State::kAfterArray : State::kInvalid;
    case State::kContainer:
      if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        Open(c);
      } else if (c == '}' || c == ']') {
        Close(c);
      }
      return state_;
    case State::kAfterArray:
      return IsJsonBlank(c) ? state_ : State::kInvalid;
    case State::kInvalid:
      break;
  }
  return State::kInvalid;
}

JsonArrayScanner::State JsonArrayScanner::BeginElement(char c) {
  if (c == '"') {
    in_string_ = true;
    return State::kAfterElement;
  }
  if (c == '{' || c == '[') {
    state_ = State::kContainer;
    Open(c);
    return state_;
  }
  return IsScalarByte(c) ? State::kScalar : State::kInvalid;
}

void JsonArrayScanner::Open(char bracket) {
  if (depth_ == kDeepest) {
    state_ = State::kInvalid;
    return;
  }
  const uint64_t bit = uint64_t{1} << depth_ % 64;
  uint64_t& word = is_array_[depth_ / 64];
  word = bracket == '[' ? word | bit : word & ~bit;
  ++depth_;
}

void JsonArrayScanner::Close(char bracket) {
  --depth_;
  const bool is_array = (is_array_[depth_ / 64] >> depth_ % 64 & 1) != 0;
  if (is_array != (bracket == ']')) {
    state_ = State::kInvalid;
  } else if (depth_ == 0) {
    state_ = State::kAfterElement;
  }
}

}  // namespace picket::fetcher
