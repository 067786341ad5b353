#include "parser/input/bytes/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace picket::parser {
namespace {

constexpr size_t kCopyBytes = 256 << 10;

absl::Status WriteAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot write a temporary file: ", ErrnoText(errno)));
    }
    data += n;
    size -= n;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> CreateTemporaryFile() {
  const char* const named = std::getenv("TMPDIR");
  const std::string folder = named != nullptr && *named != '\0' ? named : P_tmpdir;
  std::string path = folder + "/picket-input-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot create a temporary file in ", folder, ": ", ErrnoText(errno)));
  }
  ::unlink(path.c_str());
  return fd;
}

absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path,
                                                           bool follow_links) {
  if (path == "-") {
    return std::unique_ptr<InputFile>(new InputFile("standard input", 0, false, 0, 0));
  }
  // With O_NONBLOCK, opening a named pipe that was found in a folder does not wait for its writer.
  const int flags = O_RDONLY | O_CLOEXEC | (follow_links ? 0 : O_NOFOLLOW | O_NONBLOCK);
  const int fd = ::open(path.c_str(), flags);
  struct stat about;
  if (fd < 0 || ::fstat(fd, &about) != 0) {
    const int error_number = errno;
    if (fd >= 0) ::close(fd);
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", ErrnoText(error_number)));
  }
  const bool is_file = S_ISREG(about.st_mode);
  if (S_ISDIR(about.st_mode) || (!follow_links && !is_file)) {
    ::close(fd);
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": it is not a file"));
  }
  const uint64_t size = is_file ? about.st_size : 0;
  return std::unique_ptr<InputFile>(new InputFile(path, fd, is_file, 0, size));
}

absl::StatusOr<std::unique_ptr<InputFile>> InputFile::Copy(ByteSource& source,
                                                           uint64_t most_bytes) {
  ASSIGN_OR_RETURN(const int fd, CreateTemporaryFile());
  std::vector<char> buffer(kCopyBytes);
  absl::Status status;
  uint64_t copied = 0;
  while (status.ok()) {
    const absl::StatusOr<size_t> n = source.Read(buffer.data(), buffer.size());
    status = n.status();
    if (!n.ok() || *n == 0) break;
    copied += *n;
    status = copied <= most_bytes
                 ? WriteAll(fd, buffer.data(), *n)
                 : absl::ResourceExhaustedError(absl::StrCat(
                       source.name(), " was not read: it is larger than ", most_bytes, " bytes"));
  }
  if (status.ok() && ::lseek(fd, 0, SEEK_SET) != 0) {
    status = absl::FailedPreconditionError(
        absl::StrCat("cannot read a temporary file: ", ErrnoText(errno)));
  }
  if (!status.ok()) {
    ::close(fd);
    return status;
  }
  return std::unique_ptr<InputFile>(
      new InputFile(source.name(), fd, true, source.bytes_read(), source.size()));
}

InputFile::InputFile(std::string name, int fd, bool can_seek, uint64_t bytes_read, uint64_t size)
    : ByteSource(std::move(name)),
      fd_(fd),
      can_seek_(can_seek),
      bytes_read_(bytes_read),
      size_(size) {}

InputFile::~InputFile() {
  if (fd_ != 0) ::close(fd_);
}

absl::StatusOr<size_t> InputFile::Read(char* data, size_t size) {
  while (true) {
    const ssize_t n = ::read(fd_, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return absl::DataLossError(absl::StrCat("cannot read ", name(), " after byte ", bytes_read_,
                                              ": ", ErrnoText(errno)));
    }
    bytes_read_ += n;
    return n;
  }
}

absl::StatusOr<uint64_t> InputFile::Seek(int64_t offset, int whence) {
  const off_t position = ::lseek(fd_, offset, whence);
  if (position < 0) {
    return absl::DataLossError(absl::StrCat("cannot read ", name(), ": ", ErrnoText(errno)));
  }
  return position;
}

}  // namespace picket::parser
