#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace picket::parser {

// The number of bytes that a short copy (Appender::Copy) moves, whatever the size of its source.
inline constexpr size_t kShortCopyBytes = 48;

// True if a short copy may read bytes past the end of its source. The copies of these bytes are
// overwritten later. The constant is false in builds with a sanitizer, which would report the read.
// It is also false in all builds with clang, because clang is used for the sanitizer builds.
#if defined(__SSE2__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
inline constexpr bool kMayReadPastEnd = true;
#else
inline constexpr bool kMayReadPastEnd = false;
#endif

// Writes a number below 100 as two digits, with a leading zero if necessary. PutFourDigits does the
// same for a number below 10,000.
inline void PutTwoDigits(char* at, uint32_t value) {
  static constexpr std::array<char, 200> kDigits = [] {
    std::array<char, 200> digits{};
    for (size_t i = 0; i < digits.size(); ++i) {
      digits[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
    }
    return digits;
  }();
  std::memcpy(at, &kDigits[2 * static_cast<size_t>(value)], 2);
}
inline void PutFourDigits(char* at, uint32_t value) {
  PutTwoDigits(at, value / 100);
  PutTwoDigits(at + 2, value % 100);
}

// An output buffer that keeps its memory when it is cleared. Use an Appender to append many pieces.
// Threads: Only one thread may use an instance.
class ByteBuffer {
 public:
  void Clear() { at_ = begin_.get(); }
  size_t size() const { return at_ - begin_.get(); }
  bool empty() const { return at_ == begin_.get(); }
  std::string_view view() const { return {begin_.get(), size()}; }
  char* data() { return begin_.get(); }
  const char* data() const { return begin_.get(); }
  // Discards everything after the first `size` bytes.
  void Cut(size_t size) { at_ = begin_.get() + size; }

  inline void Put(char c);
  template <size_t N>
  void Put(const char (&literal)[N]);
  inline void Put(std::string_view text);
  inline void PutInteger(int64_t value);
  template <typename Key>
  void PutText(const Key& key, std::string_view escaped);
  inline void PutEscaped(std::string_view text);

 private:
  friend class Appender;
  // Makes room for `more` bytes after `at`, the end of the content. Returns the end of the content
  // in the new memory.
  [[gnu::noinline]] char* Grow(char* at, size_t more);

  std::unique_ptr<char[]> begin_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

// Appends to a ByteBuffer. Appends are small and frequent, so each append has only one bounds check
// and one copy. The Appender has the write position, so that the compiler can keep it in a
// register. If the position stayed in the buffer, every append would load and store it, because the
// written bytes could alias it.
// Lifetime: Nothing else may use the buffer while the Appender exists. The destructor stores the
// write position in the buffer.
class Appender {
 public:
  explicit Appender(ByteBuffer& out) : out_(out), at_(out.at_) {}
  ~Appender() { out_.at_ = at_; }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  size_t size() const { return at_ - out_.begin_.get(); }
  char* data() { return out_.begin_.get(); }
  void Cut(size_t size) { at_ = out_.begin_.get() + size; }

  // The length of a literal is known, so the copy compiles to a few wide stores.
  template <size_t N>
  [[gnu::always_inline]] void Put(const char (&literal)[N]) {
    Ensure(N - 1);
    std::memcpy(at_, literal, N - 1);
    at_ += N - 1;
  }
  [[gnu::always_inline]] void Put(std::string_view text) {
    Ensure(text.size());
    at_ = Copy(at_, text);
  }
  [[gnu::always_inline]] void Put(char c) {
    Ensure(1);
    *at_++ = c;
  }
  [[gnu::always_inline]] void PutInteger(int64_t value) {
    Ensure(24);
    at_ = std::to_chars(at_, at_ + 24, value).ptr;
  }
  // Appends a number from 0 to 99.
  [[gnu::always_inline]] void PutSmall(uint32_t value) {
    Ensure(2);
    if (value >= 10) *at_++ = static_cast<char>('0' + value / 10);
    *at_++ = static_cast<char>('0' + value % 10);
  }
  // Appends milliseconds since 1970. Times from 2001 to 2286 have thirteen digits and take the fast
  // path.
  [[gnu::always_inline]] void PutTime(int64_t time_ms) {
    if (time_ms < 1'000'000'000'000 || time_ms >= 10'000'000'000'000) [[unlikely]]
      return PutInteger(time_ms);
    char* const at = Extend(13);
    const uint32_t high = static_cast<uint32_t>(time_ms / 100'000'000);
    const uint32_t low = static_cast<uint32_t>(time_ms % 100'000'000);
    at[0] = static_cast<char>('0' + high / 10'000);
    PutFourDigits(at + 1, high % 10'000);
    PutFourDigits(at + 5, low / 10'000);
    PutFourDigits(at + 9, low % 10'000);
  }
  // Appends sixteen hexadecimal digits, the most significant digit first.
  [[gnu::always_inline]] void PutHex(uint64_t value) {
    char* const at = Extend(16);
    for (size_t half = 0; half < 2; ++half) {
      uint64_t nibbles = half == 0 ? value >> 32 : value & 0xffffffff;
      nibbles = (nibbles | nibbles << 16) & 0x0000ffff0000ffff;
      nibbles = (nibbles | nibbles << 8) & 0x00ff00ff00ff00ff;
      nibbles = (nibbles | nibbles << 4) & 0x0f0f0f0f0f0f0f0f;
      const uint64_t letters = (nibbles + 0x0606060606060606) >> 4 & 0x0101010101010101;
      const uint64_t digits =
          __builtin_bswap64(nibbles + 0x3030303030303030 + letters * ('a' - '0' - 10));
      std::memcpy(at + 8 * half, &digits, 8);
    }
  }
  // Appends `size` bytes for the caller to fill, and returns a pointer to the first of these bytes.
  [[gnu::always_inline]] char* Extend(size_t size) {
    Ensure(size);
    char* const at = at_;
    at_ += size;
    return at;
  }

  // Appends `key` and a JSON string: "name":"value". `key` is the JSON up to and including the
  // colon, and `escaped` is the inside of the string.
  template <size_t N>
  [[gnu::always_inline]] void PutText(const char (&key)[N], std::string_view escaped) {
    Ensure(N + 1 + escaped.size());
    char* at = at_;
    std::memcpy(at, key, N - 1);
    at[N - 1] = '"';
    at = Copy(at + N, escaped);
    *at = '"';
    at_ = at + 1;
  }
  [[gnu::always_inline]] void PutText(std::string_view key, std::string_view escaped) {
    Put(key);
    PutText("", escaped);
  }
  // Does the same as PutText, but appends nothing if `escaped` is empty.
  template <typename Key>
  [[gnu::always_inline]] void PutIfText(const Key& key, std::string_view escaped) {
    if (!escaped.empty()) PutText(key, escaped);
  }
  // Escapes `text`, and appends it as the inside of a JSON string. `text` must be valid UTF-8.
  [[gnu::always_inline]] void PutEscaped(std::string_view text) {
    Ensure(text.size() * 6);
    at_ = Escape(at_, text);
  }

 private:
  static char* Escape(char* to, std::string_view text);
  // Copies `text`. Most texts are short, and branches on their sizes would often be mispredicted.
  // Therefore, kShortCopyBytes are copied for any short text. Every buffer has room for these bytes
  // past its end. Bytes past the text can be read if they are in the same page of memory.
  [[gnu::noinline]] static char* Copy(char* to, std::string_view text) {
    if constexpr (kMayReadPastEnd) {
      const char* const from = text.data();
      const bool is_near_end = (reinterpret_cast<uintptr_t>(from) & 4095) > 4096 - kShortCopyBytes;
      if (text.size() - 1 < kShortCopyBytes && !is_near_end) [[likely]] {
        Move(to, from);
        return to + text.size();
      }
    }
    return CopyExactly(to, text);
  }
  [[gnu::always_inline]] static void Move(char* to, const char* from) {
#ifdef __SSE2__
    for (size_t i = 0; i < kShortCopyBytes; i += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), bytes);
    }
#endif
  }
  // Copies up to 128 bytes by overlapping moves, and longer strings by memcpy.
  [[gnu::noinline]] static char* CopyExactly(char* to, std::string_view text);
  // Ensures that `more` bytes can be appended. The memory of the buffer extends at least
  // kShortCopyBytes beyond these bytes, because a short copy may write that far (see Copy).
  [[gnu::always_inline]] void Ensure(size_t more) {
    if (more >= static_cast<size_t>(out_.end_ - at_)) [[unlikely]]
      at_ = out_.Grow(at_, more);
  }

  ByteBuffer& out_;
  char* at_;
};

void ByteBuffer::Put(char c) { Appender(*this).Put(c); }
template <size_t N>
void ByteBuffer::Put(const char (&literal)[N]) {
  Appender(*this).Put(literal);
}
void ByteBuffer::Put(std::string_view text) { Appender(*this).Put(text); }
void ByteBuffer::PutEscaped(std::string_view text) { Appender(*this).PutEscaped(text); }
void ByteBuffer::PutInteger(int64_t value) { Appender(*this).PutInteger(value); }
template <typename Key>
void ByteBuffer::PutText(const Key& key, std::string_view escaped) {
  Appender(*this).PutText(key, escaped);
}

}  // namespace picket::parser
