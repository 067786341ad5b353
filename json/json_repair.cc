#include "json/json_repair.h"

#include <cstdint>

#include "json/json_tokens.h"

namespace picket {
namespace {

// Returns the length of the UTF-8 character at `at`, or 0 if the bytes there are not valid UTF-8.
size_t Utf8Length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : 0;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;  // the code point of a surrogate
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

}  // namespace

void RepairJsonStrings(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.clear();
  bool in_string = false;
  for (size_t at = 0; at < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const size_t length = Utf8Length(text, at);
      if (length == 0) {
        out.append("\xef\xbf\xbd");
        ++at;
      } else {
        out.append(text, at, length);
        at += length;
      }
      continue;
    }
    if (!in_string) {
      in_string = c == '"';
      out.push_back(static_cast<char>(c));
      ++at;
      continue;
    }
    if (c == '"') {
      in_string = false;
    } else if (c < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
      ++at;
      continue;
    } else if (c == '\\' && at + 1 < text.size()) {
      if (text[at + 1] == 'u') {
        const int code = JsonHex4(text, at + 2);
        if (code >= 0xd800 && code < 0xe000) {
          const bool is_pair = code < 0xdc00 && text.substr(at + 6, 2) == "\\u" &&
                               JsonHex4(text, at + 8) >= 0xdc00 && JsonHex4(text, at + 8) < 0xe000;
          if (is_pair) {
            out.append(text, at, 12);
            at += 12;
          } else {
            out.append("\\ufffd");
            at += 6;
          }
          continue;
        }
      }
      out.push_back('\\');
      // If the escaped byte is a control character or not ASCII, the next iteration handles it.
      if (static_cast<unsigned char>(text[at + 1]) < 0x20 ||
          static_cast<unsigned char>(text[at + 1]) >= 0x80) {
        ++at;
        continue;
      }
      out.push_back(text[at + 1]);
      at += 2;
      continue;
    }
    out.push_back(static_cast<char>(c));
    ++at;
  }
}

}  // namespace picket
