#include "parser/seen_ids.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

// A row of `seen`: version, arrival in milliseconds, then for each Id its 16 bytes and the hour of its CreationTime,
// whose top bit says that the Id is a hash. Numbers are big-endian.
constexpr char kRowVersion = 1;
constexpr size_t kRowHead = 1 + 8;
constexpr size_t kRowEntry = 16 + 4;
constexpr size_t kLargestRow = 1 << 20;
constexpr uint32_t kHashBit = 1u << 31;

// The 16 bytes as two words, which compare in two instructions.
struct Id {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Id& a, const Id& b) { return a.low == b.low && a.high == b.high; }
};
static_assert(sizeof(Id) == 16);

Id IdOf(const void* bytes) {
  Id id;
  std::memcpy(&id, bytes, sizeof(id));
  return id;
}

uint64_t HashId(const Id& id) {
  uint64_t hash = (id.low ^ (id.high << 32 | id.high >> 32)) * 0x9e3779b97f4a7c15ull;
  hash ^= hash >> 32;
  return hash * 0xd6e8feb86659fd93ull;
}

bool IsZero(const Id& id) { return (id.low | id.high) == 0; }

// The Ids of one tenant and hour of CreationTime that arrived in one hour: open addressing, filled to 85 %, grown by a
// fifth, so that an Id costs 19 to 23 bytes.
class Run {
 public:
  explicit Run(int32_t arrival_hour) : arrival_hour_(arrival_hour) {}

  int32_t arrival_hour() const { return arrival_hour_; }
  uint32_t size() const { return count_ + (has_zero_ ? 1 : 0); }
  size_t bytes() const { return sizeof(Run) + capacity_ * sizeof(Id); }

  bool Has(const Id& id) const {
    if (IsZero(id)) return has_zero_;
    if (capacity_ == 0) return false;
    for (uint32_t at = SlotOf(id);; at = at + 1 == capacity_ ? 0 : at + 1) {
      if (slots_[at] == id) return true;
      if (IsZero(slots_[at])) return false;
    }
  }

  // The Id is not there yet.
  void Add(const Id& id) {
    if (IsZero(id)) {
      has_zero_ = true;
      return;
    }
    if ((count_ + 1) * 100ull > capacity_ * 85ull) Grow();
    Place(id);
    ++count_;
  }

 private:
  uint32_t SlotOf(const Id& id) const {
    return static_cast<uint32_t>((HashId(id) >> 32) * capacity_ >> 32);
  }
  void Place(const Id& id) {
    uint32_t at = SlotOf(id);
    while (!IsZero(slots_[at])) at = at + 1 == capacity_ ? 0 : at + 1;
    slots_[at] = id;
  }
  void Grow() {
    const uint32_t old_capacity = capacity_;
    std::unique_ptr<Id[]> old = std::move(slots_);
    capacity_ = std::max(capacity_ + capacity_ / 5, capacity_ + 4);
    slots_ = std::make_unique<Id[]>(capacity_);
    for (uint32_t i = 0; i < old_capacity; ++i) {
      if (!IsZero(old[i])) Place(old[i]);
    }
  }

  int32_t arrival_hour_;
  uint32_t count_ = 0;
  uint32_t capacity_ = 0;
  bool has_zero_ = false;
  std::unique_ptr<Id[]> slots_;
};

// A tenant's number, an hour of CreationTime, whether the Ids are hashes.
uint64_t GroupKey(uint32_t tenant, uint32_t hour_word) {
  return static_cast<uint64_t>(tenant) << 32 | hour_word;
}

struct Partition {
  StringMap<uint32_t> tenants;
  absl::flat_hash_map<uint64_t, std::vector<Run>> groups;
  int32_t newest_arrival_hour = INT32_MIN;
};

int32_t HourOf(int64_t ms) { return static_cast<int32_t>(ms / 3'600'000 - (ms % 3'600'000 < 0)); }

void PutBigEndian(std::string& out, uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

uint64_t GetBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace

struct SeenIds::Impl {
  SeenIdsOptions options;
  Gauge& ids_gauge;
  Gauge& bytes_gauge;
  Gauge& window_gauge;
  Counter& evicted_total;

  absl::flat_hash_map<int32_t, Partition> partitions;
  size_t ids = 0;
  size_t bytes = 0;
  int32_t window_hours;

  // The open transaction.
  struct Pending {
    int32_t partition;
    uint32_t tenant;
    int64_t arrival_ms;  // the latest of its records
    std::vector<uint32_t> hour_words;
    std::vector<Id> ids;
  };
  std::vector<Pending> pending;
  size_t pending_used = 0;
  // What the transaction has inserted, for its own duplicates: open addressing, emptied by the epoch.
  struct Slot {
    uint64_t epoch = 0;
    uint32_t pending = 0;
    uint32_t hour_word = 0;
    Id id{};
  };
  std::vector<Slot> overlay;
  size_t overlay_count = 0;
  uint64_t epoch = 1;
  size_t last_pending = 0;
  std::vector<std::string> names;  // the tenants of `pending`

  Impl(SeenIdsOptions o, Metrics& metrics)
      : options(o),
        ids_gauge(
            metrics.GetGauge("picket_parser_seen_ids", "Record Ids in the duplicate window.")),
        bytes_gauge(
            metrics.GetGauge("picket_parser_seen_bytes", "Memory of the duplicate window.")),
        window_gauge(metrics.GetGauge(
            "picket_parser_duplicate_window_seconds",
            "Length of the duplicate window; shorter than configured when over its budget.")),
        evicted_total(
            metrics.GetCounter("picket_parser_seen_evicted_total",
                               "Record Ids dropped before their time to keep the budget.")),
        window_hours(static_cast<int32_t>(absl::ToInt64Hours(o.window))) {
    window_gauge.Set(absl::ToDoubleSeconds(o.window));
  }

  Partition& PartitionOf(int32_t number) { return partitions[number]; }

  uint32_t TenantOf(Partition& partition, std::string_view tenant) {
    const auto found = partition.tenants.find(tenant);
    if (found != partition.tenants.end()) return found->second;
    const uint32_t number = static_cast<uint32_t>(partition.tenants.size());
    partition.tenants.try_emplace(std::string(tenant), number);
    return number;
  }

  // The oldest arrival hour that counts.
  int32_t Horizon(const Partition& partition) const {
    return partition.newest_arrival_hour == INT32_MIN
               ? INT32_MIN
               : partition.newest_arrival_hour - window_hours;
  }

  bool Committed(const Partition& partition, uint32_t tenant, uint32_t hour_word, const Id& id,
                 int32_t arrival_hour) const {
    const auto found = partition.groups.find(GroupKey(tenant, hour_word));
    if (found == partition.groups.end()) return false;
    const int32_t horizon = std::max(Horizon(partition), arrival_hour - window_hours);
    for (const Run& run : found->second) {
      if (run.arrival_hour() >= horizon && run.Has(id)) return true;
    }
    return false;
  }

  void Merge(Partition& partition, uint32_t tenant, uint32_t hour_word, const Id& id,
             int32_t arrival_hour, bool known_to_be_new) {
    std::vector<Run>& runs = partition.groups[GroupKey(tenant, hour_word)];
    Run* run = nullptr;
    for (Run& one : runs) {
      if (one.arrival_hour() == arrival_hour) run = &one;
    }
    if (run == nullptr) {
      runs.reserve(runs.size() + 1);
      runs.emplace_back(arrival_hour);
      run = &runs.back();
      bytes += kGroupBytes + run->bytes();
    }
    if (!known_to_be_new && run->Has(id)) return;  // the same row read twice
    const size_t before = run->bytes();
    run->Add(id);
    bytes += run->bytes() - before;
    ++ids;
  }

  // Drops the runs that `drop` picks.
  template <typename Predicate>
  size_t DropRuns(Partition& partition, Predicate drop) {
    size_t dropped = 0;
    for (auto group = partition.groups.begin(); group != partition.groups.end();) {
      std::vector<Run>& runs = group->second;
      for (auto run = runs.begin(); run != runs.end();) {
        if (!drop(group->first, *run)) {
          ++run;
          continue;
        }
        dropped += run->size();
        ids -= run->size();
        bytes -= kGroupBytes + run->bytes();
        run = runs.erase(run);
      }
      if (runs.empty()) {
        partition.groups.erase(group++);
      } else {
        ++group;
      }
    }
    return dropped;
  }

  void Arrived(Partition& partition, int32_t arrival_hour) {
    if (arrival_hour <= partition.newest_arrival_hour) return;
    partition.newest_arrival_hour = arrival_hour;
    const int32_t horizon = Horizon(partition);
    DropRuns(partition, [&](uint64_t, const Run& run) { return run.arrival_hour() < horizon; });
  }

  // Makes room by whole arrival hours, the oldest first; inside the newest by hours of CreationTime.
  void KeepBudget() {
    while (bytes > options.budget_bytes) {
      int32_t oldest = INT32_MAX;
      int32_t newest = INT32_MIN;
      uint32_t oldest_created = UINT32_MAX;
      for (const auto& [number, partition] : partitions) {
        for (const auto& [key, runs] : partition.groups) {
          for (const Run& run : runs) {
            oldest = std::min(oldest, run.arrival_hour());
            newest = std::max(newest, run.arrival_hour());
            oldest_created = std::min(oldest_created, static_cast<uint32_t>(key) & ~kHashBit);
          }
        }
      }
      if (oldest == INT32_MAX) break;
      size_t dropped = 0;
      for (auto& [number, partition] : partitions) {
        dropped += DropRuns(partition, [&](uint64_t key, const Run& run) {
          return oldest < newest ? run.arrival_hour() == oldest
                                 : (static_cast<uint32_t>(key) & ~kHashBit) == oldest_created;
        });
      }
      evicted_total.Increment(static_cast<double>(dropped));
      window_gauge.Set(oldest < newest ? (newest - oldest) * 3600.0 : 0.0);
    }
  }

  void Publish() {
    ids_gauge.Set(static_cast<double>(ids));
    bytes_gauge.Set(static_cast<double>(bytes));
  }

  // What a run costs besides its slots: its place in the map and the vector's head.
  static constexpr size_t kGroupBytes = 64;

  size_t PendingOf(int32_t partition, std::string_view tenant) {
    if (last_pending < pending_used && pending[last_pending].partition == partition &&
        names[last_pending] == tenant) {
      return last_pending;
    }
    for (size_t i = 0; i < pending_used; ++i) {
      if (pending[i].partition == partition && names[i] == tenant) return last_pending = i;
    }
    if (pending_used == pending.size()) {
      pending.emplace_back();
      names.emplace_back();
    }
    Pending& fresh = pending[pending_used];
    fresh.partition = partition;
    fresh.tenant = TenantOf(PartitionOf(partition), tenant);
    fresh.arrival_ms = INT64_MIN;
    fresh.hour_words.clear();
    fresh.ids.clear();
    names[pending_used].assign(tenant);
    return last_pending = pending_used++;
  }

  // False when the open transaction has it already.
  bool InsertOverlay(uint32_t pending_index, uint32_t hour_word, const Id& id) {
    if ((overlay_count + 1) * 2 > overlay.size()) {
      std::vector<Slot> old;
      old.swap(overlay);
      overlay.resize(std::max<size_t>(1024, old.size() * 2));
      for (const Slot& slot : old) {
        if (slot.epoch == epoch) *FindOverlay(slot.pending, slot.hour_word, slot.id) = slot;
      }
    }
    Slot* const slot = FindOverlay(pending_index, hour_word, id);
    if (slot->epoch == epoch) return false;
    *slot = {epoch, pending_index, hour_word, id};
    ++overlay_count;
    return true;
  }

  Slot* FindOverlay(uint32_t pending_index, uint32_t hour_word, const Id& id) {
    const size_t mask = overlay.size() - 1;
    for (size_t at = (HashId(id) ^ pending_index * 0x9e3779b9u) & mask;; at = (at + 1) & mask) {
      Slot& slot = overlay[at];
      if (slot.epoch != epoch ||
          (slot.pending == pending_index && slot.hour_word == hour_word && slot.id == id)) {
        return &slot;
      }
    }
  }

  void DropTransaction() {
    pending_used = 0;
    last_pending = 0;
    overlay_count = 0;
    ++epoch;
  }
};

SeenIds::SeenIds(SeenIdsOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, metrics)) {}
SeenIds::~SeenIds() = default;

bool SeenIds::Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
                     absl::Time arrival) {
  Impl& s = *impl_;
  const uint32_t hour_word =
      (static_cast<uint32_t>(std::max(hour, 0)) & ~kHashBit) | (id.is_hash ? kHashBit : 0);
  const int64_t arrival_ms = absl::ToUnixMillis(arrival);
  const Id packed = IdOf(id.bytes.data());
  const size_t index = s.PendingOf(partition, tenant);
  Impl::Pending& pending = s.pending[index];
  if (s.Committed(s.PartitionOf(partition), pending.tenant, hour_word, packed,
                  HourOf(arrival_ms)) ||
      !s.InsertOverlay(static_cast<uint32_t>(index), hour_word, packed)) {
    return false;
  }
  pending.arrival_ms = std::max(pending.arrival_ms, arrival_ms);
  pending.hour_words.push_back(hour_word);
  pending.ids.push_back(packed);
  return true;
}

void SeenIds::Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                             std::string_view value)>& on_row) {
  Impl& s = *impl_;
  std::string row;
  for (size_t i = 0; i < s.pending_used; ++i) {
    const Impl::Pending& pending = s.pending[i];
    for (size_t at = 0; at < pending.ids.size();) {
      row.clear();
      row.push_back(kRowVersion);
      PutBigEndian(row, static_cast<uint64_t>(pending.arrival_ms), 8);
      for (; at < pending.ids.size() && row.size() + kRowEntry <= kLargestRow; ++at) {
        row.append(reinterpret_cast<const char*>(&pending.ids[at]), sizeof(Id));
        PutBigEndian(row, pending.hour_words[at], 4);
      }
      on_row(pending.partition, s.names[i], row);
    }
  }
}

void SeenIds::Commit() {
  Impl& s = *impl_;
  for (size_t i = 0; i < s.pending_used; ++i) {
    const Impl::Pending& pending = s.pending[i];
    if (pending.ids.empty()) continue;
    const auto found = s.partitions.find(pending.partition);
    if (found == s.partitions.end()) continue;  // given back meanwhile
    Partition& partition = found->second;
    const int32_t arrival_hour = HourOf(pending.arrival_ms);
    s.Arrived(partition, arrival_hour);
    for (size_t j = 0; j < pending.ids.size(); ++j) {
      s.Merge(partition, pending.tenant, pending.hour_words[j], pending.ids[j], arrival_hour,
              /*known_to_be_new=*/true);
    }
  }
  s.DropTransaction();
  s.KeepBudget();
  s.Publish();
}

void SeenIds::Abort() { impl_->DropTransaction(); }

void SeenIds::BeginRestore(int32_t partition) {
  Release(partition);
  impl_->partitions.try_emplace(partition);
}

bool SeenIds::RestoreRow(int32_t partition, std::string_view tenant, std::string_view value) {
  Impl& s = *impl_;
  if (value.size() < kRowHead || value[0] != kRowVersion ||
      (value.size() - kRowHead) % kRowEntry != 0) {
    return false;
  }
  const int32_t arrival_hour = HourOf(static_cast<int64_t>(GetBigEndian(value.substr(1, 8))));
  Partition& state = s.PartitionOf(partition);
  s.Arrived(state, arrival_hour);
  if (arrival_hour < s.Horizon(state)) return true;  // outside the window by now
  const uint32_t number = s.TenantOf(state, tenant);
  for (size_t at = kRowHead; at < value.size(); at += kRowEntry) {
    s.Merge(state, number, static_cast<uint32_t>(GetBigEndian(value.substr(at + 16, 4))),
            IdOf(value.data() + at), arrival_hour, /*known_to_be_new=*/false);
  }
  s.KeepBudget();
  s.Publish();
  return true;
}

void SeenIds::Release(int32_t partition) {
  Impl& s = *impl_;
  const auto found = s.partitions.find(partition);
  if (found == s.partitions.end()) return;
  s.DropRuns(found->second, [](uint64_t, const Run&) { return true; });
  s.partitions.erase(found);
  s.Publish();
}

size_t SeenIds::size() const { return impl_->ids; }

}  // namespace picket::parser
