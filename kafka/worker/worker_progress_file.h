#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/worker/workers.h"

namespace picket::kafka {

// A file with one byte per worker. The byte holds the step that the worker has reached. The file is
// written through shared memory, so its contents are correct even after a SIGKILL.
// Threads: Each worker writes its own byte. Lifetime: The destructor unmaps the file but does not
// remove it.
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
