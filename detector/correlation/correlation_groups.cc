#include "detector/correlation/correlation_groups.h"

#include <algorithm>

#include "common/stable_hash.h"
#include "detector/correlation/varint_codec.h"

namespace picket::detector::correlation {

void RecentEvents::Add(int64_t time, std::string_view uid, std::string_view value,
                       const EventPlace& place) {
  if (ring_.size() < kMax) {
    ring_.emplace_back();
    next_ = ring_.size() - 1;
  }
  RecentEvent& event = ring_[next_];
  event.time = time;
  event.uid.assign(uid);
  event.value.assign(value);
  event.place = place;
  next_ = (next_ + 1) % kMax;
}

void RecentEvents::Clear() {
  ring_.clear();
  next_ = 0;
}

std::vector<GroupId> Tenant::IdleGroups(size_t cap) const {
  std::vector<GroupId> idle;
  if (groups.size() <= cap) return idle;
  std::vector<std::pair<int64_t, GroupId>> by_newest;
  for (const auto& [id, group] : groups) {
    if (!group->is_removed) by_newest.emplace_back(group->newest, id);
  }
  const size_t keep = cap - cap / 16;
  if (by_newest.size() <= keep) return idle;
  std::sort(by_newest.begin(), by_newest.end());
  for (size_t i = 0; i + keep < by_newest.size(); ++i) idle.push_back(by_newest[i].second);
  return idle;
}

void ValueHasher::AppendLower(std::string_view value) {
  for (const char c : value) {
    buffer_.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
}

GroupId ValueHasher::IdOf(const Spec& spec, absl::Span<const std::string_view> group_values) {
  buffer_.clear();
  for (const std::string_view value : group_values) {
    PutVarint(buffer_, value.size());
    AppendLower(value);
  }
  return {spec.id, StableHash(buffer_, 1), StableHash(buffer_, 2)};
}

uint64_t ValueHasher::HashOf(std::string_view value) {
  buffer_.clear();
  AppendLower(value);
  return StableHash(buffer_, 3);
}

}  // namespace picket::detector::correlation
