#include "parser/input/bytes/gzip_source.h"

#include <zlib.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/status_macros.h"

namespace picket::parser {
namespace {

constexpr size_t kRawBytes = 256 << 10;

}  // namespace

struct GzipSource::Stream {
  // 15 is the largest window of zlib. Adding 16 makes zlib accept only the gzip format.
  Stream() { PICKET_CHECK(inflateInit2(&z, 15 + 16) == Z_OK); }
  ~Stream() { inflateEnd(&z); }
  z_stream z = {};
  bool between_members = false;
};

GzipSource::GzipSource(std::unique_ptr<ByteSource> inner)
    : ConvertingSource(std::move(inner)),
      stream_(std::make_unique<Stream>()),
      raw_(new char[kRawBytes]) {}
GzipSource::~GzipSource() = default;

absl::StatusOr<size_t> GzipSource::Read(char* data, size_t size) {
  z_stream& z = stream_->z;
  z.next_out = reinterpret_cast<Bytef*>(data);
  z.avail_out = size;
  while (z.avail_out == size) {
    if (raw_begin_ == raw_end_ && !raw_at_end_) {
      ASSIGN_OR_RETURN(const size_t n, inner().Read(raw_.get(), kRawBytes));
      raw_begin_ = 0;
      raw_end_ = n;
      raw_offset_ += n;
      raw_at_end_ = n == 0;
    }
    const bool at_end = raw_begin_ == raw_end_;
    if (stream_->between_members) {
      // On a tape or block device, the last member of a gzip file is followed by zeros.
      while (raw_begin_ < raw_end_ && raw_[raw_begin_] == 0) ++raw_begin_;
      if (at_end) return 0;
      if (raw_begin_ == raw_end_) continue;
      inflateReset(&z);
      stream_->between_members = false;
    }
    if (at_end) {
      return absl::DataLossError(
          absl::StrCat(name(), " is cut off: the gzip stream has no end; copy the file again"));
    }
    z.next_in = reinterpret_cast<Bytef*>(raw_.get() + raw_begin_);
    z.avail_in = raw_end_ - raw_begin_;
    const int result = inflate(&z, Z_NO_FLUSH);
    raw_begin_ = raw_end_ - z.avail_in;
    if (result == Z_STREAM_END) {
      stream_->between_members = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      // The stream is damaged. If this call has decompressed bytes before the damage, it returns
      // them. The next call decompresses no bytes and therefore returns the error.
      if (z.avail_out < size) break;
      return absl::DataLossError(absl::StrCat(
          name(), " is damaged near byte ", raw_offset_ - (raw_end_ - raw_begin_), ": ",
          z.msg != nullptr ? z.msg : "not a gzip stream", "; the rest cannot be read"));
    }
  }
  return size - z.avail_out;
}

}  // namespace picket::parser
