#include "common/strings.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace picket {
namespace {

constexpr std::string_view kReplacementCharacter = "\ufffd";

}  // namespace

std::string LowerAscii(std::string_view text) { return absl::AsciiStrToLower(ToAbsl(text)); }

size_t EditDistance(std::string_view a, std::string_view b, bool allows_swaps) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (allows_swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string_view TruncateUtf8(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  // If `bytes` is inside a character, go back to the first byte of this character. A character has
  // at most three further bytes. If the first byte is not found within three bytes, the text is not
  // UTF-8 and is cut at `bytes`.
  size_t end = bytes;
  while (end > 0 && bytes - end < 3 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  if ((static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) end = bytes;
  return text.substr(0, end);
}

size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;  // a surrogate, which UTF-8 must not contain
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    valid.append(length == 0 ? kReplacementCharacter : text.substr(0, length));
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return valid;
}

size_t ControlLength(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;
  if (byte(0) != 0xe2) return 0;
  const bool is_separator_or_direction = byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae;
  const bool is_isolate = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  return is_separator_or_direction || is_isolate ? 3 : 0;
}

std::string CleanLine(std::string_view text, size_t bytes) {
  constexpr std::string_view kEllipsis = "\u2026";
  std::string line;
  size_t end_with_ellipsis = 0;  // the size to which `line` is cut to make room for the ellipsis
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const size_t control = ControlLength(text);
    line.append(control > 0 ? " " : length == 0 ? kReplacementCharacter : text.substr(0, length));
    if (line.size() > bytes) {
      line.resize(end_with_ellipsis);
      if (kEllipsis.size() <= bytes) line.append(kEllipsis);
      return line;
    }
    if (line.size() + kEllipsis.size() <= bytes) end_with_ellipsis = line.size();
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return line;
}

std::string_view NearestWord(std::string_view word, const std::vector<std::string_view>& known) {
  std::string_view nearest;
  size_t least = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const size_t distance = EditDistance(word, candidate, false);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string HexEncode(std::string_view bytes) { return absl::BytesToHexString(ToAbsl(bytes)); }

}  // namespace picket
