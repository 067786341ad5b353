#include "kafka/admin.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/connection_error.h"

namespace picket::kafka {
namespace {

struct Destroy {
  void operator()(rd_kafka_t* p) const { rd_kafka_destroy(p); }
  void operator()(rd_kafka_topic_t* p) const { rd_kafka_topic_destroy(p); }
  void operator()(rd_kafka_queue_t* p) const { rd_kafka_queue_destroy(p); }
  void operator()(rd_kafka_event_t* p) const { rd_kafka_event_destroy(p); }
  void operator()(rd_kafka_AdminOptions_t* p) const { rd_kafka_AdminOptions_destroy(p); }
  void operator()(rd_kafka_NewTopic_t* p) const { rd_kafka_NewTopic_destroy(p); }
  void operator()(rd_kafka_ConfigResource_t* p) const { rd_kafka_ConfigResource_destroy(p); }
  void operator()(const rd_kafka_metadata_t* p) const { rd_kafka_metadata_destroy(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(
      std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 1, std::numeric_limits<int>::max()));
}

// One connection to the cluster. The client is a consumer without a group, because a producer's
// metadata request could create missing topics.
// Threads: One thread uses it. Lifetime: It exists for one call of a function of this file.
// Failure: It keeps librdkafka's last error for the error message.
class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const KafkaConfig& kafka) {
    auto connection = std::make_unique<Connection>();
    connection->servers_ = kafka.bootstrap_servers;
    connection->is_embedded_ = kafka.is_embedded;
    ASSIGN_OR_RETURN(auto properties, ClientProperties(kafka));
    properties["allow.auto.create.topics"] = "false";
    // Without this limit, the waits between attempts could add up to more than the timeout while a
    // broker is starting.
    properties["reconnect.backoff.max.ms"] = "500";
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    std::array<char, 512> wrong{};
    for (const auto& [name, value] : properties) {
      if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), wrong.data(), wrong.size()) !=
          RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        return absl::InvalidArgumentError(absl::StrCat("kafka.properties: ", wrong.data()));
      }
    }
    rd_kafka_conf_set_opaque(conf, connection.get());
    RememberCertificateFaults(conf);
    // Silences the library, which would otherwise print the errors to standard error. Our own error
    // message contains them.
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int code, const char* reason, void* opaque) {
      static_cast<Connection*>(opaque)->Note(static_cast<rd_kafka_resp_err_t>(code), reason);
    });
    connection->handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, wrong.data(), wrong.size()));
    if (connection->handle_ == nullptr) {
      const std::string cause = ExplainCreationError(conf, wrong.data());
      rd_kafka_conf_destroy(conf);
      return absl::InvalidArgumentError(cause);
    }
    return connection;
  }

  rd_kafka_t* handle() const { return handle_.get(); }

  // Returns the metadata of the topics in `names`. The topics are requested by name, since the list
  // of all topics lacks those that our user may not describe, as if they did not exist. An embedded
  // broker would create a topic that is requested by name, so all its topics are listed.
  absl::StatusOr<Owned<const rd_kafka_metadata_t>> Metadata(const std::vector<std::string>& names,
                                                            MonotonicTime deadline) {
    for (const std::string& name : names) {
      if (is_embedded_ || known_.contains(name)) continue;
      known_[name].reset(rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr));
    }
    const rd_kafka_metadata_t* metadata = nullptr;
    // Waits in slices and runs the error callback in between. If the credentials are refused,
    // waiting any longer is useless.
    for (;;) {
      const absl::Duration left = std::min(deadline - SystemMonotonicNow(), absl::Seconds(1));
      const rd_kafka_resp_err_t error =
          rd_kafka_metadata(handle_.get(), /*all_topics=*/is_embedded_ ? 1 : 0, nullptr, &metadata,
                            Milliseconds(left));
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return Owned<const rd_kafka_metadata_t>(metadata);
      }
      rd_kafka_poll(handle_.get(), 0);
      if (refused_ || SystemMonotonicNow() >= deadline) return Unreachable(error);
    }
  }

  // Waits for the answer to an admin request. The answer arrives on `queue`.
  absl::StatusOr<Owned<rd_kafka_event_t>> Await(rd_kafka_queue_t* queue, MonotonicTime deadline) {
    for (;;) {
      const absl::Duration left = std::min(deadline - SystemMonotonicNow(), absl::Seconds(1));
      Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue, Milliseconds(left)));
      rd_kafka_poll(handle_.get(), 0);
      if (event == nullptr) {
        if (refused_ || SystemMonotonicNow() >= deadline)
          return Unreachable(RD_KAFKA_RESP_ERR__TIMED_OUT);
        continue;
      }
      const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
      if (error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT) {
        return Unreachable(error);
      }
      return absl::InternalError(absl::StrCat(
          "brokers at ", servers_, " answered: ", rd_kafka_event_error_string(event.get())));
    }
  }

 private:
  void Note(rd_kafka_resp_err_t code, const char* reason) {
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) refused_ = true;
    // The error "All brokers are down" follows the actual cause and contains less information.
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !last_reason_.empty()) return;
    const ExplainedError explained =
        ExplainClientError(code, reason, LoginPropertiesOf(rd_kafka_conf(handle_.get())));
    if (is_explained_ && !explained.is_explained) return;  // a consequence of the known cause
    last_reason_ = explained.text;
    is_explained_ = explained.is_explained;
  }

  absl::Status Unreachable(rd_kafka_resp_err_t error) const {
    const std::string cause = last_reason_.empty() ? rd_kafka_err2str(error) : last_reason_;
    if (refused_) {
      return absl::PermissionDeniedError(
          absl::StrCat("log in to the brokers at ", servers_, ": ", cause));
    }
    if (is_explained_) {
      return absl::UnavailableError(
          absl::StrCat("connect to the brokers at ", servers_, ": ", cause));
    }
    return absl::UnavailableError(
        absl::StrCat("no broker answers at ", servers_, ": ", cause,
                     "; is Kafka running, and do kafka.bootstrap_servers and "
                     "security.protocol match its listener?"));
  }

  std::string servers_;
  bool is_embedded_ = false;
  std::string last_reason_;
  bool is_explained_ = false;  // `last_reason_` says what to do
  bool refused_ = false;
  Owned<rd_kafka_t> handle_;  // destroyed early, since its callbacks use the other members
  std::map<std::string, Owned<rd_kafka_topic_t>> known_;  // destroyed before the handle
};

const TopicSpec& SpecOf(Topic topic) { return Topics()[static_cast<size_t>(topic)]; }

// Returns the state of the topics in `uses`, without their settings, in the order of the table.
// Returns Unavailable if the broker could not describe a topic, for example while the topic is
// being created or its leaders change. Such an answer says nothing about the topic's partitions.
absl::StatusOr<ClusterState> StateOf(const rd_kafka_metadata_t& metadata,
                                     const TopicsConfig& topics,
                                     const std::vector<TopicUse>& uses) {
  ClusterState cluster;
  for (int i = 0; i < metadata.broker_cnt; ++i) cluster.brokers.push_back(metadata.brokers[i].id);
  std::sort(cluster.brokers.begin(), cluster.brokers.end());
  for (const TopicSpec& spec : Topics()) {
    const bool is_used = std::any_of(uses.begin(), uses.end(),
                                     [&](const TopicUse& use) { return use.topic == spec.topic; });
    if (!is_used) continue;
    TopicState& state = cluster.topics.emplace_back();
    state.topic = spec.topic;
    state.name = TopicName(topics.prefix, spec.topic);
    for (int i = 0; i < metadata.topic_cnt; ++i) {
      const rd_kafka_metadata_topic& topic = metadata.topics[i];
      if (state.name != topic.topic || topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        continue;
      }
      // Kafka answers in this way whether the topic exists or not.
      if (topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        state.is_hidden = true;
        continue;
      }
      if (topic.partition_cnt == 0 || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return absl::UnavailableError(absl::StrCat("describe topic ", state.name, ": ",
                                                   topic.err == RD_KAFKA_RESP_ERR_NO_ERROR
                                                       ? "the answer has no partition"
                                                       : rd_kafka_err2str(topic.err)));
      }
      state.exists = true;
      state.partitions = topic.partition_cnt;
      state.replicas.resize(topic.partition_cnt);
      for (int p = 0; p < topic.partition_cnt; ++p) {
        const rd_kafka_metadata_partition& partition = topic.partitions[p];
        if (p == 0 || partition.replica_cnt < state.replication_factor) {
          state.replication_factor = partition.replica_cnt;
        }
        if (partition.id < 0 || partition.id >= topic.partition_cnt) continue;
        state.replicas[partition.id].assign(partition.replicas,
                                            partition.replicas + partition.replica_cnt);
      }
    }
  }
  return cluster;
}

bool AllHaveLeaders(const rd_kafka_metadata_t& metadata, const std::vector<TopicState>& states) {
  std::set<std::string_view> waiting;
  for (const TopicState& state : states) waiting.insert(state.name);
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic& topic = metadata.topics[i];
    bool has_leaders = topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && topic.partition_cnt > 0;
    for (int p = 0; p < topic.partition_cnt; ++p) {
      has_leaders = has_leaders && topic.partitions[p].leader >= 0;
    }
    if (has_leaders) waiting.erase(topic.topic);
  }
  return waiting.empty();
}

std::vector<std::string> NamesOf(const TopicsConfig& topics, const std::vector<TopicUse>& uses) {
  std::vector<std::string> names;
  for (const TopicUse& use : uses) names.push_back(TopicName(topics.prefix, use.topic));
  return names;
}

Owned<rd_kafka_AdminOptions_t> OptionsOf(Connection& connection, rd_kafka_admin_op_t operation,
                                         MonotonicTime deadline) {
  Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(connection.handle(), operation));
  std::array<char, 256> wrong{};
  rd_kafka_AdminOptions_set_request_timeout(
      options.get(), Milliseconds(deadline - SystemMonotonicNow()), wrong.data(), wrong.size());
  return options;
}

bool IsAuthorizationError(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
         error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

void ReadSettings(const rd_kafka_ConfigResource_t* answer, TopicState& state) {
  size_t count = 0;
  const rd_kafka_ConfigEntry_t** const entries = rd_kafka_ConfigResource_configs(answer, &count);
  for (size_t i = 0; i < count; ++i) {
    const std::string name = rd_kafka_ConfigEntry_name(entries[i]);
    const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
    const bool is_own =
        rd_kafka_ConfigEntry_source(entries[i]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
    if (value != nullptr) {
      state.settings[name] = value;
      if (is_own) state.own_settings[name] = value;
    } else if (is_own) {
      state.has_secret_setting = true;
    }
  }
}

// Reads the settings of the topics that exist into `states`.
absl::Status DescribeSettings(Connection& connection, std::vector<TopicState>& states,
                              MonotonicTime deadline) {
  std::vector<Owned<rd_kafka_ConfigResource_t>> resources;
  std::vector<rd_kafka_ConfigResource_t*> requests;
  for (const TopicState& state : states) {
    if (!state.exists) continue;
    resources.emplace_back(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, state.name.c_str()));
    requests.push_back(resources.back().get());
  }
  if (requests.empty()) return absl::OkStatus();

  const Owned<rd_kafka_AdminOptions_t> options =
      OptionsOf(connection, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline);
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(connection.handle()));
  rd_kafka_DescribeConfigs(connection.handle(), requests.data(), requests.size(), options.get(),
                           queue.get());
  ASSIGN_OR_RETURN(const Owned<rd_kafka_event_t> event, connection.Await(queue.get(), deadline));

  size_t count = 0;
  const rd_kafka_ConfigResource_t** const answers = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view name = rd_kafka_ConfigResource_name(answers[i]);
    const auto state = std::find_if(states.begin(), states.end(),
                                    [&](const TopicState& s) { return s.name == name; });
    if (state == states.end()) continue;
    const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(answers[i]);
    if (IsAuthorizationError(error)) {
      state->settings_error = "the settings cannot be read, because an ACL is missing";
    } else if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
      state->exists = false;  // the topic was deleted between the two requests
    } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(
          absl::StrCat("read the settings of topic ", ToAbsl(name), ": ", rd_kafka_err2str(error)));
    } else {
      ReadSettings(answers[i], *state);
    }
  }
  return absl::OkStatus();
}

// Reads the state of the topics in `uses`, without their settings. Asks again while the broker
// cannot describe a topic.
absl::StatusOr<ClusterState> ReadState(Connection& connection, const TopicsConfig& topics,
                                       const std::vector<TopicUse>& uses, MonotonicTime deadline) {
  for (;;) {
    ASSIGN_OR_RETURN(const auto metadata, connection.Metadata(NamesOf(topics, uses), deadline));
    absl::StatusOr<ClusterState> cluster = StateOf(*metadata, topics, uses);
    if (cluster.ok() || SystemMonotonicNow() >= deadline) return cluster;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

absl::StatusOr<ClusterState> Describe(Connection& connection, const KafkaConfig& kafka,
                                      const TopicsConfig& topics, const std::vector<TopicUse>& uses,
                                      MonotonicTime deadline) {
  ASSIGN_OR_RETURN(ClusterState cluster, ReadState(connection, topics, uses, deadline));
  // The embedded broker does not support the request and would not answer before the timeout.
  if (!kafka.is_embedded) RETURN_IF_ERROR(DescribeSettings(connection, cluster.topics, deadline));
  return cluster;
}

// Sets the topic's own settings to `settings`. A setting that is not in `settings` gets the
// cluster's default, since librdkafka before 2.2 can only replace all settings of a topic. TODO:
// Use IncrementalAlterConfigs when librdkafka ≥ 2.2 is the oldest version that is supported.
absl::Status ReplaceSettings(Connection& connection, const std::string& topic,
                             const std::map<std::string, std::string>& settings,
                             MonotonicTime deadline) {
  const Owned<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  for (const auto& [name, value] : settings) {
    rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  }
  const Owned<rd_kafka_AdminOptions_t> options =
      OptionsOf(connection, RD_KAFKA_ADMIN_OP_ALTERCONFIGS, deadline);
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(connection.handle()));
  rd_kafka_ConfigResource_t* request = resource.get();
  rd_kafka_AlterConfigs(connection.handle(), &request, 1, options.get(), queue.get());
  ASSIGN_OR_RETURN(const Owned<rd_kafka_event_t> event, connection.Await(queue.get(), deadline));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** const answers = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  if (count != 1) {
    return absl::InternalError(absl::StrCat("change the settings of topic ", topic,
                                            ": the broker's answer lacks the topic"));
  }
  const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(answers[0]);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  if (IsAuthorizationError(error)) {
    return absl::PermissionDeniedError(
        absl::StrCat("change the settings of topic ", topic,
                     ": not allowed; give our user AlterConfigs on the topics"));
  }
  const char* const reason = rd_kafka_ConfigResource_error_string(answers[0]);
  return absl::FailedPreconditionError(
      absl::StrCat("change the settings of topic ", topic, ": ",
                   reason != nullptr ? reason : rd_kafka_err2str(error)));
}

// Waits until the broker reports `settings` as the topic's own settings, since the controller
// answers before all brokers know them.
absl::Status AwaitSettings(Connection& connection, const TopicState& topic,
                           const std::map<std::string, std::string>& settings,
                           MonotonicTime deadline) {
  for (;;) {
    TopicState now;
    now.topic = topic.topic;
    now.name = topic.name;
    now.exists = true;
    std::vector<TopicState> states = {now};
    RETURN_IF_ERROR(DescribeSettings(connection, states, deadline));
    if (states[0].own_settings == settings) return absl::OkStatus();
    if (SystemMonotonicNow() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("the settings of topic ", topic.name,
                       " were changed, but the broker reports other ones; does another program "
                       "change them at the same time? Run the command again"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

absl::Status RefusedTopic(const std::string& name, rd_kafka_resp_err_t error, const char* reason,
                          const TopicsConfig& topics, int brokers) {
  if (error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) {
    return absl::FailedPreconditionError(absl::StrCat(
        "create topic ", name, ": topics.replication_factor is ", topics.replication_factor,
        ", the cluster has ", brokers, " broker", brokers == 1 ? "" : "s",
        "; start more or set topics.replication_factor: ", brokers));
  }
  if (IsAuthorizationError(error)) {
    return absl::PermissionDeniedError(
        absl::StrCat("create topic ", name, ": not allowed; give our user Create on the topics"));
  }
  const std::string text = absl::StrCat("create topic ", name, ": ",
                                        reason != nullptr ? reason : rd_kafka_err2str(error));
  if (error == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || error == RD_KAFKA_RESP_ERR_NOT_CONTROLLER ||
      error == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    return absl::UnavailableError(text);
  }
  return absl::FailedPreconditionError(text);
}

}  // namespace

absl::StatusOr<ClusterState> DescribeTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                            const std::vector<TopicUse>& uses,
                                            absl::Duration timeout) {
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(kafka));
  return Describe(*connection, kafka, topics, uses, SystemMonotonicNow() + timeout);
}

absl::StatusOr<std::vector<TopicDifference>> CheckTopics(const KafkaConfig& kafka,
                                                         const TopicsConfig& topics,
                                                         const std::vector<TopicUse>& uses,
                                                         absl::Duration timeout) {
  ASSIGN_OR_RETURN(const ClusterState cluster, DescribeTopics(kafka, topics, uses, timeout));
  return CompareTopics(cluster.topics, uses, kafka, topics);
}

absl::StatusOr<CreatedTopics> CreateTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                           absl::Duration timeout) {
  if (kafka.is_embedded) {
    return absl::InvalidArgumentError("an embedded broker creates its topics itself");
  }
  const MonotonicTime deadline = SystemMonotonicNow() + timeout;
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(kafka));
  const std::vector<TopicUse> uses = AllTopicUses();
  const std::vector<std::string> names = NamesOf(topics, uses);
  ASSIGN_OR_RETURN(ClusterState cluster, ReadState(*connection, topics, uses, deadline));
  const int brokers = static_cast<int>(cluster.brokers.size());

  CreatedTopics created;
  std::vector<Owned<rd_kafka_NewTopic_t>> fresh;
  std::vector<rd_kafka_NewTopic_t*> requests;
  std::array<char, 512> wrong{};
  for (const TopicState& state : cluster.topics) {
    if (state.exists) {
      created.found.push_back(state.name);
      continue;
    }
    const TopicSpec& spec = SpecOf(state.topic);
    fresh.emplace_back(rd_kafka_NewTopic_new(state.name.c_str(), WantedPartitions(spec, topics),
                                             static_cast<int>(topics.replication_factor),
                                             wrong.data(), wrong.size()));
    if (fresh.back() == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("create topic ", state.name, ": ", wrong.data()));
    }
    for (const auto& [name, value] : WantedSettings(spec, topics)) {
      rd_kafka_NewTopic_set_config(fresh.back().get(), name.c_str(), value.c_str());
    }
    requests.push_back(fresh.back().get());
  }

  if (!requests.empty()) {
    const Owned<rd_kafka_AdminOptions_t> options(
        rd_kafka_AdminOptions_new(connection->handle(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
    const int left = Milliseconds(deadline - SystemMonotonicNow());
    rd_kafka_AdminOptions_set_request_timeout(options.get(), left, wrong.data(), wrong.size());
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), left, wrong.data(), wrong.size());
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(connection->handle()));
    rd_kafka_CreateTopics(connection->handle(), requests.data(), requests.size(), options.get(),
                          queue.get());
    ASSIGN_OR_RETURN(const Owned<rd_kafka_event_t> event, connection->Await(queue.get(), deadline));
    size_t count = 0;
    const rd_kafka_topic_result_t** const results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      const std::string name = rd_kafka_topic_result_name(results[i]);
      const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        created.made.push_back(name);
      } else if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        created.found.push_back(name);  // another client created it in the meantime
      } else {
        return RefusedTopic(name, error, rd_kafka_topic_result_error_string(results[i]), topics,
                            brokers);
      }
    }
  }

  // Waits for the leaders, because the controller answers before all brokers know the topics.
  for (;;) {
    ASSIGN_OR_RETURN(const auto metadata, connection->Metadata(names, deadline));
    if (AllHaveLeaders(*metadata, cluster.topics)) break;
    if (SystemMonotonicNow() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("the topics at ", kafka.bootstrap_servers,
                       " were created, but some partition has no leader after ",
                       absl::FormatDuration(timeout), "; are all brokers running?"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSIGN_OR_RETURN(cluster, Describe(*connection, kafka, topics, uses, deadline));
  created.differences = CompareTopics(cluster.topics, uses, kafka, topics);
  return created;
}

absl::Status FixTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                       const std::function<void(const SettingChange&)>& on_change,
                       absl::Duration timeout) {
  const MonotonicTime deadline = SystemMonotonicNow() + timeout;
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(kafka));
  for (const TopicUse& use : AllTopicUses()) {
    // The settings are read immediately before they are replaced, so that a setting which another
    // program has just changed is kept.
    ASSIGN_OR_RETURN(const ClusterState cluster,
                     Describe(*connection, kafka, topics, {use}, deadline));
    const TopicState& state = cluster.topics.front();
    if (!state.exists) continue;
    std::map<std::string, std::string> settings = state.own_settings;
    std::vector<SettingChange> changes;
    for (const TopicDifference& difference : CompareTopics(cluster.topics, {use}, kafka, topics)) {
      if (difference.setting == "settings") {
        return absl::PermissionDeniedError(difference.ToString());
      }
      if (!difference.is_setting) continue;
      settings[difference.setting] = difference.expected;
      changes.push_back({state.name, difference.setting, difference.found, difference.expected});
    }
    if (changes.empty()) continue;
    if (state.has_secret_setting) {
      return absl::FailedPreconditionError(
          absl::StrCat("change the settings of topic ", state.name,
                       ": the broker hides one of its settings, which would be lost; use the "
                       "commands that `picket topics check` prints"));
    }
    RETURN_IF_ERROR(ReplaceSettings(*connection, state.name, settings, deadline));
    RETURN_IF_ERROR(AwaitSettings(*connection, state, settings, deadline));
    for (const SettingChange& change : changes) on_change(change);
  }
  return absl::OkStatus();
}

}  // namespace picket::kafka
