#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "kafka/worker/worker.h"

namespace picket::kafka {

// A file of one byte a worker that says where each one stands, written through shared memory, so that it is still true
// after a SIGKILL.
// Threads: each worker writes its own byte. Lifetime: unmapped in the destructor; the file stays.
class StepFile {
 public:
  static absl::StatusOr<std::unique_ptr<StepFile>> Open(const std::string& path, int workers) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("open step file ", path, ": ", ErrnoText(errno)));
    }
    void* bytes = MAP_FAILED;
    if (::ftruncate(fd, workers) == 0) {
      bytes = ::mmap(nullptr, workers, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    const int error = errno;
    ::close(fd);
    if (bytes == MAP_FAILED) {
      return absl::InvalidArgumentError(
          absl::StrCat("map step file ", path, ": ", ErrnoText(error)));
    }
    return std::unique_ptr<StepFile>(new StepFile(static_cast<uint8_t*>(bytes), workers));
  }
  ~StepFile() { ::munmap(bytes_, size_); }
  StepFile(const StepFile&) = delete;
  StepFile& operator=(const StepFile&) = delete;

  void Set(int worker, WorkerStep step) {
    std::atomic_ref<uint8_t>(bytes_[worker])
        .store(static_cast<uint8_t>(step), std::memory_order_relaxed);
  }

 private:
  StepFile(uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

  uint8_t* const bytes_;
  const size_t size_;
};

}  // namespace picket::kafka
