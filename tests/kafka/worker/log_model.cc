#include "tests/kafka/worker/log_model.h"

#include <algorithm>

namespace picket::kafka {

bool LogModel::IsCommitted(const Entry& entry) const {
  if (entry.is_marker) return false;
  if (entry.transaction == 0) return true;
  return transactions_.at(entry.transaction).state == Transaction::State::kCommitted;
}

std::vector<std::pair<int64_t, const LogModel::Entry*>> LogModel::Committed(Topic topic,
                                                                            int32_t partition) {
  std::vector<std::pair<int64_t, const Entry*>> committed;
  const Log& of = log(topic, partition);
  for (int64_t offset = 0; offset < of.end(); ++offset) {
    const Entry& entry = of.entries[offset];
    if (IsCommitted(entry)) committed.emplace_back(offset, &entry);
  }
  return committed;
}

int64_t LogModel::InitProducer(const std::string& name, bool commit_in_flight) {
  Producer& producer = producers_[name];
  if (producer.transaction != 0) {
    const bool commit = transactions_[producer.transaction].commit_in_flight && commit_in_flight;
    End(producer.transaction, commit);
  }
  return ++producer.epoch;
}

bool LogModel::IsCurrent(const std::string& name, int64_t epoch) const {
  const auto found = producers_.find(name);
  return found != producers_.end() && found->second.epoch == epoch;
}

int64_t LogModel::Begin(const std::string& name, Micros now) {
  const int64_t number = next_transaction_++;
  Transaction& transaction = transactions_[number];
  transaction.name = name;
  transaction.begun = now;
  producers_[name].transaction = number;
  ++open_count_;
  return number;
}

int64_t LogModel::Append(int64_t transaction, Topic topic, int32_t partition, Entry entry) {
  Log& to = log(topic, partition);
  const int64_t offset = to.end();
  entry.transaction = transaction;
  if (transaction != 0 && transactions_[transaction].logs.insert({topic, partition}).second) {
    to.open[offset] = transaction;
  }
  to.entries.push_back(std::move(entry));
  return offset;
}

bool LogModel::SendOffsets(int64_t transaction, const std::map<int32_t, Offset>& offsets,
                           int64_t member, int64_t generation) {
  const bool is_member =
      std::any_of(members_.begin(), members_.end(),
                  [member](const auto& element) { return element.second.id == member; });
  if (!is_member || generation != generation_) return false;
  for (const auto& [partition, offset] : offsets) {
    transactions_[transaction].offsets[partition] = offset;
  }
  return true;
}

void LogModel::End(int64_t number, bool commit) {
  Transaction& transaction = transactions_[number];
  transaction.state = commit ? Transaction::State::kCommitted : Transaction::State::kAborted;
  transaction.commit_in_flight = false;
  --open_count_;
  for (const auto& [topic, partition] : transaction.logs) {
    Log& of = log(topic, partition);
    std::erase_if(of.open, [number](const auto& element) { return element.second == number; });
    of.entries.push_back({.transaction = number, .is_marker = true});
  }
  if (commit) {
    for (auto& [partition, offset] : transaction.offsets) committed_[partition] = offset;
  }
  transaction.offsets.clear();
  producers_[transaction.name].transaction = 0;
}

bool LogModel::IsOpen(int64_t number) const {
  const auto found = transactions_.find(number);
  return found != transactions_.end() && found->second.state == Transaction::State::kOpen;
}

int64_t LogModel::Join(const std::string& instance, Micros now) {
  const auto found = members_.find(instance);
  const bool is_known = found != members_.end();
  Member& member = members_[instance];
  member.id = next_member_++;
  member.last_seen = now;
  // A static member that rejoins a stable group gets its partitions without a rebalance.
  if (is_known && !is_rebalancing_) {
    member.has_joined = true;
    return member.id;
  }
  if (!is_known) StartRebalance(now);
  JoinRebalance(instance);
  return member.id;
}

int64_t LogModel::TakePart(const std::string& name, const ProcessId& process) {
  parts_[next_part_] = {name, process, std::nullopt};
  return next_part_++;
}

std::vector<ProcessId> LogModel::WhoTakesPart(const std::string& name) const {
  std::vector<ProcessId> processes;
  for (const auto& [number, part] : parts_) {
    if (part.name == name) processes.push_back(part.process);
  }
  return processes;
}

void LogModel::Leave(const std::string& instance) {
  if (members_.erase(instance) == 0) return;
  StartRebalance(rebalance_began_);
}

void LogModel::StartRebalance(Micros now) {
  if (!is_rebalancing_) rebalance_began_ = now;
  is_rebalancing_ = true;
  for (auto& [instance, member] : members_) member.has_joined = false;
  CompleteRebalanceIfAllJoined();
}

void LogModel::JoinRebalance(const std::string& instance) {
  members_.at(instance).has_joined = true;
  CompleteRebalanceIfAllJoined();
}

void LogModel::CompleteRebalanceIfAllJoined() {
  if (!is_rebalancing_) return;
  for (const auto& [instance, member] : members_) {
    if (!member.has_joined) return;
  }
  is_rebalancing_ = false;
  ++generation_;
  // Assigns partitions like the range assignor.
  const int count = static_cast<int>(members_.size());
  int32_t next = 0;
  int index = 0;
  for (auto& [instance, member] : members_) {
    member.assigned.clear();
    const int share = partitions_ / count + (index < partitions_ % count ? 1 : 0);
    for (int i = 0; i < share; ++i) member.assigned.push_back(next++);
    ++index;
  }
}

const LogModel::Member* LogModel::FindMember(const std::string& instance) const {
  const auto found = members_.find(instance);
  return found == members_.end() ? nullptr : &found->second;
}

void LogModel::Heartbeat(const std::string& instance, int64_t id, Micros now) {
  const auto found = members_.find(instance);
  if (found != members_.end() && found->second.id == id) found->second.last_seen = now;
}

bool LogModel::HasPendingOffset(int32_t partition) const {
  return std::any_of(producers_.begin(), producers_.end(), [&](const auto& element) {
    const int64_t number = element.second.transaction;
    return number != 0 && transactions_.at(number).offsets.contains(partition);
  });
}

std::optional<LogModel::Offset> LogModel::CommittedOffset(int32_t partition) const {
  const auto found = committed_.find(partition);
  if (found == committed_.end()) return std::nullopt;
  return found->second;
}

void LogModel::Tick(Micros now, bool commit_in_flight) {
  std::vector<std::string> expired;
  for (const auto& [instance, member] : members_) {
    if (now - member.last_seen > session_timeout_) expired.push_back(instance);
  }
  if (is_rebalancing_ && now - rebalance_began_ > session_timeout_ * 2) {
    for (const auto& [instance, member] : members_) {
      if (!member.has_joined) expired.push_back(instance);
    }
  }
  for (const std::string& instance : expired) {
    if (members_.erase(instance) > 0) StartRebalance(now);
  }
  std::erase_if(parts_, [&](const auto& part) {
    return part.second.died.has_value() && now - *part.second.died > session_timeout_;
  });
  if (open_count_ == 0) return;
  for (auto& [name, producer] : producers_) {
    if (producer.transaction == 0) continue;
    const Transaction& transaction = transactions_[producer.transaction];
    if (now - transaction.begun <= transaction_timeout_) continue;
    ++producer.epoch;
    End(producer.transaction, transaction.commit_in_flight && commit_in_flight);
  }
}

}  // namespace picket::kafka
