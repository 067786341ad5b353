#include "parser/mapping/byte_buffer.h"

#include <algorithm>

namespace picket::parser {

char* ByteBuffer::Grow(char* at, size_t more) {
  const size_t used = at - begin_.get();
  const size_t capacity =
      std::max<size_t>({2 * static_cast<size_t>(end_ - begin_.get()), used + more + 1, 4096});
  // make_unique is not used, because it would fill the memory with zeros. Appender::Copy may write
  // into the additional bytes.
  std::unique_ptr<char[]> grown(new char[capacity + kShortCopyBytes]);
  if (used > 0) std::memcpy(grown.get(), begin_.get(), used);
  begin_ = std::move(grown);
  end_ = begin_.get() + capacity;
  return begin_.get() + used;
}

char* Appender::CopyExactly(char* to, std::string_view text) {
  const char* const from = text.data();
  const size_t size = text.size();
  if (size > 16) {
    if (size > 128) [[unlikely]] {
      std::memcpy(to, from, size);
      return to + size;
    }
    std::memcpy(to, from, 16);
    if (size > 32) {
      if (size > 64) {
        std::memcpy(to + 32, from + 32, 16);
        std::memcpy(to + 48, from + 48, 16);
        std::memcpy(to + size - 64, from + size - 64, 16);
        std::memcpy(to + size - 48, from + size - 48, 16);
      }
      std::memcpy(to + 16, from + 16, 16);
      std::memcpy(to + size - 32, from + size - 32, 16);
    }
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else if (size > 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
  return to + size;
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
