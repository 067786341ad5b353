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

namespace picket::kafka {
namespace {

struct Destroy {
  void operator()(rd_kafka_t* p) const { rd_kafka_destroy(p); }
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
    // Silences the library, which would otherwise print the errors to standard error. Our own error
    // message contains them.
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int code, const char* reason, void* opaque) {
      static_cast<Connection*>(opaque)->Note(static_cast<rd_kafka_resp_err_t>(code), reason);
    });
    connection->handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, wrong.data(), wrong.size()));
    if (connection->handle_ == nullptr) {
      rd_kafka_conf_destroy(conf);
      // rd_kafka_new fails if it cannot read the configured certificates and keys.
      return absl::InvalidArgumentError(absl::StrCat("kafka.properties: ", wrong.data()));
    }
    return connection;
  }

  rd_kafka_t* handle() const { return handle_.get(); }

  absl::StatusOr<Owned<const rd_kafka_metadata_t>> Metadata(MonotonicTime deadline) {
    const rd_kafka_metadata_t* metadata = nullptr;
    // Waits in slices and runs the error callback in between. If the credentials are refused,
    // waiting any longer is useless.
    for (;;) {
      const absl::Duration left = std::min(deadline - SystemMonotonicNow(), absl::Seconds(1));
      const rd_kafka_resp_err_t error = rd_kafka_metadata(handle_.get(), /*all_topics=*/1, nullptr,
                                                          &metadata, Milliseconds(left));
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
    last_reason_ = reason;
  }

  absl::Status Unreachable(rd_kafka_resp_err_t error) const {
    const std::string cause = last_reason_.empty() ? rd_kafka_err2str(error) : last_reason_;
    if (refused_) {
      return absl::PermissionDeniedError(
          absl::StrCat("brokers at ", servers_, " refuse the credentials: ", cause,
                       "; check sasl.* in kafka.properties and kafka.sasl_password_file"));
    }
    return absl::UnavailableError(
        absl::StrCat("no broker answers at ", servers_, ": ", cause,
                     "; is Kafka running, and do kafka.bootstrap_servers and "
                     "security.protocol match its listener?"));
  }

  std::string servers_;
  std::string last_reason_;
  bool refused_ = false;
  Owned<rd_kafka_t> handle_;  // destroyed first, since its callbacks use the other members
};

const TopicSpec& SpecOf(Topic topic) { return Topics()[static_cast<size_t>(topic)]; }

int WantedPartitions(const TopicSpec& spec, const TopicsConfig& topics) {
  return spec.single_partition ? 1 : static_cast<int>(topics.partitions);
}

// Returns the settings that the topic should have: its default settings (kafka/topics.h) with the
// overrides from the configuration.
std::map<std::string, std::string> WantedSettings(const TopicSpec& spec,
                                                  const TopicsConfig& topics) {
  std::map<std::string, std::string> settings = spec.settings;
  const auto retention = topics.retention_ms.find(std::string(spec.name));
  if (retention != topics.retention_ms.end()) settings["retention.ms"] = retention->second;
  // With this setting, at least two of the replicas contain all acknowledged data. One broker may
  // then be down without stopping the producers.
  if (topics.replication_factor >= 3) settings["min.insync.replicas"] = "2";
  return settings;
}

// Returns the state of each topic in Topics(), without its settings.
std::vector<TopicState> StatesOf(const rd_kafka_metadata_t& metadata, const TopicsConfig& topics) {
  std::vector<TopicState> states;
  for (const TopicSpec& spec : Topics()) {
    TopicState state{spec.topic, TopicName(topics.prefix, spec.topic), false, 0, 0, {}};
    for (int i = 0; i < metadata.topic_cnt; ++i) {
      const rd_kafka_metadata_topic& topic = metadata.topics[i];
      if (state.name != topic.topic || topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        continue;
      }
      state.exists = true;
      state.partitions = topic.partition_cnt;
      state.replication_factor = topic.partition_cnt > 0 ? topic.partitions[0].replica_cnt : 0;
    }
    states.push_back(std::move(state));
  }
  return states;
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

  const Owned<rd_kafka_AdminOptions_t> options(
      rd_kafka_AdminOptions_new(connection.handle(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  std::array<char, 256> wrong{};
  rd_kafka_AdminOptions_set_request_timeout(
      options.get(), Milliseconds(deadline - SystemMonotonicNow()), wrong.data(), wrong.size());
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(connection.handle()));
  rd_kafka_DescribeConfigs(connection.handle(), requests.data(), requests.size(), options.get(),
                           queue.get());
  ASSIGN_OR_RETURN(const Owned<rd_kafka_event_t> event, connection.Await(queue.get(), deadline));

  size_t count = 0;
  const rd_kafka_ConfigResource_t** const answers = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view name = rd_kafka_ConfigResource_name(answers[i]);
    const rd_kafka_resp_err_t error = rd_kafka_ConfigResource_error(answers[i]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
        error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
      return absl::PermissionDeniedError(
          absl::StrCat("read the configuration of topic ", ToAbsl(name),
                       ": not allowed; give our user DescribeConfigs on the topics"));
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(absl::StrCat("read the configuration of topic ", ToAbsl(name),
                                                 ": ", rd_kafka_err2str(error)));
    }
    const auto state = std::find_if(states.begin(), states.end(),
                                    [&](const TopicState& s) { return s.name == name; });
    if (state == states.end()) continue;
    size_t entries = 0;
    const rd_kafka_ConfigEntry_t** const entry =
        rd_kafka_ConfigResource_configs(answers[i], &entries);
    for (size_t e = 0; e < entries; ++e) {
      const char* const value = rd_kafka_ConfigEntry_value(entry[e]);
      if (value != nullptr) state->settings[rd_kafka_ConfigEntry_name(entry[e])] = value;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TopicState>> Describe(Connection& connection, const KafkaConfig& kafka,
                                                 const TopicsConfig& topics,
                                                 MonotonicTime deadline) {
  ASSIGN_OR_RETURN(const auto metadata, connection.Metadata(deadline));
  std::vector<TopicState> states = StatesOf(*metadata, topics);
  // The embedded broker does not support this request. The request would get no answer, and the
  // call would wait until the timeout.
  if (!kafka.is_embedded) RETURN_IF_ERROR(DescribeSettings(connection, states, deadline));
  return states;
}

// Returns the policies of a comma-separated list as a set, since their order has no meaning.
std::set<std::string> PolicySet(const std::string& policy) {
  std::set<std::string> set;
  for (const absl::string_view part : absl::StrSplit(policy, ',')) {
    set.insert(std::string(ToAbsl(TrimBlanks(ToStd(part)))));
  }
  return set;
}

// Returns the number in `text`, or the maximum if the number is negative. A negative number means
// that there is no limit.
int64_t Limit(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number < 0 ? std::numeric_limits<int64_t>::max() : number;
}

bool Fits(const std::string& setting, const std::string& wanted, const std::string& found) {
  if (setting == "cleanup.policy") return PolicySet(wanted) == PolicySet(found);
  // A larger value than we need is harmless.
  return Limit(found) >= Limit(wanted);
}

std::string ConfigCommand(const KafkaConfig& kafka, const std::string& topic,
                          const std::string& setting, const std::string& value) {
  // kafka-configs.sh requires square brackets around a value that contains a comma.
  const bool is_list = value.find(',') != std::string::npos;
  return absl::StrCat("kafka-configs.sh --bootstrap-server ", kafka.bootstrap_servers,
                      " --alter --entity-type topics --entity-name ", topic, " --add-config ",
                      is_list ? "'" : "", setting, "=", is_list ? "[" : "", value,
                      is_list ? "]'" : "");
}

absl::Status FaultsStatus(const std::vector<std::string>& faults, const KafkaConfig& kafka) {
  if (faults.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the topics at ", kafka.bootstrap_servers,
                                                    " do not fit:\n  ",
                                                    absl::StrJoin(faults, "\n  ")));
}

absl::Status RefusedTopic(const std::string& name, rd_kafka_resp_err_t error, const char* reason,
                          const TopicsConfig& topics, int brokers) {
  if (error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) {
    return absl::FailedPreconditionError(absl::StrCat(
        "create topic ", name, ": topics.replication_factor is ", topics.replication_factor,
        ", the cluster has ", brokers, " broker", brokers == 1 ? "" : "s",
        "; start more or set topics.replication_factor: ", brokers));
  }
  if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
      error == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
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

absl::StatusOr<std::vector<TopicState>> DescribeTopics(const KafkaConfig& kafka,
                                                       const TopicsConfig& topics,
                                                       absl::Duration timeout) {
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(kafka));
  return Describe(*connection, kafka, topics, SystemMonotonicNow() + timeout);
}

std::vector<std::string> TopicFaults(const std::vector<TopicState>& states,
                                     const KafkaConfig& kafka, const TopicsConfig& topics) {
  std::vector<std::string> faults;
  std::vector<std::string> missing;
  // The topics with an unexpected partition count, indexed by (actual count, expected count).
  std::map<std::pair<int, int>, std::vector<std::string>> other_counts;
  for (const TopicState& state : states) {
    const TopicSpec& spec = SpecOf(state.topic);
    if (!state.exists) {
      missing.push_back(state.name);
      continue;
    }
    const int wanted = WantedPartitions(spec, topics);
    if (state.partitions != wanted) {
      other_counts[{state.partitions, wanted}].push_back(state.name);
    }
    if (kafka.is_embedded) continue;
    const std::map<std::string, std::string> settings = WantedSettings(spec, topics);
    for (const char* setting : {"cleanup.policy", "retention.ms", "max.message.bytes"}) {
      const auto want = settings.find(setting);
      if (want == settings.end()) continue;
      const auto have = state.settings.find(setting);
      const std::string found = have == state.settings.end() ? "" : have->second;
      if (Fits(setting, want->second, found)) continue;
      std::string fault = absl::StrCat(
          state.name, ": ", setting, " is ", found.empty() ? "not set" : found, ", expected ",
          want->second, "; run: ", ConfigCommand(kafka, state.name, setting, want->second));
      if (want->first == "retention.ms") {
        absl::StrAppend(&fault, " (or set topics.retention_ms.", ToAbsl(spec.name), ": ", found,
                        ")");
      }
      faults.push_back(std::move(fault));
    }
  }
  for (const auto& [counts, names] : other_counts) {
    const auto [found, expected] = counts;
    std::string fault = absl::StrCat(found, found == 1 ? " partition" : " partitions",
                                     " instead of ", expected, ": ", absl::StrJoin(names, ", "));
    if (expected == 1 && topics.partitions != 1) {
      absl::StrAppend(&fault, "; delete and run `picket topics create`");
    } else {
      absl::StrAppend(&fault, "; set topics.partitions: ", found,
                      " if all topics have as many, else drain, run `picket topics create` under a "
                      "new topics.prefix and switch (never add partitions: tenants would move)");
    }
    faults.push_back(std::move(fault));
  }
  if (!missing.empty()) {
    faults.push_back(
        absl::StrCat("missing: ", absl::StrJoin(missing, ", "), "; run `picket topics create`"));
  }
  return faults;
}

absl::Status CheckTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                         absl::Duration timeout) {
  ASSIGN_OR_RETURN(const auto states, DescribeTopics(kafka, topics, timeout));
  return FaultsStatus(TopicFaults(states, kafka, topics), kafka);
}

absl::StatusOr<CreatedTopics> CreateTopics(const KafkaConfig& kafka, const TopicsConfig& topics,
                                           absl::Duration timeout) {
  if (kafka.is_embedded) {
    return absl::InvalidArgumentError("an embedded broker creates its topics itself");
  }
  const MonotonicTime deadline = SystemMonotonicNow() + timeout;
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(kafka));
  int brokers = 0;
  std::vector<TopicState> states;
  {
    ASSIGN_OR_RETURN(const auto metadata, connection->Metadata(deadline));
    brokers = metadata->broker_cnt;
    states = StatesOf(*metadata, topics);
  }

  CreatedTopics created;
  std::vector<Owned<rd_kafka_NewTopic_t>> fresh;
  std::vector<rd_kafka_NewTopic_t*> requests;
  std::array<char, 512> wrong{};
  for (const TopicState& state : states) {
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
    ASSIGN_OR_RETURN(const auto metadata, connection->Metadata(deadline));
    if (AllHaveLeaders(*metadata, states)) break;
    if (SystemMonotonicNow() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("the topics at ", kafka.bootstrap_servers,
                       " were created, but some partition has no leader after ",
                       absl::FormatDuration(timeout), "; are all brokers running?"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSIGN_OR_RETURN(states, Describe(*connection, kafka, topics, deadline));
  RETURN_IF_ERROR(FaultsStatus(TopicFaults(states, kafka, topics), kafka));
  return created;
}

}  // namespace picket::kafka
