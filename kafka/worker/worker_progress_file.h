#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/worker/workers.h"

namespace picket::kafka {

// A file with one byte per worker, the step that the worker has reached. It is written through
// shared memory, so it is still correct after a SIGKILL.
// Threads: each worker writes its own byte. Lifetime: unmapped in the destructor; the file stays.
class WorkerProgressFile {
 public:
  static absl::StatusOr<std::unique_ptr<WorkerProgressFile>> Open(const std::string& path,
                                                                  int workers);
  ~WorkerProgressFile();
  WorkerProgressFile(const WorkerProgressFile&) = delete;
  WorkerProgressFile& operator=(const WorkerProgressFile&) = delete;

  void Set(int worker, WorkerStep step);

 private:
  WorkerProgressFile(uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

  uint8_t* const bytes_;
  const size_t size_;
};

}  // namespace picket::kafka
