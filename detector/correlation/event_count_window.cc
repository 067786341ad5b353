#include "detector/correlation/event_count_window.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "detector/correlation/varint_codec.h"

namespace picket::detector {

int64_t BucketWidthMs(absl::Duration timespan) {
  return std::max<int64_t>(1000, absl::ToInt64Milliseconds(timespan) / 64);
}

EventCountWindow::EventCountWindow(absl::Duration timespan)
    : span_(absl::ToInt64Milliseconds(timespan)),
      width_(BucketWidthMs(timespan)),
      counts_(width_) {}

int64_t EventCountWindow::Add(int64_t time, int32_t events) {
  return counts_.Add(time, time, time + span_, events);
}

void EventCountWindow::Remove(int64_t time, int32_t events) {
  counts_.Add(time, time, time + span_, -events);
}

WindowExtent EventCountWindow::Find(int64_t time, int64_t least) const {
  const int64_t end = counts_.FirstAtLeast(time, time + span_, static_cast<int32_t>(least));
  return Count(end - span_, end);
}

WindowExtent EventCountWindow::Count(int64_t from, int64_t to) const {
  WindowExtent extent;
  for (auto it = counts_.buckets().lower_bound(BucketOf(from)); it != counts_.buckets().end();
       ++it) {
    const int64_t start = it->first * width_;
    if (start > to) break;
    for (const StepFunction::Step& step : it->second.steps) {
      const int64_t time = start + step.offset;
      if (step.plus == 0 || time < from) continue;
      if (time > to) break;
      if (extent.count == 0) extent.start = time;
      extent.end = time;
      extent.count += step.plus;
    }
  }
  return extent;
}

bool EventCountWindow::FirstFrom(int64_t from, int64_t* time) const {
  for (auto it = counts_.buckets().lower_bound(BucketOf(from)); it != counts_.buckets().end();
       ++it) {
    for (const StepFunction::Step& step : it->second.steps) {
      if (step.plus == 0 || it->first * width_ + step.offset < from) continue;
      *time = it->first * width_ + step.offset;
      return true;
    }
  }
  return false;
}

bool EventCountWindow::FirstBucket(int64_t* bucket) const {
  int64_t time = 0;
  if (counts_.buckets().empty() || !FirstFrom(counts_.buckets().begin()->first * width_, &time)) {
    return false;
  }
  *bucket = BucketOf(time);
  return true;
}

std::string EventCountWindow::EncodeBucket(int64_t bucket) const {
  std::string row;
  const auto it = counts_.buckets().find(bucket);
  if (it == counts_.buckets().end()) return row;
  uint32_t before = 0;
  for (const StepFunction::Step& step : it->second.steps) {
    if (step.plus == 0) continue;
    PutVarint(row, step.offset - before);
    PutVarint(row, static_cast<uint64_t>(step.plus));
    before = step.offset;
  }
  return row;
}

bool EventCountWindow::RestoreBucket(int64_t bucket, std::string_view row) {
  VarintReader reader(row);
  uint64_t offset = 0;
  while (!reader.empty()) {
    offset += reader.Varint();
    const uint64_t events = reader.Varint();
    if (!reader.ok() || offset >= static_cast<uint64_t>(width_) || events > INT32_MAX) return false;
    Add(bucket * width_ + static_cast<int64_t>(offset), static_cast<int32_t>(events));
  }
  return true;
}

void EventCountWindow::Forget(int64_t bucket) { counts_.DropBelow(bucket); }

void EventCountWindow::Evict(int64_t bucket) {
  std::vector<std::pair<int64_t, int32_t>> events;
  for (auto it = counts_.buckets().begin(); it != counts_.buckets().end() && it->first < bucket;
       ++it) {
    for (const StepFunction::Step& step : it->second.steps) {
      if (step.plus > 0) events.emplace_back(it->first * width_ + step.offset, step.plus);
    }
  }
  for (const auto& [time, count] : events) {
    counts_.Add(time, time, time + span_, -count);
  }
  counts_.DropBelow(bucket);
}

}  // namespace picket::detector
