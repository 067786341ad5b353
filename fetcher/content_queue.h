#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "fetcher/ledger.h"

namespace picket::fetcher {

// The content blobs of one content type that are listed and neither stored nor lost, and the order
// in which they are retrieved. A blob is ready, delayed until a monotonic time, or busy.
// Threads: one. Complexity: logarithmic in the number of blobs.
class ContentQueue {
 public:
  struct Item {
    ListedContent listed;
    int attempts = 0;
    int not_found = 0;    // responses that the content does not exist
    int torn_bodies = 0;  // bodies that were not a closed array
    bool busy = false;    // being retrieved, or waiting for its transaction
  };

  // Adds a blob; it is ready at once.
  void Add(const std::string& id, const ListedContent& listed);
  void Remove(const std::string& id);

  bool Contains(const std::string& id) const { return items_.contains(id); }
  // Null if the blob is not in the queue.
  Item* Find(const std::string& id);
  size_t size() const { return items_.size(); }
  bool HasReady() const { return !ready_.empty(); }
  // Creation time of the oldest blob in the queue.
  std::optional<absl::Time> Oldest() const;

  // Marks the oldest or newest ready blob busy and returns its id. One must be ready.
  std::string StartOldest() { return Start(ready_.begin()); }
  std::string StartNewest() { return Start(std::prev(ready_.end())); }
  // Makes a busy blob ready again at `not_before`.
  void Retry(const std::string& id, absl::Duration not_before, absl::Duration now);
  // Makes blobs ready whose delay has passed.
  void ReleaseDelayed(absl::Duration now);

 private:
  using AgeOrder = std::set<std::pair<absl::Time, std::string>>;  // created, content id

  std::string Start(AgeOrder::iterator ready);

  std::map<std::string, Item> items_;  // by content id
  AgeOrder by_age_;                    // all of `items_`
  AgeOrder ready_;
  std::multimap<absl::Duration, std::string> delayed_;
};

// The delay before the next attempt to retrieve a blob: doubles from 2 s to 5 min, and is spread by
// the content id between half and the whole of that.
absl::Duration RetrievalDelay(int attempts, const std::string& content_id);

}  // namespace picket::fetcher
