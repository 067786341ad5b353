#pragma once

// Provides disk access for the duplicate window. Functions return an errno, or 0 for success. The
// caller decides how to handle a failure, and no failure ends the process.

#include <cstdint>
#include <functional>
#include <utility>

namespace picket::parser {

enum class DiskCall { kOpen, kRead, kWrite, kSync, kRename };

// A test hook. It is called before each disk call. If the hook returns an errno other than 0, the
// disk call fails with that errno.
using DiskFault = std::function<int(DiskCall)>;

// An open file.
// Threads: an object is used by one thread. Lifetime: the destructor closes the file, and `fault`
// must outlive the object. Failure: functions return an errno.
class DiskFile {
 public:
  DiskFile() = default;
  DiskFile(int fd, const DiskFault* fault) : fd_(fd), fault_(fault) {}
  DiskFile(DiskFile&& other) noexcept { *this = std::move(other); }
  DiskFile& operator=(DiskFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(fault_, other.fault_);
    return *this;
  }
  ~DiskFile();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  // Read and Write transfer all `size` bytes, or return an errno. Read returns EIO if the file ends
  // too early.
  int Read(void* to, size_t size, int64_t at) const;
  int Write(const void* from, size_t size, int64_t at);
  int Sync();
  int64_t Size() const;  // returns -1 if the size is unknown

 private:
  int fd_ = -1;
  const DiskFault* fault_ = nullptr;
};

// Returns the errno with which a test makes this call fail, or 0 if the call should not fail.
inline int FaultOf(const DiskFault* fault, DiskCall call) {
  return fault != nullptr && *fault ? (*fault)(call) : 0;
}

}  // namespace picket::parser
