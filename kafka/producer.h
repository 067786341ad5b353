#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/output_batch.h"
#include "kafka/topics.h"

namespace picket::kafka {

// What a call on the open transaction leaves to be done.
enum class CallResult {
  kOk,
  kMustAbort,     // the transaction is spoilt: abort it and repeat its inputs
  kMustRecreate,  // fenced, fatal or no answer: only a new producer of the same name learns what holds
};

struct InputOffset {
  int32_t partition;
  int64_t offset;
  std::string metadata;
};

// The transactional producer of one worker.
// Threads: one. Lifetime: destroyed and made again after a fatal error or an unknown outcome; destruction lets go of
// every message handed to it. Failure: CallResult, with error() as text.
class TransactionalProducer {
 public:
  // Where messages on `followed` come to lie can be asked for.
  static absl::StatusOr<std::unique_ptr<TransactionalProducer>> Make(
      const KafkaConfig& kafka, const std::string& topic_prefix,
      const std::string& transactional_id, std::optional<Topic> followed = std::nullopt);
  ~TransactionalProducer();

  // Ends what a predecessor of the same name left open. Waits at most `slice`; Unavailable: call again; other errors:
  // make a new producer.
  absl::Status Init(absl::Duration slice);

  CallResult Begin();
  // Hands over `batch`'s messages without a copy: they must stay where they are until the transaction is decided or
  // the producer is destroyed. A full queue is waited for.
  CallResult Produce(const OutputBatch& batch, absl::Time deadline);
  // Waits until the broker has answered for every message. kMustAbort where it gave one of them no offset, although the client
  // calls it delivered: librdkafka (2.0.2) does so with a request that was refused when the next one of the partition is
  // accepted, and would commit without its messages. Needed before every Commit.
  CallResult Flush(absl::Time deadline);
  CallResult SendOffsets(const std::string& input_topic, const std::vector<InputOffset>& offsets,
                         const rd_kafka_consumer_group_metadata_t* metadata, absl::Time deadline);
  CallResult Commit(absl::Time deadline);
  CallResult Abort(absl::Time deadline);

  // Of the followed topic: by partition the offset of the last message since Begin. Complete after Flush.
  std::map<int32_t, int64_t> LastOffsets();

  const std::string& error() const { return error_; }
  // A message of the open transaction is larger than the broker takes.
  bool too_large() const { return too_large_; }
  // Another producer of this name exists.
  bool fenced() const { return fenced_; }

 private:
  explicit TransactionalProducer(std::string topic_prefix)
      : topic_prefix_(std::move(topic_prefix)), topics_(kTopicCount), queued_bytes_(kTopicCount) {}
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
  static rd_kafka_resp_err_t OnAcknowledged(rd_kafka_t*, rd_kafka_message_t* message, void* opaque);
  CallResult Judge(const char* call, rd_kafka_error_t* error);
  CallResult ProduceOne(const OutputBatch& batch, const OutputBatch::Entry& entry,
                        absl::Time deadline);
  bool NoteFatal();
  // Made when the first message of the topic comes: the client's thread looks at every partition of every topic that it
  // has a handle of, each time it wakes, whether messages are there or not.
  absl::StatusOr<rd_kafka_topic_t*> HandleOf(Topic topic);

  struct TopicDeleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };
  using TopicHandle = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;
  const std::string topic_prefix_;
  std::optional<Topic> followed_;          // its address marks the messages of that topic
  std::atomic<bool> is_surmised_ = false;  // that a message was delivered
  Mutex mu_;
  std::map<int32_t, int64_t> last_offsets_ ABSL_GUARDED_BY(mu_);
  Handle handle_;                    // its threads use what stands before it
  std::vector<TopicHandle> topics_;  // by Topic; null: not used yet
  // What each partition has got since the last flush; by Topic, then partition.
  std::vector<std::vector<size_t>> queued_bytes_;
  std::vector<bool> is_first_;  // by entry: the first of its partition
  std::vector<rd_kafka_vu_t> arguments_;
  std::string header_names_;
  std::string error_;
  bool too_large_ = false;
  bool fenced_ = false;
};

}  // namespace picket::kafka
