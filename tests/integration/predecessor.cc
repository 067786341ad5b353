#include "tests/integration/predecessor.h"

#include "absl/strings/str_cat.h"
#include "common/check.h"

namespace picket::kafka {
namespace {

constexpr int kTimeoutMs = 15000;

void Set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char error[256];
  PICKET_CHECK(rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof(error)) ==
               RD_KAFKA_CONF_OK);
}

void Require(rd_kafka_error_t* error) {
  if (error != nullptr) ADD_FAILURE() << rd_kafka_error_string(error);
  PICKET_CHECK(error == nullptr);
}

}  // namespace

Predecessor::Predecessor(const KafkaConfig& kafka, const TopicsConfig& topics,
                         const std::string& name)
    : kafka_(kafka), topics_(topics) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", kafka.bootstrap_servers);
  Set(conf, "transactional.id", name);
  Set(conf, "transaction.timeout.ms", "60000");
  char error[256];
  producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  PICKET_CHECK(producer_ != nullptr);
  Require(rd_kafka_init_transactions(producer_.get(), kTimeoutMs));
}

void Predecessor::Join() {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", kafka_.bootstrap_servers);
  Set(conf, "group.id", GroupId(topics_.prefix, "toy"));
  Set(conf, "session.timeout.ms", "6000");
  Set(conf, "partition.assignment.strategy", "range");
  Set(conf, "enable.auto.commit", "false");
  char error[256];
  consumer_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error)));
  PICKET_CHECK(consumer_ != nullptr);
  rd_kafka_poll_set_consumer(consumer_.get());
  const PartitionList topics = MakePartitionList(1);
  rd_kafka_topic_partition_list_add(topics.get(), TopicName(topics_.prefix, Topic::kRaw).c_str(),
                                    RD_KAFKA_PARTITION_UA);
  PICKET_CHECK(rd_kafka_subscribe(consumer_.get(), topics.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  PICKET_CHECK(WaitFor([&] {
    MessagePtr(rd_kafka_consumer_poll(consumer_.get(), 50));
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    rd_kafka_assignment(consumer_.get(), &assigned);
    const PartitionList owned(assigned);
    return owned != nullptr && owned->cnt == topics_.partitions;
  }));
  metadata_ =
      std::make_unique<ClientGroupMetadata>(rd_kafka_consumer_group_metadata(consumer_.get()));
}

void Predecessor::Begin() { Require(rd_kafka_begin_transaction(producer_.get())); }

void Predecessor::Write(Topic topic, int32_t partition, const std::string& key,
                        const std::string& value) {
  const std::string name = TopicName(topics_.prefix, topic);
  PICKET_CHECK(rd_kafka_producev(
                   producer_.get(), RD_KAFKA_V_TOPIC(name.c_str()), RD_KAFKA_V_PARTITION(partition),
                   RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                   RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                   RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Predecessor::Flush() {
  PICKET_CHECK(rd_kafka_flush(producer_.get(), kTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Predecessor::ProcessEverything(const std::map<std::string, std::vector<std::string>>& sent) {
  const auto partitions = static_cast<int32_t>(topics_.partitions);
  std::map<int32_t, int64_t> consumed;
  for (const auto& [key, values] : sent) {
    const int32_t partition = PartitionOf(key, partitions);
    int64_t count = 0;
    for (const std::string& value : values) {
      Write(Topic::kEvents, partition, key, absl::StrCat(++count, " ", value));
    }
    Write(Topic::kSeen, partition, key, absl::StrCat(count));
    consumed[partition] += count;
  }
  const PartitionList offsets = MakePartitionList(static_cast<int>(consumed.size()));
  for (const auto& [partition, count] : consumed) {
    rd_kafka_topic_partition_list_add(offsets.get(), TopicName(topics_.prefix, Topic::kRaw).c_str(),
                                      partition)
        ->offset = count;
  }
  Flush();
  Require(rd_kafka_send_offsets_to_transaction(producer_.get(), offsets.get(), metadata_->get(),
                                               kTimeoutMs));
}

void Predecessor::Commit() { Require(rd_kafka_commit_transaction(producer_.get(), kTimeoutMs)); }
void Predecessor::Abort() { Require(rd_kafka_abort_transaction(producer_.get(), kTimeoutMs)); }

}  // namespace picket::kafka
