#include "tests/stay_up/group_members.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "tests/pipeline/pipeline.h"
#include "tests/support/kafka/group_offsets.h"

namespace picket {
namespace {

constexpr int kTimeoutMs = 10'000;

kafka::Handle MakeClient(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  char error[256];
  for (const auto& [name, value] : settings) {
    PICKET_CHECK(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error)) ==
                 RD_KAFKA_CONF_OK);
  }
  kafka::Handle client(rd_kafka_new(type, conf, error, sizeof(error)));
  PICKET_CHECK(client != nullptr);
  return client;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> MembersOf(const kafka::KafkaConfig& config,
                                                             const std::string& group) {
  const kafka::Handle client =
      MakeClient(RD_KAFKA_PRODUCER, {{"bootstrap.servers", config.bootstrap_servers}});
  // DescribeConsumerGroups is not used, for the reason that kafka/roll_call.cc gives.
  const rd_kafka_group_list* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_list_groups(client.get(), group.c_str(), &answer, kTimeoutMs);
  const std::unique_ptr<const rd_kafka_group_list, decltype(&rd_kafka_group_list_destroy)> groups(
      answer, rd_kafka_group_list_destroy);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(
        absl::StrCat("describe the group ", group, ": ", rd_kafka_err2str(error)));
  }
  // A member id consists of the group instance id, a hyphen and a UUID.
  constexpr size_t kUuidAndHyphen = 37;
  std::map<std::string, std::string> members;
  for (int g = 0; g < groups->group_cnt; ++g) {
    for (int m = 0; m < groups->groups[g].member_cnt; ++m) {
      const std::string id = groups->groups[g].members[m].member_id;
      if (id.size() > kUuidAndHyphen) members[id.substr(0, id.size() - kUuidAndHyphen)] = id;
    }
  }
  return members;
}

absl::StatusOr<int64_t> LagOf(const kafka::KafkaConfig& config, const std::string& group,
                              const std::string& topic, int partitions) {
  ASSIGN_OR_RETURN(
      const std::vector<int64_t> committed,
      kafka::CommittedOffsets(config, group, topic, partitions, absl::Milliseconds(kTimeoutMs)));
  const kafka::Handle client =
      MakeClient(RD_KAFKA_PRODUCER, {{"bootstrap.servers", config.bootstrap_servers}});
  int64_t lag = 0;
  for (int32_t p = 0; p < partitions; ++p) {
    int64_t begin = 0;
    int64_t end = 0;
    const rd_kafka_resp_err_t code =
        rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), p, &begin, &end, kTimeoutMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(
          absl::StrCat("query the end of ", topic, " ", p, ": ", rd_kafka_err2str(code)));
    }
    lag += end - std::max(begin, committed[p]);
  }
  return lag;
}

GhostMember::GhostMember(const kafka::KafkaConfig& config, const std::string& group,
                         const std::string& topic, const std::string& group_instance_id)
    : client_(MakeClient(RD_KAFKA_CONSUMER, {{"bootstrap.servers", config.bootstrap_servers},
                                             {"group.id", group},
                                             {"group.instance.id", group_instance_id},
                                             {"partition.assignment.strategy", "range"},
                                             {"enable.auto.commit", "false"},
                                             {"session.timeout.ms", "6000"}})) {
  rd_kafka_poll_set_consumer(client_.get());
  const kafka::PartitionList topics = kafka::MakePartitionList(1);
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  PICKET_CHECK(rd_kafka_subscribe(client_.get(), topics.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

std::string GhostMember::WaitUntilJoined() {
  std::string id;
  PICKET_CHECK(WaitFor(absl::Minutes(3), [&] {
    const kafka::MessagePtr message(rd_kafka_consumer_poll(client_.get(), 50));
    char* const text = rd_kafka_memberid(client_.get());
    if (text != nullptr) id = text;
    if (text != nullptr) rd_kafka_mem_free(client_.get(), text);
    char reason[256];
    return !id.empty() || rd_kafka_fatal_error(client_.get(), reason, sizeof(reason)) ==
                              RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
  }));
  return id;
}

}  // namespace picket
