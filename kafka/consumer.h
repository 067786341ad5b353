#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/read_ahead.h"

namespace picket::kafka {

struct GroupMetadataDeleter {
  void operator()(rd_kafka_consumer_group_metadata_t* metadata) const {
    rd_kafka_consumer_group_metadata_destroy(metadata);
  }
};
// Says which generation of the group a member belonged to; what fences a member that lost its partitions.
using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t, GroupMetadataDeleter>;

struct CommittedOffset {
  std::optional<int64_t> offset;  // nothing: the group never committed one
  std::string metadata;
};

// The first offset of a partition, and the one that comes next.
struct OffsetRange {
  int64_t begin = 0;
  int64_t end = 0;
};
// As `handle` sees the partitions of `topic`: for a read_committed one the first open transaction is the end.
absl::StatusOr<std::vector<OffsetRange>> QueryOffsetRanges(rd_kafka_t* handle,
                                                           const std::string& topic,
                                                           const std::vector<int32_t>& partitions,
                                                           absl::Duration timeout);

// What `handle`'s group holds for the partitions of `list`. A read_committed handle is answered once no transaction over
// them is open; Unavailable: not yet, or no answer within `slice`.
absl::StatusOr<std::vector<CommittedOffset>> ReadCommitted(rd_kafka_t* handle,
                                                           rd_kafka_topic_partition_list_t* list,
                                                           absl::Duration slice);

// A member of a stage's group.
// Threads: one; the listener is called from Poll and Close, on the same thread. Failure: Poll hands errors to the
// listener; what ends the member for good is in FatalError().
class GroupConsumer {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // All partitions are paused. `metadata` is of the generation that has just begun.
    virtual void OnAssigned(const std::vector<int32_t>& partitions, GroupMetadata metadata) = 0;
    // `lost`: another member may own them already.
    virtual void OnRevoked(bool lost) = 0;
    virtual void OnClientError(rd_kafka_resp_err_t code, std::string_view text) = 0;
    virtual void OnStatistics(std::string_view /*json*/) {}
  };

  // `listener` must outlive it.
  static absl::StatusOr<std::unique_ptr<GroupConsumer>> Make(Conf conf, std::string topic,
                                                             Listener* listener);
  ~GroupConsumer();

  // The next message, or nothing; errors of a partition come as messages with `err` set.
  MessagePtr Poll(absl::Duration timeout);

  // ReadCommitted of partitions of the input.
  absl::StatusOr<std::vector<CommittedOffset>> Committed(const std::vector<int32_t>& partitions,
                                                         absl::Duration slice);
  struct Position {
    int32_t partition;
    int64_t offset;
  };
  void Pause(const std::vector<int32_t>& partitions);
  void Resume(const std::vector<int32_t>& partitions);
  // Sets where each goes on. False: the consumer cannot be moved this way, use Reassign.
  bool Seek(const std::vector<Position>& positions);
  // Begins the whole assignment again at these positions, all paused.
  void Reassign(const std::vector<Position>& positions);

  absl::StatusOr<std::vector<OffsetRange>> QueryRanges(const std::vector<int32_t>& partitions,
                                                       absl::Duration timeout);
  // The newest end that a fetch has told; no request. Negative: not known.
  int64_t KnownEnd(int32_t partition) const;

  // An error after which the member can do nothing, with the reason.
  absl::Status FatalError() const;

  // Gives the partitions back (Listener::OnRevoked) and ends. A static member does not leave the group by this.
  void Close();

 private:
  GroupConsumer(std::string topic, Listener* listener)
      : topic_(std::move(topic)), listener_(listener) {}
  static void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque);
  PartitionList ListOf(const std::vector<int32_t>& partitions) const;

  const std::string topic_;
  Listener* const listener_;
  Handle handle_;
  Queue queue_;  // what has been fetched
  std::vector<int32_t> assigned_;
  ReadAhead read_ahead_;
};

}  // namespace picket::kafka
