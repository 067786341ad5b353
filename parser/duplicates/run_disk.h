#pragma once

// The disk as the duplicate window uses it. Calls answer an errno, 0 for done: what a failure costs is decided by the
// caller, and nothing here ends the process.

#include <cstdint>
#include <functional>
#include <utility>

namespace picket::parser {

enum class DiskCall { kOpen, kRead, kWrite, kSync, kRename };

// For tests: asked before each call; other than 0 is what the call fails with.
using DiskFault = std::function<int(DiskCall)>;

// An open file. Threads: one. Lifetime: closes it; `fault` must outlive it.
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
  // The whole piece or an error; EIO where the file ends before.
  int Read(void* to, size_t size, int64_t at) const;
  int Write(const void* from, size_t size, int64_t at);
  int Sync();
  int64_t Size() const;

 private:
  int fd_ = -1;
  const DiskFault* fault_ = nullptr;
};

inline int FaultOf(const DiskFault* fault, DiskCall call) {
  return fault != nullptr && *fault ? (*fault)(call) : 0;
}

}  // namespace picket::parser
