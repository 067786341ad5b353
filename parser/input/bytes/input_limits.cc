#include "parser/input/bytes/input_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace picket::parser {

absl::Status InputBudget::Check(uint64_t bytes, uint64_t disk_bytes) const {
  if (bytes > limits_.bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(file_, " expands to more than ", limits_.bytes,
                                                     " bytes; the rest was not read"));
  }
  if (bytes > limits_.ratio_from && bytes / limits_.ratio > disk_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(file_, " expands to more than ", limits_.ratio,
                     " times its size, as no export does; the rest was not read"));
  }
  return absl::OkStatus();
}

absl::Status InputBudget::AddBytes(uint64_t decompressed, uint64_t read_from_disk) {
  bytes_ += decompressed;
  return Check(bytes_, read_from_disk);
}

absl::Status InputBudget::AddMember(uint64_t declared_bytes, uint64_t size_on_disk) {
  if (++members_ > limits_.members) {
    return absl::ResourceExhaustedError(absl::StrCat(file_, " contains more than ", limits_.members,
                                                     " files; the rest was not read"));
  }
  declared_bytes_ += std::min(declared_bytes, limits_.bytes + 1);
  return Check(declared_bytes_, size_on_disk);
}

absl::Status InputBudget::CheckDepth(size_t depth, const std::string& name) const {
  if (depth <= limits_.depth) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(name, " was not read: more than ", limits_.depth,
                   " archives or compressed streams are inside each other"));
}

absl::StatusOr<size_t> BudgetedSource::Read(char* data, size_t size) {
  const absl::StatusOr<size_t> n = inner().Read(data, size);
  if (!n.ok()) return n;
  const absl::Status status = budget_->AddBytes(*n, bytes_read());
  return status.ok() ? n : status;
}

}  // namespace picket::parser
