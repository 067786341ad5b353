#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace picket::simulator {

struct SteadyOptions {
  uint64_t seed = 1;
  // The time between two blobs of one content type of one tenant. If it is zero, there is no steady
  // content.
  absl::Duration interval;
  // The age of the oldest content at the start.
  absl::Duration backlog;
  int records = 20;  // average number of records in a blob
};

// Content that is a function of the seed, the tenant, the type and the number of the blob. Nothing
// is kept in memory, so a simulator can have any number of tenants with any amount of content.
// Blobs are created at a fixed interval. The first moment differs from tenant to tenant and from
// type to type.
// Threads: Any thread may use it.
class SteadyContent {
 public:
  // `start` is the time at which the simulator starts.
  SteadyContent(const SteadyOptions& options, absl::Time start);

  bool enabled() const { return options_.interval > absl::ZeroDuration(); }
  absl::Time begin() const { return begin_; }

  absl::Time Created(std::string_view tenant, std::string_view type, uint64_t number) const;
  // Returns the number of the first blob that was created at or after `time`.
  uint64_t FirstAt(std::string_view tenant, std::string_view type, absl::Time time) const;
  std::string Id(std::string_view tenant, std::string_view type, uint64_t number) const;
  // Returns the number of the blob with this id, or nullopt if there is no such blob. A blob whose
  // creation time is after `now` does not exist yet.
  std::optional<uint64_t> Find(std::string_view tenant, std::string_view type, std::string_view id,
                               absl::Time now) const;
  std::string Body(std::string_view tenant, std::string_view type, uint64_t number) const;

 private:
  int64_t FirstMs(std::string_view tenant, std::string_view type) const;

  const SteadyOptions options_;
  const absl::Time begin_;
  const int64_t interval_ms_;
};

}  // namespace picket::simulator
