#include "parser/input/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/check.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

constexpr size_t kRawBytes = 256 << 10;

}  // namespace

struct ByteSource::Gzip {
  // 15 is the largest window of zlib. Adding 16 makes zlib accept only the gzip format.
  Gzip() { PICKET_CHECK(inflateInit2(&stream, 15 + 16) == Z_OK); }
  ~Gzip() { inflateEnd(&stream); }
  z_stream stream = {};
  bool between_members = false;
};

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(const std::string& path) {
  if (path == "-") return std::unique_ptr<ByteSource>(new ByteSource("standard input", 0, 0));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about;
  if (fd < 0 || ::fstat(fd, &about) != 0) {
    const int error_number = errno;
    if (fd >= 0) ::close(fd);
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", ErrnoText(error_number)));
  }
  if (S_ISDIR(about.st_mode)) {
    ::close(fd);
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": it is a folder; name its files"));
  }
  const uint64_t size = S_ISREG(about.st_mode) ? about.st_size : 0;
  return std::unique_ptr<ByteSource>(new ByteSource(path, fd, size));
}

ByteSource::ByteSource(std::string name, int fd, uint64_t size)
    : name_(std::move(name)), fd_(fd), size_(size), raw_(new char[kRawBytes]) {}

ByteSource::~ByteSource() {
  if (fd_ != 0) ::close(fd_);
}

absl::Status ByteSource::FillRaw() {
  if (raw_begin_ == raw_end_) raw_begin_ = raw_end_ = 0;
  while (true) {
    const ssize_t n = ::read(fd_, raw_.get() + raw_end_, kRawBytes - raw_end_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return absl::DataLossError(
          absl::StrCat("cannot read ", name_, " after byte ", bytes_read_, ": ", ErrnoText(errno)));
    }
    raw_at_end_ = n == 0;
    raw_end_ += n;
    bytes_read_ += n;
    return absl::OkStatus();
  }
}

absl::StatusOr<size_t> ByteSource::Read(char* data, size_t size) {
  if (!started_) {
    while (raw_end_ < 2 && !raw_at_end_) RETURN_IF_ERROR(FillRaw());
    started_ = true;
    if (raw_end_ >= 2 && raw_[0] == '\x1f' && raw_[1] == '\x8b') gzip_ = std::make_unique<Gzip>();
  }
  if (gzip_ != nullptr) return Inflate(data, size);
  if (raw_begin_ == raw_end_ && !raw_at_end_) RETURN_IF_ERROR(FillRaw());
  const size_t n = std::min(size, raw_end_ - raw_begin_);
  std::memcpy(data, raw_.get() + raw_begin_, n);
  raw_begin_ += n;
  return n;
}

absl::StatusOr<size_t> ByteSource::Inflate(char* data, size_t size) {
  z_stream& stream = gzip_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(data);
  stream.avail_out = size;
  while (stream.avail_out == size) {
    if (raw_begin_ == raw_end_ && !raw_at_end_) RETURN_IF_ERROR(FillRaw());
    const bool at_end = raw_begin_ == raw_end_;
    if (gzip_->between_members) {
      // On a tape or block device, the last member of a gzip file is followed by zeros.
      while (raw_begin_ < raw_end_ && raw_[raw_begin_] == 0) ++raw_begin_;
      if (at_end) return 0;
      if (raw_begin_ == raw_end_) continue;
      inflateReset(&stream);
      gzip_->between_members = false;
    }
    if (at_end) {
      return absl::DataLossError(
          absl::StrCat(name_, " is cut off: the gzip stream has no end; copy the file again"));
    }
    stream.next_in = reinterpret_cast<Bytef*>(raw_.get() + raw_begin_);
    stream.avail_in = raw_end_ - raw_begin_;
    const int result = inflate(&stream, Z_NO_FLUSH);
    raw_begin_ = raw_end_ - stream.avail_in;
    if (result == Z_STREAM_END) {
      gzip_->between_members = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      // The stream is damaged. If this call has decompressed bytes before the damage, it returns
      // them. The next call decompresses no bytes and therefore returns the error.
      if (stream.avail_out < size) break;
      return absl::DataLossError(absl::StrCat(
          name_, " is damaged near byte ", bytes_read_ - (raw_end_ - raw_begin_), ": ",
          stream.msg != nullptr ? stream.msg : "not a gzip stream", "; the rest cannot be read"));
    }
  }
  return size - stream.avail_out;
}

}  // namespace picket::parser
