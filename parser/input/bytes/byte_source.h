#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace picket::parser {

// A sequence of bytes that is read from front to back. It is a file, a member of an archive, or the
// decompressed or converted content of another source. A source that converts another source owns
// it, so that sources form a chain whose last one is a file.
// Threads: One thread uses an instance. Failure: Read returns DataLoss for damaged or missing
// bytes, after it has returned all bytes before the damage. It returns ResourceExhausted if a limit
// of input_limits.h is exceeded.
class ByteSource {
 public:
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Reads up to `size` bytes into `data`. Returns 0 at the end.
  virtual absl::StatusOr<size_t> Read(char* data, size_t size) = 0;

  // Continues at another position, as lseek does. Returns the new position. Only a source with
  // can_seek() supports this.
  virtual bool can_seek() const { return false; }
  virtual absl::StatusOr<uint64_t> Seek(int64_t offset, int whence);

  // bytes_read() and size() refer to the file on disk, at the end of the chain. size() is 0 if it
  // is unknown.
  virtual uint64_t bytes_read() const = 0;
  virtual uint64_t size() const = 0;

  const std::string& name() const { return name_; }  // the name in messages

 private:
  const std::string name_;
};

// A source that converts the bytes of another one.
class ConvertingSource : public ByteSource {
 public:
  explicit ConvertingSource(std::unique_ptr<ByteSource> inner)
      : ByteSource(inner->name()), inner_(std::move(inner)) {}

  uint64_t bytes_read() const override { return inner_->bytes_read(); }
  uint64_t size() const override { return inner_->size(); }

 protected:
  ByteSource& inner() const { return *inner_; }

 private:
  const std::unique_ptr<ByteSource> inner_;
};

// Shows the first bytes of a source without consuming them.
class PeekableSource final : public ConvertingSource {
 public:
  using ConvertingSource::ConvertingSource;

  // Returns at least the next `size` bytes, or fewer if the source ends or fails before. The view
  // is valid until the next call. Read returns a read error.
  std::string_view Peek(size_t size);

  absl::StatusOr<size_t> Read(char* data, size_t size) override;
  bool can_seek() const override { return inner().can_seek(); }
  absl::StatusOr<uint64_t> Seek(int64_t offset, int whence) override;

 private:
  std::string buffer_;  // bytes that have been shown but not consumed
  size_t begin_ = 0;
  absl::Status error_;
};

}  // namespace picket::parser
