#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "parser/input/bytes/byte_source.h"

namespace picket::parser {

// A buffer for the part of a file that is being read. Rest() returns the bytes that have been read
// from the file but not consumed yet. Views of these bytes are valid until the next Fill().
// Threads: One thread uses an instance. Lifetime: there is one window per file. Failure: after
// a read error, the window behaves as at the end of the file, and error() returns the error.
class InputWindow {
 public:
  explicit InputWindow(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  std::string_view Rest() const { return std::string_view(buffer_).substr(begin_); }
  bool at_end() const { return at_end_; }      // true once the file has been read to its end
  uint64_t offset() const { return offset_; }  // offset of Rest() in the decompressed file
  uint64_t column() const { return offset_ - line_start_; }
  const absl::Status& error() const { return error_; }
  const ByteSource& source() const { return *source_; }

  // Reads more bytes, unless the file has ended.
  void Fill();

  // Consumes and returns the next `size` bytes.
  std::string_view Consume(size_t size);

  // Returns the offset of `consumed` in the decompressed file. These bytes must have been consumed
  // since the last Fill().
  uint64_t OffsetOf(std::string_view consumed) const {
    return offset_ - (buffer_.data() + begin_ - consumed.data());
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  size_t begin_ = 0;
  bool at_end_ = false;
  uint64_t offset_ = 0;
  uint64_t line_start_ = 0;
  absl::Status error_;
};

}  // namespace picket::parser
