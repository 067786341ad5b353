#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace picket::parser {

// An output buffer that keeps its memory. The pieces of an event are short, so appends are made of a bounds check and
// moves whose number the compiler knows or one branch tells, not of calls.
// Threads: one.
class Bytes {
 public:
  void Clear() { at_ = begin_.get(); }
  size_t size() const { return at_ - begin_.get(); }
  bool empty() const { return at_ == begin_.get(); }
  std::string_view view() const { return {begin_.get(), size()}; }
  char* data() { return begin_.get(); }
  const char* data() const { return begin_.get(); }
  // Takes back what was put behind the first `size` bytes.
  void Cut(size_t size) { at_ = begin_.get() + size; }

  // A literal, whose length is known: a few wide stores.
  template <size_t N>
  void Put(const char (&literal)[N]) {
    Ensure(N - 1);
    std::memcpy(at_, literal, N - 1);
    at_ += N - 1;
  }
  void Put(std::string_view text) {
    Ensure(text.size());
    at_ = Copy(at_, text);
  }
  void Put(char c) {
    Ensure(1);
    *at_++ = c;
  }
  void PutInteger(int64_t value) {
    Ensure(24);
    at_ = std::to_chars(at_, at_ + 24, value).ptr;
  }
  // A number of just so many digits.
  template <size_t N>
  void PutDigits(uint32_t value) {
    Ensure(N);
    for (size_t i = N; i-- > 0; value /= 10) at_[i] = static_cast<char>('0' + value % 10);
    at_ += N;
  }
  // 0 to 99
  void PutSmall(uint32_t value) {
    if (value < 10) return PutDigits<1>(value);
    PutDigits<2>(value);
  }

  // `key` and a JSON text whose inside is `escaped`: "name":"value". `key` is the JSON up to and with the colon.
  template <size_t N>
  void PutText(const char (&key)[N], std::string_view escaped) {
    Ensure(N + 1 + escaped.size());
    char* at = at_;
    std::memcpy(at, key, N - 1);
    at[N - 1] = '"';
    at = Copy(at + N, escaped);
    *at = '"';
    at_ = at + 1;
  }
  void PutText(std::string_view key, std::string_view escaped) {
    Put(key);
    PutText("", escaped);
  }
  // The same when there is something to say.
  template <size_t N>
  void PutIfText(const char (&key)[N], std::string_view escaped) {
    if (!escaped.empty()) PutText(key, escaped);
  }
  // Escapes as JSON asks, without quotes. `text` is valid UTF-8.
  void PutEscaped(std::string_view text);

 private:
  // Up to 64 bytes by overlapping moves, without a call.
  static char* Copy(char* to, std::string_view text) {
    const char* const from = text.data();
    const size_t size = text.size();
    if (size >= 16) {
      if (size > 64) [[unlikely]] {
        std::memcpy(to, from, size);
        return to + size;
      }
      std::memcpy(to, from, 16);
      if (size > 32) {
        std::memcpy(to + 16, from + 16, 16);
        char tail[32];
        std::memcpy(tail, from + size - 32, 32);
        std::memcpy(to + size - 32, tail, 32);
        return to + size;
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
  void Ensure(size_t more) {
    if (more > static_cast<size_t>(end_ - at_)) [[unlikely]]
      Grow(more);
  }
  [[gnu::noinline]] void Grow(size_t more);

  std::unique_ptr<char[]> begin_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace picket::parser
