#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/clock.h"
#include "kafka/io.h"
#include "tests/kafka/worker/log_model.h"

namespace picket::kafka {

// The calls of the interfaces in kafka/io.h.
enum class Call : uint8_t {
  kMakeConsumer,
  kRejoin,  // the client itself joins again after its session has ended
  kRollCall,
  kPoll,
  kCommitted,
  kQueryRanges,
  kSeek,
  kMakeProducer,
  kInit,
  kBegin,
  kProduce,
  kFlush,
  kSendOffsets,
  kCommit,
  kAbort,
  kMakeReader,
  kStartReader,
  kReadChangelog,
  kQueryEnds,
};

// The ways in which a call can fail.
enum class Failure : uint8_t {
  kNone,
  kNoAnswer,           // returns Unavailable after the whole limit
  kError,              // returns an error status or false at once
  kMustAbort,          // the producer's transaction is invalid
  kFatal,              // the producer or the consumer has a fatal error
  kFenced,             // another client has taken the producer's or consumer's name
  kCommitNotAnswered,  // the commit is made, but its answer is lost
  kCommitLost,         // the commit request is lost, so there is no answer
  kCommitDelayed,      // there is no answer, and the request arrives later or never
  // In Flush, a message gets no offset from the broker although the client reports it as delivered.
  kDeliveryInferred,
};

// A clock that moves only by calls of Advance and Wait. The time of day may jump, but the monotonic
// time does not.
class SimulatedClock final : public Clock {
 public:
  absl::Time Now() const override {
    return absl::FromUnixMicros(1'700'000'000'000'000 + micros_ + wall_offset_);
  }
  absl::Duration SinceStart() const override { return absl::Microseconds(micros_); }
  bool Wait(absl::Duration duration, std::stop_token stop) override {
    Advance(absl::ToInt64Microseconds(duration));
    return !stop.stop_requested();
  }
  int64_t micros() const { return micros_; }
  void Advance(int64_t micros) { micros_ += micros; }
  void StepTimeOfDay(int64_t micros) { wall_offset_ += micros; }

 private:
  int64_t micros_ = 0;
  int64_t wall_offset_ = 0;
};

// The state of a simulated process, which the clients of the process follow.
struct FakeProcess {
  bool is_dead = false;  // true if the clients of the process do nothing more
  // The end of the input that is visible to the process, indexed by partition. If a partition is
  // absent, its input is visible up to LogModel::Log::stable_end().
  std::map<int32_t, int64_t> visible_end;
  bool is_broker_silent = false;
  // The partitions about whose ends StartRangeQuery gets no answer, and the time that its other
  // answers take.
  std::set<int32_t> without_leader;
  absl::Duration range_delay = absl::ZeroDuration();
  // The time at which the group's coordinator stopped answering. It is negative while the
  // coordinator answers.
  int64_t coordinator_silent_since = -1;
  // The id of the process's current group member, which sends heartbeats. 0 if the process
  // has no member.
  int64_t member = 0;
  std::optional<ClientError> client_error;     // reported by the next poll
  std::map<int32_t, std::string> poll_errors;  // the next poll reports one of them
  // Partitions that cannot be read. The consumer reports each of them once, like librdkafka.
  std::set<int32_t> unreadable;
};

// Implements KafkaClients on a LogModel, for one process.
//
// `decide` is called at the beginning of each call and returns how the call fails. `decide` may
// also change the model, run other processes, or throw to end the process.
class FakeClients final : public KafkaClients {
 public:
  using Decide = std::function<Failure(Call)>;
  FakeClients(LogModel& model, SimulatedClock& clock, FakeProcess& process, Decide decide,
              std::string topic_prefix = "")
      : model_(model),
        clock_(clock),
        process_(process),
        decide_(std::move(decide)),
        prefix_(std::move(topic_prefix)) {}

  absl::StatusOr<std::vector<TopicDifference>> CheckTopics(const std::vector<TopicUse>&,
                                                           absl::Duration) override {
    return std::vector<TopicDifference>();
  }
  absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(
      const MemberSpec& member, InputConsumer::Listener* listener) override;
  absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(
      const std::string& transactional_id, const std::vector<Topic>& followed) override;
  absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic changelog) override;
  absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string& group) override;
  absl::StatusOr<std::unique_ptr<RollCall>> MakeRollCall(const RollCallSpec& spec) override;

  // If true, UncommittedRanges reports the ends of changelogs as a read_committed client sees them.
  // This simulates a mistake in the configuration of the real client (UncommittedConf in
  // kafka/client_config.h).
  bool reports_committed_ends = false;
  // If true, InputConsumer::Committed does not wait for open transactions and answers like a
  // read_uncommitted client. This simulates a mistake in the configuration of the real consumer
  // (GroupConsumerConf in kafka/client_config.h).
  bool ignores_pending_offsets = false;

  LogModel& model() { return model_; }
  SimulatedClock& clock() { return clock_; }
  FakeProcess& process() { return process_; }
  const std::string& prefix() const { return prefix_; }
  Failure Begin(Call call) {
    if (process_.is_dead) return Failure::kNone;
    clock_.Advance(kCallMicros);
    return decide_(call);
  }
  void WaitFor(absl::Duration duration) { clock_.Advance(absl::ToInt64Microseconds(duration)); }

  static constexpr int64_t kCallMicros = 50;

 private:
  LogModel& model_;
  SimulatedClock& clock_;
  FakeProcess& process_;
  const Decide decide_;
  const std::string prefix_;
};

// Returns the host of `process`.
std::string HostOf(const ProcessId& process);

// Returns an entry of the model as a consumer receives it.
ConsumedMessage CopyOf(const LogModel::Entry& entry, const std::string& topic, int32_t partition,
                       int64_t offset);

}  // namespace picket::kafka
