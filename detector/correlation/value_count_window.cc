#include "detector/correlation/value_count_window.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "detector/correlation/varint_codec.h"

namespace picket::detector {

ValueCountWindow::ValueCountWindow(absl::Duration timespan)
    : span_(absl::ToInt64Milliseconds(timespan)),
      width_(BucketWidthMs(timespan)),
      counts_(width_) {}

ValueCountWindow::Occurrence* ValueCountWindow::FindIn(Occurrences& all, int64_t bucket) {
  if (!all.empty() && all.back().bucket == bucket) return &all.back();
  const auto it = std::lower_bound(
      all.begin(), all.end(), bucket,
      [](const Occurrence& occurrence, int64_t number) { return occurrence.bucket < number; });
  return it != all.end() && it->bucket == bucket ? &*it : nullptr;
}

const ValueCountWindow::Occurrence* ValueCountWindow::Find(uint64_t value, int64_t bucket) const {
  const auto entry = values_.find(value);
  if (entry == values_.end()) return nullptr;
  const Occurrences& all = entry->second;
  const auto it = std::lower_bound(
      all.begin(), all.end(), bucket,
      [](const Occurrence& occurrence, int64_t number) { return occurrence.bucket < number; });
  return it != all.end() && it->bucket == bucket ? &*it : nullptr;
}

int64_t ValueCountWindow::Add(int64_t time, uint64_t value, Change* change) {
  *change = Change();
  change->time = time;
  change->bucket = BucketOf(time);
  change->value = value;
  const auto offset = static_cast<uint32_t>(time - change->bucket * width_);
  Occurrences& all = values_[value];

  Occurrence* here = FindIn(all, change->bucket);
  // The times of the nearest other occurrences of the value, before and after `time`.
  int64_t before = INT64_MIN;
  int64_t after = INT64_MAX;
  if (here != nullptr) {
    change->old_first = here->first;
    change->old_last = here->last;
    change->index = here->index;
    if (offset >= here->first && offset <= here->last) return 0;
    if (offset > here->last) {
      before = LastTime(*here);
      here->last = offset;
      if (here + 1 != all.data() + all.size()) after = FirstTime(here[1]);
    } else {
      after = FirstTime(*here);
      here->first = offset;
      if (here != all.data()) before = LastTime(here[-1]);
    }
  } else {
    std::vector<uint64_t>& bucket = buckets_[change->bucket];
    change->is_new = true;
    change->index = static_cast<uint32_t>(bucket.size());
    bucket.push_back(value);
    const Occurrence made{change->bucket, offset, offset, change->index};
    auto at = all.end();
    if (!all.empty() && all.back().bucket > change->bucket) {
      at = std::lower_bound(all.begin(), all.end(), change->bucket,
                            [](const Occurrence& o, int64_t number) { return o.bucket < number; });
      after = FirstTime(*at);
    }
    if (at != all.begin()) before = LastTime(*std::prev(at));
    all.insert(at, made);
    ++size_;
  }

  change->from = time;
  if (before != INT64_MIN && before + span_ >= time) change->from = before + span_ + 1;
  change->to = time + span_;
  if (after != INT64_MAX) change->to = std::min(change->to, after - 1);
  if (change->from > change->to) return 0;
  return counts_.Add(time, change->from, change->to, 1);
}

void ValueCountWindow::Undo(const Change& change) {
  const auto entry = values_.find(change.value);
  if (entry == values_.end()) return;
  Occurrences& all = entry->second;
  Occurrence* here = FindIn(all, change.bucket);
  if (here == nullptr) return;
  if (change.is_new) {
    all.erase(all.begin() + (here - all.data()));
    if (all.empty()) values_.erase(entry);
    const auto bucket = buckets_.find(change.bucket);
    bucket->second.pop_back();
    if (bucket->second.empty()) buckets_.erase(bucket);
    --size_;
  } else {
    here->first = change.old_first;
    here->last = change.old_last;
  }
  if (change.from <= change.to) counts_.Add(change.time, change.from, change.to, -1);
}

WindowExtent ValueCountWindow::Find(int64_t time, int64_t least) const {
  const int64_t end = counts_.FirstAtLeast(time, time + span_, static_cast<int32_t>(least));
  return Count(end - span_, end);
}

WindowExtent ValueCountWindow::Count(int64_t from, int64_t to) const {
  WindowExtent extent;
  absl::flat_hash_set<uint64_t> seen;
  for (auto it = buckets_.lower_bound(BucketOf(from)); it != buckets_.end(); ++it) {
    if (it->first * width_ > to) break;
    for (const uint64_t value : it->second) {
      const Occurrence* here = Find(value, it->first);
      if (here == nullptr) continue;
      // Only the first and the last time of the value in the bucket are known. The value counts if
      // either time is in [from, to].
      const int64_t first = FirstTime(*here);
      const int64_t last = LastTime(*here);
      for (const int64_t time : {first, last}) {
        if (time < from || time > to) continue;
        seen.insert(value);
        if (extent.count == 0 || time < extent.start) extent.start = time;
        if (extent.count == 0 || time > extent.end) extent.end = time;
        extent.count = static_cast<int64_t>(seen.size());
      }
    }
  }
  return extent;
}

bool ValueCountWindow::FirstFrom(int64_t from, int64_t* time) const {
  for (auto it = buckets_.lower_bound(BucketOf(from)); it != buckets_.end(); ++it) {
    int64_t first = INT64_MAX;
    for (const uint64_t value : it->second) {
      const Occurrence* here = Find(value, it->first);
      if (here == nullptr) continue;
      for (const int64_t t : {FirstTime(*here), LastTime(*here)}) {
        if (t >= from) first = std::min(first, t);
      }
    }
    if (first != INT64_MAX) {
      *time = first;
      return true;
    }
  }
  return false;
}

bool ValueCountWindow::FirstBucket(int64_t* bucket) const {
  if (buckets_.empty()) return false;
  *bucket = buckets_.begin()->first;
  return true;
}

uint32_t ValueCountWindow::PartsOf(int64_t bucket) const {
  const auto it = buckets_.find(bucket);
  if (it == buckets_.end()) return 0;
  return static_cast<uint32_t>((it->second.size() + kValuesPerPart - 1) / kValuesPerPart);
}

std::string ValueCountWindow::EncodePart(int64_t bucket, uint32_t part) const {
  std::string row;
  const auto it = buckets_.find(bucket);
  if (it == buckets_.end()) return row;
  const size_t begin = static_cast<size_t>(part) * kValuesPerPart;
  const size_t end = std::min<size_t>(it->second.size(), begin + kValuesPerPart);
  for (size_t i = begin; i < end; ++i) {
    const uint64_t value = it->second[i];
    const Occurrence* here = Find(value, bucket);
    if (here == nullptr) continue;
    PutFixed64(row, value);
    PutVarint(row, here->first);
    PutVarint(row, here->last - here->first);
  }
  return row;
}

bool ValueCountWindow::RestorePart(int64_t bucket, uint32_t part, std::string_view row) {
  VarintReader reader(row);
  std::vector<uint64_t>& values = buckets_[bucket];
  size_t index = static_cast<size_t>(part) * kValuesPerPart;
  while (!reader.empty()) {
    const uint64_t value = reader.Fixed64();
    const uint64_t first = reader.Varint();
    const uint64_t last = first + reader.Varint();
    if (!reader.ok() || last >= static_cast<uint64_t>(width_)) return false;
    // The parts of a bucket may arrive in any order. Add appends a value to the bucket, so move the
    // value to its index.
    if (values.size() <= index) values.resize(index + 1);
    Change change;
    const int64_t start = bucket * width_;
    Add(start + static_cast<int64_t>(first), value, &change);
    values.pop_back();
    values.resize(std::max(values.size(), index + 1));
    values[index] = value;
    FindIn(values_[value], bucket)->index = static_cast<uint32_t>(index);
    if (last != first) Add(start + static_cast<int64_t>(last), value, &change);
    ++index;
  }
  return true;
}

void ValueCountWindow::Forget(int64_t bucket) {
  while (!buckets_.empty() && buckets_.begin()->first < bucket) {
    const auto oldest = buckets_.begin();
    for (const uint64_t value : oldest->second) {
      const auto entry = values_.find(value);
      if (entry == values_.end()) continue;
      Occurrences& all = entry->second;
      if (all.front().bucket == oldest->first) all.erase(all.begin());
      if (all.empty()) values_.erase(entry);
      --size_;
    }
    buckets_.erase(oldest);
  }
  counts_.DropBelow(bucket);
}

void ValueCountWindow::Evict(int64_t bucket) {
  while (!buckets_.empty() && buckets_.begin()->first < bucket) {
    const auto oldest = buckets_.begin();
    for (const uint64_t value : oldest->second) {
      const auto entry = values_.find(value);
      if (entry == values_.end()) continue;
      Occurrences& all = entry->second;
      const int64_t from = FirstTime(all.front());
      int64_t to = LastTime(all.front()) + span_;
      if (all.size() > 1) to = std::min(to, FirstTime(all[1]) - 1);
      counts_.Add(from, from, to, -1);
      all.erase(all.begin());
      if (all.empty()) values_.erase(entry);
      --size_;
    }
    buckets_.erase(oldest);
  }
  counts_.DropBelow(bucket);
}

}  // namespace picket::detector
