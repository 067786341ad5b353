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

// What happens to a call.
enum class Interference : uint8_t {
  kNone,
  kAbort,        // it is made, and reported as failed, so that the transaction must be aborted
  kLoseAnswer,   // kCommit only: it is made, but not answered
  kLoseRequest,  // kCommit only: it is not made, and not answered
};

// Clients of a real cluster whose producers fail, or are slow, as a test wants.
// Threads: any; `interfere` is called on the workers' threads. Lifetime: `clients` outlives it.
class InterferingClients final : public KafkaClients {
 public:
  using Interfere = std::function<Interference(TransactionCall)>;
  // `pause`: how long each call of a transaction takes at least, so that a test can stop a process
  // in it.
  InterferingClients(KafkaClients& clients, Interfere interfere,
                     absl::Duration pause = absl::ZeroDuration())
      : clients_(clients), interfere_(std::move(interfere)), pause_(pause) {}

  absl::Status CheckTopics(absl::Duration limit) override { return clients_.CheckTopics(limit); }
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

 private:
  KafkaClients& clients_;
  const Interfere interfere_;
  const absl::Duration pause_;
};

}  // namespace picket::kafka
