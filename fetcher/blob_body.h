#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "fetcher/byte_budget.h"
#include "fetcher/spill_file.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

// The budgets that all content under way draws on.
struct BodyBudgets {
  std::shared_ptr<ByteBudget> memory;
  std::shared_ptr<ByteBudget> disk;
  std::string spill_dir;
};

// A body longer than this lives in a spill file.
inline constexpr size_t kLongestInMemory = 4 << 20;
// A body longer than this is not taken at all.
inline constexpr size_t kLongestBody = size_t{512} << 20;
// Taken from the memory budget before a request is sent.
inline constexpr size_t kBodyReservation = 256 << 10;

// The body of one piece of content, from its first byte to the commit. Memory is taken before the request goes out and
// given back by the destructor; a body that outgrows it takes more while there is some, and goes to disk where there is
// none, so that nothing ever waits for memory.
// Threads: one at a time (the transport's, then the worker's).
class BlobBody final : public m365::BodySink {
 public:
  // Null when the memory budget is used up.
  static std::unique_ptr<BlobBody> Reserve(const BodyBudgets& budgets);
  ~BlobBody() override;

  absl::Status Append(std::string_view bytes) override;

  // Valid as long as this object.
  absl::StatusOr<std::string_view> View();
  size_t size() const { return spill_ != nullptr ? spill_->size() : memory_.size(); }
  // Where the messages made of a spilled body lie until the commit, so that memory never holds them. Takes the place of
  // the one before.
  absl::StatusOr<SpillFile*> MakeMessageFile();
  bool spilled() const { return spill_ != nullptr; }
  bool too_large() const { return too_large_; }

 private:
  explicit BlobBody(const BodyBudgets& budgets) : budgets_(budgets) {}
  void GiveBack();

  BodyBudgets budgets_;
  size_t taken_ = 0;
  std::string memory_;
  std::unique_ptr<SpillFile> spill_;
  std::unique_ptr<SpillFile> messages_;
  bool too_large_ = false;
};

}  // namespace picket::fetcher
