#include "detector/correlation/correlator.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "common/strings.h"
#include "detector/correlation/correlation_groups.h"
#include "detector/correlation/correlation_metrics.h"
#include "detector/correlation/correlation_rows.h"
#include "detector/correlation/group_store.h"
#include "json/json_members.h"

namespace picket::detector {
namespace {

using correlation::Group;
using correlation::GroupId;
using correlation::kMaxTextBytes;
using correlation::kNever;
using correlation::kNoTime;
using correlation::RecentEvent;
using correlation::RecentEvents;
using correlation::Row;
using correlation::Spec;
using correlation::Tenant;
using correlation::Timer;

constexpr int64_t kOrphanMs = int64_t{24} * 3600 * 1000;

}  // namespace

struct Correlator::Impl {
  Impl(CorrelatorOptions options, Metrics& metrics)
      : options(options),
        is_replay(options.allowed_lateness == absl::InfiniteDuration()),
        lateness(is_replay ? 0 : absl::ToInt64Milliseconds(options.allowed_lateness)),
        future(absl::ToInt64Milliseconds(options.allowed_future)),
        metrics(metrics),
        store(/*has_transactions=*/!is_replay) {}

  // --- Hits ---

  void OpenEpisode(Group& group, int64_t start, int64_t end) {
    if (group.episodes.Open(start, end)) metrics.evicted_episodes.Add();
  }

  void ReportHit(const Group& group, const WindowExtent& extent, int64_t time, std::string_view uid,
                 bool has_event, HitSink on_hit) {
    std::array<RelatedEvent, RecentEvents::kMax> events;
    std::array<std::string_view, RecentEvents::kMax> values;
    size_t count = 0, value_count = 0;
    for (size_t i = 0; i < group.recent.size(); ++i) {
      const RecentEvent& event = group.recent[i];
      if (event.time < extent.start || event.time > extent.end) continue;
      values[value_count++] = event.value;
      // An event with several values occurs once for each of them.
      const auto end = events.begin() + static_cast<ptrdiff_t>(count);
      const bool is_known = std::any_of(
          events.begin(), end, [&](const RelatedEvent& known) { return known.uid == event.uid; });
      if (!is_known) events[count++] = {event.uid, event.time, event.place};
    }
    CorrelationHit hit;
    hit.correlation = group.spec->index;
    hit.partition = group.tenant->partition;
    hit.tenant = group.tenant->id;
    hit.group_values = group.names;
    hit.count = extent.count;
    hit.window_start_ms = extent.start;
    hit.window_end_ms = extent.end;
    hit.time_ms = time;
    hit.uid = uid;
    if (!has_event && count > 0) hit.uid = events[0].uid;
    if (!has_event && count == 0 && group.recent.size() > 0) hit.uid = group.recent[0].uid;
    hit.has_event = has_event;
    hit.events = absl::MakeConstSpan(events.data(), count);
    hit.values = absl::MakeConstSpan(values.data(), group.window.counts_values() ? value_count : 0);
    on_hit(hit);
  }

  // --- Event time ---

  // Returns the event time after which no further event can belong to the group's current windows.
  int64_t ExpiryOf(const Group& group) const {
    return is_replay ? kNever : group.newest + group.spec->span + lateness;
  }

  // Returns the event time after which RunTimers must examine the group: when its first undecided
  // window ends, or when the group expires.
  int64_t DueOf(const Group& group) const {
    int64_t due = ExpiryOf(group);
    if (is_replay) return due;
    if (!group.spec->immediate && group.pending != kNever) {
      due = std::min(due, group.pending + group.spec->span);
    }
    return due;
  }

  void Schedule(Group& group) {
    const int64_t due = DueOf(group);
    if (due >= group.timer) return;
    group.timer = due;
    group.tenant->timers.push({due, group.id});
  }

  void FindPending(Group& group) {
    group.pending = kNever;
    if (group.spec->immediate) return;
    const int64_t from = group.decided_until == kNoTime ? kNoTime / 4 : group.decided_until + 1;
    int64_t first = 0;
    if (group.window.FirstFrom(from, &first)) group.pending = first;
  }

  // Compares the count of the group's first undecided window with the conditions, and reports a hit
  // if the count fulfils them.
  void DecideNext(Group& group, HitSink on_hit) {
    store.Touch(group);
    const int64_t end = group.pending + group.spec->span;
    const WindowExtent extent = group.window.Count(group.pending, end);
    group.decided_until = end;
    if (correlation::Fulfils(group.spec->rule, extent.count) &&
        !group.episodes.Extend(extent.start, extent.end, group.spec->span)) {
      OpenEpisode(group, extent.start, extent.end);
      ReportHit(group, extent, extent.end, "", /*has_event=*/false, on_hit);
    }
    FindPending(group);
  }

  // Decides all windows of `groups` that end before `watermark`. The windows are decided in the
  // order of their ends, so that the order of the hits does not depend on the order of `groups`.
  void Decide(const std::vector<Group*>& groups, int64_t watermark, HitSink on_hit) {
    using Open = std::tuple<int64_t, uint32_t, GroupId, Group*>;
    std::priority_queue<Open, std::vector<Open>, std::greater<>> open;
    const auto push = [&](Group* group) {
      if (group->pending == kNever || group->pending + group->spec->span >= watermark) return;
      open.emplace(group->pending + group->spec->span, group->spec->index, group->id, group);
    };
    for (Group* group : groups) push(group);
    while (!open.empty()) {
      Group* group = std::get<3>(open.top());
      open.pop();
      DecideNext(*group, on_hit);
      push(group);
    }
  }

  void RunTimers(Tenant& tenant, HitSink on_hit) {
    due.clear();
    while (!tenant.timers.empty() && tenant.timers.top().at < tenant.watermark) {
      const Timer timer = tenant.timers.top();
      tenant.timers.pop();
      const auto it = tenant.groups.find(timer.group);
      // The timer is obsolete if the group was removed or if an earlier timer was set for the
      // group.
      if (it == tenant.groups.end() || it->second->timer != timer.at) continue;
      it->second->timer = kNever;
      due.push_back(it->second.get());
    }
    if (due.empty()) return;
    Decide(due, tenant.watermark, on_hit);
    for (Group* group : due) {
      if (ExpiryOf(*group) < tenant.watermark) {
        tenant.expired.push_back(group->id);
      } else {
        Schedule(*group);
      }
    }
  }

  // --- Caps ---

  // If the group exceeds its cap, returns the oldest bucket to keep; the caller must evict all
  // older buckets. Otherwise, returns kNoTime.
  int64_t CapFloor(const Group& group) const {
    const int64_t excess = group.window.size() - options.group_cap;
    if (excess <= 0) return kNoTime;
    // Evict more than necessary. Otherwise, every further event would cause an eviction.
    const int64_t floor = group.window.BucketToFree(excess + options.group_cap / 16);
    return std::min(floor, group.window.BucketOf(group.newest));
  }

  void DropBelow(Group& group, int64_t floor, bool evicts) {
    if (floor == kNoTime) return;
    if (evicts) {
      const int64_t before = group.window.size();
      group.window.Evict(floor);
      metrics.evicted_steps.Add(before - group.window.size());
    } else {
      group.window.Forget(floor);
    }
  }

  std::vector<GroupId> IdleGroups(const Tenant& tenant) const {
    return tenant.IdleGroups(static_cast<size_t>(options.tenant_cap));
  }

  // --- Rows ---

  // Builds groups from the rows of loaded correlations. The other rows become the orphans of the
  // tenant.
  void Restore(Tenant& tenant, std::vector<Row> rows) {
    const auto before = static_cast<int64_t>(tenant.groups.size());
    unreadable_rows += RestoreGroups(specs, &rows, &tenant);
    store.AddToCount(static_cast<int64_t>(tenant.groups.size()) - before);
    for (auto& [id, group] : tenant.groups) {
      FindPending(*group);
      Schedule(*group);
    }
    tenant.orphans = std::move(rows);
    tenant.orphans_until = tenant.watermark == kNoTime ? kNever : tenant.watermark + kOrphanMs;
  }

  // Reports the changed rows of a group, and sets `floor` and `evicts` of the group for Commit.
  void FlushGroup(Group& group, RowSink on_row) {
    int64_t floor = kNoTime;
    if (group.tenant->watermark != kNoTime) {
      floor = group.window.BucketOf(group.tenant->watermark - lateness - group.spec->span);
    }
    if (group.decided_until != kNoTime) {
      floor = std::max(floor, group.window.BucketOf(group.decided_until + 1));
    }
    const int64_t cap_floor = CapFloor(group);
    group.evicts = cap_floor > floor;
    group.floor = std::max(floor, cap_floor);

    const std::string prefix = GroupPrefix(group);
    const int32_t partition = group.tenant->partition;
    ForEachBucketKey(group, group.floor, [&](std::string_view key) { on_row(partition, key, ""); });
    std::sort(group.dirty.begin(), group.dirty.end());
    group.dirty.erase(std::unique(group.dirty.begin(), group.dirty.end()), group.dirty.end());
    for (const auto& [bucket, part] : group.dirty) {
      if (bucket < group.floor) continue;
      on_row(partition, BucketKey(group, prefix, bucket, part), EncodeBucket(group, bucket, part));
    }
    on_row(partition, correlation::HeadKey(prefix), EncodeHead(group));
  }

  const CorrelatorOptions options;
  const bool is_replay;
  const int64_t lateness;
  const int64_t future;
  correlation::CorrelationMetrics metrics;
  correlation::Specs specs;
  correlation::GroupStore store;
  int64_t unreadable_rows = 0;  // rows of the current restore that could not be decoded
  correlation::ValueHasher hasher;
  std::vector<Group*> due;  // buffer of RunTimers, kept to avoid allocations
};

Correlator::Correlator(Correlations correlations, CorrelatorOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, metrics)) {
  impl_->specs = correlation::MakeSpecs(std::move(correlations));
}

Correlator::~Correlator() = default;

void Correlator::CountSkipped(uint32_t /*correlation*/) { impl_->metrics.skipped.Add(); }

void Correlator::Add(uint32_t correlation, const CorrelatedEvent& event,
                     absl::Span<const std::string_view> group_values, std::string_view value,
                     HitSink on_hit) {
  Impl& impl = *impl_;
  const Spec& spec = *impl.specs[correlation];
  Tenant& tenant = impl.store.TenantOf(event.partition, event.tenant);
  const int64_t time = event.time_ms;
  if (!impl.is_replay && tenant.watermark != kNoTime && time < tenant.watermark - impl.lateness) {
    impl.metrics.late.Add();
    return;
  }
  Group& group = impl.store.GroupOf(tenant, spec, group_values);
  if (!spec.immediate && time <= group.decided_until) {
    impl.metrics.late.Add();
    return;
  }
  if (group.window.size() >= 2 * impl.options.group_cap) {
    // The newest bucket is never evicted, and a transaction evicts only at its Commit. A group can
    // therefore exceed its cap. Refuse events at twice the cap, so that memory is bounded.
    impl.metrics.evicted_steps.Add();
    return;
  }
  impl.store.Touch(group);

  GroupWindow::Change change;
  const uint64_t hash = group.window.counts_values() ? impl.hasher.HashOf(value) : 0;
  const int64_t greatest = group.window.Add(time, hash, &change);
  group.newest = std::max(group.newest, time);
  group.recent.Add(time, TruncateUtf8(event.uid, kMaxTextBytes), TruncateUtf8(value, kMaxTextBytes),
                   event.place);
  impl.store.Record(group, change);

  if (!spec.immediate) {
    group.pending = std::min(group.pending, time);
  } else if (!group.episodes.Extend(time, time, spec.span) && greatest >= spec.threshold) {
    const WindowExtent extent = group.window.Find(time, spec.threshold);
    impl.OpenEpisode(group, std::min(extent.start, time), std::max(extent.end, time));
    impl.ReportHit(group, extent, time, event.uid, /*has_event=*/true, on_hit);
  }
  impl.Schedule(group);

  if (impl.is_replay) {
    // Enforce the caps here, because a replay has no transactions and therefore no Commit.
    impl.DropBelow(group, impl.CapFloor(group), /*evicts=*/true);
    for (const GroupId& id : impl.IdleGroups(tenant)) {
      impl.store.EraseGroup(tenant, id);
      impl.metrics.evicted_groups.Add();
    }
  }
}

void Correlator::Advance(const CorrelatedEvent& event, HitSink on_hit) {
  Impl& impl = *impl_;
  if (impl.specs.empty() || impl.is_replay) return;
  if (event.arrival_ms > 0 && event.time_ms > event.arrival_ms + impl.future) {
    impl.metrics.future.Add();
    return;
  }
  Tenant& tenant = impl.store.TenantOf(event.partition, event.tenant);
  if (event.time_ms <= tenant.watermark) return;
  impl.store.TouchTenant(tenant);
  tenant.watermark = event.time_ms;
  impl.RunTimers(tenant, on_hit);
}

void Correlator::Finish(HitSink on_hit) {
  Impl& impl = *impl_;
  for (auto& [number, partition] : impl.store.partitions()) {
    // Process the tenants in the order of their ids, so that the order of the hits is the same in
    // every run.
    std::map<std::string_view, Tenant*> tenants;
    for (auto& [id, tenant] : partition.tenants) tenants.emplace(id, tenant.get());
    for (auto& [id, tenant] : tenants) {
      std::vector<Group*> groups;
      for (auto& [group_id, group] : tenant->groups) groups.push_back(group.get());
      impl.Decide(groups, kNever, on_hit);
    }
  }
}

void Correlator::Flush(RowSink on_row) {
  Impl& impl = *impl_;
  for (Tenant* tenant : impl.store.touched_tenants()) {
    for (const GroupId& id : tenant->expired) {
      const auto it = tenant->groups.find(id);
      if (it == tenant->groups.end() || it->second->is_removed) continue;
      if (impl.ExpiryOf(*it->second) >= tenant->watermark) {
        // The group was marked as expired earlier in this transaction, but has received an event
        // since.
        impl.Schedule(*it->second);
        continue;
      }
      impl.store.Remove(*it->second);
    }
    for (const GroupId& id : impl.IdleGroups(*tenant)) {
      impl.store.Remove(*tenant->groups.find(id)->second);
      impl.metrics.evicted_groups.Add();
    }
    if (!tenant->orphans.empty() && tenant->watermark > tenant->orphans_until) {
      tenant->drops_orphans = true;
      for (const Row& row : tenant->orphans) on_row(tenant->partition, row.key, "");
    }
    if (tenant->watermark != tenant->saved_watermark) {
      const Row row = correlation::WatermarkRow(*tenant);
      on_row(tenant->partition, row.key, row.value);
    }
  }
  for (const Group* group : impl.store.removed_groups()) {
    const int32_t partition = group->tenant->partition;
    ForEachBucketKey(*group, kNever, [&](std::string_view key) { on_row(partition, key, ""); });
    on_row(partition, correlation::HeadKey(GroupPrefix(*group)), "");
  }
  for (Group* group : impl.store.touched_groups()) {
    if (!group->is_removed) impl.FlushGroup(*group, on_row);
  }
}

void Correlator::Commit() {
  Impl& impl = *impl_;
  for (Group* group : impl.store.touched_groups()) {
    group->touched = false;
    group->created = false;
    group->saved_head.clear();
    group->dirty.clear();
    if (!group->is_removed) impl.DropBelow(*group, group->floor, group->evicts);
    group->floor = kNoTime;
  }
  for (Group* group : impl.store.removed_groups()) impl.store.EraseGroup(*group->tenant, group->id);
  for (Tenant* tenant : impl.store.touched_tenants()) {
    tenant->touched = false;
    tenant->expired.clear();
    if (tenant->drops_orphans) tenant->orphans.clear();
    tenant->drops_orphans = false;
  }
  impl.store.ClearTransaction();
  impl.metrics.Commit();
  impl.metrics.groups.Set(static_cast<double>(impl.store.group_count()));
}

void Correlator::Abort() {
  Impl& impl = *impl_;
  impl.store.UndoJournal();
  for (Group* group : impl.store.removed_groups()) group->is_removed = false;
  for (Tenant* tenant : impl.store.touched_tenants()) {
    tenant->touched = false;
    tenant->watermark = tenant->saved_watermark;
    tenant->drops_orphans = false;
    for (const GroupId& id : tenant->expired) {
      const auto group = tenant->groups.find(id);
      if (group != tenant->groups.end()) impl.Schedule(*group->second);
    }
    tenant->expired.clear();
  }
  for (Group* group : impl.store.touched_groups()) {
    if (group->created) {
      impl.store.EraseGroup(*group->tenant, group->id);
      continue;
    }
    DecodeHead(group->saved_head, group);
    group->touched = false;
    group->saved_head.clear();
    group->dirty.clear();
    group->floor = kNoTime;
    impl.FindPending(*group);
    impl.Schedule(*group);
  }
  impl.store.ClearTransaction();
  impl.metrics.Abort();
}

void Correlator::BeginRestore(int32_t partition) {
  impl_->store.DropPartition(partition);
  impl_->store.partitions()[partition];
}

void Correlator::RestoreRow(int32_t partition, std::string_view key, std::string_view value) {
  auto& staged = impl_->store.partitions()[partition].staged;
  const auto it = staged.find(key);
  if (value.empty()) {
    if (it != staged.end()) staged.erase(it);
  } else if (it != staged.end()) {
    it->second = std::string(value);
  } else {
    staged.emplace(std::string(key), std::string(value));
  }
}

int64_t Correlator::EndRestore(int32_t partition) {
  Impl& impl = *impl_;
  impl.unreadable_rows = 0;
  StringMap<std::string> staged = std::move(impl.store.partitions()[partition].staged);
  impl.store.partitions()[partition].staged.clear();
  StringMap<std::vector<Row>> by_tenant;
  for (auto& [key, value] : staged) {
    std::string_view id;
    bool is_watermark = false;
    if (!correlation::SplitTenant(key, &id, &is_watermark)) {
      ++impl.unreadable_rows;
    } else if (!is_watermark) {
      by_tenant[std::string(id)].push_back({key, std::move(value)});
    } else if (int64_t watermark = 0; correlation::DecodeWatermark(value, &watermark)) {
      impl.store.TenantOf(partition, id).watermark = watermark;
    } else {
      ++impl.unreadable_rows;
    }
  }
  for (auto& [id, rows] : by_tenant)
    impl.Restore(impl.store.TenantOf(partition, id), std::move(rows));
  impl.metrics.groups.Set(static_cast<double>(impl.store.group_count()));
  return impl.unreadable_rows;
}

void Correlator::Release(int32_t partition) {
  impl_->store.DropPartition(partition);
  impl_->metrics.groups.Set(static_cast<double>(impl_->store.group_count()));
}

void Correlator::SwapRules(Correlations correlations) {
  Impl& impl = *impl_;
  Commit();
  if (AreSame(impl.specs, correlations)) {
    // Keep all groups. If all hashes are the same, the old and new correlations can differ only in
    // the indexes of the counted rules.
    for (size_t i = 0; i < impl.specs.size(); ++i) {
      impl.specs[i]->rule = std::move(correlations.entries[i].rule);
    }
    return;
  }
  // Convert all groups to rows, and rebuild the groups from these rows as after a restart.
  std::vector<std::pair<Tenant*, std::vector<Row>>> all;
  for (auto& [number, partition] : impl.store.partitions()) {
    for (auto& [id, tenant] : partition.tenants) {
      std::vector<Row> rows = std::move(tenant->orphans);
      for (const auto& [group_id, group] : tenant->groups) AppendRows(*group, &rows);
      impl.store.AddToCount(-static_cast<int64_t>(tenant->groups.size()));
      tenant->groups.clear();
      tenant->timers = {};
      all.emplace_back(tenant.get(), std::move(rows));
    }
  }
  impl.specs = correlation::MakeSpecs(std::move(correlations));
  for (auto& [tenant, rows] : all) impl.Restore(*tenant, std::move(rows));
}

int64_t Correlator::groups() const { return impl_->store.group_count(); }

}  // namespace picket::detector
