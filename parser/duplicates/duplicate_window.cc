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

// A row of the topic `seen` begins with the version of the format and the time of arrival in
// milliseconds. Then each Id follows as its 16 bytes and its hour word (IdKey::hour_word). Numbers
// are big-endian.
constexpr char kRowVersion = 1;
constexpr size_t kRowHead = 1 + 8;
constexpr size_t kRowEntry = 16 + 4;
constexpr size_t kLargestRow = 1 << 20;

// The most bytes that one call of PartitionWindow::Spill writes to disk. Such a call takes a third
// of a second.
constexpr size_t kSpillBytes = 64 << 20;
constexpr int64_t kDiskBytesPerId = 20;  // an estimate between 18.1 and 30 (run_file.h)
// The number of Ids that are merged for each committed Id. Merging keeps up with new Ids, because
// an Id is merged only about three times before it leaves the window.
constexpr int64_t kMergeStepsPerId = 16;
constexpr int64_t kMinMergeSteps = 4096;
// An arrival may be at most this far ahead of the clock. Kafka 4.0 has the same default limit for
// timestamps (message.timestamp.after.max.ms).
constexpr absl::Duration kClockSkew = absl::Hours(1);

int32_t HourOf(int64_t ms) {
  // Callers add hours to the result and subtract hours from it. The limit prevents an overflow.
  constexpr int64_t kLimit = 1'000'000'000;
  return static_cast<int32_t>(std::clamp(ms / 3'600'000 - (ms % 3'600'000 < 0), -kLimit, kLimit));
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
  return Checksum(value.data(), value.size(), Checksum(tenant.data(), tenant.size(), 0));
}

}  // namespace

struct DuplicateWindow::Impl {
  DuplicateWindowOptions options;
  Metrics& metrics;
  GaugeShare ids_gauge;
  GaugeShare bytes_gauge;
  GaugeShare disk_gauge;
  GaugeShare runs_gauge;
  Counter& reads_total;
  Counter& errors_total;
  const int32_t window_hours;
  absl::Time latest_arrival = absl::InfiniteFuture();

  struct State {
    State(int32_t number, int32_t window_hours, int64_t largest_merged,
          std::unique_ptr<RunFolder> folder, OwnedGauge gauge)
        : ids(number, window_hours, largest_merged, std::move(folder)),
          window_gauge(std::move(gauge)) {}

    PartitionWindow ids;
    OwnedGauge window_gauge;
    std::vector<ForgottenIds> losses;
    size_t losses_reported = 0;           // how many of `losses` the open transaction has reported
    uint64_t row_checksum = 0;            // checksum of the last row that Flush passed to `on_row`
    std::optional<RowMark> written_row;   // set by OnRowsWritten
    int64_t open_arrival_ms = INT64_MIN;  // the latest arrival in the open transaction
    int64_t inserted = 0;                 // committed Ids since the last StepMerge
  };
  absl::flat_hash_map<int32_t, std::unique_ptr<State>> partitions;
  bool shortened = false;

  // The open transaction: the new Ids of each partition and tenant.
  struct Pending {
    int32_t partition;
    State* state;
    uint32_t tenant;
    std::vector<IdKey> keys;
    std::vector<PackedId> ids;
  };
  std::vector<Pending> pending;
  std::vector<std::string> names;  // tenant ids, parallel to `pending`
  size_t pending_used = 0;
  size_t last_pending = 0;
  absl::flat_hash_map<uint64_t, size_t> pending_index;  // keys: partition and tenant
  // The overlay: a hash table of the Ids in the open transaction. It is used to find duplicates
  // within the transaction. The table uses open addressing. `epoch` increases with each
  // transaction, and a slot of an older epoch counts as empty. Therefore, the table need not be
  // cleared.
  struct Slot {
    uint64_t epoch = 0;
    uint32_t pending = 0;
    uint32_t hour_word = 0;
    PackedId id{};
  };
  std::vector<Slot> overlay;
  size_t overlay_count = 0;
  uint64_t epoch = 1;
  std::string row;

  Impl(DuplicateWindowOptions o, Metrics& m)
      : options(std::move(o)),
        metrics(m),
        ids_gauge(m.GetGauge("picket_parser_seen_ids")),
        bytes_gauge(m.GetGauge("picket_parser_seen_bytes")),
        disk_gauge(m.GetGauge("picket_parser_seen_disk_bytes")),
        runs_gauge(m.GetGauge("picket_parser_seen_runs")),
        reads_total(m.GetCounter("picket_parser_seen_disk_reads_total")),
        errors_total(m.GetCounter("picket_parser_seen_disk_errors_total")),
        window_hours(static_cast<int32_t>(absl::ToInt64Hours(options.window))) {}

  State& GetState(int32_t number) {
    std::unique_ptr<State>& state = partitions[number];
    if (state == nullptr) state = NewState(number, /*named_files=*/false);
    return *state;
  }

  std::unique_ptr<State> NewState(int32_t number, bool named_files) {
    OwnedGauge window_gauge = metrics.OwnGauge("picket_parser_duplicate_window_seconds",
                                               {{"partition", std::to_string(number)}});
    window_gauge.Set(absl::ToDoubleSeconds(options.window));
    std::string name;
    if (named_files && !options.dir.empty() && !options.folder.empty()) {
      name = absl::StrCat(options.folder, "-", number);
    }
    return std::make_unique<State>(
        number, window_hours, options.disk_budget_bytes / 16,
        std::make_unique<RunFolder>(options.dir, name, &options.disk_fault),
        std::move(window_gauge));
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

  // Returns the partition with the largest size, or nullptr if all sizes are 0.
  template <typename Size>
  PartitionWindow* Largest(Size size) {
    PartitionWindow* largest = nullptr;
    for (const auto& [number, state] : partitions) {
      if (size(state->ids) == 0) continue;
      if (largest == nullptr || size(state->ids) > size(*largest)) largest = &state->ids;
    }
    return largest;
  }

  // Drops the oldest run of the partition that uses the most disk space. Therefore, a partition
  // that fills the disk shortens only its own window. Returns false if no partition has a run.
  bool MakeRoomOnDisk(std::string_view reason) {
    PartitionWindow* const largest =
        Largest([](const PartitionWindow& p) { return p.disk_bytes(); });
    return largest != nullptr && largest->ForgetOldestRun(reason);
  }

  void EnforceBudgets() {
    if (MemoryBytes() <= options.budget_bytes) return;
    // The indexes of the runs are in memory. They may take three quarters of the budget, so that a
    // quarter is left for new Ids.
    while (IndexBytes() > options.budget_bytes / 4 * 3 && MakeRoomOnDisk("memory_budget")) {
    }
    while (MemoryBytes() > options.budget_bytes) {
      PartitionWindow* const largest =
          Largest([](const PartitionWindow& p) { return p.table_bytes(); });
      if (largest == nullptr) return;
      const size_t bytes = std::clamp<size_t>(largest->table_bytes() / 2, 1, kSpillBytes);
      if (options.dir.empty()) {
        largest->Forget(bytes, "memory_budget");
        continue;
      }
      const int64_t needed = static_cast<int64_t>(bytes / sizeof(PackedId)) * kDiskBytesPerId;
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

  // Logs and counts the partition's new losses, and adds them to `losses`.
  void CollectLosses(State& state) {
    for (const ForgottenIds& loss : state.ids.TakeLosses()) {
      shortened = true;
      state.losses.push_back(loss);
      LogWarning("duplicate_window_shortened", {{"partition", loss.partition},
                                                {"from_hour", loss.from_hour},
                                                {"to_hour", loss.to_hour},
                                                {"reason", loss.reason}});
      metrics
          .GetCounter("picket_parser_seen_forgotten_total", {{"reason", std::string(loss.reason)}})
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

  void UpdateMetrics() {
    double all_ids = 0;
    double runs = 0;
    for (const auto& [number, state] : partitions) {
      CollectLosses(*state);
      all_ids += static_cast<double>(state->ids.ids());
      runs += static_cast<double>(state->ids.run_count());
    }
    ids_gauge.Set(all_ids);
    bytes_gauge.Set(static_cast<double>(MemoryBytes()));
    disk_gauge.Set(static_cast<double>(DiskBytes()));
    runs_gauge.Set(runs);
  }

  // Returns the index in `pending` of the entry for a partition and tenant. Adds the entry if it is
  // missing.
  size_t PendingIndex(int32_t partition, std::string_view tenant) {
    if (last_pending < pending_used && pending[last_pending].partition == partition &&
        names[last_pending] == tenant) {
      return last_pending;
    }
    State& state = GetState(partition);
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

  // Adds an Id to the overlay. Returns false if the open transaction already contains the Id.
  bool InsertIntoOverlay(uint32_t pending_index, const IdKey& key, const PackedId& id) {
    if ((overlay_count + 1) * 2 > overlay.size()) {
      std::vector<Slot> old;
      old.swap(overlay);
      overlay.resize(std::max<size_t>(1024, old.size() * 2));
      for (const Slot& slot : old) {
        if (slot.epoch != epoch) continue;
        const uint64_t hash = HashId(slot.id, pending[slot.pending].state->ids.seed());
        *FindOverlay(slot.pending, slot.hour_word, hash, slot.id) = slot;
      }
    }
    Slot* const slot = FindOverlay(pending_index, key.hour_word, key.hash, id);
    if (slot->epoch == epoch) return false;
    *slot = {epoch, pending_index, key.hour_word, id};
    ++overlay_count;
    return true;
  }

  // Returns the slot of the Id, or the empty slot to which the Id belongs.
  Slot* FindOverlay(uint32_t pending_index, uint32_t hour_word, uint64_t hash, const PackedId& id) {
    const size_t mask = overlay.size() - 1;
    for (size_t at = (hash ^ uint64_t{pending_index} * 0x9e3779b9u) & mask;; at = (at + 1) & mask) {
      Slot& slot = overlay[at];
      if (slot.epoch != epoch ||
          (slot.pending == pending_index && slot.hour_word == hour_word && slot.id == id)) {
        return &slot;
      }
    }
  }

  void ClearTransaction() {
    pending_used = 0;
    last_pending = 0;
    pending_index.clear();
    overlay_count = 0;
    ++epoch;
    for (const auto& [number, state] : partitions) {
      state->losses_reported = 0;
      state->written_row.reset();
      state->open_arrival_ms = INT64_MIN;
    }
  }
};

DuplicateWindow::DuplicateWindow(DuplicateWindowOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), metrics)) {}
DuplicateWindow::~DuplicateWindow() = default;

void DuplicateWindow::SetNow(absl::Time now) { impl_->latest_arrival = now + kClockSkew; }
absl::Time DuplicateWindow::latest_arrival() const { return impl_->latest_arrival; }

bool DuplicateWindow::Insert(int32_t partition, std::string_view tenant, const RecordId& id,
                             int32_t hour, absl::Time arrival) {
  Impl& s = *impl_;
  const size_t index = s.PendingIndex(partition, tenant);
  Impl::Pending& pending = s.pending[index];
  PartitionWindow& seen = pending.state->ids;
  const PackedId packed = PackId(id.bytes.data());
  const IdKey key{
      (static_cast<uint32_t>(std::max(hour, 0)) & ~kHashedIdBit) | (id.is_hash ? kHashedIdBit : 0),
      pending.tenant, HashId(packed, seen.seed())};
  // An arrival before the window's newest hour is treated as that hour, because the clock of a
  // producer may have gone back.
  const int64_t arrival_ms = std::max(absl::ToUnixMillis(std::min(arrival, s.latest_arrival)),
                                      int64_t{seen.newest_arrival_hour()} * 3'600'000);
  const int32_t horizon = HourOf(arrival_ms) - s.window_hours;
  if (seen.Has(key, packed, horizon) ||
      !s.InsertIntoOverlay(static_cast<uint32_t>(index), key, packed)) {
    return false;
  }
  pending.state->open_arrival_ms = std::max(pending.state->open_arrival_ms, arrival_ms);
  pending.keys.push_back(key);
  pending.ids.push_back(packed);
  return true;
}

void DuplicateWindow::Flush(const std::function<void(int32_t partition, std::string_view tenant,
                                                     std::string_view value)>& on_row,
                            const std::function<void(const ForgottenIds& loss)>& on_loss) {
  Impl& s = *impl_;
  for (size_t i = 0; i < s.pending_used; ++i) {
    const Impl::Pending& pending = s.pending[i];
    Impl::State& state = *pending.state;
    s.CollectLosses(state);  // a lookup may have dropped a damaged run
    while (on_loss != nullptr && state.losses_reported < state.losses.size()) {
      on_loss(state.losses[state.losses_reported++]);
    }
    for (size_t at = 0; at < pending.ids.size();) {
      s.row.clear();
      s.row.push_back(kRowVersion);
      PutBigEndian(s.row, static_cast<uint64_t>(state.open_arrival_ms), 8);
      for (; at < pending.ids.size() && s.row.size() + kRowEntry <= kLargestRow; ++at) {
        s.row.append(reinterpret_cast<const char*>(&pending.ids[at]), sizeof(PackedId));
        PutBigEndian(s.row, pending.keys[at].hour_word, 4);
      }
      state.row_checksum = ChecksumOfRow(s.names[i], s.row);
      on_row(pending.partition, s.names[i], s.row);
    }
  }
}

void DuplicateWindow::OnRowsWritten(int32_t partition, int64_t offset) {
  const auto found = impl_->partitions.find(partition);
  if (found == impl_->partitions.end()) return;
  found->second->written_row = {offset, found->second->row_checksum};
}

void DuplicateWindow::Commit() {
  Impl& s = *impl_;
  for (size_t i = 0; i < s.pending_used; ++i) {
    const Impl::Pending& pending = s.pending[i];
    PartitionWindow& seen = pending.state->ids;
    if (pending.ids.empty()) continue;
    const int32_t arrival_hour = HourOf(pending.state->open_arrival_ms);
    seen.AdvanceTo(arrival_hour);
    for (size_t j = 0; j < pending.ids.size(); ++j) {
      seen.Add(pending.keys[j], pending.ids[j], arrival_hour);
    }
    pending.state->inserted += static_cast<int64_t>(pending.ids.size());
  }
  for (size_t i = 0; i < s.pending_used; ++i) {
    Impl::State& state = *s.pending[i].state;
    if (state.written_row.has_value()) state.ids.SetLastRow(*std::exchange(state.written_row, {}));
    state.losses.erase(state.losses.begin(),
                       state.losses.begin() + static_cast<std::ptrdiff_t>(state.losses_reported));
    state.losses_reported = 0;
  }
  s.EnforceBudgets();
  for (size_t i = 0; i < s.pending_used; ++i) {
    Impl::State& state = *s.pending[i].state;
    state.ids.StepMerge(
        std::max(kMinMergeSteps, kMergeStepsPerId * std::exchange(state.inserted, 0)));
  }
  s.ClearTransaction();
  s.UpdateMetrics();
}

void DuplicateWindow::Abort() { impl_->ClearTransaction(); }

void DuplicateWindow::BeginRestore(int32_t partition) {
  Release(partition);
  impl_->partitions[partition] = impl_->NewState(partition, /*named_files=*/true);
  impl_->partitions[partition]->ids.OpenFolder();
}

int64_t DuplicateWindow::RestoreFrom(int32_t partition, int64_t begin, int64_t end) {
  const int64_t from = impl_->GetState(partition).ids.RestoreFrom(begin, end);
  impl_->UpdateMetrics();
  return from;
}

bool DuplicateWindow::RestoreRow(int32_t partition, int64_t offset, std::string_view tenant,
                                 std::string_view value) {
  Impl& s = *impl_;
  if (value.size() < kRowHead || value[0] != kRowVersion ||
      (value.size() - kRowHead) % kRowEntry != 0) {
    return false;
  }
  Impl::State& state = s.GetState(partition);
  PartitionWindow& seen = state.ids;
  const RowMark mark{offset, ChecksumOfRow(tenant, value)};
  if (!seen.AcceptsRow(mark)) return true;
  const int32_t arrival_hour =
      HourOf(std::min(static_cast<int64_t>(GetBigEndian(value.substr(1, 8))),
                      absl::ToUnixMillis(s.latest_arrival)));
  seen.AdvanceTo(arrival_hour);
  if (arrival_hour >= seen.Horizon()) {
    const uint32_t number = seen.TenantOf(tenant);
    for (size_t at = kRowHead; at < value.size(); at += kRowEntry) {
      const PackedId id = PackId(value.data() + at);
      const IdKey key{static_cast<uint32_t>(GetBigEndian(value.substr(at + 16, 4))), number,
                      HashId(id, seen.seed())};
      // The manifest declares the runs complete up to a row (RunManifest::mark). The runs may also
      // contain Ids of later rows. Such an Id must not be added again.
      if (!seen.Has(key, id, seen.Horizon())) seen.Add(key, id, arrival_hour);
    }
  }
  seen.SetLastRow(mark);
  s.EnforceBudgets();
  seen.StepMerge(std::max<int64_t>(
      kMinMergeSteps, kMergeStepsPerId * static_cast<int64_t>(value.size() / kRowEntry)));
  return true;
}

bool DuplicateWindow::IsRestored(int32_t partition) {
  const bool restored = impl_->GetState(partition).ids.IsRestored();
  impl_->UpdateMetrics();
  return restored;
}

void DuplicateWindow::Suspend(int32_t partition) { impl_->GetState(partition).ids.Suspend(); }
void DuplicateWindow::Resume(int32_t partition) { impl_->GetState(partition).ids.Resume(); }

void DuplicateWindow::Release(int32_t partition) {
  Impl& s = *impl_;
  const auto found = s.partitions.find(partition);
  if (found == s.partitions.end()) return;
  // `pending` holds what the open transaction has changed, with pointers to the State that is
  // erased below. Therefore, the partition must not be part of the open transaction.
  for (size_t i = 0; i < s.pending_used; ++i) PICKET_CHECK(s.pending[i].partition != partition);
  s.partitions.erase(found);
  s.UpdateMetrics();
}

int64_t DuplicateWindow::size() const {
  int64_t sum = 0;
  for (const auto& [number, state] : impl_->partitions) sum += state->ids.ids();
  return sum;
}

bool DuplicateWindow::is_shortened() const { return impl_->shortened; }

}  // namespace picket::parser
