#pragma once

// Disk access of the duplicate window. Calls return an errno, or 0 for success: the caller decides
// what a failure costs, and no failure ends the process.

#include <cstdint>
#include <functional>
#include <utility>

namespace picket::parser {

enum class DiskCall { kOpen, kRead, kWrite, kSync, kRename };

// For tests: called before each disk call. If it returns an errno other than 0, that call fails
// with it.
using DiskFault = std::function<int(DiskCall)>;

// An open file.
// Threads: one. Lifetime: closes the file; `fault` must outlive it.
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
  // Read and Write transfer all `size` bytes or return an error. EIO: the file ends too early.
  int Read(void* to, size_t size, int64_t at) const;
  int Write(const void* from, size_t size, int64_t at);
  int Sync();
  int64_t Size() const;  // -1: unknown

 private:
  int fd_ = -1;
  const DiskFault* fault_ = nullptr;
};

// The errno that the test wants this call to fail with; 0: none.
inline int FaultOf(const DiskFault* fault, DiskCall call) {
  return fault != nullptr && *fault ? (*fault)(call) : 0;
}

}  // namespace picket::parser
