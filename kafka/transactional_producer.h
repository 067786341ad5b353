#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/io.h"
#include "kafka/output_batch.h"
#include "kafka/topics.h"

namespace picket::kafka {

// Implements BatchProducer with librdkafka.
// Threads: One thread uses it. Lifetime and failure: See BatchProducer.
class TransactionalProducer final : public BatchProducer {
 public:
  // Creates a producer whose LastOffsets reports the topics in `followed`.
  static absl::StatusOr<std::unique_ptr<TransactionalProducer>> Make(
      const KafkaConfig& kafka, const std::string& topic_prefix,
      const std::string& transactional_id, const std::vector<Topic>& followed = {});
  ~TransactionalProducer() override;

  absl::Status Init(absl::Duration slice) override;
  CallResult Begin() override;
  CallResult Produce(const OutputBatch& batch, absl::Duration limit) override;
  // Also returns kMustAbort if the broker assigned no offset to a message that the client reports
  // as delivered. librdkafka 2.0.2 reports the messages of a refused request as delivered when the
  // next request of the partition is accepted. Without this check, a commit would then lose those
  // messages.
  CallResult Flush(absl::Duration limit) override;
  CallResult SendOffsets(Topic input, const std::vector<InputOffset>& offsets,
                         const GroupMetadata& metadata, absl::Duration limit) override;
  CallResult Commit(absl::Duration limit) override;
  CallResult Abort(absl::Duration limit) override;
  std::map<TopicPartition, int64_t> LastOffsets() override;
  const std::string& error() const override { return error_; }
  bool too_large() const override { return too_large_; }
  bool fenced() const override { return fenced_; }

 private:
  // A topic for which LastOffsets() reports offsets. The address of this object is attached to the
  // messages of the topic as their opaque pointer.
  struct FollowedTopic {
    Topic topic;
    TransactionalProducer* producer;
    std::map<int32_t, int64_t> last_offsets;  // indexed by partition, guarded by mu_
  };
  struct TopicDeleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };
  using TopicHandle = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;

  explicit TransactionalProducer(std::string topic_prefix)
      : topic_prefix_(std::move(topic_prefix)), topics_(kTopicCount), queued_bytes_(kTopicCount) {}
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
  static rd_kafka_resp_err_t OnAcknowledged(rd_kafka_t*, rd_kafka_message_t* message, void* opaque);
  CallResult Classify(const char* call, rd_kafka_error_t* error);
  CallResult ProduceOne(const OutputBatch& batch, const OutputBatch::Entry& entry,
                        MonotonicTime deadline);
  // Returns true and records the error if the client has a fatal error.
  bool HasFatalError();
  // Returns the handle of the topic. Creates the handle if this is the first message of the topic.
  // Handles for unused topics would be wasteful, because the client's thread checks every partition
  // of every topic that has a handle whenever it wakes.
  absl::StatusOr<rd_kafka_topic_t*> HandleOf(Topic topic);

  const std::string topic_prefix_;
  std::atomic<bool> has_message_without_offset_ = false;
  Mutex mu_;
  std::vector<FollowedTopic> followed_;  // Make adds all elements
  Handle handle_;                        // destroyed before the members that its threads use
  std::vector<TopicHandle> topics_;      // indexed by Topic, null until the topic is used
  // The bytes queued for each partition since the last flush, indexed by Topic and then by
  // partition.
  std::vector<std::vector<size_t>> queued_bytes_;
  std::vector<bool> is_first_;  // indexed by entry, true for the first entry of a partition
  std::vector<rd_kafka_vu_t> arguments_;
  std::string error_;
  bool too_large_ = false;
  bool fenced_ = false;
};

}  // namespace picket::kafka
