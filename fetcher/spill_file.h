#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "fetcher/byte_budget.h"

namespace picket::fetcher {

// A temporary file without a name, for bytes that do not fit in memory; gone when this object or the process is.
// Threads: one at a time. Failure: ResourceExhausted when the disk budget is used up, Unavailable when the disk is full.
class SpillFile {
 public:
  static absl::StatusOr<std::unique_ptr<SpillFile>> Create(const std::string& dir,
                                                           std::shared_ptr<ByteBudget> disk);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  absl::Status Append(std::string_view bytes);
  size_t size() const { return size_; }
  // All bytes, mapped; valid until the next Append or the end of this object.
  absl::StatusOr<std::string_view> View();

 private:
  SpillFile(int fd, std::shared_ptr<ByteBudget> disk) : fd_(fd), disk_(std::move(disk)) {}
  absl::Status Flush();
  void Unmap();

  int fd_;
  std::shared_ptr<ByteBudget> disk_;
  size_t taken_ = 0;  // of the budget
  size_t size_ = 0;
  std::string buffer_;  // not written yet
  void* map_ = nullptr;
  size_t mapped_ = 0;
};

}  // namespace picket::fetcher
