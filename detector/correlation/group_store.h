#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/correlation/correlation_groups.h"

namespace picket::detector::correlation {

// Owns the tenants and groups of all partitions, and records the changes of the open transaction.
// Groups are changed in place. A journal and the saved head rows allow Abort to reverse the
// changes.
// Threads: one thread uses an instance. Lifetime: each correlator has one instance. A pointer to a
// group or a tenant is valid until the group or tenant is erased.
// Failure: no operation can fail.
class GroupStore {
 public:
  // If `has_transactions` is false (in a replay), nothing is recorded and nothing can be undone.
  explicit GroupStore(bool has_transactions) : has_transactions_(has_transactions) {}

  // TenantOf and GroupOf create the tenant or the group if it does not exist yet.
  Tenant& TenantOf(int32_t partition, std::string_view id);
  Group& GroupOf(Tenant& tenant, const Spec& spec, absl::Span<const std::string_view> values);
  void EraseGroup(Tenant& tenant, const GroupId& id);

  std::map<int32_t, Partition>& partitions() { return partitions_; }
  // Returns the number of groups in all partitions. GroupOf and EraseGroup maintain this number.
  // After adding or erasing groups in another way, call AddToCount.
  int64_t group_count() const { return group_count_; }
  void AddToCount(int64_t groups) { group_count_ += groups; }

  // Touch and TouchTenant save the state of a group or a tenant, which Abort restores. Call them
  // before the first change of the group or tenant in a transaction.
  void Touch(Group& group);
  void TouchTenant(Tenant& tenant);
  // Records that an event was added to the window of a group.
  void Record(Group& group, const GroupWindow::Change& change);
  // Marks a group to be erased at Commit.
  void Remove(Group& group);

  const std::vector<Group*>& touched_groups() const { return touched_groups_; }
  const std::vector<Tenant*>& touched_tenants() const { return touched_tenants_; }
  const std::vector<Group*>& removed_groups() const { return removed_; }

  // Removes the recorded events from their windows in the reverse order of recording.
  void UndoJournal();
  // Forgets all recorded changes, at the end of the transaction.
  void ClearTransaction();

  // Drops a partition, including the changes that the open transaction made to it.
  void DropPartition(int32_t partition);

 private:
  // An event that the open transaction added to the window of a group.
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
