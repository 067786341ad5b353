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

// A content blob of a tenant. Its content is one of three: `body`, `large`, or the steady content
// with the number `steady`.
struct ContentBlob {
  absl::Time created;
  uint64_t sequence = 0;  // orders blobs of the same millisecond
  uint64_t number = 0;    // the same in each run with the same seed
  std::string id;
  std::string_view content_type;
  std::shared_ptr<const std::string> body;
  std::optional<LargeContent> large;
  std::optional<uint64_t> steady;
  bool expired = false;  // AF20051, although the blob is still listed
  bool served = false;
  uint64_t attempts = 0;
};

// The content of one tenant.
// Threads: one at a time. Lifetime: `steady` must outlive the store. Memory: published blobs are
// kept for the retention. Steady content takes no memory.
class ContentStore {
 public:
  // The numbers in content ids are below this limit.
  static constexpr uint64_t kSequences = 500'000;

  ContentStore(std::string tenant, absl::Duration retention, const SteadyContent& steady)
      : tenant_(std::move(tenant)), retention_(retention), steady_(steady) {}

  // Adds a blob that was created at this time and has this number, which must differ from the
  // numbers of all other blobs. Forgets blobs that are older than the retention.
  ContentBlob& Add(std::string_view content_type, absl::Time created, uint64_t number,
                   absl::Time now);

  // Returns the blob, or null if it never existed or was forgotten. The pointer to steady content
  // is a new object each time.
  std::shared_ptr<ContentBlob> Find(std::string_view id, absl::Time now) const;
  // Returns true if the id is that of content that is older than the retention.
  bool IsForgotten(std::string_view id, absl::Time now) const;

  // Passes the blobs of a type that were created before `end`, in the order of creation and
  // sequence, beginning at a position, until `visit` returns false.
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
