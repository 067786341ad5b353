#pragma once

// A complete pipeline for a test. It consists of simulated tenants in this process, the three
// services as separate processes, and topics with their own prefix on a real Kafka.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/services/service.h"
#include "common/clock.h"
#include "kafka/config.h"
#include "kafka/message.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/step_killer.h"
#include "tests/pipeline/transaction_log.h"
#include "tests/support/wait_for.h"

namespace picket {

// A process that runs a service.
struct ServiceProcess {
  std::string stage;     // "fetch", "parse" or "detect"
  std::string instance;  // "a"
  std::unique_ptr<ChildProcess> process;
  std::unique_ptr<StepView> steps;

  // Returns true if the process runs and no worker is starting, restoring state or stopped. A
  // worker without partitions counts as polling too.
  bool IsPolling() const;
};

struct PipelineOptions {
  std::string bootstrap_servers;  // if empty, PICKET_TEST_KAFKA
  int replication_factor = 1;
  // If true, the instance name of each process begins with the prefix of the topics.
  bool prefix_in_instance = true;
  int partitions = 8;
  int workers = 2;
  absl::Duration session_timeout = absl::Seconds(6);
  // The fetcher's option overlap_secs. If the simulated API lists content late, the delay must be
  // shorter than this duration.
  absl::Duration overlap = absl::Seconds(5);
  std::string rules_dir;  // if empty, the built-in rules
  // The memory in bytes that each worker of a parser may use for record Ids. Further Ids are stored
  // on disk. If 0, the memory has the default size and nothing is stored on disk.
  int64_t duplicate_budget_bytes = 0;
  // The key for hashing masked fields; may be empty.
  std::string mask_key;
  std::map<std::string, std::string> kafka_properties;  // kafka.properties of every service
  // Returns additional lines for a tenant's file.
  std::function<std::string(const simulator::Tenant&)> tenant_settings;
};

// The content of the topics from their beginning, as a read_committed reader sees it.
struct TopicContents {
  std::map<std::string, int> raw;     // number of copies, indexed by content id and chunk
  std::map<std::string, int> events;  // number of copies, indexed by event uid
  std::map<std::string, absl::Time> event_times;  // time of production, indexed by event uid
  std::map<std::string, int> ecs;   // number of copies on `events-ecs`, indexed by event uid
  std::map<std::string, int> seen;  // number of copies, indexed by tenant and record Id
  std::map<std::string, std::string> ledger;  // newest value, indexed by key
  std::map<std::string, int> alerts;          // number of copies, indexed by alert id
  std::vector<std::string> alert_json;
  std::vector<std::string> dead_letters;  // reason and first bytes of each dead letter
  int shortened_windows = 0;  // rows of `coverage` that report a shortened duplicate window
};

class Pipeline {
 public:
  // Creates the topics. The simulator must outlive the pipeline.
  Pipeline(const std::string& name, PipelineOptions options, simulator::Simulator& simulator);
  ~Pipeline();

  // Adds a process that runs a service. `environment` is added to the environment of the test.
  // `file_name` is the name of the process's files, and by default consists of stage and instance.
  ServiceProcess& Add(const std::string& stage, const std::string& instance,
                      std::vector<std::string> environment = {}, const std::string& file_name = "");

  const kafka::KafkaConfig& kafka() const { return kafka_; }
  const std::string& prefix() const { return prefix_; }
  std::string Topic(kafka::Topic topic) const { return kafka::TopicName(prefix_, topic); }
  const std::string& folder() const { return folder_; }
  // Returns the folder in which all workers of all parsers store record Ids.
  std::string duplicate_dir() const { return folder_ + "/seen"; }

  TopicContents Read();
  // Reads a topic with a read_committed reader, and calls `on_message` with each message.
  void ReadTopic(kafka::Topic topic, const std::function<void(const kafka::Message&)>& on_message);
  TransactionCounts TransactionsOf(const std::map<std::string, TransactionCounts>& log,
                                   const std::string& stage) const;
  // Waits until every record that the feed has published has become an event and the detector has
  // matched all events. The feed must be finite.
  bool WaitUntilProcessed(const simulator::Feed& feed, absl::Duration timeout);
  // Waits until the topic `input` contains `messages` committed messages and the consumer group of
  // `stage` ("parser") has committed offsets after them.
  bool WaitUntilRead(const std::string& stage, kafka::Topic input, int64_t messages,
                     absl::Duration timeout);
  // Returns the number of messages that a read_committed reader sees on a topic.
  int Count(kafka::Topic topic);

 private:
  PipelineOptions options_;
  kafka::KafkaConfig kafka_;
  std::string prefix_;
  std::string folder_;
  simulator::Simulator& simulator_;
  std::vector<std::unique_ptr<ServiceProcess>> services_;
};

// Returns the port of the admin pages of the last service that has written to this log. Returns 0
// if no service has started.
int AdminPortOf(const std::string& log_path);

}  // namespace picket
