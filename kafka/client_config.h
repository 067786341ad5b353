#pragma once

// All librdkafka settings of the workers in one place, and the workers' names in the cluster.

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/config.h"

namespace picket::kafka {

struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

struct PartitionListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, PartitionListDeleter>;
inline PartitionList MakePartitionList(int size) {
  return PartitionList(rd_kafka_topic_partition_list_new(size));
}

struct QueueDeleter {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueDeleter>;

struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using MessagePtr = std::unique_ptr<rd_kafka_message_t, MessageDeleter>;

struct ErrorDeleter {
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
};
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, ErrorDeleter>;

// "picket-o365.parser": the consumer group of a stage. It contains the topics' prefix, so that two
// sets of topics on one cluster do not share a group.
std::string GroupId(std::string_view prefix, std::string_view stage);
// "picket-parser-host1-0": the group instance id and the transactional id of one worker.
std::string MemberName(std::string_view stage, std::string_view instance, int worker);

// A member of a stage's group: static, with the range assignor and the eager protocol; it commits
// offsets only through transactions. `statistics_interval` zero: no statistics.
absl::StatusOr<Conf> GroupConsumerConf(const KafkaConfig& kafka, const std::string& group,
                                       const std::string& member,
                                       absl::Duration statistics_interval);
// A reader of a changelog's committed rows, outside any group.
absl::StatusOr<Conf> ChangelogConf(const KafkaConfig& kafka);
// A client that also sees open transactions, to ask for the ends of partitions. It never joins
// `group`.
absl::StatusOr<Conf> UncommittedConf(const KafkaConfig& kafka, const std::string& group);
absl::StatusOr<Conf> ProducerConf(const KafkaConfig& kafka, const std::string& transactional_id);

// Creates the handle; `conf` is consumed in any case.
absl::StatusOr<Handle> MakeHandle(rd_kafka_type_t type, Conf conf);

inline int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Sets one property of librdkafka. InvalidArgument names a property or a value that it does not accept.
absl::Status SetProperty(rd_kafka_conf_t* conf, const std::string& name, const std::string& value);

}  // namespace picket::kafka
