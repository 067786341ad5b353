#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fetcher/byte_budget.h"
#include "fetcher/spill_file.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

// The budgets shared by all content blobs between retrieval and commit.
struct BodyBudgets {
  std::shared_ptr<ByteBudget> memory;
  std::shared_ptr<ByteBudget> disk;
  std::string spill_dir;
};

// A longer body is stored in a spill file.
inline constexpr size_t kLongestInMemory = 4 << 20;
// A longer body is rejected.
inline constexpr size_t kLongestBody = size_t{512} << 20;
// Acquired from the memory budget before a request is sent.
inline constexpr size_t kBodyReservation = 256 << 10;

// The body of one content blob, from its first byte until the commit. Memory is reserved before the
// request is sent and released by the destructor. A body that outgrows its reservation acquires
// more; if the memory budget is used up, the body moves to disk. So nothing ever waits for memory.
// Threads: one at a time (first the transport's thread, then the worker's).
class BlobBody final : public m365::BodySink {
 public:
  // Returns null if the memory budget is used up.
  static std::unique_ptr<BlobBody> Reserve(const BodyBudgets& budgets);
  ~BlobBody() override;

  absl::Status Append(std::string_view bytes) override;

  // The view is valid as long as this object exists.
  absl::StatusOr<std::string_view> View();
  size_t size() const { return spill_ != nullptr ? spill_->size() : memory_.size(); }
  // Creates the file that stores the messages of a spilled body until the commit, so that they are
  // never in memory. Replaces the previous file.
  absl::StatusOr<SpillFile*> MakeMessageFile();
  bool spilled() const { return spill_ != nullptr; }
  bool too_large() const { return too_large_; }

 private:
  explicit BlobBody(const BodyBudgets& budgets) : budgets_(budgets) {}
  void ReleaseMemory();

  BodyBudgets budgets_;
  size_t reserved_ = 0;
  std::string memory_;
  std::unique_ptr<SpillFile> spill_;
  std::unique_ptr<SpillFile> messages_;
  bool too_large_ = false;
};

}  // namespace picket::fetcher
