#include "detector/correlation/correlator.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "common/sha256.h"
#include "common/stable_hash.h"
#include "common/strings.h"
#include "detector/correlation/correlation_rows.h"
#include "detector/correlation/varint_codec.h"
#include "json/json_members.h"

namespace picket::detector {
namespace {

using correlation::DecodeHead;
using correlation::EncodeHead;
using correlation::Episode;
using correlation::Group;
using correlation::GroupId;
using correlation::GroupKey;
using correlation::kNever;
using correlation::kNoTime;
using correlation::kRecentEvents;
using correlation::kRowVersion;
using correlation::Number;
using correlation::ParseHex64;
using correlation::ParseNumber;
using correlation::Partition;
using correlation::RecentEvent;
using correlation::Row;
using correlation::Spec;
using correlation::Tenant;
using correlation::Timer;

constexpr size_t kMaxEpisodes = 128;
constexpr size_t kMaxTextBytes = 512;  // of a group value or an id that is kept
constexpr int64_t kOrphanMs = int64_t{24} * 3600 * 1000;
constexpr std::string_view kWatermark = "watermark";
constexpr std::string_view kHead = "head";

bool Holds(const sigma::CountCondition& condition, int64_t count) {
  switch (condition.comparison) {
    case sigma::Comparison::kGreater:
      return count > condition.value;
    case sigma::Comparison::kGreaterEqual:
      return count >= condition.value;
    case sigma::Comparison::kLess:
      return count < condition.value;
    case sigma::Comparison::kLessEqual:
      return count <= condition.value;
    case sigma::Comparison::kEqual:
      return count == condition.value;
    case sigma::Comparison::kNotEqual:
      return count != condition.value;
  }
  return false;
}

}  // namespace

Correlations MakeCorrelations(absl::Span<const CorrelationRule> correlations,
                              absl::Span<const DetectionRule> rules) {
  Correlations made;
  for (const CorrelationRule& rule : correlations) {
    std::string versions;
    for (const uint32_t index : rule.rules) {
      if (index < rules.size()) versions += rules[index].info.version;
      versions += ' ';
    }
    const Sha256Digest digest = Sha256Of({rule.info.id, rule.info.version, versions});
    made.entries.push_back({rule, HexPrefix(digest, 16)});
  }
  return made;
}

struct Correlator::Impl {
  Impl(CorrelatorOptions options, Metrics& metrics)
      : options(options),
        endless(options.allowed_lateness == absl::InfiniteDuration()),
        lateness(endless ? 0 : absl::ToInt64Milliseconds(options.allowed_lateness)),
        future(absl::ToInt64Milliseconds(options.allowed_future)),
        late(metrics.GetCounter("picket_correlation_late_events_total",
                                "Events too old for the windows they belong to.")),
        ahead(metrics.GetCounter(
            "picket_correlation_future_events_total",
            "Events whose time lies too far after their arrival to move event time.")),
        skipped(metrics.GetCounter(
            "picket_correlation_skipped_events_total",
            "Events that lack a field which a correlation groups by or counts.")),
        evicted_steps(metrics.GetCounter("picket_correlation_evictions_total",
                                         "What was forgotten to keep memory bounded.",
                                         {{"what", "window"}})),
        evicted_groups(metrics.GetCounter("picket_correlation_evictions_total",
                                          "What was forgotten to keep memory bounded.",
                                          {{"what", "group"}})),
        evicted_episodes(metrics.GetCounter("picket_correlation_evictions_total",
                                            "What was forgotten to keep memory bounded.",
                                            {{"what", "episode"}})),
        bad_rows(metrics.GetCounter("picket_correlation_bad_rows_total",
                                    "Rows of the state that could not be read.")),
        group_gauge(metrics.GetGauge("picket_correlation_groups", "Groups with an open window.")) {}

  void SetRules(Correlations correlations) {
    specs.clear();
    uint32_t index = 0;
    for (Correlations::Entry& entry : correlations.entries) {
      auto spec = std::make_unique<Spec>();
      spec->rule = std::move(entry.rule);
      spec->hash = std::move(entry.hash);
      ParseHex64(spec->hash, &spec->id);
      spec->index = index++;
      spec->span = absl::ToInt64Milliseconds(spec->rule.timespan);
      spec->threshold = 1;
      for (const sigma::CountCondition& condition : spec->rule.conditions) {
        if (condition.comparison == sigma::Comparison::kGreater) {
          spec->threshold = std::max(spec->threshold, condition.value + 1);
        } else if (condition.comparison == sigma::Comparison::kGreaterEqual) {
          spec->threshold = std::max(spec->threshold, condition.value);
        } else {
          spec->immediate = false;
        }
      }
      specs.push_back(std::move(spec));
    }
  }

  // The same correlations in the same order.
  bool HasSame(const Correlations& correlations) const {
    if (specs.size() != correlations.entries.size()) return false;
    for (size_t i = 0; i < specs.size(); ++i) {
      if (specs[i]->hash != correlations.entries[i].hash) return false;
    }
    return true;
  }

  const Spec* FindSpec(std::string_view hash) const {
    for (const auto& spec : specs) {
      if (spec->hash == hash) return spec.get();
    }
    return nullptr;
  }

  Tenant& TenantOf(int32_t partition, std::string_view id) {
    if (last_tenant != nullptr && last_tenant->partition == partition && last_tenant->id == id) {
      return *last_tenant;
    }
    auto& tenants = partitions[partition].tenants;
    auto it = tenants.find(id);
    if (it == tenants.end()) {
      it = tenants.emplace(std::string(id), std::make_unique<Tenant>()).first;
      it->second->id = std::string(id);
      it->second->partition = partition;
    }
    last_tenant = it->second.get();
    return *last_tenant;
  }

  void TouchTenant(Tenant& tenant) {
    if (tenant.touched || endless) return;
    tenant.touched = true;
    tenant.saved_watermark = tenant.watermark;
    touched_tenants.push_back(&tenant);
  }

  void Touch(Group& group) {
    if (group.touched || endless) return;
    group.touched = true;
    if (!group.created) group.saved_head = EncodeHead(group);
    touched_groups.push_back(&group);
    TouchTenant(*group.tenant);
  }

  GroupId IdOf(const Spec& spec, absl::Span<const std::string_view> names) {
    scratch.clear();
    for (const std::string_view name : names) {
      PutNumber(scratch, name.size());
      for (const char c : name)
        scratch.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    }
    return {spec.id, StableHash(scratch, 1), StableHash(scratch, 2)};
  }

  uint64_t HashOfValue(std::string_view value) {
    scratch.clear();
    for (const char c : value)
      scratch.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    return StableHash(scratch, 3);
  }

  Group& GroupOf(Tenant& tenant, const Spec& spec, absl::Span<const std::string_view> names) {
    const GroupId id = IdOf(spec, names);
    const auto [it, made] = tenant.groups.try_emplace(id);
    if (made) {
      it->second = std::make_unique<Group>(&tenant, &spec, id);
      it->second->created = !endless;
      for (const std::string_view name : names) {
        it->second->names.emplace_back(CutText(name, kMaxTextBytes));
      }
      ++group_count;
    }
    return *it->second;
  }

  static void Remember(Group& group, int64_t time, std::string_view uid, std::string_view value) {
    if (group.recent.size() < kRecentEvents) {
      group.recent.emplace_back();
      group.next_recent = group.recent.size() - 1;
    }
    RecentEvent& event = group.recent[group.next_recent];
    event.time = time;
    event.uid.assign(CutText(uid, kMaxTextBytes));
    event.value.assign(CutText(value, kMaxTextBytes));
    group.next_recent = (group.next_recent + 1) % kRecentEvents;
  }

  // True when [start, end] lies within a timespan of an episode, which then holds it too.
  bool ExtendEpisode(Group& group, int64_t start, int64_t end) {
    const int64_t span = group.spec->span;
    std::vector<Episode>& episodes = group.episodes;
    for (size_t i = episodes.size(); i-- > 0;) {
      Episode& episode = episodes[i];
      if (start > episode.end + span) return false;
      if (end < episode.start - span) continue;
      episode.start = std::min(episode.start, start);
      episode.end = std::max(episode.end, end);
      if (i + 1 < episodes.size() && episodes[i + 1].start <= episode.end + span) {
        episode.end = std::max(episode.end, episodes[i + 1].end);
        episodes.erase(episodes.begin() + static_cast<int64_t>(i) + 1);
      }
      if (i > 0 && episodes[i - 1].end + span >= episode.start) {
        episodes[i - 1].end = std::max(episode.end, episodes[i - 1].end);
        episodes.erase(episodes.begin() + static_cast<int64_t>(i));
      }
      return true;
    }
    return false;
  }

  void OpenEpisode(Group& group, int64_t start, int64_t end) {
    std::vector<Episode>& episodes = group.episodes;
    const auto at =
        std::upper_bound(episodes.begin(), episodes.end(), start,
                         [](int64_t time, const Episode& episode) { return time < episode.start; });
    episodes.insert(at, Episode{start, end});
    if (episodes.size() > kMaxEpisodes) {
      // Better silent between two old episodes than loud about one of them again.
      episodes[1].start = episodes[0].start;
      episodes.erase(episodes.begin());
      evicted_episodes.Increment();
    }
  }

  void Fire(const Group& group, const WindowExtent& extent, int64_t time, std::string_view uid,
            bool has_event, HitSink on_hit) {
    std::array<std::string_view, kRecentEvents> uids;
    std::array<std::string_view, kRecentEvents> values;
    size_t count = 0;
    const size_t oldest = group.recent.size() < kRecentEvents ? 0 : group.next_recent;
    for (size_t i = 0; i < group.recent.size(); ++i) {
      const RecentEvent& event = group.recent[(oldest + i) % group.recent.size()];
      if (event.time < extent.start || event.time > extent.end) continue;
      uids[count] = event.uid;
      values[count] = event.value;
      ++count;
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
    if (!has_event && count > 0) hit.uid = uids[0];
    if (!has_event && count == 0 && !group.recent.empty()) hit.uid = group.recent[oldest].uid;
    hit.has_event = has_event;
    hit.event_uids = absl::MakeConstSpan(uids.data(), count);
    hit.values = absl::MakeConstSpan(values.data(), group.values ? count : 0);
    on_hit(hit);
  }

  // When no event can reach the group any more.
  int64_t ExpiryOf(const Group& group) const {
    return endless ? kNever : group.newest + group.spec->span + lateness;
  }

  // When event time has to look at it next.
  int64_t DueOf(const Group& group) const {
    int64_t due = ExpiryOf(group);
    if (endless) return due;
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
    if (group.events ? group.events->FirstFrom(from, &first)
                     : group.values->FirstFrom(from, &first)) {
      group.pending = first;
    }
  }

  // Decides the first window that is open.
  void DecideNext(Group& group, HitSink on_hit) {
    Touch(group);
    const int64_t end = group.pending + group.spec->span;
    const WindowExtent extent = group.events ? group.events->Count(group.pending, end)
                                             : group.values->Count(group.pending, end);
    group.decided_until = end;
    const bool holds =
        std::all_of(group.spec->rule.conditions.begin(), group.spec->rule.conditions.end(),
                    [&extent](const sigma::CountCondition& c) { return Holds(c, extent.count); });
    if (holds && !ExtendEpisode(group, extent.start, extent.end)) {
      OpenEpisode(group, extent.start, extent.end);
      Fire(group, extent, extent.end, "", /*has_event=*/false, on_hit);
    }
    FindPending(group);
  }

  // Decides all windows of the groups that ended before `watermark`, in the order of their ends: what is decided
  // together comes out in an order that does not hang on the past of the timers.
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

  // Bucket below which the group's oldest must go so that it keeps to its cap; kNoTime when it does.
  int64_t CapFloor(const Group& group) const {
    int64_t excess = group.size() - options.group_cap;
    if (excess <= 0) return kNoTime;
    excess += options.group_cap / 16;
    const auto walk = [&excess](const auto& buckets, const auto& size_of) {
      auto it = buckets.begin();
      const auto last = std::prev(buckets.end());
      for (; it != last && excess > 0; ++it) excess -= static_cast<int64_t>(size_of(it->second));
      return it->first;
    };
    int64_t floor = group.events
                        ? walk(group.events->counts().buckets(),
                               [](const StepFunction::Bucket& b) { return b.steps.size(); })
                        : walk(group.values->buckets(),
                               [](const std::vector<uint64_t>& b) { return b.size(); });
    return std::min(floor, group.BucketOf(group.newest));
  }

  void DropBelow(Group& group, int64_t floor, bool evicts) {
    if (floor == kNoTime) return;
    if (evicts) {
      const int64_t before = group.size();
      group.events ? group.events->Evict(floor) : group.values->Evict(floor);
      evicted_steps.Increment(static_cast<double>(before - group.size()));
    } else {
      group.events ? group.events->Forget(floor) : group.values->Forget(floor);
    }
  }

  // The groups of a tenant that were idle longest, when it has too many.
  std::vector<GroupId> TooMany(const Tenant& tenant) const {
    std::vector<GroupId> idle;
    const auto cap = static_cast<size_t>(options.tenant_cap);
    if (tenant.groups.size() <= cap) return idle;
    std::vector<std::pair<int64_t, GroupId>> all;
    for (const auto& [id, group] : tenant.groups) {
      if (!group->dying) all.emplace_back(group->newest, id);
    }
    const size_t keep = cap - cap / 16;
    if (all.size() <= keep) return idle;
    std::sort(all.begin(), all.end());
    for (size_t i = 0; i + keep < all.size(); ++i) idle.push_back(all[i].second);
    return idle;
  }

  void EraseGroup(Tenant& tenant, const GroupId& id) {
    if (tenant.groups.erase(id) > 0) --group_count;
  }

  void Tombstones(const Group& group, int64_t below, RowSink on_row) const {
    const std::string prefix = GroupKey(group);
    const int32_t partition = group.tenant->partition;
    if (group.events) {
      for (const auto& [number, bucket] : group.events->counts().buckets()) {
        if (number >= below) break;
        const bool written = std::any_of(bucket.steps.begin(), bucket.steps.end(),
                                         [](const StepFunction::Step& s) { return s.plus != 0; });
        if (written) on_row(partition, prefix + Number(number * group.events->width()), "");
      }
    } else {
      for (const auto& [number, bucket] : group.values->buckets()) {
        if (number >= below) break;
        for (uint32_t part = 0; part < group.values->PartsOf(number); ++part) {
          on_row(partition, BucketKey(group, prefix, number, part), "");
        }
      }
    }
  }

  static std::string BucketKey(const Group& group, const std::string& prefix, int64_t bucket,
                               uint32_t part) {
    if (group.events) return prefix + Number(bucket * group.events->width());
    return prefix + Number(bucket * group.values->width()) + "." + Number(part);
  }

  static std::string EncodeBucket(const Group& group, int64_t bucket, uint32_t part) {
    std::string row(1, kRowVersion);
    row +=
        group.events ? group.events->EncodeBucket(bucket) : group.values->EncodePart(bucket, part);
    return row;
  }

  // All rows of a group, as they stand on the topic.
  void AllRows(const Group& group, std::vector<Row>* rows) const {
    const std::string prefix = GroupKey(group);
    rows->push_back({prefix + std::string(kHead), EncodeHead(group)});
    Tombstones(group, kNever, [&](int32_t, std::string_view key, std::string_view) {
      const std::string_view last = key.substr(key.rfind('|') + 1);
      int64_t start = 0;
      int64_t part = 0;
      const size_t dot = last.find('.');
      ParseNumber(last.substr(0, dot), &start);
      if (dot != std::string_view::npos) ParseNumber(last.substr(dot + 1), &part);
      rows->push_back({std::string(key),
                       EncodeBucket(group, group.BucketOf(start), static_cast<uint32_t>(part))});
    });
  }

  // Puts rows of known rules into groups; `rows` keeps the others.
  void Build(Tenant& tenant, std::vector<Row>& rows) {
    std::vector<Row> unknown;
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
    for (const bool heads : {true, false}) {
      for (Row& row : rows) {
        if (row.key.empty()) continue;  // set apart in the first pass
        std::string_view rest = std::string_view(row.key).substr(tenant.id.size() + 1);
        const size_t first = rest.find('|');
        const size_t second = first == std::string_view::npos ? first : rest.find('|', first + 1);
        if (second == std::string_view::npos || second - first != 33) {
          if (heads) bad_rows.Increment();
          continue;
        }
        const std::string_view hash = rest.substr(0, first);
        const std::string_view last = rest.substr(second + 1);
        if ((last == kHead) != heads) continue;
        const Spec* spec = FindSpec(hash);
        if (spec == nullptr) {
          unknown.push_back(std::move(row));
          continue;
        }
        GroupId id{spec->id, 0, 0};
        if (!ParseHex64(rest.substr(first + 1, 16), &id.high) ||
            !ParseHex64(rest.substr(first + 17, 16), &id.low)) {
          bad_rows.Increment();
          continue;
        }
        if (heads) {
          auto group = std::make_unique<Group>(&tenant, spec, id);
          if (!DecodeHead(row.value, group.get())) {
            bad_rows.Increment();
            continue;
          }
          if (tenant.groups.insert_or_assign(id, std::move(group)).second) ++group_count;
          continue;
        }
        const auto it = tenant.groups.find(id);
        if (it == tenant.groups.end() || !RestoreBucket(*it->second, last, row.value)) {
          bad_rows.Increment();
        }
      }
    }
    rows = std::move(unknown);
    for (auto& [id, group] : tenant.groups) {
      FindPending(*group);
      Schedule(*group);
    }
  }

  static bool RestoreBucket(Group& group, std::string_view name, std::string_view value) {
    if (value.empty() || value.front() != kRowVersion) return false;
    value.remove_prefix(1);
    int64_t start = 0;
    int64_t part = 0;
    const size_t dot = name.find('.');
    if (!ParseNumber(name.substr(0, dot), &start)) return false;
    if (group.events) return group.events->RestoreBucket(group.BucketOf(start), value);
    if (dot == std::string_view::npos || !ParseNumber(name.substr(dot + 1), &part)) return false;
    return group.values->RestorePart(group.BucketOf(start), static_cast<uint32_t>(part), value);
  }

  // Forgets what the open transaction knows of a partition.
  void Purge(int32_t partition) {
    last_tenant = nullptr;
    std::erase_if(journal,
                  [&](const JournalEntry& e) { return e.group->tenant->partition == partition; });
    std::erase_if(touched_groups, [&](Group* g) { return g->tenant->partition == partition; });
    std::erase_if(dying, [&](Group* g) { return g->tenant->partition == partition; });
    std::erase_if(touched_tenants, [&](Tenant* t) { return t->partition == partition; });
    const auto it = partitions.find(partition);
    if (it == partitions.end()) return;
    for (const auto& [id, tenant] : it->second.tenants) {
      group_count -= static_cast<int64_t>(tenant->groups.size());
    }
    partitions.erase(it);
  }

  struct JournalEntry {
    Group* group;
    int64_t time;
    ValueCountWindow::Change change;
  };

  const CorrelatorOptions options;
  const bool endless;
  const int64_t lateness;
  const int64_t future;
  std::vector<std::unique_ptr<Spec>> specs;
  std::map<int32_t, Partition> partitions;
  Tenant* last_tenant = nullptr;
  int64_t group_count = 0;
  std::string scratch;
  std::vector<Group*> due;

  std::vector<JournalEntry> journal;
  std::vector<Group*> touched_groups;
  std::vector<Tenant*> touched_tenants;
  std::vector<Group*> dying;

  Counter& late;
  Counter& ahead;
  Counter& skipped;
  Counter& evicted_steps;
  Counter& evicted_groups;
  Counter& evicted_episodes;
  Counter& bad_rows;
  Gauge& group_gauge;
};

Correlator::Correlator(Correlations correlations, CorrelatorOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, metrics)) {
  impl_->SetRules(std::move(correlations));
}

Correlator::~Correlator() = default;

void Correlator::CountSkipped(uint32_t /*correlation*/) { impl_->skipped.Increment(); }

void Correlator::Add(uint32_t correlation, const CorrelatedEvent& event,
                     absl::Span<const std::string_view> group_values, std::string_view value,
                     HitSink on_hit) {
  Impl& impl = *impl_;
  const Spec& spec = *impl.specs[correlation];
  Tenant& tenant = impl.TenantOf(event.partition, event.tenant);
  const int64_t time = event.time_ms;
  if (!impl.endless && tenant.watermark != kNoTime && time < tenant.watermark - impl.lateness) {
    impl.late.Increment();
    return;
  }
  Group& group = impl.GroupOf(tenant, spec, group_values);
  if (!spec.immediate && time <= group.decided_until) {
    impl.late.Increment();
    return;
  }
  if (group.size() >= 2 * impl.options.group_cap) {
    // All of it lies in the newest bucket, which cannot be evicted.
    impl.evicted_steps.Increment();
    return;
  }
  impl.Touch(group);

  int64_t greatest = 0;
  Impl::JournalEntry entry{&group, time, {}};
  uint32_t part = 0;
  if (group.events) {
    greatest = group.events->Add(time);
  } else {
    greatest = group.values->Add(time, impl.HashOfValue(value), &entry.change);
    part = entry.change.index / ValueCountWindow::kValuesPerPart;
  }
  group.newest = std::max(group.newest, time);
  Impl::Remember(group, time, event.uid, value);
  if (!impl.endless) {
    impl.journal.push_back(entry);
    const std::pair<int64_t, uint32_t> dirty(group.BucketOf(time), part);
    if (group.dirty.empty() || group.dirty.back() != dirty) group.dirty.push_back(dirty);
  }

  if (!spec.immediate) {
    group.pending = std::min(group.pending, time);
  } else if (!impl.ExtendEpisode(group, time, time) && greatest >= spec.threshold) {
    const WindowExtent extent = group.events ? group.events->Find(time, spec.threshold)
                                             : group.values->Find(time, spec.threshold);
    impl.OpenEpisode(group, std::min(extent.start, time), std::max(extent.end, time));
    impl.Fire(group, extent, time, event.uid, /*has_event=*/true, on_hit);
  }
  impl.Schedule(group);

  if (impl.endless) {
    // Without transactions caps are kept at once.
    impl.DropBelow(group, impl.CapFloor(group), /*evicts=*/true);
    for (const GroupId& id : impl.TooMany(tenant)) {
      impl.EraseGroup(tenant, id);
      impl.evicted_groups.Increment();
    }
  }
}

void Correlator::Advance(const CorrelatedEvent& event, HitSink on_hit) {
  Impl& impl = *impl_;
  if (impl.specs.empty() || impl.endless) return;
  if (event.arrival_ms > 0 && event.time_ms > event.arrival_ms + impl.future) {
    impl.ahead.Increment();
    return;
  }
  Tenant& tenant = impl.TenantOf(event.partition, event.tenant);
  if (event.time_ms <= tenant.watermark) return;
  impl.TouchTenant(tenant);
  tenant.watermark = event.time_ms;
  impl.RunTimers(tenant, on_hit);
}

void Correlator::Finish(HitSink on_hit) {
  Impl& impl = *impl_;
  for (auto& [number, partition] : impl.partitions) {
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
  for (Tenant* tenant : impl.touched_tenants) {
    for (const GroupId& id : tenant->expired) {
      const auto it = tenant->groups.find(id);
      if (it == tenant->groups.end() || it->second->dying) continue;
      if (impl.ExpiryOf(*it->second) >= tenant->watermark) {
        impl.Schedule(*it->second);
        continue;
      }
      it->second->dying = true;
      impl.dying.push_back(it->second.get());
    }
    for (const GroupId& id : impl.TooMany(*tenant)) {
      Group* group = tenant->groups.find(id)->second.get();
      group->dying = true;
      impl.dying.push_back(group);
      impl.evicted_groups.Increment();
    }
    if (!tenant->orphans.empty() && tenant->watermark > tenant->orphans_until) {
      tenant->drops_orphans = true;
      for (const Row& row : tenant->orphans) on_row(tenant->partition, row.key, "");
    }
    if (tenant->watermark != tenant->saved_watermark) {
      std::string row(1, kRowVersion);
      PutSigned(row, tenant->watermark);
      on_row(tenant->partition, tenant->id + "|" + std::string(kWatermark), row);
    }
  }
  for (const Group* group : impl.dying) {
    impl.Tombstones(*group, kNever, on_row);
    on_row(group->tenant->partition, GroupKey(*group) + std::string(kHead), "");
  }
  for (Group* group : impl.touched_groups) {
    if (group->dying) continue;
    int64_t floor = kNoTime;
    if (group->tenant->watermark != kNoTime) {
      floor = group->BucketOf(group->tenant->watermark - impl.lateness - group->spec->span);
    }
    if (group->decided_until != kNoTime) {
      floor = std::max(floor, group->BucketOf(group->decided_until + 1));
    }
    const int64_t cap_floor = impl.CapFloor(*group);
    group->evicts = cap_floor > floor;
    group->floor = std::max(floor, cap_floor);

    const std::string prefix = GroupKey(*group);
    const int32_t partition = group->tenant->partition;
    impl.Tombstones(*group, group->floor, on_row);
    std::sort(group->dirty.begin(), group->dirty.end());
    group->dirty.erase(std::unique(group->dirty.begin(), group->dirty.end()), group->dirty.end());
    for (const auto& [bucket, part] : group->dirty) {
      if (bucket < group->floor) continue;
      on_row(partition, Impl::BucketKey(*group, prefix, bucket, part),
             Impl::EncodeBucket(*group, bucket, part));
    }
    on_row(partition, prefix + std::string(kHead), EncodeHead(*group));
  }
}

void Correlator::Commit() {
  Impl& impl = *impl_;
  for (Group* group : impl.touched_groups) {
    group->touched = false;
    group->created = false;
    group->saved_head.clear();
    group->dirty.clear();
    if (!group->dying) impl.DropBelow(*group, group->floor, group->evicts);
    group->floor = kNoTime;
  }
  for (Group* group : impl.dying) impl.EraseGroup(*group->tenant, group->id);
  for (Tenant* tenant : impl.touched_tenants) {
    tenant->touched = false;
    tenant->expired.clear();
    if (tenant->drops_orphans) tenant->orphans.clear();
    tenant->drops_orphans = false;
  }
  impl.journal.clear();
  impl.touched_groups.clear();
  impl.dying.clear();
  impl.touched_tenants.clear();
  impl.group_gauge.Set(static_cast<double>(impl.group_count));
}

void Correlator::Abort() {
  Impl& impl = *impl_;
  for (auto it = impl.journal.rbegin(); it != impl.journal.rend(); ++it) {
    if (it->group->created) continue;  // goes altogether
    if (it->group->events) {
      it->group->events->Remove(it->time);
    } else {
      it->group->values->Undo(it->change);
    }
  }
  for (Group* group : impl.dying) group->dying = false;
  for (Tenant* tenant : impl.touched_tenants) {
    tenant->touched = false;
    tenant->watermark = tenant->saved_watermark;
    tenant->drops_orphans = false;
    for (const GroupId& id : tenant->expired) {
      const auto group = tenant->groups.find(id);
      if (group != tenant->groups.end()) impl.Schedule(*group->second);
    }
    tenant->expired.clear();
  }
  for (Group* group : impl.touched_groups) {
    if (group->created) {
      impl.EraseGroup(*group->tenant, group->id);
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
  impl.journal.clear();
  impl.touched_groups.clear();
  impl.dying.clear();
  impl.touched_tenants.clear();
}

void Correlator::BeginRestore(int32_t partition) {
  impl_->Purge(partition);
  impl_->partitions[partition];
}

void Correlator::RestoreRow(int32_t partition, std::string_view key, std::string_view value) {
  auto& staged = impl_->partitions[partition].staged;
  const auto it = staged.find(key);
  if (value.empty()) {
    if (it != staged.end()) staged.erase(it);
  } else if (it != staged.end()) {
    it->second = std::string(value);
  } else {
    staged.emplace(std::string(key), std::string(value));
  }
}

void Correlator::EndRestore(int32_t partition) {
  Impl& impl = *impl_;
  StringMap<std::string> staged = std::move(impl.partitions[partition].staged);
  impl.partitions[partition].staged.clear();
  StringMap<std::vector<Row>> by_tenant;
  for (auto& [key, value] : staged) {
    const size_t bar = key.find('|');
    if (bar == std::string::npos) {
      impl.bad_rows.Increment();
      continue;
    }
    const std::string id = key.substr(0, bar);
    if (std::string_view(key).substr(bar + 1) == kWatermark) {
      PackedReader reader(std::string_view(value).substr(1));
      const int64_t watermark = reader.Signed();
      if (value.front() != kRowVersion || !reader.ok()) {
        impl.bad_rows.Increment();
      } else {
        impl.TenantOf(partition, id).watermark = watermark;
      }
      continue;
    }
    by_tenant[id].push_back({key, std::move(value)});
  }
  for (auto& [id, rows] : by_tenant) {
    Tenant& tenant = impl.TenantOf(partition, id);
    impl.Build(tenant, rows);
    tenant.orphans = std::move(rows);
    tenant.orphans_until = tenant.watermark == kNoTime ? kNever : tenant.watermark + kOrphanMs;
  }
  impl.group_gauge.Set(static_cast<double>(impl.group_count));
}

void Correlator::Release(int32_t partition) {
  impl_->Purge(partition);
  impl_->group_gauge.Set(static_cast<double>(impl_->group_count));
}

void Correlator::SwapRules(Correlations correlations) {
  Impl& impl = *impl_;
  Commit();
  if (impl.HasSame(correlations)) {
    // Only the numbers of the rules that they count may be others: every group stays where it is.
    for (size_t i = 0; i < impl.specs.size(); ++i) {
      impl.specs[i]->rule = std::move(correlations.entries[i].rule);
    }
    return;
  }
  // Groups go to rows and come back from rows: what holds for a restart holds for a reload.
  std::vector<std::pair<Tenant*, std::vector<Row>>> all;
  for (auto& [number, partition] : impl.partitions) {
    for (auto& [id, tenant] : partition.tenants) {
      std::vector<Row> rows = std::move(tenant->orphans);
      for (const auto& [group_id, group] : tenant->groups) impl.AllRows(*group, &rows);
      impl.group_count -= static_cast<int64_t>(tenant->groups.size());
      tenant->groups.clear();
      tenant->timers = {};
      all.emplace_back(tenant.get(), std::move(rows));
    }
  }
  impl.SetRules(std::move(correlations));
  for (auto& [tenant, rows] : all) {
    impl.Build(*tenant, rows);
    tenant->orphans = std::move(rows);
    tenant->orphans_until = tenant->watermark == kNoTime ? kNever : tenant->watermark + kOrphanMs;
  }
}

int64_t Correlator::groups() const { return impl_->group_count; }

}  // namespace picket::detector
