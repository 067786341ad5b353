#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "simulator/content/body_source.h"

namespace picket::simulator {

// The publish log has one row (PublishedRow) for each published blob. The rows are in a file, so
// that the simulator needs no memory for what it has published.
// Threads: Any thread may use it. Failure: if the disk is full, the log is incomplete from then on.
// In this case, status returns an error, and a reader must not use the log.
class PublishLog {
 public:
  // Appends to the file, which keeps its rows. If `path` is empty, uses a temporary file without a
  // name, which disappears with the process.
  static absl::StatusOr<std::unique_ptr<PublishLog>> Open(const std::string& path);
  ~PublishLog();

  void Append(std::string_view row);
  absl::Status status() const;
  // Returns a source of the rows that exist now.
  std::unique_ptr<BodySource> Read() const;

 private:
  explicit PublishLog(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  mutable Mutex mu_;
  uint64_t size_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace picket::simulator
