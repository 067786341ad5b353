#include "simulator/content/content_store.h"

#include <algorithm>
#include <array>

#include "common/stable_hash.h"
#include "simulator/content/content_id.h"

namespace picket::simulator {
namespace {

constexpr std::array<std::string_view, 5> kTypes = {"Audit.AzureActiveDirectory", "Audit.Exchange",
                                                    "Audit.SharePoint", "Audit.General", "DLP.All"};

using Position = std::pair<absl::Time, uint64_t>;
Position PositionOf(const ContentBlob& blob) { return {blob.created, blob.sequence}; }

}  // namespace

ContentBlob& ContentStore::Add(std::string_view content_type, absl::Time created, uint64_t number,
                               absl::Time now) {
  std::deque<std::shared_ptr<ContentBlob>>& blobs = listed_[content_type];
  while (!blobs.empty() && blobs.front()->created + retention_ < now) {
    by_id_.erase(blobs.front()->id);
    blobs.pop_front();
  }
  auto blob = std::make_shared<ContentBlob>();
  blob->created = created;
  blob->number = number;
  blob->sequence = number % kSequences;
  blob->id = ContentId(content_type, created, blob->sequence);
  blob->content_type = content_type;
  blobs.insert(std::upper_bound(
                   blobs.begin(), blobs.end(), blob,
                   [](const auto& a, const auto& b) { return PositionOf(*a) < PositionOf(*b); }),
               blob);
  by_id_[blob->id] = blob;
  return *blob;
}

std::shared_ptr<ContentBlob> ContentStore::SteadyBlob(std::string_view type,
                                                      uint64_t number) const {
  auto blob = std::make_shared<ContentBlob>();
  blob->id = steady_.Id(tenant_, type, number);
  blob->created = steady_.Created(tenant_, type, number);
  ParseLongTime(std::string_view(blob->id).substr(0, 23), blob->sequence);
  blob->number = StableHash(type, StableHash(tenant_, number));
  blob->content_type = type;
  blob->steady = number;
  return blob;
}

std::shared_ptr<ContentBlob> ContentStore::Find(std::string_view id, absl::Time now) const {
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) return found->second;
  if (!steady_.enabled()) return nullptr;
  for (const std::string_view type : kTypes) {
    const std::optional<uint64_t> number = steady_.Find(tenant_, type, id, now);
    if (number.has_value() && steady_.Created(tenant_, type, *number) + retention_ >= now) {
      return SteadyBlob(type, *number);
    }
  }
  return nullptr;
}

bool ContentStore::IsForgotten(std::string_view id, absl::Time now) const {
  uint64_t sequence = 0;
  const std::optional<absl::Time> created = ParseLongTime(id.substr(0, id.find('$')), sequence);
  return created.has_value() && *created + retention_ < now;
}

void ContentStore::Visit(std::string_view content_type, Position position, absl::Time end,
                         absl::Time now, absl::FunctionRef<bool(const ContentBlob&)> visit) const {
  const auto listed = listed_.find(content_type);
  static const std::deque<std::shared_ptr<ContentBlob>> kNone;
  const std::deque<std::shared_ptr<ContentBlob>>& blobs =
      listed == listed_.end() ? kNone : listed->second;
  auto published = std::lower_bound(blobs.begin(), blobs.end(), position,
                                    [](const std::shared_ptr<ContentBlob>& blob,
                                       const Position& p) { return PositionOf(*blob) < p; });
  std::shared_ptr<ContentBlob> steady;
  uint64_t number = 0;
  const auto next_steady = [&] {
    steady = SteadyBlob(content_type, number++);
    // Steady content of the future does not exist yet.
    if (steady->created > now || steady->created >= end) steady = nullptr;
  };
  if (steady_.enabled()) {
    number = steady_.FirstAt(tenant_, content_type, std::max(position.first, now - retention_));
    next_steady();
    // FirstAt does not know the sequence number, so the first blob may be before the position.
    if (steady != nullptr && PositionOf(*steady) < position) next_steady();
  }
  while (true) {
    const ContentBlob* next =
        published == blobs.end() || (*published)->created >= end ? nullptr : published->get();
    const bool is_steady =
        steady != nullptr && (next == nullptr || PositionOf(*steady) < PositionOf(*next));
    if (is_steady) next = steady.get();
    if (next == nullptr) return;
    if (next->created + retention_ >= now && !visit(*next)) return;
    if (is_steady) {
      next_steady();
    } else {
      ++published;
    }
  }
}

}  // namespace picket::simulator
