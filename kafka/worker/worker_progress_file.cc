#include "kafka/worker/worker_progress_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace picket::kafka {

absl::StatusOr<std::unique_ptr<WorkerProgressFile>> WorkerProgressFile::Open(
    const std::string& path, int workers) {
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
    return absl::InvalidArgumentError(absl::StrCat("map step file ", path, ": ", ErrnoText(error)));
  }
  return std::unique_ptr<WorkerProgressFile>(
      new WorkerProgressFile(static_cast<uint8_t*>(bytes), workers));
}

WorkerProgressFile::~WorkerProgressFile() { ::munmap(bytes_, size_); }

void WorkerProgressFile::Set(int worker, WorkerStep step) {
  std::atomic_ref<uint8_t>(bytes_[worker])
      .store(static_cast<uint8_t>(step), std::memory_order_relaxed);
}

}  // namespace picket::kafka
