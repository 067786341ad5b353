#pragma once

#include <cstddef>
#include <memory>

#include "parser/input/bytes/byte_source.h"

namespace picket::parser {

// Decompresses gzip, which may consist of several members.
// Failure: for a damaged or truncated stream, Read returns DataLoss after it has returned all bytes
// before the damage.
class GzipSource final : public ConvertingSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> inner);
  ~GzipSource() override;

  absl::StatusOr<size_t> Read(char* data, size_t size) override;

 private:
  struct Stream;

  const std::unique_ptr<Stream> stream_;
  const std::unique_ptr<char[]> raw_;  // compressed bytes
  size_t raw_begin_ = 0;
  size_t raw_end_ = 0;
  uint64_t raw_offset_ = 0;  // the offset of raw_end_ in the compressed stream
  bool raw_at_end_ = false;
};

}  // namespace picket::parser
