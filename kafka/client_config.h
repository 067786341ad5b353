#pragma once

// Builds the librdkafka configurations of the workers' clients, and the workers' names in the
// cluster.

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/config.h"
#include "kafka/process_id.h"

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

// Returns the consumer group of a stage, such as "picket-o365.parser". The name contains the prefix
// of the topics, so two sets of topics on one cluster do not share a group.
std::string GroupId(std::string_view prefix, std::string_view stage);
// Returns the beginning of the transactional ids of a stage, such as "picket-o365.parser-".
std::string TransactionalIdPrefix(std::string_view prefix, std::string_view stage);
// Returns the name of one worker, such as "picket-o365.parser-host1-0". The name serves as both the
// group instance id and the transactional id. The prefix of the topics is part of the name, since
// transactional ids are shared by the whole cluster, and processes of two sets of topics may have
// the same instance name.
std::string MemberName(std::string_view prefix, std::string_view stage, std::string_view instance,
                       int worker);

// Returns the time between two heartbeats of a group member, at most 3 seconds. A member learns
// from the answer to a heartbeat that another process has taken its name
// (kafka/worker/name_conflict.h), so heartbeats are frequent even if the session timeout is long.
absl::Duration HeartbeatInterval(absl::Duration session_timeout);

// Returns the configuration of a member of a stage's group. The member is static, uses the range
// assignor and the eager protocol, and commits offsets only through transactions. If
// `statistics_interval` is zero, the client emits no statistics. The client id ends with the id of
// `process`.
absl::StatusOr<Conf> GroupConsumerConf(const KafkaConfig& kafka, const std::string& group,
                                       const std::string& member, const ProcessId& process,
                                       absl::Duration statistics_interval);
// Returns the configuration of a client that reads a changelog's committed rows without joining a
// group.
absl::StatusOr<Conf> ChangelogConf(const KafkaConfig& kafka);
// Returns the configuration of a client that also sees open transactions. The client queries the
// ends of partitions and never joins `group`.
absl::StatusOr<Conf> UncommittedConf(const KafkaConfig& kafka, const std::string& group);
// Returns the configuration of a client that only asks the cluster about its state.
absl::StatusOr<Conf> ObserverConf(const KafkaConfig& kafka);
absl::StatusOr<Conf> ProducerConf(const KafkaConfig& kafka, const std::string& transactional_id);

// Creates the handle. `conf` is consumed even if the call fails. Returns InvalidArgument if
// librdkafka refuses the configuration.
absl::StatusOr<Handle> MakeHandle(rd_kafka_type_t type, Conf conf);

inline int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// Sets one librdkafka property. Returns InvalidArgument if librdkafka does not accept the property
// or its value.
absl::Status SetProperty(rd_kafka_conf_t* conf, const std::string& name, const std::string& value);

}  // namespace picket::kafka
