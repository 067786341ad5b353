#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/process_id.h"
#include "kafka/topics.h"

namespace picket::kafka {

// A model of a Kafka cluster. It follows Kafka's documentation and uses no code of the worker. It
// models logs, transactions, one consumer group with its committed offsets, and the two kinds of
// fencing (epochs of a transactional id, generations of a group). The simulation compares the
// contents of the model's topics with the required contents.
//
// Times are microseconds since the start of the simulation.
// Threads: One thread uses it.
class LogModel {
 public:
  using Micros = int64_t;

  struct Entry {
    int64_t transaction = 0;  // 0 if the entry was written outside a transaction
    bool is_marker = false;   // true if the entry marks the end of a transaction
    std::string key;
    std::string value;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  struct Log {
    std::vector<Entry> entries;       // indexed by offset
    int64_t begin = 0;                // entries before this offset are deleted
    std::map<int64_t, int64_t> open;  // the open transactions, indexed by their first offsets
    // end() is the end of the log, and stable_end() is the end for a reader of committed messages.
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
    bool has_joined = false;  // true if the member has joined the current rebalance
    Micros last_seen = 0;
    std::vector<int32_t> assigned;
  };

  LogModel(int partitions, Micros session_timeout, Micros transaction_timeout)
      : partitions_(partitions),
        session_timeout_(session_timeout),
        transaction_timeout_(transaction_timeout) {}

  int partitions() const { return partitions_; }
  Log& log(Topic topic, int32_t partition) { return logs_[{topic, partition}]; }
  // Returns true if a reader of committed messages gets this entry, provided that the entry is
  // before the stable end.
  bool IsCommitted(const Entry& entry) const;
  // Returns all committed messages of a topic's partition, including deleted messages, as (offset,
  // entry).
  std::vector<std::pair<int64_t, const Entry*>> Committed(Topic topic, int32_t partition);

  // Ends the open transaction of this name, if there is one, and returns the new epoch.
  // `commit_in_flight` decides whether a commit request that has not arrived yet succeeds.
  int64_t InitProducer(const std::string& name, bool commit_in_flight);
  bool IsCurrent(const std::string& name, int64_t epoch) const;
  int64_t Begin(const std::string& name, Micros now);
  // Appends the entry to the log and returns its offset.
  int64_t Append(int64_t transaction, Topic topic, int32_t partition, Entry entry);
  // Returns false if the offsets are refused because the generation or the member is no longer
  // current.
  bool SendOffsets(int64_t transaction, const std::map<int32_t, Offset>& offsets, int64_t member,
                   int64_t generation);
  void End(int64_t transaction, bool commit);
  // Marks the commit request as still under way. The next producer of this name, or the timeout,
  // decides whether the request succeeds.
  void LoseCommitRequest(int64_t transaction) {
    transactions_[transaction].commit_in_flight = true;
  }
  bool IsOpen(int64_t transaction) const;
  int open_transactions() const { return open_count_; }

  // The calls of the group. `instance` is the name of a static member.
  // Returns the member's id.
  int64_t Join(const std::string& instance, Micros now);
  void Leave(const std::string& instance);
  // Reports that the member has given its partitions back and waits for new ones.
  void JoinRebalance(const std::string& instance);
  const Member* FindMember(const std::string& instance) const;
  void Heartbeat(const std::string& instance, int64_t id, Micros now);
  void StartRebalance(Micros now);
  bool is_rebalancing() const { return is_rebalancing_; }
  int64_t generation() const { return generation_; }
  // The calls of the roll calls of names. Returns the number of the part.
  int64_t TakePart(const std::string& name, const ProcessId& process);
  // The process stops, or is killed: then it takes part until its session ends.
  void StopTakingPart(int64_t part) { parts_.erase(part); }
  void DieTakingPart(int64_t part, Micros now) { parts_[part].died = now; }
  std::vector<ProcessId> WhoTakesPart(const std::string& name) const;
  bool HasPendingOffset(int32_t partition) const;
  std::optional<Offset> CommittedOffset(int32_t partition) const;

  // Applies the timeouts of sessions, rebalances and transactions.
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

  struct Part {
    std::string name;
    ProcessId process;
    std::optional<Micros> died;
  };
  std::map<int64_t, Part> parts_;
  int64_t next_part_ = 1;
  std::map<std::string, Member> members_;
  int64_t next_member_ = 1;
  int64_t generation_ = 0;
  bool is_rebalancing_ = false;
  Micros rebalance_began_ = 0;
};

}  // namespace picket::kafka
