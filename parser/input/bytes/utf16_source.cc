#include "parser/input/bytes/utf16_source.h"

#include <algorithm>
#include <cstring>

#include "common/status_macros.h"

namespace picket::parser {
namespace {

constexpr size_t kUtf16Bytes = 64 << 10;
constexpr uint32_t kReplacement = 0xfffd;

uint32_t UnitAt(std::string_view raw, size_t at, Utf16Order order) {
  const auto first = static_cast<uint8_t>(raw[at]);
  const auto second = static_cast<uint8_t>(raw[at + 1]);
  return order == Utf16Order::kLittleEndian ? first | second << 8 : second | first << 8;
}

void AppendUtf8(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

std::optional<Utf16Order> DetectUtf16(std::string_view start) {
  if (start.size() < 2) return std::nullopt;
  // FF FE 00 00 is UTF-32.
  if (start.substr(0, 2) == "\xff\xfe" && start.substr(2, 2) != std::string_view("\0\0", 2)) {
    return Utf16Order::kLittleEndian;
  }
  if (start.substr(0, 2) == "\xfe\xff") return Utf16Order::kBigEndian;
  // Without a mark, the first characters must be ASCII, and no unit may be zero.
  const size_t size = std::min<size_t>(start.size() & ~size_t{1}, 8);
  if (size < 4) return std::nullopt;
  bool little = true;
  bool big = true;
  for (size_t i = 0; i < size; i += 2) {
    little &= start[i] != 0 && start[i + 1] == 0;
    big &= start[i] == 0 && start[i + 1] != 0;
  }
  if (little) return Utf16Order::kLittleEndian;
  if (big) return Utf16Order::kBigEndian;
  return std::nullopt;
}

absl::StatusOr<size_t> Utf16Source::Read(char* data, size_t size) {
  while (text_begin_ == text_.size()) {
    text_.clear();
    text_begin_ = 0;
    if (at_end_) return 0;
    const size_t old_size = raw_.size();
    raw_.resize(old_size + kUtf16Bytes);
    const absl::StatusOr<size_t> n = inner().Read(raw_.data() + old_size, kUtf16Bytes);
    raw_.resize(old_size + (n.ok() ? *n : 0));
    RETURN_IF_ERROR(n.status());
    at_end_ = *n == 0;
    Convert(at_end_);
  }
  const size_t n = std::min(size, text_.size() - text_begin_);
  std::memcpy(data, text_.data() + text_begin_, n);
  text_begin_ += n;
  return n;
}

void Utf16Source::Convert(bool is_all) {
  size_t at = 0;
  for (; at + 1 < raw_.size(); at += 2) {
    const uint32_t unit = UnitAt(raw_, at, order_);
    if (!IsHighSurrogate(unit)) {
      AppendUtf8(IsLowSurrogate(unit) ? kReplacement : unit, text_);
      continue;
    }
    if (at + 3 >= raw_.size()) {
      if (!is_all) break;
      AppendUtf8(kReplacement, text_);
      continue;
    }
    const uint32_t next = UnitAt(raw_, at + 2, order_);
    if (IsLowSurrogate(next)) {
      AppendUtf8(0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00), text_);
      at += 2;
    } else {
      AppendUtf8(kReplacement, text_);
    }
  }
  raw_.erase(0, at);
  if (is_all && !raw_.empty()) {
    AppendUtf8(kReplacement, text_);
    raw_.clear();
  }
}

}  // namespace picket::parser
