#include "parser/duplicates/duplicate_window.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/check.h"
#include "common/log.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

// A row of `seen`: version, arrival in milliseconds, then for each Id its 16 bytes and the hour of its CreationTime,
// whose top bit says that the Id is a hash. Numbers are big-endian.
constexpr char kRowVersion = 1;
constexpr size_t kRowHead = 1 + 8;
constexpr size_t kRowEntry = 16 + 4;
constexpr size_t kLargestRow = 1 << 20;

constexpr size_t kSpillBytes = 64 << 20;  // of memory at once: a third of a second
constexpr int64_t kDiskBytesAnId = 20;    // about
// Entries that each committed Id pays for being merged. An Id is rewritten about three times, so merging keeps up.
constexpr int64_t kMergedAnId = 16;
constexpr int64_t kLeastMerged = 4096;
constexpr absl::Duration kClockSkew = absl::Hours(1);  // what a newer Kafka allows a producer too

int32_t HourOf(int64_t ms) {
  constexpr int64_t kMost =
      1'000'000'000;  // whatever a timestamp says, hours can be added and subtracted
  return static_cast<int32_t>(std::clamp(ms / 3'600'000 - (ms % 3'600'000 < 0), -kMost, kMost));
}

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

uint64_t ChecksumOfRow(std::string_view tenant, std::string_view value) {
  return SeenChecksum(value.data(), value.size(), SeenChecksum(tenant.data(), tenant.size(), 0));
}

}  // namespace

struct SeenIds::Impl {
  SeenIdsOptions options;
  Metrics& metrics;
  Gauge& ids_gauge;
  Gauge& bytes_gauge;
  Gauge& disk_gauge;
  Gauge& runs_gauge;
  Counter& reads_total;
  Counter& errors_total;
  const int32_t window_hours;
  absl::Time latest_arrival = absl::InfiniteFuture();

  struct State {
    State(int32_t number, int32_t window_hours, int64_t largest_merged,
          std::unique_ptr<SeenFolder> folder, Gauge& gauge)
        : ids(number, window_hours, largest_merged, std::move(folder)), window_gauge(gauge) {}

    SeenPartition ids;
    Gauge& window_gauge;
    std::vector<SeenLoss> losses;
    size_t losses_told = 0;               // by the open transaction
    uint64_t row_checksum = 0;            // of the last row that Flush gave
    std::optional<SeenMark> new_row;      // where it lies
    int64_t open_arrival_ms = INT64_MIN;  // the latest of the open transaction's records
    int64_t inserted = 0;
  };
  absl::flat_hash_map<int32_t, std::unique_ptr<State>> partitions;
  // What the gauges show of this one: other workers of the process add theirs.
  double shown_ids = 0;
  double shown_bytes = 0;
  double shown_disk = 0;
  double shown_runs = 0;
  bool shortened = false;

  // The open transaction.
  struct Pending {
    int32_t partition;
    State* state;
    uint32_t tenant;
    std::vector<SeenKey> keys;
    std::vector<SeenId> ids;
  };
  std::vector<Pending> pending;
  std::vector<std::string> names;  // the tenants of `pending`
  size_t pending_used = 0;
  size_t last_pending = 0;
  absl::flat_hash_map<uint64_t, size_t> pending_index;  // by partition and tenant
  // What the transaction has inserted, for its own duplicates: open addressing, emptied by the epoch.
  struct Slot {
    uint64_t epoch = 0;
    uint32_t pending = 0;
    uint32_t hour_word = 0;
    SeenId id{};
  };
  std::vector<Slot> overlay;
  size_t overlay_count = 0;
  uint64_t epoch = 1;
  std::string row;

  Impl(SeenIdsOptions o, Metrics& m)
      : options(std::move(o)),
        metrics(m),
        ids_gauge(m.GetGauge("picket_parser_seen_ids", "Record Ids in the duplicate window.")),
        bytes_gauge(m.GetGauge("picket_parser_seen_bytes", "Memory of the duplicate window.")),
        disk_gauge(
            m.GetGauge("picket_parser_seen_disk_bytes", "Disk space of the duplicate window.")),
        runs_gauge(
            m.GetGauge("picket_parser_seen_runs", "Files that the duplicate window has on disk.")),
        reads_total(m.GetCounter("picket_parser_seen_disk_reads_total",
                                 "Look-ups that read a file of the duplicate window.")),
        errors_total(m.GetCounter("picket_parser_seen_disk_errors_total",
                                  "Calls to the disk of the duplicate window that failed.")),
        window_hours(static_cast<int32_t>(absl::ToInt64Hours(options.window))) {}

  ~Impl() {
    partitions.clear();
    Publish();
  }

  State& StateOf(int32_t number) {
    std::unique_ptr<State>& state = partitions[number];
    if (state == nullptr) state = MakeState(number, /*with_name=*/false);
    return *state;
  }

  std::unique_ptr<State> MakeState(int32_t number, bool with_name) {
    Gauge& window_gauge = metrics.GetGauge(
        "picket_parser_duplicate_window_seconds",
        "Length of the duplicate window; shorter than configured when it had to be shortened.",
        {{"partition", std::to_string(number)}});
    window_gauge.Set(absl::ToDoubleSeconds(options.window));
    std::string name;
    if (with_name && !options.dir.empty() && !options.folder.empty()) {
      name = absl::StrCat(options.folder, "-", number);
    }
    return std::make_unique<State>(
        number, window_hours, options.disk_budget_bytes / 16,
        std::make_unique<SeenFolder>(options.dir, name, &options.disk_fault), window_gauge);
  }

  size_t MemoryBytes() const {
    size_t sum = 0;
    for (const auto& [number, state] : partitions) {
      sum += state->ids.table_bytes() + state->ids.index_bytes();
    }
    return sum;
  }
  size_t IndexBytes() const {
    size_t sum = 0;
    for (const auto& [number, state] : partitions) sum += state->ids.index_bytes();
    return sum;
  }
  int64_t DiskBytes() const {
    int64_t sum = 0;
    for (const auto& [number, state] : partitions) sum += state->ids.disk_bytes();
    return sum;
  }

  // The partition that has most of something; nothing where none has any.
  template <typename Size>
  SeenPartition* Largest(Size size) {
    SeenPartition* largest = nullptr;
    for (const auto& [number, state] : partitions) {
      if (size(state->ids) == 0) continue;
      if (largest == nullptr || size(state->ids) > size(*largest)) largest = &state->ids;
    }
    return largest;
  }

  // A partition that fills the disk shortens its own window, not that of the others.
  bool MakeRoomOnDisk(std::string_view reason) {
    SeenPartition* const largest = Largest([](const SeenPartition& p) { return p.disk_bytes(); });
    return largest != nullptr && largest->ForgetOldestRun(reason);
  }

  void KeepBudget() {
    if (MemoryBytes() <= options.budget_bytes) return;
    // Indexes of runs that leave no room for new Ids.
    while (IndexBytes() > options.budget_bytes / 4 * 3 && MakeRoomOnDisk("memory_budget")) {
    }
    while (MemoryBytes() > options.budget_bytes) {
      SeenPartition* const largest =
          Largest([](const SeenPartition& p) { return p.table_bytes(); });
      if (largest == nullptr) return;
      const size_t bytes = std::clamp<size_t>(largest->table_bytes() / 2, 1, kSpillBytes);
      if (options.dir.empty()) {
        largest->Forget(bytes, "memory_budget");
        continue;
      }
      const int64_t needed = static_cast<int64_t>(bytes / sizeof(SeenId)) * kDiskBytesAnId;
      bool fits = true;
      while (DiskBytes() + needed > options.disk_budget_bytes && fits) {
        fits = MakeRoomOnDisk("disk_budget");
      }
      if (fits) {
        largest->Spill(bytes, [this] { return MakeRoomOnDisk("disk_full"); });
      } else {
        largest->Forget(bytes, "disk_budget");
      }
    }
  }

  void CollectLosses(State& state) {
    for (const SeenLoss& loss : state.ids.TakeLosses()) {
      shortened = true;
      state.losses.push_back(loss);
      LogWarning("duplicate_window_shortened", {{"partition", loss.partition},
                                                {"from_hour", loss.from_hour},
                                                {"to_hour", loss.to_hour},
                                                {"reason", loss.reason}});
      metrics
          .GetCounter("picket_parser_seen_forgotten_total",
                      "Record Ids dropped before their time, by reason.",
                      {{"reason", std::string(loss.reason)}})
          .Increment(static_cast<double>(loss.ids));
    }
    reads_total.Increment(static_cast<double>(state.ids.TakeDiskReads()));
    errors_total.Increment(static_cast<double>(state.ids.TakeDiskErrors()));
    int32_t hours = window_hours;
    if (state.ids.complete_from_hour() != INT32_MIN) {
      hours = std::clamp(state.ids.newest_arrival_hour() - state.ids.complete_from_hour(), 0,
                         window_hours);
    }
    state.window_gauge.Set(hours == window_hours ? absl::ToDoubleSeconds(options.window)
                                                 : hours * 3600.0);
  }

  void Publish() {
    double all_ids = 0;
    double runs = 0;
    for (const auto& [number, state] : partitions) {
      CollectLosses(*state);
      all_ids += static_cast<double>(state->ids.ids());
      runs += static_cast<double>(state->ids.run_count());
    }
    const auto show = [](Gauge& gauge, double& shown, double now) {
      if (now != shown) gauge.Increment(now - shown);
      shown = now;
    };
    show(ids_gauge, shown_ids, all_ids);
    show(bytes_gauge, shown_bytes, static_cast<double>(MemoryBytes()));
    show(disk_gauge, shown_disk, static_cast<double>(DiskBytes()));
    show(runs_gauge, shown_runs, runs);
  }

  size_t PendingOf(int32_t partition, std::string_view tenant) {
    if (last_pending < pending_used && pending[last_pending].partition == partition &&
        names[last_pending] == tenant) {
      return last_pending;
    }
    State& state = StateOf(partition);
    const uint32_t number = state.ids.TenantOf(tenant);
    const auto [found, is_new] = pending_index.try_emplace(
        static_cast<uint64_t>(static_cast<uint32_t>(partition)) << 32 | number, pending_used);
    if (!is_new) return last_pending = found->second;
    if (pending_used == pending.size()) {
      pending.emplace_back();
      names.emplace_back();
    }
    Pending& fresh = pending[pending_used];
    fresh.partition = partition;
    fresh.state = &state;
    fresh.tenant = number;
    fresh.keys.clear();
    fresh.ids.clear();
    names[pending_used].assign(tenant);
    return last_pending = pending_used++;
  }

  // False when the open transaction has it already.
  bool InsertOverlay(uint32_t pending_index, const SeenKey& key, const SeenId& id) {
    if ((overlay_count + 1) * 2 > overlay.size()) {
      std::vector<Slot> old;
      old.swap(overlay);
      overlay.resize(std::max<size_t>(1024, old.size() * 2));
      for (const Slot& slot : old) {
        if (slot.epoch != epoch) continue;
        const uint64_t hash = HashOf(slot.id, pending[slot.pending].state->ids.seed());
        *FindOverlay(slot.pending, slot.hour_word, hash, slot.id) = slot;
      }
    }
    Slot* const slot = FindOverlay(pending_index, key.hour_word, key.hash, id);
    if (slot->epoch == epoch) return false;
    *slot = {epoch, pending_index, key.hour_word, id};
    ++overlay_count;
    return true;
  }

  Slot* FindOverlay(uint32_t pending_index, uint32_t hour_word, uint64_t hash, const SeenId& id) {
    const size_t mask = overlay.size() - 1;
    for (size_t at = (hash ^ uint64_t{pending_index} * 0x9e3779b9u) & mask;; at = (at + 1) & mask) {
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
    pending_index.clear();
    overlay_count = 0;
    ++epoch;
    for (const auto& [number, state] : partitions) {
      state->losses_told = 0;
      state->new_row.reset();
      state->open_arrival_ms = INT64_MIN;
    }
  }
};

SeenIds::SeenIds(SeenIdsOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), metrics)) {}
SeenIds::~SeenIds() = default;

void SeenIds::SetNow(absl::Time now) { impl_->latest_arrival = now + kClockSkew; }
absl::Time SeenIds::latest_arrival() const { return impl_->latest_arrival; }

bool SeenIds::Insert(int32_t partition, std::string_view tenant, const RecordId& id, int32_t hour,
                     absl::Time arrival) {
  Impl& s = *impl_;
  const size_t index = s.PendingOf(partition, tenant);
  Impl::Pending& pending = s.pending[index];
  SeenPartition& seen = pending.state->ids;
  const SeenId packed = SeenIdOf(id.bytes.data());
  const SeenKey key{
      (static_cast<uint32_t>(std::max(hour, 0)) & ~kSeenHashBit) | (id.is_hash ? kSeenHashBit : 0),
      pending.tenant, HashOf(packed, seen.seed())};
  // Arrivals never go back, whatever a producer's clock says: what is seen now is remembered from now.
  const int64_t arrival_ms = std::max(absl::ToUnixMillis(std::min(arrival, s.latest_arrival)),
                                      int64_t{seen.newest_arrival_hour()} * 3'600'000);
  const int32_t horizon = HourOf(arrival_ms) - s.window_hours;
  if (seen.Has(key, packed, horizon) ||
      !s.InsertOverlay(static_cast<uint32_t>(index), key, packed)) {
    return false;
  }
  pending.state->open_arrival_ms = std::max(pending.state->open_arrival_ms, arrival_ms);
  pending.keys.push_back(key);
  pending.ids.push_back(packed);
  return true;
}

void SeenIds::Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                             std::string_view value)>& on_row,
                    const std::function<void(const SeenLoss& loss)>& on_loss) {
  Impl& s = *impl_;
  for (size_t i = 0; i < s.pending_used; ++i) {
    const Impl::Pending& pending = s.pending[i];
    Impl::State& state = *pending.state;
    s.CollectLosses(state);  // a look-up may have met a damaged run
    while (on_loss != nullptr && state.losses_told < state.losses.size()) {
      on_loss(state.losses[state.losses_told++]);
    }
    for (size_t at = 0; at < pending.ids.size();) {
      s.row.clear();
      s.row.push_back(kRowVersion);
      PutBigEndian(s.row, static_cast<uint64_t>(state.open_arrival_ms), 8);
      for (; at < pending.ids.size() && s.row.size() + kRowEntry <= kLargestRow; ++at) {
        s.row.append(reinterpret_cast<const char*>(&pending.ids[at]), sizeof(SeenId));
        PutBigEndian(s.row, pending.keys[at].hour_word, 4);
      }
      state.row_checksum = ChecksumOfRow(s.names[i], s.row);
      on_row(pending.partition, s.names[i], s.row);
    }
  }
}

void SeenIds::RowsLieUpTo(int32_t partition, int64_t offset) {
  const auto found = impl_->partitions.find(partition);
  if (found == impl_->partitions.end()) return;
  found->second->new_row = {offset, found->second->row_checksum};
}

void SeenIds::Commit() {
  Impl& s = *impl_;
  for (size_t i = 0; i < s.pending_used; ++i) {
    const Impl::Pending& pending = s.pending[i];
    SeenPartition& seen = pending.state->ids;
    if (pending.ids.empty()) continue;
    const int32_t arrival_hour = HourOf(pending.state->open_arrival_ms);
    seen.Arrived(arrival_hour);
    for (size_t j = 0; j < pending.ids.size(); ++j) {
      seen.Add(pending.keys[j], pending.ids[j], arrival_hour);
    }
    pending.state->inserted += static_cast<int64_t>(pending.ids.size());
  }
  for (size_t i = 0; i < s.pending_used; ++i) {
    Impl::State& state = *s.pending[i].state;
    if (state.new_row.has_value()) state.ids.SetLastRow(*std::exchange(state.new_row, {}));
    state.losses.erase(state.losses.begin(),
                       state.losses.begin() + static_cast<std::ptrdiff_t>(state.losses_told));
    state.losses_told = 0;
  }
  s.KeepBudget();
  for (size_t i = 0; i < s.pending_used; ++i) {
    Impl::State& state = *s.pending[i].state;
    state.ids.StepMerge(std::max(kLeastMerged, kMergedAnId * std::exchange(state.inserted, 0)));
  }
  s.DropTransaction();
  s.Publish();
}

void SeenIds::Abort() { impl_->DropTransaction(); }

void SeenIds::BeginRestore(int32_t partition) {
  Release(partition);
  impl_->partitions[partition] = impl_->MakeState(partition, /*with_name=*/true);
  impl_->partitions[partition]->ids.OpenFolder();
}

int64_t SeenIds::RestoreFrom(int32_t partition, int64_t begin, int64_t end) {
  const int64_t from = impl_->StateOf(partition).ids.RestoreFrom(begin, end);
  impl_->Publish();
  return from;
}

bool SeenIds::RestoreRow(int32_t partition, int64_t offset, std::string_view tenant,
                         std::string_view value) {
  Impl& s = *impl_;
  if (value.size() < kRowHead || value[0] != kRowVersion ||
      (value.size() - kRowHead) % kRowEntry != 0) {
    return false;
  }
  Impl::State& state = s.StateOf(partition);
  SeenPartition& seen = state.ids;
  const SeenMark mark{offset, ChecksumOfRow(tenant, value)};
  if (!seen.TakesRow(mark)) return true;
  const int32_t arrival_hour =
      HourOf(std::min(static_cast<int64_t>(GetBigEndian(value.substr(1, 8))),
                      absl::ToUnixMillis(s.latest_arrival)));
  seen.Arrived(arrival_hour);
  if (arrival_hour >= seen.Horizon()) {
    const uint32_t number = seen.TenantOf(tenant);
    for (size_t at = kRowHead; at < value.size(); at += kRowEntry) {
      const SeenId id = SeenIdOf(value.data() + at);
      const SeenKey key{static_cast<uint32_t>(GetBigEndian(value.substr(at + 16, 4))), number,
                        HashOf(id, seen.seed())};
      // It may lie in a run that holds more than its last whole row.
      if (!seen.Has(key, id, seen.Horizon())) seen.Add(key, id, arrival_hour);
    }
  }
  seen.SetLastRow(mark);
  s.KeepBudget();
  seen.StepMerge(std::max<int64_t>(kLeastMerged,
                                   kMergedAnId * static_cast<int64_t>(value.size() / kRowEntry)));
  return true;
}

bool SeenIds::IsRestored(int32_t partition) {
  const bool restored = impl_->StateOf(partition).ids.IsRestored();
  impl_->Publish();
  return restored;
}

void SeenIds::Suspend(int32_t partition) { impl_->StateOf(partition).ids.Suspend(); }
void SeenIds::Resume(int32_t partition) { impl_->StateOf(partition).ids.Resume(); }

void SeenIds::Release(int32_t partition) {
  Impl& s = *impl_;
  const auto found = s.partitions.find(partition);
  if (found == s.partitions.end()) return;
  // Of an open transaction nothing can be left in it.
  for (size_t i = 0; i < s.pending_used; ++i) PICKET_CHECK(s.pending[i].partition != partition);
  found->second->window_gauge.Set(absl::ToDoubleSeconds(s.options.window));
  s.partitions.erase(found);
  s.Publish();
}

int64_t SeenIds::size() const {
  int64_t sum = 0;
  for (const auto& [number, state] : impl_->partitions) sum += state->ids.ids();
  return sum;
}

bool SeenIds::is_shortened() const { return impl_->shortened; }

}  // namespace picket::parser
