#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/strings.h"
#include "simulator/content/large_content.h"
#include "simulator/content/steady_content.h"

namespace picket::simulator {

// A content blob of a tenant. Its content is either `body`, or `large`, or the steady content with
// the number `steady`.
struct ContentBlob {
  absl::Time created;
  uint64_t sequence = 0;  // orders blobs of the same millisecond
  uint64_t number = 0;    // the same in each run with the same seed
  std::string id;
  std::string_view content_type;
  std::shared_ptr<const std::string> body;
  std::optional<LargeContent> large;
  std::optional<uint64_t> steady;
  bool expired = false;  // whether requests get AF20051, although the blob is still listed
  bool served = false;
  uint64_t attempts = 0;
};

// The content of one tenant.
// Threads: One thread at a time. Lifetime: `steady` must outlive the store. Memory: the store keeps
// published blobs for the retention. Steady content takes no memory.
class ContentStore {
 public:
  // The sequence numbers of published blobs are below this limit.
  static constexpr uint64_t kSequences = 500'000;

  ContentStore(std::string tenant, absl::Duration retention, const SteadyContent& steady)
      : tenant_(std::move(tenant)), retention_(retention), steady_(steady) {}

  // Adds a blob that was created at this time and has this number, which must differ from the
  // numbers of all other blobs. Forgets blobs that are older than the retention.
  ContentBlob& Add(std::string_view content_type, absl::Time created, uint64_t number,
                   absl::Time now);

  // Returns the blob, or null if it never existed or was forgotten. Returns a new object each time
  // for steady content.
  std::shared_ptr<ContentBlob> Find(std::string_view id, absl::Time now) const;
  // Returns true if content with this id would be older than the retention.
  bool IsForgotten(std::string_view id, absl::Time now) const;

  // Calls `visit` for the blobs of a type from `position` onwards that were created before `end`
  // and are not older than the retention. The order is that of creation and sequence. Stops when
  // `visit` returns false.
  void Visit(std::string_view content_type, std::pair<absl::Time, uint64_t> position,
             absl::Time end, absl::Time now,
             absl::FunctionRef<bool(const ContentBlob&)> visit) const;

 private:
  std::shared_ptr<ContentBlob> SteadyBlob(std::string_view type, uint64_t number) const;

  const std::string tenant_;
  const absl::Duration retention_;
  const SteadyContent& steady_;
  // The blobs of each content type, ordered by `created` and then by `sequence`.
  std::map<std::string_view, std::deque<std::shared_ptr<ContentBlob>>> listed_;
  StringMap<std::shared_ptr<ContentBlob>> by_id_;
};

}  // namespace picket::simulator
