#include "tests/support/kafka/interfering_clients.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace picket::kafka {
namespace {

class InterferingProducer final : public BatchProducer {
 public:
  InterferingProducer(std::unique_ptr<BatchProducer> producer,
                      const InterferingClients::Interfere& interfere, absl::Duration pause)
      : producer_(std::move(producer)), interfere_(interfere), pause_(pause) {}

  absl::Status Init(absl::Duration slice) override { return producer_->Init(slice); }
  CallResult Begin() override { return After(TransactionCall::kBegin, producer_->Begin()); }
  CallResult Produce(const OutputBatch& batch, absl::Duration limit) override {
    return After(TransactionCall::kProduce, producer_->Produce(batch, limit));
  }
  CallResult Flush(absl::Duration limit) override {
    return After(TransactionCall::kFlush, producer_->Flush(limit));
  }
  CallResult SendOffsets(Topic input, const std::vector<InputOffset>& offsets,
                         const GroupMetadata& metadata, absl::Duration limit) override {
    return After(TransactionCall::kSendOffsets,
                 producer_->SendOffsets(input, offsets, metadata, limit));
  }
  CallResult Commit(absl::Duration limit) override {
    absl::SleepFor(pause_);
    const Interference how = interfere_(TransactionCall::kCommit);
    if (how == Interference::kAbort) return CallResult::kMustAbort;
    if (how == Interference::kLoseRequest) return CallResult::kMustRecreate;
    const CallResult result = producer_->Commit(limit);
    return how == Interference::kLoseAnswer ? CallResult::kMustRecreate : result;
  }
  CallResult Abort(absl::Duration limit) override { return producer_->Abort(limit); }
  std::map<TopicPartition, int64_t> LastOffsets() override { return producer_->LastOffsets(); }
  const std::string& error() const override { return producer_->error(); }
  bool too_large() const override { return producer_->too_large(); }
  bool fenced() const override { return producer_->fenced(); }

 private:
  CallResult After(TransactionCall call, CallResult result) {
    absl::SleepFor(pause_);
    if (result != CallResult::kOk) return result;
    return interfere_(call) == Interference::kAbort ? CallResult::kMustAbort : result;
  }

  const std::unique_ptr<BatchProducer> producer_;
  const InterferingClients::Interfere& interfere_;
  const absl::Duration pause_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BatchProducer>> InterferingClients::MakeProducer(
    const std::string& transactional_id, const std::vector<Topic>& followed) {
  ASSIGN_OR_RETURN(std::unique_ptr<BatchProducer> producer,
                   clients_.MakeProducer(transactional_id, followed));
  return std::make_unique<InterferingProducer>(std::move(producer), interfere_, pause_);
}

}  // namespace picket::kafka
