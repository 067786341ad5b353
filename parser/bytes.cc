#include "parser/bytes.h"

#include <algorithm>

namespace picket::parser {

void Bytes::Grow(size_t more) {
  const size_t capacity = std::max(capacity_ * 2, std::max<size_t>(size_ + more, 4096));
  // Not make_unique, which would fill the memory with zeros.
  std::unique_ptr<char[]> grown(new char[capacity]);
  if (size_ > 0) std::memcpy(grown.get(), data_.get(), size_);
  data_ = std::move(grown);
  capacity_ = capacity;
}

void Bytes::PutEscaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  Ensure(text.size() * 6);
  char* out = data_.get() + size_;
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
  size_ = out - data_.get();
}

}  // namespace picket::parser
