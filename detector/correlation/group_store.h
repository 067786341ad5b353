#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/correlation/correlation_groups.h"

namespace picket::detector::correlation {

// Owns the tenants and groups of all partitions, and knows what the open transaction has changed in
// them. Groups are changed in place; a journal and the saved heads allow Abort to reverse the
// changes.
// Threads: one. Lifetime: one per correlator. Pointers to groups and tenants are valid until they
// are erased.
// Failure: none.
class GroupStore {
 public:
  // `has_transactions` false: nothing is recorded, and nothing can be undone (replay).
  explicit GroupStore(bool has_transactions) : has_transactions_(has_transactions) {}

  // Both create what does not exist yet.
  Tenant& TenantOf(int32_t partition, std::string_view id);
  Group& GroupOf(Tenant& tenant, const Spec& spec, absl::Span<const std::string_view> values);
  void EraseGroup(Tenant& tenant, const GroupId& id);

  std::map<int32_t, Partition>& partitions() { return partitions_; }
  // Over all partitions. AddToCount reports groups that were added or erased without GroupOf and
  // EraseGroup.
  int64_t group_count() const { return group_count_; }
  void AddToCount(int64_t groups) { group_count_ += groups; }

  // Call these before the first change of a group or tenant in a transaction.
  void Touch(Group& group);
  void TouchTenant(Tenant& tenant);
  // Call this after an event was added to the window of a group.
  void Record(Group& group, const GroupWindow::Change& change);
  // Marks a group to be erased at Commit.
  void Remove(Group& group);

  const std::vector<Group*>& touched_groups() const { return touched_groups_; }
  const std::vector<Tenant*>& touched_tenants() const { return touched_tenants_; }
  const std::vector<Group*>& removed_groups() const { return removed_; }

  // Takes the recorded events out of their windows again, the newest first.
  void UndoJournal();
  // Forgets what was recorded, at the end of the transaction.
  void ClearTransaction();

  // Drops a partition, including what the open transaction changed in it.
  void DropPartition(int32_t partition);

 private:
  // One event in the window of a group.
  struct JournalEntry {
    Group* group;
    GroupWindow::Change change;
  };

  const bool has_transactions_;
  std::map<int32_t, Partition> partitions_;
  Tenant* last_tenant_ = nullptr;
  int64_t group_count_ = 0;
  ValueHasher hasher_;
  std::vector<JournalEntry> journal_;
  std::vector<Group*> touched_groups_;
  std::vector<Tenant*> touched_tenants_;
  std::vector<Group*> removed_;
};

}  // namespace picket::detector::correlation
