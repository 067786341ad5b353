#include "kafka/worker/librdkafka_clients.h"

#include <utility>

#include "common/status_macros.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "kafka/group_consumer.h"
#include "kafka/roll_call.h"
#include "kafka/transactional_producer.h"
#include "kafka/worker/changelog_reader.h"

namespace picket::kafka {
namespace {

// The interval at which a consumer reports when the coordinator last answered.
constexpr absl::Duration kContactInterval = absl::Milliseconds(500);

class UncommittedRangesWithLibrdkafka final : public UncommittedRanges {
 public:
  UncommittedRangesWithLibrdkafka(Handle handle, std::string topic_prefix)
      : handle_(std::move(handle)), topic_prefix_(std::move(topic_prefix)) {}

  absl::StatusOr<std::vector<OffsetRange>> Query(Topic topic,
                                                 const std::vector<int32_t>& partitions,
                                                 absl::Duration limit) override {
    return QueryOffsetRanges(handle_.get(), TopicName(topic_prefix_, topic), partitions, limit);
  }

 private:
  const Handle handle_;
  const std::string topic_prefix_;
};

}  // namespace

absl::StatusOr<std::vector<TopicDifference>> LibrdkafkaClients::CheckTopics(
    const std::vector<TopicUse>& uses, absl::Duration limit) {
  return kafka::CheckTopics(kafka_, topics_, uses, limit);
}

absl::StatusOr<std::unique_ptr<InputConsumer>> LibrdkafkaClients::MakeConsumer(
    const MemberSpec& member, InputConsumer::Listener* listener) {
  ASSIGN_OR_RETURN(Conf conf, GroupConsumerConf(kafka_, member.group, member.name,
                                                member.reports_contact ? kContactInterval
                                                                       : absl::ZeroDuration()));
  ASSIGN_OR_RETURN(
      std::unique_ptr<InputConsumer> consumer,
      GroupConsumer::Make(std::move(conf), TopicName(topics_.prefix, member.input), listener));
  return consumer;
}

absl::StatusOr<std::unique_ptr<BatchProducer>> LibrdkafkaClients::MakeProducer(
    const std::string& transactional_id, const std::vector<Topic>& followed) {
  ASSIGN_OR_RETURN(std::unique_ptr<BatchProducer> producer,
                   TransactionalProducer::Make(kafka_, topics_.prefix, transactional_id, followed));
  return producer;
}

absl::StatusOr<std::unique_ptr<ChangelogSource>> LibrdkafkaClients::MakeChangelogSource(
    Topic changelog) {
  ASSIGN_OR_RETURN(std::unique_ptr<ChangelogSource> reader,
                   ChangelogReader::Make(kafka_, TopicName(topics_.prefix, changelog)));
  return reader;
}

absl::StatusOr<std::unique_ptr<UncommittedRanges>> LibrdkafkaClients::MakeUncommittedRanges(
    const std::string& group) {
  ASSIGN_OR_RETURN(Conf conf, UncommittedConf(kafka_, group));
  // Ignores errors, since the group's consumer reports the same errors.
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  return std::make_unique<UncommittedRangesWithLibrdkafka>(std::move(handle), topics_.prefix);
}

absl::StatusOr<std::unique_ptr<RollCall>> LibrdkafkaClients::MakeRollCall(
    const RollCallSpec& spec) {
  ASSIGN_OR_RETURN(std::unique_ptr<RollCall> call,
                   GroupRollCall::Make(kafka_, spec, TopicName(topics_.prefix, spec.input)));
  return call;
}

}  // namespace picket::kafka
