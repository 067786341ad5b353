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

void Bytes::PutEscaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  const size_t most = text.size() * 6;
  if (most > static_cast<size_t>(end_ - at_)) at_ = Grow(at_, most);
  char* out = at_;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') [[likely]] {
      *out++ = c;
      continue;
    }
    *out++ = '\\';
    switch (c) {
      case '"':
      case '\\':
        *out++ = c;
        break;
      case '\n':
        *out++ = 'n';
        break;
      case '\r':
        *out++ = 'r';
        break;
      case '\t':
        *out++ = 't';
        break;
      default:
        std::memcpy(out, "u00", 3);
        out[3] = kHex[byte >> 4];
        out[4] = kHex[byte & 15];
        out += 5;
    }
  }
  at_ = out;
}

}  // namespace picket::parser
