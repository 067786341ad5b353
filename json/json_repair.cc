#include "json/json_repair.h"

#include <cstdint>

#include "common/strings.h"
#include "json/json_tokens.h"

namespace picket {
void RepairJsonStrings(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.clear();
  bool in_string = false;
  for (size_t at = 0; at < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const size_t length = Utf8Length(text.substr(at));
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
