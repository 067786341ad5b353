#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/topics.h"

namespace picket::kafka {

// A model of a Kafka cluster, written from Kafka's documentation and independently of the worker:
// logs, transactions, one consumer group with its committed offsets, and the two ways of fencing
// (epochs of a transactional id, generations of a group). It decides in the simulation what is in
// the topics.
//
// Times are microseconds since the start of the simulation. Threads: one.
class LogModel {
 public:
  using Micros = int64_t;

  struct Entry {
    int64_t transaction = 0;  // 0: written outside a transaction
    bool is_marker = false;   // the end of a transaction
    std::string key;
    std::string value;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  struct Log {
    std::vector<Entry> entries;       // by offset
    int64_t begin = 0;                // entries before it are deleted
    std::map<int64_t, int64_t> open;  // first offset → transaction that is open
    // The log's end, and the end for a reader of committed messages.
    int64_t end() const { return static_cast<int64_t>(entries.size()); }
    int64_t stable_end() const {
      return open.empty() ? end() : std::max(begin, open.begin()->first);
    }
  };
  struct Offset {
    int64_t offset = 0;
    std::string metadata;
  };
  struct Member {
    int64_t id = 0;
    bool has_joined = false;  // in the rebalance that is going on
    Micros last_seen = 0;
    std::vector<int32_t> assigned;
  };

  LogModel(int partitions, Micros session_timeout, Micros transaction_timeout)
      : partitions_(partitions),
        session_timeout_(session_timeout),
        transaction_timeout_(transaction_timeout) {}

  int partitions() const { return partitions_; }
  Log& log(Topic topic, int32_t partition) { return logs_[{topic, partition}]; }
  // Whether a reader of committed messages gets this entry, if it is before the stable end.
  bool IsCommitted(const Entry& entry) const;
  // All committed messages of a topic's partition, deleted ones included, as (offset, entry).
  std::vector<std::pair<int64_t, const Entry*>> Committed(Topic topic, int32_t partition);

  // Ends what was open under this name and returns the new epoch. `commit_in_flight` decides a
  // commit request that has not arrived yet.
  int64_t InitProducer(const std::string& name, bool commit_in_flight);
  bool IsCurrent(const std::string& name, int64_t epoch) const;
  int64_t Begin(const std::string& name, Micros now);
  // Returns the offset.
  int64_t Append(int64_t transaction, Topic topic, int32_t partition, Entry entry);
  // False: refused, the generation or the member is not the group's.
  bool SendOffsets(int64_t transaction, const std::map<int32_t, Offset>& offsets, int64_t member,
                   int64_t generation);
  void End(int64_t transaction, bool commit);
  // The request to commit is under way: whoever starts next under this name, or the timeout, finds
  // out what became of it.
  void LoseCommitRequest(int64_t transaction) {
    transactions_[transaction].commit_in_flight = true;
  }
  bool IsOpen(int64_t transaction) const;
  int open_transactions() const { return open_count_; }

  // The group. `instance` is a static member's name.
  int64_t Join(const std::string& instance, Micros now);  // the member's id
  void Leave(const std::string& instance);
  // The member has given its partitions back and waits for new ones.
  void JoinRebalance(const std::string& instance);
  const Member* FindMember(const std::string& instance) const;
  void Heartbeat(const std::string& instance, int64_t id, Micros now);
  void StartRebalance(Micros now);
  bool is_rebalancing() const { return is_rebalancing_; }
  int64_t generation() const { return generation_; }
  bool HasPendingOffset(int32_t partition) const;
  std::optional<Offset> CommittedOffset(int32_t partition) const;

  // Session and transaction timeouts.
  void Tick(Micros now, bool commit_in_flight);

 private:
  struct Transaction {
    std::string name;
    Micros begun = 0;
    enum class State { kOpen, kCommitted, kAborted } state = State::kOpen;
    bool commit_in_flight = false;
    std::set<std::pair<Topic, int32_t>> logs;
    std::map<int32_t, Offset> offsets;
  };
  struct Producer {
    int64_t epoch = 0;
    int64_t transaction = 0;
  };

  void CompleteRebalanceIfAllJoined();

  const int partitions_;
  const Micros session_timeout_;
  const Micros transaction_timeout_;
  std::map<std::pair<Topic, int32_t>, Log> logs_;
  std::map<int64_t, Transaction> transactions_;
  int64_t next_transaction_ = 1;
  int open_count_ = 0;
  std::map<std::string, Producer> producers_;
  std::map<int32_t, Offset> committed_;

  std::map<std::string, Member> members_;
  int64_t next_member_ = 1;
  int64_t generation_ = 0;
  bool is_rebalancing_ = false;
  Micros rebalance_began_ = 0;
};

}  // namespace picket::kafka
