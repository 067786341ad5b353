#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace picket::parser {

// Reads a file or standard input from front to back. Decompresses gzip, which is detected by its
// first two bytes and may consist of several members.
// Threads: an object is used by one thread. Failure: for a damaged or truncated gzip, Read returns
// DataLoss after it has returned all bytes before the damage.
class ByteSource {
 public:
  // Opens a file. The path "-" means standard input.
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(const std::string& path);
  ~ByteSource();

  // Reads up to `size` bytes into `data`. Returns 0 at the end.
  absl::StatusOr<size_t> Read(char* data, size_t size);

  const std::string& name() const { return name_; }    // the name in messages
  uint64_t bytes_read() const { return bytes_read_; }  // bytes before decompression
  uint64_t size() const { return size_; }              // 0 if unknown

 private:
  struct Gzip;
  ByteSource(std::string name, int fd, uint64_t size);

  absl::Status FillRaw();
  absl::StatusOr<size_t> Inflate(char* data, size_t size);

  const std::string name_;
  const int fd_;
  const uint64_t size_;
  uint64_t bytes_read_ = 0;
  std::unique_ptr<char[]> raw_;
  size_t raw_begin_ = 0;
  size_t raw_end_ = 0;
  bool raw_at_end_ = false;
  bool started_ = false;
  std::unique_ptr<Gzip> gzip_;
};

}  // namespace picket::parser
