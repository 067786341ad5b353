#pragma once

// Defines the boundary between a worker and Kafka. The interfaces of this file contain everything
// that kafka/worker/ needs from a cluster. The production classes implement the interfaces with
// librdkafka (kafka/worker/librdkafka_clients.h creates them). Tests implement them with a model of
// the log. The model can fail any call, lose an answer or hold messages back. The interfaces use no
// librdkafka type, except that Headers (kafka/message.h) refers to one.
//
// Cost: A worker calls only Poll for each message. It makes all other calls far less often, such as
// once per batch.
// Threads: A client belongs to the worker thread that uses it. Callbacks are made on that thread,
// from inside a call.
// Timeouts: Every limit is a duration, measured on the monotonic clock.

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
#include "kafka/process_id.h"
#include "kafka/topic_check.h"
#include "kafka/topic_use.h"
#include "kafka/topics.h"

namespace picket::kafka {

// Identifies the generation of the group that a member belonged to. Kafka refuses a transaction
// that carries the metadata of an old generation. This fences a member that has lost its
// partitions. Only the producers that the same KafkaClients creates can read the contents.
class GroupMetadata {
 public:
  virtual ~GroupMetadata() = default;
};

// The offset that a group has committed for a partition.
struct CommittedOffset {
  std::optional<int64_t> offset;  // empty if the group has never committed an offset
  std::string metadata;
};

// The first offset of a partition, and the offset that the next message will have.
struct OffsetRange {
  int64_t begin = 0;
  int64_t end = 0;
};

// The offset at which reading of a partition continues.
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

// The result of a poll, which is a message, the end of a partition, or an error.
// Lifetime: `message` points into `memory`. The headers of a librdkafka message are read on first
// use into a buffer of the consumer. They are valid until the headers of another message are read.
struct ConsumedMessage {
  enum class Error : uint8_t {
    kNone,
    // This is not an error. It means that every committed message before `message.offset` was
    // returned. The offsets before it that were not returned belong to markers and to aborted
    // transactions. The consumer returns this once whenever it reaches the end of the partition.
    kEnd,
    kOutOfRange,  // the offset to be read no longer exists, or does not exist yet
    kOther,       // a temporary error, which skips no message
  };

  // If `error` is not kNone, only the partition is set (and for kEnd, the offset). The partition is
  // negative if an error concerns the whole topic.
  Message message;
  Error error = Error::kNone;
  std::string_view error_text;
  std::unique_ptr<void, void (*)(void*)> memory{nullptr, [](void*) {}};
};

// A problem with the connection or the group, as opposed to an error of a single call.
struct ClientError {
  enum class Kind : uint8_t {
    kTimedOut,        // a request got no answer
    kDisconnected,    // a broker closed the connection
    kAllBrokersDown,  // no broker is connected
    kUnreachable,     // name resolution, TLS or authentication failed
    kOther,
  };
  Kind kind;
  std::string_view name;  // librdkafka's name of the error, such as "_TRANSPORT"
  std::string_view text;
};

// A member of a stage's group. It consumes the partitions that the group assigns to it.
// Failure: Poll returns errors. FatalError returns an error that permanently ends the member.
class InputConsumer {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // The consumer calls this while all partitions are paused. `metadata` belongs to the generation
    // that has just begun.
    virtual void OnAssigned(const std::vector<int32_t>& partitions,
                            std::unique_ptr<GroupMetadata> metadata) = 0;
    // If `lost` is true, another member may already own the partitions.
    virtual void OnRevoked(bool lost) = 0;
    virtual void OnClientError(const ClientError& error) = 0;
    // The consumer calls this regularly if MemberSpec::reports_contact is set. `ago` is the time
    // since the group's coordinator last sent any response, such as the answer to a heartbeat.
    virtual void OnCoordinatorAnswered(absl::Duration /*ago*/) {}
  };

  // Closes the consumer if the caller has not done so.
  virtual ~InputConsumer() = default;

  // Returns the next message or error, or nothing if none arrives within `timeout`. Calls the
  // listener.
  virtual std::optional<ConsumedMessage> Poll(absl::Duration timeout) = 0;

  // Returns the offsets that the group has committed for `partitions`, in the same order. Kafka
  // does not answer while an open transaction contains offsets of these partitions. Returns
  // Unavailable if the offsets cannot be read within `limit`.
  virtual absl::StatusOr<std::vector<CommittedOffset>> Committed(
      const std::vector<int32_t>& partitions, absl::Duration limit) = 0;

  virtual void Pause(const std::vector<int32_t>& partitions) = 0;
  virtual void Resume(const std::vector<int32_t>& partitions) = 0;
  // Sets the position from which each partition continues. Returns false if the consumer cannot do
  // that now. The caller must then use Reassign.
  virtual bool Seek(const std::vector<Position>& positions) = 0;
  // Starts the whole assignment again at these positions, with all partitions paused.
  virtual void Reassign(const std::vector<Position>& positions) = 0;

  // Returns the offset ranges of `partitions`, in the same order, as a reader of committed messages
  // sees the ranges.
  virtual absl::StatusOr<std::vector<OffsetRange>> QueryRanges(
      const std::vector<int32_t>& partitions, absl::Duration limit) = 0;
  // StartRangeQuery begins the same query in the background. TakeRangeQuery returns its result
  // once, and nothing before the result is known. At most one query may be under way.
  using RangeResult = absl::StatusOr<std::vector<OffsetRange>>;
  virtual void StartRangeQuery(const std::vector<int32_t>& partitions, absl::Duration limit) = 0;
  virtual std::optional<RangeResult> TakeRangeQuery() = 0;
  // Returns the newest end offset that a fetch has reported, or a negative number if none is known.
  // Sends no request.
  virtual int64_t KnownEnd(int32_t partition) const = 0;

  // Returns the error that permanently ended the member, or Ok while it can go on. Returns
  // AlreadyExists if another member has taken this member's name.
  virtual absl::Status FatalError() const = 0;

  // Calls OnRevoked and stops the consumer. A static member remains in the group with its
  // partitions until its session times out. After a fatal error, the partitions are lost and
  // OnRevoked is not called. Waits for a query in the background.
  virtual void Close() = 0;
};

// The result of a producer's call. It determines what the caller must do next.
enum class CallResult {
  kOk,
  kMustAbort,  // the transaction is invalid; abort it and process its inputs again
  // The producer is fenced, has a fatal error or got no answer. Only a new producer of the same
  // name can find out what was committed.
  kMustRecreate,
};

// The transactional producer of one worker.
// Lifetime: After a fatal error or an unknown outcome, the producer is destroyed and replaced. The
// destructor releases every message handed to the producer. Failure: Calls return a CallResult, and
// error() describes the last failure.
class BatchProducer {
 public:
  virtual ~BatchProducer() = default;

  // Ends the transaction that a predecessor of the same name left open. Waits for at most `slice`.
  // If the result is Unavailable, the caller must call Init again. After any other error, the
  // caller must create a new producer.
  virtual absl::Status Init(absl::Duration slice) = 0;

  virtual CallResult Begin() = 0;
  // Hands over the messages of `batch` without copying them. The messages must stay unchanged until
  // the transaction is decided or the producer is destroyed. Waits while the queue is full.
  virtual CallResult Produce(const OutputBatch& batch, absl::Duration limit) = 0;
  // Waits until the broker has assigned an offset to every message. The caller must call Flush
  // before every Commit.
  virtual CallResult Flush(absl::Duration limit) = 0;
  virtual CallResult SendOffsets(Topic input, const std::vector<InputOffset>& offsets,
                                 const GroupMetadata& metadata, absl::Duration limit) = 0;
  virtual CallResult Commit(absl::Duration limit) = 0;
  virtual CallResult Abort(absl::Duration limit) = 0;

  // Returns the offset of the last message that was produced to each partition since Begin. Only
  // the partitions of the followed topics are included (see KafkaClients::MakeProducer). The result
  // is complete after Flush.
  using TopicPartition = std::pair<Topic, int32_t>;
  virtual std::map<TopicPartition, int64_t> LastOffsets() = 0;

  virtual const std::string& error() const = 0;
  // Returns true if the client or the broker refused a message of the open transaction because of
  // its size.
  virtual bool too_large() const = 0;
  // Returns true if another producer of this name exists or the broker has abandoned the
  // transaction.
  virtual bool fenced() const = 0;
};

// Reads the committed rows of one changelog. Each partition is read up to an end offset that is
// known beforehand.
// Lifetime: Created when a restore begins, and destroyed when no partition is left to restore. The
// destructor stops all partitions. Failure: Temporary errors are retried. Step reports the
// partitions that have reached their ends.
class ChangelogSource {
 public:
  virtual ~ChangelogSource() = default;

  // Starts to read `partition` from offset `from` up to, but not including, offset `end`. If `from`
  // is empty or no longer exists, reading starts at the beginning of the partition.
  virtual absl::Status Start(int32_t partition, std::optional<int64_t> from, int64_t end) = 0;
  // Stops reading a partition. Does nothing if the partition is not being read.
  virtual void Stop(int32_t partition) = 0;
  // Passes rows to `row` for at most `slice`. Calls `done` for each partition that has reached its
  // end.
  virtual void Step(absl::Duration slice, const std::function<void(const Message&)>& row,
                    const std::function<void(int32_t)>& done) = 0;
  // Returns why rows cannot be read now, or an empty string.
  virtual std::string Fault() const { return ""; }
};

// Queries the offset ranges of a changelog with a client that sees open transactions. A
// read_committed client reports the beginning of the first open transaction as the end, so it can
// miss committed rows after that offset.
class UncommittedRanges {
 public:
  virtual ~UncommittedRanges() = default;
  // Returns the offset ranges of `partitions`, in the same order.
  virtual absl::StatusOr<std::vector<OffsetRange>> Query(Topic topic,
                                                         const std::vector<int32_t>& partitions,
                                                         absl::Duration limit) = 0;
};

// A process that takes part in a roll call.
struct NameUser {
  ProcessId process;
  std::string host;
};

// Describes a roll call of the processes that may use one name of a group at the same time.
struct RollCallSpec {
  std::string group;  // the group of the stage
  std::string name;   // the group instance id
  ProcessId process;
  Topic input;
};

// Takes part in a roll call: shows the other processes of the same name that this process runs, and
// tells which of them take part as well. A process that has stopped disappears at once, and a
// process that was killed disappears after its session timeout. Failure: Others returns an error
// status. The caller may ask again.
class RollCall {
 public:
  virtual ~RollCall() = default;
  // Must be called at least once a minute, so that this process is not removed. It does not wait.
  virtual void Poll() = 0;
  // Returns the other processes that take part under the same name.
  virtual absl::StatusOr<std::vector<NameUser>> Others(absl::Duration limit) = 0;
};

// Describes the group member that a consumer acts as.
struct MemberSpec {
  std::string group;
  std::string name;  // the group instance id, which makes the member static
  Topic input;
  bool reports_contact = false;
};

// Creates the clients of a stage's workers, at the start and after every error that requires a new
// client.
// Threads: Any thread may use it. Lifetime: It must outlive the clients that it creates.
class KafkaClients {
 public:
  virtual ~KafkaClients() = default;

  // Returns how the topics in `uses` differ from the configuration. Returns a retryable error if no
  // broker answers within `limit`.
  virtual absl::StatusOr<std::vector<TopicDifference>> CheckTopics(
      const std::vector<TopicUse>& uses, absl::Duration limit) = 0;

  // `listener` must outlive the consumer.
  virtual absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(
      const MemberSpec& member, InputConsumer::Listener* listener) = 0;
  // Creates a producer whose LastOffsets reports the topics in `followed`.
  virtual absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(
      const std::string& transactional_id, const std::vector<Topic>& followed) = 0;
  virtual absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic changelog) = 0;
  virtual absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string& group) = 0;
  virtual absl::StatusOr<std::unique_ptr<RollCall>> MakeRollCall(const RollCallSpec& spec) = 0;
};

}  // namespace picket::kafka
