#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace picket::parser {

// An output buffer that keeps its memory: appends are a bounds check and a copy.
// Threads: one.
class Bytes {
 public:
  void Clear() { size_ = 0; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {data_.get(), size_}; }
  // Takes back what was put behind the first `size` bytes.
  void Cut(size_t size) { size_ = size; }
  char* data() { return data_.get(); }

  void Put(std::string_view text) {
    Ensure(text.size());
    std::memcpy(data_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void Put(char c) {
    Ensure(1);
    data_[size_++] = c;
  }
  void PutInteger(int64_t value) {
    Ensure(24);
    size_ = std::to_chars(data_.get() + size_, data_.get() + size_ + 24, value).ptr - data_.get();
  }
  // `key` and a JSON text whose inside is `escaped`: "name":"value". `key` is the JSON up to and with the colon.
  void PutText(std::string_view key, std::string_view escaped) {
    Put(key);
    Put('"');
    Put(escaped);
    Put('"');
  }
  // The same when there is something to say.
  void PutIfText(std::string_view key, std::string_view escaped) {
    if (!escaped.empty()) PutText(key, escaped);
  }
  // Escapes as JSON asks, without quotes. `text` is valid UTF-8.
  void PutEscaped(std::string_view text);

 private:
  void Ensure(size_t more) {
    if (size_ + more > capacity_) [[unlikely]]
      Grow(more);
  }
  void Grow(size_t more);

  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace picket::parser
