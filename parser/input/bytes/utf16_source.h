#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "parser/input/bytes/byte_source.h"

namespace picket::parser {

// The byte order of a text in UTF-16.
enum class Utf16Order { kLittleEndian, kBigEndian };

// Recognises UTF-16 by a byte order mark or by zero bytes. Exports begin with ASCII characters, of
// which one byte is zero in UTF-16. Returns nullopt for other encodings.
std::optional<Utf16Order> DetectUtf16(std::string_view start);

// Converts UTF-16 to UTF-8. A lone surrogate, and an odd byte at the end, become U+FFFD. Byte order
// marks are converted like other characters.
class Utf16Source final : public ConvertingSource {
 public:
  Utf16Source(std::unique_ptr<ByteSource> inner, Utf16Order order)
      : ConvertingSource(std::move(inner)), order_(order) {}

  absl::StatusOr<size_t> Read(char* data, size_t size) override;

 private:
  // Converts the units in `raw_`. If more units may follow, a surrogate at the end is kept.
  void Convert(bool is_all);

  const Utf16Order order_;
  std::string raw_;   // bytes that are not converted yet
  std::string text_;  // converted bytes
  size_t text_begin_ = 0;
  bool at_end_ = false;
};

}  // namespace picket::parser
