#include "parser/bytes.h"

#include <algorithm>

namespace picket::parser {

char* Bytes::Grow(char* at, size_t more) {
  const size_t used = at - begin_.get();
  const size_t capacity =
      std::max<size_t>({2 * static_cast<size_t>(end_ - begin_.get()), used + more, 4096});
  // Not make_unique, which would fill the memory with zeros.
  std::unique_ptr<char[]> grown(new char[capacity]);
  if (used > 0) std::memcpy(grown.get(), begin_.get(), used);
  begin_ = std::move(grown);
  end_ = begin_.get() + capacity;
  return begin_.get() + used;
}

char* Appender::Escape(char* to, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') [[likely]] {
      *to++ = c;
      continue;
    }
    *to++ = '\\';
    switch (c) {
      case '"':
      case '\\':
        *to++ = c;
        break;
      case '\n':
        *to++ = 'n';
        break;
      case '\r':
        *to++ = 'r';
        break;
      case '\t':
        *to++ = 't';
        break;
      default:
        std::memcpy(to, "u00", 3);  // NOLINT(bugprone-not-null-terminated-result)
        to[3] = kHex[byte >> 4];
        to[4] = kHex[byte & 15];
        to += 5;
    }
  }
  return to;
}

}  // namespace picket::parser
