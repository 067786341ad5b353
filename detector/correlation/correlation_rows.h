#pragma once

// What a correlator remembers: tenants, their groups, and what the open transaction has changed of them; and how a group's
// head is written to a row of `state`. What happens to it is in correlator.cc.

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
#include "common/strings.h"
#include "detector/correlation/event_count_window.h"
#include "detector/correlation/value_count_window.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector::correlation {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();
inline constexpr size_t kRecentEvents = 20;
inline constexpr char kRowVersion = 1;

// A correlation as the engine needs it.
struct Spec {
  CorrelationRule rule;
  std::string hash;
  uint64_t id = 0;  // the hash as a number
  uint32_t index = 0;
  int64_t span = 0;
  bool immediate = true;  // only gte and gt: the events themselves decide
  int64_t threshold = 0;  // immediate: the least count that fulfils all conditions
};

// Which correlation, and a hash of the group-by values.
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

// For the alert.
struct RecentEvent {
  int64_t time = 0;
  std::string uid;
  std::string value;
};

// A stretch of time that has been alerted about.
struct Episode {
  int64_t start;
  int64_t end;
};

struct Tenant;

// The events of one tenant with the same group-by values.
struct Group {
  Group(Tenant* tenant, const Spec* spec, GroupId id) : tenant(tenant), spec(spec), id(id) {
    if (spec->rule.type == sigma::CorrelationType::kValueCount) {
      values = std::make_unique<ValueCountWindow>(spec->rule.timespan);
    } else {
      events = std::make_unique<EventCountWindow>(spec->rule.timespan);
    }
  }

  Tenant* tenant;
  const Spec* spec;
  GroupId id;
  std::unique_ptr<EventCountWindow> events;  // one of the two
  std::unique_ptr<ValueCountWindow> values;

  // The head row.
  std::vector<std::string> names;  // the group-by values as first written
  int64_t newest = kNoTime;
  int64_t decided_until = kNoTime;
  std::vector<Episode> episodes;    // by time, more than a timespan apart
  std::vector<RecentEvent> recent;  // a ring
  size_t next_recent = 0;           // the oldest one once the ring is full

  int64_t pending = kNever;  // first event that no decided window holds
  int64_t timer = kNever;    // when the group's entry in the tenant's timers comes up

  // The open transaction.
  bool touched = false;
  bool created = false;
  bool dying = false;
  std::string saved_head;
  std::vector<std::pair<int64_t, uint32_t>> dirty;  // bucket and part
  int64_t floor = kNoTime;                          // buckets below it go at Commit
  bool evicts = false;

  int64_t size() const { return events ? events->size() : values->size(); }
  int64_t BucketOf(int64_t time) const {
    return events ? events->BucketOf(time) : values->BucketOf(time);
  }
};

struct Timer {
  int64_t at;
  GroupId group;
  friend bool operator>(const Timer& a, const Timer& b) {
    return std::tie(a.at, a.group) > std::tie(b.at, b.group);
  }
};

struct Row {
  std::string key;
  std::string value;
};

struct Tenant {
  std::string id;
  int32_t partition = 0;
  int64_t watermark = kNoTime;
  absl::flat_hash_map<GroupId, std::unique_ptr<Group>> groups;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  std::vector<GroupId> expired;  // to be looked at by Flush
  std::vector<Row> orphans;      // rows of rules that are gone
  int64_t orphans_until = kNever;

  bool touched = false;
  int64_t saved_watermark = kNoTime;
  bool drops_orphans = false;
};

struct Partition {
  StringMap<std::unique_ptr<Tenant>> tenants;
  StringMap<std::string>
      staged;  // rows while the partition is restored: the last one of a key holds
};

// Keys and values of rows: decimal and hexadecimal numbers as text. The parsers return false for anything else.
std::string Number(int64_t number);
bool ParseNumber(std::string_view text, int64_t* number);
bool ParseHex64(std::string_view text, uint64_t* number);

// "tenant|correlation|group|": what the keys of all rows of the group begin with.
std::string GroupKey(const Group& group);

// The head row. DecodeHead returns false for what EncodeHead has not written, and may then have changed the group.
std::string EncodeHead(const Group& group);
bool DecodeHead(std::string_view row, Group* group);

}  // namespace picket::detector::correlation
