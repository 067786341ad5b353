#include "parser/duplicates/disk_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace picket::parser {

DiskFile::~DiskFile() {
  if (fd_ >= 0) close(fd_);
}

int DiskFile::Read(void* to, size_t size, int64_t at) const {
  if (const int fault = FaultOf(fault_, DiskCall::kRead); fault != 0) return fault;
  char* place = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t n = pread(fd_, place, size, at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return EIO;
    place += n;
    size -= static_cast<size_t>(n);
    at += n;
  }
  return 0;
}

int DiskFile::Write(const void* from, size_t size, int64_t at) {
  if (const int fault = FaultOf(fault_, DiskCall::kWrite); fault != 0) return fault;
  const char* place = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t n = pwrite(fd_, place, size, at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    place += n;
    size -= static_cast<size_t>(n);
    at += n;
  }
  return 0;
}

int DiskFile::Sync() {
  if (const int fault = FaultOf(fault_, DiskCall::kSync); fault != 0) return fault;
  return fdatasync(fd_) == 0 ? 0 : errno;
}

int64_t DiskFile::Size() const {
  struct stat about;
  return fstat(fd_, &about) == 0 ? about.st_size : -1;
}

}  // namespace picket::parser
