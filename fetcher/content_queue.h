#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "fetcher/content_end.h"
#include "fetcher/ledger.h"

namespace picket::fetcher {

// Holds the content blobs of one content type that are listed but neither stored nor lost, and
// selects the blob to retrieve next. A blob is ready, delayed until a monotonic time, or busy.
// Threads: an instance is used by one thread only. Complexity: each operation on a blob is
// logarithmic in the number of blobs.
class ContentQueue {
 public:
  struct Item {
    ListedContent listed;
    RetrievalHistory history;
    bool busy = false;  // the blob is being retrieved or waits for its transaction
  };

  // Adds a blob that is ready at once.
  void Add(const std::string& id, const ListedContent& listed);
  void Remove(const std::string& id);

  bool Contains(const std::string& id) const { return items_.contains(id); }
  // Returns the blob, or null if the blob is not in the queue.
  Item* Find(const std::string& id);
  size_t size() const { return items_.size(); }
  bool HasReady() const { return !ready_.empty(); }
  // Returns the creation time of the oldest blob, or nullopt if the queue is empty.
  std::optional<absl::Time> Oldest() const;

  // The next two functions mark the oldest or the newest ready blob as busy and return its id. At
  // least one blob must be ready.
  std::string StartOldest() { return Start(ready_.begin()); }
  std::string StartNewest() { return Start(std::prev(ready_.end())); }
  // Makes a busy blob ready again at `not_before`.
  void Retry(const std::string& id, absl::Duration not_before, absl::Duration now);
  // Marks as ready all blobs whose delay has passed.
  void ReleaseDelayed(absl::Duration now);

 private:
  using AgeOrder = std::set<std::pair<absl::Time, std::string>>;  // creation times and content ids

  std::string Start(AgeOrder::iterator ready);

  std::map<std::string, Item> items_;  // indexed by content id
  AgeOrder by_age_;                    // all blobs in `items_`
  AgeOrder ready_;
  std::multimap<absl::Duration, std::string> delayed_;
};

// Returns the delay before the next attempt to retrieve a blob. The full delay doubles with each
// attempt, from 2 s up to 5 min, or up to 30 min for content that the API says is missing. The
// returned delay is between half of the full delay and the full delay, depending on the content id.
absl::Duration RetrievalDelay(bool is_missing, int attempts, const std::string& content_id);

}  // namespace picket::fetcher
