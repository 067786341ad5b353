#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kafka/io.h"

namespace picket::kafka {

// The calls of a transaction that a test can interfere with.
enum class TransactionCall : uint8_t { kBegin, kProduce, kFlush, kSendOffsets, kCommit };

// The effect of an interference on a call.
enum class Interference : uint8_t {
  kNone,
  kAbort,        // the call is reported as failed, so the transaction must abort
  kLoseAnswer,   // kCommit only; the call is made, but the answer is lost
  kLoseRequest,  // kCommit only; the call is not made, and there is no answer
};

// Clients of a real cluster. The test can make the calls of their producers fail or take longer.
// Threads: Any thread may use this object. `interfere` is called on the workers' threads. Lifetime:
// `clients` must outlive this object.
class InterferingClients final : public KafkaClients {
 public:
  using Interfere = std::function<Interference(TransactionCall)>;
  // `pause` is the minimum duration of each call of a transaction. The pause allows a test to stop
  // a process during a call.
  InterferingClients(KafkaClients& clients, Interfere interfere,
                     absl::Duration pause = absl::ZeroDuration())
      : clients_(clients), interfere_(std::move(interfere)), pause_(pause) {}

  absl::StatusOr<std::vector<TopicDifference>> CheckTopics(const std::vector<TopicUse>& uses,
                                                           absl::Duration limit) override {
    return clients_.CheckTopics(uses, limit);
  }
  absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(
      const MemberSpec& member, InputConsumer::Listener* listener) override {
    return clients_.MakeConsumer(member, listener);
  }
  absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(
      const std::string& transactional_id, const std::vector<Topic>& followed) override;
  absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic changelog) override {
    return clients_.MakeChangelogSource(changelog);
  }
  absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string& group) override {
    return clients_.MakeUncommittedRanges(group);
  }
  absl::StatusOr<std::unique_ptr<RollCall>> MakeRollCall(const RollCallSpec& spec) override {
    return clients_.MakeRollCall(spec);
  }

 private:
  KafkaClients& clients_;
  const Interfere interfere_;
  const absl::Duration pause_;
};

}  // namespace picket::kafka
