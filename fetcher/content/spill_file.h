#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "fetcher/content/byte_budget.h"

namespace picket::fetcher {

// An unnamed temporary file for bytes that do not fit in memory. The system removes the file when
// this object is destroyed or the process ends.
// Threads: an instance is used by one thread at a time. Failure: the methods return
// ResourceExhausted if the disk budget is used up, and Unavailable if the disk is full.
class SpillFile {
 public:
  static absl::StatusOr<std::unique_ptr<SpillFile>> Create(const std::string& dir,
                                                           std::shared_ptr<ByteBudget> disk);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  absl::Status Append(std::string_view bytes);
  size_t size() const { return size_; }
  // Maps all bytes into memory and returns them. The view is valid until the next Append or until
  // this object is destroyed.
  absl::StatusOr<std::string_view> View();

 private:
  SpillFile(int fd, std::shared_ptr<ByteBudget> disk) : fd_(fd), disk_(std::move(disk)) {}
  absl::Status Flush();
  void Unmap();

  int fd_;
  std::shared_ptr<ByteBudget> disk_;
  size_t reserved_ = 0;  // bytes acquired from the disk budget
  size_t size_ = 0;
  std::string buffer_;  // bytes that are not yet written to the file
  void* map_ = nullptr;
  size_t mapped_ = 0;
};

}  // namespace picket::fetcher
