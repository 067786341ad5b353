#pragma once

// What a correlator remembers: partitions, their tenants, the groups of each tenant, and what the
// open transaction has changed in them. The correlator changes these values; correlation_rows.h
// writes them to the topic `state`.

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
#include "detector/correlation/group_window.h"

namespace picket::detector::correlation {

// Event times are milliseconds since 1970.
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();
// What is kept of a group-by value, a counted value or an event id.
inline constexpr size_t kMaxTextBytes = 512;

// A correlation and a 128-bit hash of the values of its group-by fields.
struct GroupId {
  uint64_t spec;
  uint64_t high;
  uint64_t low;
  friend bool operator==(const GroupId&, const GroupId&) = default;
  // clang-tidy 14 sees a 0 in it. NOLINTNEXTLINE(modernize-use-nullptr)
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
  std::string value;  // value_count: what the event had in the counted field
};

// The events of a group that arrived last, in a ring.
class RecentEvents {
 public:
  static constexpr size_t kMax = 20;

  void Add(int64_t time, std::string_view uid, std::string_view value);
  void Clear();
  size_t size() const { return ring_.size(); }
  // By order of arrival; 0 is the oldest.
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

  // Written as the rows of buckets.
  GroupWindow window;

  // Written as the head row.
  std::vector<std::string> names;  // the group-by values as the first event wrote them
  int64_t newest = kNoTime;        // time of the newest event
  int64_t decided_until = kNoTime;
  Episodes episodes;
  RecentEvents recent;

  // Derived from the above.
  int64_t pending = kNever;  // the first event that is in no decided window
  int64_t timer = kNever;    // time of the group's entry in the tenant's timers

  // The open transaction.
  bool touched = false;
  bool created = false;
  bool is_removed = false;                          // at Commit
  std::string saved_head;                           // the head row as it was before the transaction
  std::vector<std::pair<int64_t, uint32_t>> dirty;  // bucket and part of the rows to write
  int64_t floor = kNoTime;                          // buckets below it are dropped at Commit
  bool evicts = false;                              // they are evicted, not forgotten
};

// A group that event time must look at when it passes `at`.
struct Timer {
  int64_t at;
  GroupId group;
  friend bool operator>(const Timer& a, const Timer& b) {
    return std::tie(a.at, a.group) > std::tie(b.at, b.group);
  }
};

// A row of `state`.
struct Row {
  std::string key;
  std::string value;
};

struct Tenant {
  std::string id;
  int32_t partition = 0;
  int64_t watermark = kNoTime;  // how far event time has come
  absl::flat_hash_map<GroupId, std::unique_ptr<Group>> groups;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  std::vector<GroupId> expired;    // Flush removes those that have not come back to life
  std::vector<Row> orphans;        // rows of rules that are no longer loaded
  int64_t orphans_until = kNever;  // event time at which they are dropped

  // The open transaction.
  bool touched = false;
  int64_t saved_watermark = kNoTime;
  bool drops_orphans = false;

  // If there are more than `cap` groups: those that have been idle longest, enough of them to leave
  // 15/16 of the cap.
  std::vector<GroupId> IdleGroups(size_t cap) const;
};

struct Partition {
  StringMap<std::unique_ptr<Tenant>> tenants;
  // Rows read during a restore. A later row replaces an earlier one with the same key.
  StringMap<std::string> staged;
};

// Hashes group-by values and counted values. ASCII letters are equal in either case.
// Threads: one; the buffer is reused.
class ValueHasher {
 public:
  GroupId IdOf(const Spec& spec, absl::Span<const std::string_view> group_values);
  uint64_t HashOf(std::string_view value);

 private:
  void AppendLower(std::string_view value);

  std::string buffer_;
};

}  // namespace picket::detector::correlation
