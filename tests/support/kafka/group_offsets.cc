#include "tests/support/kafka/group_offsets.h"

#include "common/status_macros.h"
#include "kafka/client_config.h"
#include "kafka/group_consumer.h"

namespace picket::kafka {

absl::StatusOr<std::vector<int64_t>> CommittedOffsets(const KafkaConfig& config,
                                                      const std::string& group,
                                                      const std::string& topic, int partitions,
                                                      absl::Duration timeout) {
  // A read_committed client receives the offsets only when no open transaction contains offsets of
  // these partitions.
  ASSIGN_OR_RETURN(Conf conf, ChangelogConf(config));
  if (char error[256]; rd_kafka_conf_set(conf.get(), "group.id", group.c_str(), error,
                                         sizeof(error)) != RD_KAFKA_CONF_OK) {
    return absl::InvalidArgumentError(error);
  }
  ASSIGN_OR_RETURN(const Handle handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  const PartitionList list = MakePartitionList(partitions);
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
  }
  ASSIGN_OR_RETURN(const std::vector<CommittedOffset> committed,
                   ReadCommitted(handle.get(), list.get(), timeout));
  std::vector<int64_t> offsets;
  for (const CommittedOffset& offset : committed) offsets.push_back(offset.offset.value_or(-1));
  return offsets;
}

}  // namespace picket::kafka
