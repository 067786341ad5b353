#include "fetcher/content/blob_body.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace picket::fetcher {

std::unique_ptr<BlobBody> BlobBody::Reserve(const BodyBudgets& budgets) {
  if (!budgets.memory->TryAcquire(kBodyReservation)) return nullptr;
  std::unique_ptr<BlobBody> body(new BlobBody(budgets));
  body->reserved_ = kBodyReservation;
  return body;
}

BlobBody::~BlobBody() { ReleaseMemory(); }

void BlobBody::ReleaseMemory() {
  budgets_.memory->Release(static_cast<int64_t>(reserved_));
  reserved_ = 0;
}

absl::Status BlobBody::Append(std::string_view bytes) {
  if (size() + bytes.size() > kLongestBody) {
    too_large_ = true;
    return absl::DataLossError(
        absl::StrCat("the content is larger than ", kLongestBody >> 20, " MiB"));
  }
  scanner_.Scan(bytes);
  if (spill_ != nullptr) return spill_->Append(bytes);

  const size_t needed = memory_.size() + bytes.size();
  bool fits = needed <= kLongestInMemory;
  if (fits && needed > reserved_) {
    const size_t wanted = std::min(std::max(needed, 2 * reserved_), kLongestInMemory);
    fits = budgets_.memory->TryAcquire(static_cast<int64_t>(wanted - reserved_));
    if (fits) reserved_ = wanted;
  }
  if (fits) {
    if (memory_.capacity() < needed) memory_.reserve(std::min(reserved_, 2 * needed));
    memory_.append(bytes);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(spill_, SpillFile::Create(budgets_.spill_dir, budgets_.disk));
  RETURN_IF_ERROR(spill_->Append(memory_));
  memory_ = std::string();
  ReleaseMemory();
  return spill_->Append(bytes);
}

absl::StatusOr<SpillFile*> BlobBody::MakeMessageFile() {
  ASSIGN_OR_RETURN(messages_, SpillFile::Create(budgets_.spill_dir, budgets_.disk));
  return messages_.get();
}

absl::StatusOr<std::string_view> BlobBody::View() {
  if (spill_ != nullptr) return spill_->View();
  return std::string_view(memory_);
}

}  // namespace picket::fetcher
