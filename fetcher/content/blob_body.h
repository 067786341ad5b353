#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fetcher/content/byte_budget.h"
#include "fetcher/content/json_array_scanner.h"
#include "fetcher/content/spill_file.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

// The budgets shared by all content blobs between retrieval and commit.
struct BodyBudgets {
  std::shared_ptr<ByteBudget> memory;
  std::shared_ptr<ByteBudget> disk;
  std::string spill_dir;
};

// The longest body that is kept in memory. A longer body is stored in a spill file.
inline constexpr size_t kLongestInMemory = 4 << 20;
// The longest body that is accepted.
inline constexpr size_t kLongestBody = size_t{512} << 20;
// The memory that is acquired from the budget before a request is sent.
inline constexpr size_t kBodyReservation = 256 << 10;

// Holds the body of one content blob from its first byte until the commit. Memory is reserved
// before the request is sent and released by the destructor. A body that outgrows its reservation
// acquires more memory or, if the memory budget is used up, moves to disk. No operation ever waits
// for memory.
// Threads: an instance is used by one thread at a time, first by the transport's thread and
// then by the worker's thread.
class BlobBody final : public m365::BodySink {
 public:
  // Reserves memory and returns an empty body. Returns null if the memory budget is used up.
  static std::unique_ptr<BlobBody> Reserve(const BodyBudgets& budgets);
  ~BlobBody() override;

  absl::Status Append(std::string_view bytes) override;

  // Returns the whole body. The view is valid as long as this object exists.
  absl::StatusOr<std::string_view> View();
  size_t size() const { return spill_ != nullptr ? spill_->size() : memory_.size(); }
  // Creates a file for the messages into which a spilled body is divided. The file stores the
  // messages until the commit, so the messages are never held in memory. A second call replaces the
  // file.
  absl::StatusOr<SpillFile*> MakeMessageFile();
  bool spilled() const { return spill_ != nullptr; }
  // Returns true if the body is one complete JSON array, as all content is.
  bool is_complete_array() const { return scanner_.is_complete(); }
  bool too_large() const { return too_large_; }

 private:
  explicit BlobBody(const BodyBudgets& budgets) : budgets_(budgets) {}
  void ReleaseMemory();

  BodyBudgets budgets_;
  size_t reserved_ = 0;
  JsonArrayScanner scanner_;
  std::string memory_;
  std::unique_ptr<SpillFile> spill_;
  std::unique_ptr<SpillFile> messages_;
  bool too_large_ = false;
};

}  // namespace picket::fetcher
