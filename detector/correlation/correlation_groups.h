#pragma once

// The state of a correlator: partitions, their tenants, the groups of each tenant, and the changes
// of the open transaction. The correlator changes this state; correlation_rows.h encodes it for the
// topic `state`.

#include <cstdint>
#include <limits>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "common/strings.h"
#include "detector/correlation/correlations.h"
#include "detector/correlation/episodes.h"
#include "detector/correlation/event_place.h"
#include "detector/correlation/group_window.h"

namespace picket::detector::correlation {

// Event times are in milliseconds since the epoch. kNever is later than every event, and kNoTime is
// earlier than every event.
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();
// Group-by values, counted values and event ids are truncated to this size in bytes.
inline constexpr size_t kMaxTextBytes = 512;

// A correlation and a 128-bit hash of the values of its group-by fields.
struct GroupId {
  uint64_t spec;
  uint64_t high;
  uint64_t low;
  friend bool operator==(const GroupId&, const GroupId&) = default;
  // clang-tidy 14 reports a literal 0 in this operator. NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const GroupId&, const GroupId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const GroupId& id) {
    return H::combine(std::move(h), id.low, id.spec);
  }
};

// An event that an alert can refer to.
struct RecentEvent {
  int64_t time = 0;
  std::string uid;
  std::string value;  // value of the counted field, for value_count
  EventPlace place;
};

// The kMax events of a group that arrived last, as a ring buffer.
class RecentEvents {
 public:
  static constexpr size_t kMax = 20;

  void Add(int64_t time, std::string_view uid, std::string_view value, const EventPlace& place);
  void Clear();
  size_t size() const { return ring_.size(); }
  // Returns an event by its index in the order of arrival. Index 0 is the event that arrived first.
  const RecentEvent& operator[](size_t i) const {
    const size_t oldest = ring_.size() < kMax ? 0 : next_;
    return ring_[(oldest + i) % ring_.size()];
  }

 private:
  std::vector<RecentEvent> ring_;
  size_t next_ = 0;
};

struct Tenant;

// The events of one tenant that have the same values in the group-by fields of a correlation.
struct Group {
  Group(Tenant* tenant, const Spec* spec, GroupId id)
      : tenant(tenant), spec(spec), id(id), window(spec->rule) {}

  Tenant* tenant;
  const Spec* spec;
  GroupId id;

  // Counts the events or values of the group. Each bucket of the window (correlator.h) is stored in
  // one or more rows of the topic `state`.
  GroupWindow window;

  // The following fields are stored in the head row of the group (see correlation_rows.h).
  std::vector<std::string> names;   // the group-by values as spelled in the group's first event
  int64_t newest = kNoTime;         // time of the newest event
  int64_t decided_until = kNoTime;  // end of the last window that was compared with the conditions
  Episodes episodes;
  RecentEvents recent;

  // The following fields are not stored. They are computed from the window and the head row.
  int64_t pending = kNever;  // time of the first event after decided_until
  int64_t timer = kNever;    // the `at` of the group's earliest Timer

  // The changes of the open transaction.
  bool touched = false;
  bool created = false;
  bool is_removed = false;                          // true if Commit removes the group
  std::string saved_head;                           // the head row before the transaction
  std::vector<std::pair<int64_t, uint32_t>> dirty;  // bucket and part of each row to write
  int64_t floor = kNoTime;                          // Commit drops all buckets below this bucket
  // If true, Commit drops the buckets below `floor` with GroupWindow::Evict; otherwise, with
  // GroupWindow::Forget.
  bool evicts = false;
};

// A group that must be examined when event time passes `at`.
struct Timer {
  int64_t at;
  GroupId group;
  friend bool operator>(const Timer& a, const Timer& b) {
    return std::tie(a.at, a.group) > std::tie(b.at, b.group);
  }
};

// A row of the topic `state`.
struct Row {
  std::string key;
  std::string value;
};

struct Tenant {
  std::string id;
  int32_t partition = 0;
  int64_t watermark = kNoTime;  // time of the tenant's newest event
  absl::flat_hash_map<GroupId, std::unique_ptr<Group>> groups;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  std::vector<GroupId> expired;    // groups that Flush removes unless they have new events
  std::vector<Row> orphans;        // rows of correlations that are no longer loaded
  int64_t orphans_until = kNever;  // event time after which the orphans are dropped

  // The changes of the open transaction.
  bool touched = false;
  int64_t saved_watermark = kNoTime;
  bool drops_orphans = false;

  // If the tenant has more than `cap` groups, returns the groups to evict, which are the groups
  // that have been idle longest. To avoid an eviction for every further group, only 15/16 of `cap`
  // are kept.
  std::vector<GroupId> IdleGroups(size_t cap) const;
};

struct Partition {
  StringMap<std::unique_ptr<Tenant>> tenants;
  // The rows that are read during a restore. A row replaces any earlier row with the same key.
  StringMap<std::string> staged;
};

// Hashes group-by values and counted values, without regard to ASCII case.
// Threads: one thread uses an instance, because all calls share a buffer.
class ValueHasher {
 public:
  GroupId IdOf(const Spec& spec, absl::Span<const std::string_view> group_values);
  uint64_t HashOf(std::string_view value);

 private:
  void AppendLower(std::string_view value);

  std::string buffer_;
};

}  // namespace picket::detector::correlation
