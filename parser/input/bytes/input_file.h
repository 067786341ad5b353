#pragma once

#include <memory>
#include <string>

#include "parser/input/bytes/byte_source.h"

namespace picket::parser {

// A file on disk, or standard input.
class InputFile final : public ByteSource {
 public:
  // Opens a file. The path "-" means standard input. If `follow_links` is false, opens only regular
  // files and no symbolic links. Returns NotFound if the file cannot be opened, and InvalidArgument
  // for a folder or, if `follow_links` is false, for anything else that is not a regular file.
  static absl::StatusOr<std::unique_ptr<InputFile>> Open(const std::string& path,
                                                         bool follow_links = true);
  // Creates an unlinked temporary file in TMPDIR with the remaining bytes of `source`, so that they
  // can be read in any order. Returns FailedPrecondition if the file cannot be written, the
  // error of `source` if that cannot be read, and ResourceExhausted above `most_bytes`.
  static absl::StatusOr<std::unique_ptr<InputFile>> Copy(ByteSource& source, uint64_t most_bytes);
  ~InputFile() override;

  absl::StatusOr<size_t> Read(char* data, size_t size) override;
  bool can_seek() const override { return can_seek_; }
  absl::StatusOr<uint64_t> Seek(int64_t offset, int whence) override;
  uint64_t bytes_read() const override { return bytes_read_; }
  uint64_t size() const override { return size_; }

 private:
  InputFile(std::string name, int fd, bool can_seek, uint64_t bytes_read, uint64_t size);

  const int fd_;
  const bool can_seek_;
  uint64_t bytes_read_;
  const uint64_t size_;
};

// Creates an unlinked temporary file in TMPDIR, or in /tmp. Returns its descriptor.
absl::StatusOr<int> CreateTemporaryFile();

}  // namespace picket::parser
