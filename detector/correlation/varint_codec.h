#pragma once

// Encodes and decodes the integers and strings in rows of the topic `state`. A varint is an
// unsigned integer in one to ten bytes, depending on its value. Signed integers are converted to
// unsigned integers by zigzag encoding. Both encodings are those of Protocol Buffers
// (https://protobuf.dev/programming-guides/encoding).

#include <cstdint>
#include <string>
#include <string_view>

namespace picket::detector {

inline void PutVarint(std::string& out, uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

inline void PutSignedVarint(std::string& out, int64_t number) {
  PutVarint(out, (static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63));
}

// Appends the number as eight bytes, with the lowest byte first.
inline void PutFixed64(std::string& out, uint64_t number) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(number >> (8 * i)));
}

// Appends the size as a varint, followed by the bytes.
inline void PutSizedString(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out.append(text);
}

// Reads values that the functions above have encoded.
// Threads: one thread uses an instance. Lifetime: the bytes must outlive the reader. Failure: after
// a read beyond the end, ok() is false and all further reads return 0 or "".
class VarintReader {
 public:
  explicit VarintReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Varint() {
    uint64_t number = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      number |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    return Fail();
  }
  int64_t SignedVarint() {
    const uint64_t number = Varint();
    return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1);
  }
  uint64_t Fixed64() {
    if (rest_.size() < 8) return Fail();
    uint64_t number = 0;
    for (int i = 0; i < 8; ++i) {
      number |= static_cast<uint64_t>(static_cast<uint8_t>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(8);
    return number;
  }
  std::string_view SizedString() {
    const uint64_t size = Varint();
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }

 private:
  uint64_t Fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace picket::detector
