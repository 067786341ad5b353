#include "detector/correlation/group_store.h"

#include <memory>
#include <string>
#include <utility>

#include "common/strings.h"
#include "detector/correlation/correlation_rows.h"
#include "json/json_members.h"

namespace picket::detector::correlation {

Tenant& GroupStore::TenantOf(int32_t partition, std::string_view id) {
  if (last_tenant_ != nullptr && last_tenant_->partition == partition && last_tenant_->id == id) {
    return *last_tenant_;
  }
  auto& tenants = partitions_[partition].tenants;
  auto it = tenants.find(id);
  if (it == tenants.end()) {
    it = tenants.emplace(std::string(id), std::make_unique<Tenant>()).first;
    it->second->id = std::string(id);
    it->second->partition = partition;
  }
  last_tenant_ = it->second.get();
  return *last_tenant_;
}

Group& GroupStore::GroupOf(Tenant& tenant, const Spec& spec,
                           absl::Span<const std::string_view> values) {
  const GroupId id = hasher_.IdOf(spec, values);
  const auto [it, is_new] = tenant.groups.try_emplace(id);
  if (is_new) {
    it->second = std::make_unique<Group>(&tenant, &spec, id);
    it->second->created = has_transactions_;
    for (const std::string_view value : values) {
      it->second->names.emplace_back(TruncateUtf8(value, kMaxTextBytes));
    }
    ++group_count_;
  }
  return *it->second;
}

void GroupStore::EraseGroup(Tenant& tenant, const GroupId& id) {
  if (tenant.groups.erase(id) > 0) --group_count_;
}

void GroupStore::TouchTenant(Tenant& tenant) {
  if (tenant.touched || !has_transactions_) return;
  tenant.touched = true;
  tenant.saved_watermark = tenant.watermark;
  touched_tenants_.push_back(&tenant);
}

void GroupStore::Touch(Group& group) {
  if (group.touched || !has_transactions_) return;
  group.touched = true;
  if (!group.created) group.saved_head = EncodeHead(group);
  touched_groups_.push_back(&group);
  TouchTenant(*group.tenant);
}

void GroupStore::Record(Group& group, const GroupWindow::Change& change) {
  if (!has_transactions_) return;
  journal_.push_back({&group, change});
  const std::pair<int64_t, uint32_t> dirty(group.window.BucketOf(change.time),
                                           GroupWindow::PartOf(change));
  if (group.dirty.empty() || group.dirty.back() != dirty) group.dirty.push_back(dirty);
}

void GroupStore::Remove(Group& group) {
  group.is_removed = true;
  removed_.push_back(&group);
}

void GroupStore::UndoJournal() {
  for (auto it = journal_.rbegin(); it != journal_.rend(); ++it) {
    // Skip a group that the transaction created, because Abort erases the whole group.
    if (!it->group->created) it->group->window.Undo(it->change);
  }
}

void GroupStore::ClearTransaction() {
  journal_.clear();
  touched_groups_.clear();
  touched_tenants_.clear();
  removed_.clear();
}

void GroupStore::DropPartition(int32_t partition) {
  last_tenant_ = nullptr;
  const auto is_in_it = [&](const Group* group) { return group->tenant->partition == partition; };
  std::erase_if(journal_, [&](const JournalEntry& entry) { return is_in_it(entry.group); });
  std::erase_if(touched_groups_, is_in_it);
  std::erase_if(removed_, is_in_it);
  std::erase_if(touched_tenants_, [&](const Tenant* t) { return t->partition == partition; });
  const auto it = partitions_.find(partition);
  if (it == partitions_.end()) return;
  for (const auto& [id, tenant] : it->second.tenants) {
    group_count_ -= static_cast<int64_t>(tenant->groups.size());
  }
  partitions_.erase(it);
}

}  // namespace picket::detector::correlation
