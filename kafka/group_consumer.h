#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/client_config.h"
#include "kafka/io.h"
#include "kafka/read_ahead.h"

namespace picket::kafka {

// Group metadata created by librdkafka.
class ClientGroupMetadata final : public GroupMetadata {
 public:
  explicit ClientGroupMetadata(rd_kafka_consumer_group_metadata_t* metadata)
      : metadata_(metadata) {}
  ~ClientGroupMetadata() override { rd_kafka_consumer_group_metadata_destroy(metadata_); }
  ClientGroupMetadata(const ClientGroupMetadata&) = delete;
  ClientGroupMetadata& operator=(const ClientGroupMetadata&) = delete;
  const rd_kafka_consumer_group_metadata_t* get() const { return metadata_; }

 private:
  rd_kafka_consumer_group_metadata_t* const metadata_;
};

// Returns the offset ranges of `partitions` as `handle` sees them. For a read_committed handle, a
// range ends where the first open transaction begins. Returns Unavailable if the ranges cannot be
// read within `limit`.
absl::StatusOr<std::vector<OffsetRange>> QueryOffsetRanges(rd_kafka_t* handle,
                                                           const std::string& topic,
                                                           const std::vector<int32_t>& partitions,
                                                           absl::Duration limit);

// Returns the offsets that the group of `handle` has committed for the partitions in `list`. Kafka
// does not answer a read_committed handle while an open transaction contains offsets of these
// partitions. Returns Unavailable if the offsets cannot be read within `limit`.
absl::StatusOr<std::vector<CommittedOffset>> ReadCommitted(rd_kafka_t* handle,
                                                           rd_kafka_topic_partition_list_t* list,
                                                           absl::Duration limit);

// Returns the time since the group's coordinator last sent anything, according to librdkafka's
// statistics. Returns nothing if the statistics do not contain this time.
std::optional<absl::Duration> CoordinatorIdle(std::string_view statistics);

// Implements InputConsumer with librdkafka.
// Threads: One thread uses it. Lifetime: The listener must outlive the consumer. Failure: See
// InputConsumer.
class GroupConsumer final : public InputConsumer {
 public:
  static absl::StatusOr<std::unique_ptr<GroupConsumer>> Make(Conf conf, std::string topic,
                                                             Listener* listener);
  ~GroupConsumer() override;

  std::optional<ConsumedMessage> Poll(absl::Duration timeout) override;
  absl::StatusOr<std::vector<CommittedOffset>> Committed(const std::vector<int32_t>& partitions,
                                                         absl::Duration limit) override;
  void Pause(const std::vector<int32_t>& partitions) override;
  void Resume(const std::vector<int32_t>& partitions) override;
  bool Seek(const std::vector<Position>& positions) override;
  void Reassign(const std::vector<Position>& positions) override;
  absl::StatusOr<std::vector<OffsetRange>> QueryRanges(const std::vector<int32_t>& partitions,
                                                       absl::Duration limit) override;
  void StartRangeQuery(const std::vector<int32_t>& partitions, absl::Duration limit) override;
  std::optional<RangeResult> TakeRangeQuery() override;
  int64_t KnownEnd(int32_t partition) const override;
  absl::Status FatalError() const override;
  void Close() override;

 private:
  GroupConsumer(std::string topic, Listener* listener)
      : topic_(std::move(topic)), listener_(listener) {}
  static void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque);
  PartitionList ListOf(const std::vector<int32_t>& partitions) const;
  PartitionList ListOf(const std::vector<Position>& positions) const;

  const std::string topic_;
  Listener* const listener_;
  Handle handle_;
  Queue queue_;  // fetched messages
  std::vector<int32_t> assigned_;
  std::future<RangeResult> range_query_;
  ReadAhead read_ahead_;
  std::vector<Header> headers_;  // headers of the message whose headers were read last
};

}  // namespace picket::kafka
