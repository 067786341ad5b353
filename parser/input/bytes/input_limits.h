#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "parser/input/bytes/byte_source.h"

namespace picket::parser {

// The limits for compressed files and archives, which may come from an attacker. They apply to
// each file on disk, together with everything inside it.
struct InputLimits {
  size_t members = 100'000;  // the number of members of all archives in the file
  // The number of archives and compressed streams inside each other. For example, a gzip stream in
  // a zip counts as 2.
  size_t depth = 5;
  uint64_t bytes = uint64_t{1} << 40;  // after decompression, summed over the layers
  // Decompressed bytes per byte on disk. The limit applies only above `ratio_from` decompressed
  // bytes, because the beginning of a good file may compress very well.
  uint64_t ratio = 1000;
  uint64_t ratio_from = 256 << 20;
  // The size of a nested archive that is copied to a temporary file.
  uint64_t copied_bytes = uint64_t{8} << 30;
};

// Counts what one file on disk has expanded to.
// Threads: One thread uses an instance. Lifetime: All sources that were made from the file share
// the budget.
class InputBudget {
 public:
  InputBudget(std::string file, const InputLimits& limits)
      : file_(std::move(file)), limits_(limits) {}

  const InputLimits& limits() const { return limits_; }
  // Each function returns ResourceExhausted if the limit is exceeded. AddMember takes the size that
  // the archive declares, because skipping a member of a 7z archive may decompress it.
  absl::Status AddBytes(uint64_t decompressed, uint64_t read_from_disk);
  absl::Status AddMember(uint64_t declared_bytes, uint64_t size_on_disk);
  absl::Status CheckDepth(size_t depth, const std::string& name) const;

 private:
  absl::Status Check(uint64_t bytes, uint64_t disk_bytes) const;

  const std::string file_;
  const InputLimits limits_;
  uint64_t bytes_ = 0;
  uint64_t declared_bytes_ = 0;
  size_t members_ = 0;
};

// Passes on the bytes of a decompressed source and adds them to the budget.
class BudgetedSource final : public ConvertingSource {
 public:
  BudgetedSource(std::unique_ptr<ByteSource> inner, std::shared_ptr<InputBudget> budget)
      : ConvertingSource(std::move(inner)), budget_(std::move(budget)) {}

  absl::StatusOr<size_t> Read(char* data, size_t size) override;

 private:
  const std::shared_ptr<InputBudget> budget_;
};

}  // namespace picket::parser
