#pragma once

// The seam between a worker and Kafka: what kafka/worker/ needs of a cluster, as small interfaces.
// The production classes implement them with librdkafka (kafka/worker/librdkafka_clients.h creates
// them); tests implement them with a model of the log, which can fail any call, lose an answer or
// hold messages back. No type of librdkafka crosses the seam.
//
// Cost: the consumer is called once per message at most, everything else once per batch or less.
// Threads: a client belongs to the worker thread that uses it; callbacks come on that thread, from
// inside a call.
// Waits: every limit is a duration, measured on the monotonic clock.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/message.h"
#include "kafka/output_batch.h"
#include "kafka/topics.h"

namespace picket::kafka {

// Says to which generation of the group a member belonged. A transaction that carries the metadata
// of an old generation is refused, which is what fences a member that has lost its partitions.
// Opaque: only the consumer that made it and the producers of the same factory can read it.
class GroupMetadata {
 public:
  virtual ~GroupMetadata() = default;
};

// What a group has committed for a partition.
struct CommittedOffset {
  std::optional<int64_t> offset;  // nothing: the group has never committed one
  std::string metadata;
};

// The first offset of a partition, and the offset that the next message will have.
struct OffsetRange {
  int64_t begin = 0;
  int64_t end = 0;
};

// Where to read a partition next.
struct Position {
  int32_t partition;
  int64_t offset;
};

// An offset that a transaction commits for a partition of the input.
struct InputOffset {
  int32_t partition;
  int64_t offset;
  std::string metadata;
};

// What a poll returned: a message, or an error that concerns one partition.
// Lifetime: `message` points into `memory`. The headers of a message of librdkafka are read on
// first use, into a buffer of the consumer; they are valid until the headers of another message are
// read.
struct ConsumedMessage {
  enum class Error : uint8_t {
    kNone,
    kOutOfRange,  // the topic no longer has, or does not yet have, the offset to be read
    kOther,       // passes by itself; nothing was skipped
  };

  Message message;  // in case of an error only the partition is valid
  Error error = Error::kNone;
  std::string_view error_text;
  std::unique_ptr<void, void (*)(void*)> memory{nullptr, [](void*) {}};
};

// A problem of the connection or of the group that is not an error of one call.
struct ClientError {
  enum class Kind : uint8_t {
    kTimedOut,        // a request got no answer
    kDisconnected,    // a broker closed the connection
    kAllBrokersDown,  // no broker is connected
    kUnreachable,     // name resolution, TLS or the credentials failed
    kOther,
  };
  Kind kind;
  std::string_view name;  // librdkafka's, such as "_TRANSPORT"
  std::string_view text;
};

// A member of a stage's group, which consumes the partitions that it is assigned.
// Failure: Poll hands errors out; an error that ends the member for good is in FatalError().
class InputConsumer {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // All partitions are paused. `metadata` belongs to the generation that has just begun.
    virtual void OnAssigned(const std::vector<int32_t>& partitions,
                            std::unique_ptr<GroupMetadata> metadata) = 0;
    // `lost`: another member may already own the partitions.
    virtual void OnRevoked(bool lost) = 0;
    virtual void OnClientError(const ClientError& error) = 0;
    // Regularly, if MemberSpec::reports_contact: how long ago the group's coordinator last answered
    // anything, at least a heartbeat.
    virtual void OnCoordinatorAnswered(absl::Duration /*ago*/) {}
  };

  // Closes the consumer, if the caller has not.
  virtual ~InputConsumer() = default;

  // The next message or error, or nothing if none arrives within `timeout`. Calls the listener.
  virtual std::optional<ConsumedMessage> Poll(absl::Duration timeout) = 0;

  // What the group has committed for `partitions`, in their order. Kafka answers only once no
  // transaction over these offsets is open. Unavailable: not yet, or no answer within `limit`.
  virtual absl::StatusOr<std::vector<CommittedOffset>> Committed(
      const std::vector<int32_t>& partitions, absl::Duration limit) = 0;

  virtual void Pause(const std::vector<int32_t>& partitions) = 0;
  virtual void Resume(const std::vector<int32_t>& partitions) = 0;
  // Sets where each partition continues. False: this consumer cannot do that now; use Reassign.
  virtual bool Seek(const std::vector<Position>& positions) = 0;
  // Starts the whole assignment again at these positions, all paused.
  virtual void Reassign(const std::vector<Position>& positions) = 0;

  // The ranges of `partitions`, in their order, as a reader of committed messages sees them.
  virtual absl::StatusOr<std::vector<OffsetRange>> QueryRanges(
      const std::vector<int32_t>& partitions, absl::Duration limit) = 0;
  // The newest end offset reported by a fetch; sends no request. Negative if unknown.
  virtual int64_t KnownEnd(int32_t partition) const = 0;

  // An error after which the member can do nothing, with the reason. AlreadyExists: another member
  // has its name.
  virtual absl::Status FatalError() const = 0;

  // Gives the partitions back (calls OnRevoked) and ends. A static member does not leave the group
  // by this.
  virtual void Close() = 0;
};

// What the result of a producer's call leaves to be done.
enum class CallResult {
  kOk,
  kMustAbort,  // the transaction is invalid: abort it and process its inputs again
  // Fenced, fatal or no answer: only a new producer of the same name can find out what was
  // committed.
  kMustRecreate,
};

// The transactional producer of one worker.
// Lifetime: destroyed and created again after a fatal error or an unknown outcome; the destructor
// releases every message handed to it. Failure: CallResult; error() describes the last failure.
class BatchProducer {
 public:
  virtual ~BatchProducer() = default;

  // Ends the transaction that a predecessor of the same name left open. Waits for at most `slice`.
  // Unavailable: call again; other errors: create a new producer.
  virtual absl::Status Init(absl::Duration slice) = 0;

  virtual CallResult Begin() = 0;
  // Hands over the messages of `batch` without copying: they must stay unchanged until the
  // transaction is decided or the producer is destroyed. Waits while the queue is full.
  virtual CallResult Produce(const OutputBatch& batch, absl::Duration limit) = 0;
  // Waits until the broker has given an offset to every message. Needed before every Commit.
  virtual CallResult Flush(absl::Duration limit) = 0;
  virtual CallResult SendOffsets(Topic input, const std::vector<InputOffset>& offsets,
                                 const GroupMetadata& metadata, absl::Duration limit) = 0;
  virtual CallResult Commit(absl::Duration limit) = 0;
  virtual CallResult Abort(absl::Duration limit) = 0;

  // For the followed topics (KafkaClients::MakeProducer): the offset of the last message since
  // Begin, by topic and partition. Complete after Flush.
  using TopicPartition = std::pair<Topic, int32_t>;
  virtual std::map<TopicPartition, int64_t> LastOffsets() = 0;

  virtual const std::string& error() const = 0;
  // A message of the open transaction is larger than the broker accepts.
  virtual bool too_large() const = 0;
  // Another producer of this name exists, or the broker has given up on the transaction.
  virtual bool fenced() const = 0;
};

// Reads partitions of one changelog, committed rows only, each up to an end offset that is known
// beforehand.
// Lifetime: created when a restore begins, destroyed when no partition is left to restore; the
// destructor stops all partitions. Failure: temporary errors are waited out; Step reports the
// partitions that reached their end.
class ChangelogSource {
 public:
  virtual ~ChangelogSource() = default;

  // Reads `partition` from offset `from`, or from its beginning if `from` is empty or no longer
  // exists, up to but not including offset `end`.
  virtual absl::Status Start(int32_t partition, std::optional<int64_t> from, int64_t end) = 0;
  // Stops reading a partition, if it is being read.
  virtual void Stop(int32_t partition) = 0;
  // Hands rows to `row` for at most `slice`; calls `done` for each partition that reached its end.
  virtual void Step(absl::Duration slice, const std::function<void(const Message&)>& row,
                    const std::function<void(int32_t)>& done) = 0;
};

// Asks for the ranges of a changelog with a client that sees open transactions. A read_committed
// client reports the first open transaction as the end, and so can miss committed rows behind it.
class UncommittedRanges {
 public:
  virtual ~UncommittedRanges() = default;
  // The ranges of `partitions`, in their order.
  virtual absl::StatusOr<std::vector<OffsetRange>> Query(Topic topic,
                                                         const std::vector<int32_t>& partitions,
                                                         absl::Duration limit) = 0;
};

// Whose membership a consumer holds.
struct MemberSpec {
  std::string group;
  std::string name;  // group instance id: a static member
  Topic input;
  bool reports_contact = false;
};

// Creates the clients of a stage's workers, at the start and after every error that needs a new
// client.
// Threads: any. Lifetime: outlives the clients that it created.
class KafkaClients {
 public:
  virtual ~KafkaClients() = default;

  // Ok if the topics are as the configuration expects them; FailedPrecondition if an operator must
  // act; retryable if no broker answers within `limit`.
  virtual absl::Status CheckTopics(absl::Duration limit) = 0;

  // `listener` must outlive the consumer.
  virtual absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(
      const MemberSpec& member, InputConsumer::Listener* listener) = 0;
  // BatchProducer::LastOffsets reports the topics in `followed`.
  virtual absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(
      const std::string& transactional_id, const std::vector<Topic>& followed) = 0;
  virtual absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic changelog) = 0;
  virtual absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string& group) = 0;
};

}  // namespace picket::kafka
