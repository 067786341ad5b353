#pragma once

#include "kafka/config.h"
#include "kafka/io.h"

namespace picket::kafka {

// Creates the clients of workers with librdkafka, for the configured cluster and topics.
// Threads: Any thread may use it. Lifetime: It must outlive the clients that it creates. Failure:
// See KafkaClients.
class LibrdkafkaClients final : public KafkaClients {
 public:
  LibrdkafkaClients(KafkaConfig kafka, TopicsConfig topics)
      : kafka_(std::move(kafka)), topics_(std::move(topics)) {}

  absl::StatusOr<std::vector<TopicDifference>> CheckTopics(const std::vector<TopicUse>& uses,
                                                           absl::Duration limit) override;
  absl::StatusOr<std::unique_ptr<InputConsumer>> MakeConsumer(
      const MemberSpec& member, InputConsumer::Listener* listener) override;
  absl::StatusOr<std::unique_ptr<BatchProducer>> MakeProducer(
      const std::string& transactional_id, const std::vector<Topic>& followed) override;
  absl::StatusOr<std::unique_ptr<ChangelogSource>> MakeChangelogSource(Topic changelog) override;
  absl::StatusOr<std::unique_ptr<UncommittedRanges>> MakeUncommittedRanges(
      const std::string& group) override;
  absl::StatusOr<std::unique_ptr<RollCall>> MakeRollCall(const RollCallSpec& spec) override;

 private:
  const KafkaConfig kafka_;
  const TopicsConfig topics_;
};

}  // namespace picket::kafka
