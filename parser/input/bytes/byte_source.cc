#include "parser/input/bytes/byte_source.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace picket::parser {

absl::StatusOr<uint64_t> ByteSource::Seek(int64_t, int) {
  return absl::InternalError(absl::StrCat(name(), " can only be read from front to back"));
}

std::string_view PeekableSource::Peek(size_t size) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  while (buffer_.size() < size && error_.ok()) {
    const size_t old_size = buffer_.size();
    buffer_.resize(size);
    const absl::StatusOr<size_t> n = inner().Read(buffer_.data() + old_size, size - old_size);
    buffer_.resize(old_size + (n.ok() ? *n : 0));
    if (!n.ok()) error_ = n.status();
    if (!n.ok() || *n == 0) break;
  }
  return buffer_;
}

absl::StatusOr<size_t> PeekableSource::Read(char* data, size_t size) {
  if (begin_ < buffer_.size()) {
    const size_t n = std::min(size, buffer_.size() - begin_);
    std::memcpy(data, buffer_.data() + begin_, n);
    begin_ += n;
    return n;
  }
  if (!error_.ok()) return error_;
  return inner().Read(data, size);
}

absl::StatusOr<uint64_t> PeekableSource::Seek(int64_t offset, int whence) {
  if (whence == SEEK_CUR) offset -= static_cast<int64_t>(buffer_.size() - begin_);
  buffer_.clear();
  begin_ = 0;
  error_ = absl::OkStatus();
  return inner().Seek(offset, whence);
}

}  // namespace picket::parser
