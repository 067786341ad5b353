#pragma once

// A whole pipeline for a test: simulated tenants in this process, the three services as processes of their own, a topic
// prefix of its own on the real Kafka.

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

namespace picket {

// One process of a service.
struct ServiceProcess {
  std::string stage;     // "fetch", "parse", "detect"
  std::string instance;  // "a"
  std::unique_ptr<ChildProcess> process;
  std::unique_ptr<StepView> steps;

  // All of its workers have been assigned their partitions and have restored them.
  bool IsPolling() const;
};

struct PipelineOptions {
  int partitions = 8;
  int workers = 2;
  absl::Duration session_timeout = absl::Seconds(6);
  // The time before now that is listed again with each poll: what is listed late must lie in it.
  absl::Duration overlap = absl::Seconds(5);
  std::string rules_dir;  // empty: the pack in the binary
  // Memory of a parser's worker for record Ids; what is beyond lies on disk. 0: the default, and no disk.
  int64_t duplicate_budget_bytes = 0;
  // What fields of tenants are hashed with; empty: none.
  std::string mask_key;
  std::map<std::string, std::string> kafka_properties;  // kafka.properties of every service
  // More lines for a tenant's file.
  std::function<std::string(const simulator::Tenant&)> tenant_settings;
};

// What lies on the topics for a read_committed reader, each read from its beginning.
struct TopicContents {
  std::map<std::string, int> raw;                 // content id and chunk → how often
  std::map<std::string, int> events;              // event uid → how often
  std::map<std::string, absl::Time> event_times;  // event uid → when it was produced
  std::map<std::string, int> ecs;                 // event uid → how often on `events-ecs`
  std::map<std::string, int> seen;            // tenant and the bytes of a record Id → how often
  std::map<std::string, std::string> ledger;  // key → the newest value
  std::map<std::string, int> alerts;          // alert id → how often
  std::vector<std::string> alert_json;
  std::vector<std::string> dead_letters;  // the first bytes of each
  int shortened_windows = 0;              // rows of `coverage` that say so
};

class Pipeline {
 public:
  // Makes the topics. The simulator must outlive it.
  Pipeline(const std::string& name, PipelineOptions options, simulator::Simulator& simulator);
  ~Pipeline();

  ServiceProcess& Add(const std::string& stage, const std::string& instance);

  const kafka::KafkaConfig& kafka() const { return kafka_; }
  const std::string& prefix() const { return prefix_; }
  std::string Topic(kafka::Topic topic) const { return kafka::TopicName(prefix_, topic); }
  const std::string& folder() const { return folder_; }
  // Where all workers of all parsers have their record Ids.
  std::string duplicate_dir() const { return folder_ + "/seen"; }

  TopicContents Read();
  // Every message of a topic for a read_committed reader.
  void ReadTopic(kafka::Topic topic, const std::function<void(const kafka::Message&)>& on_message);
  TransactionCounts TransactionsOf(const std::map<std::string, TransactionCounts>& log,
                                   const std::string& stage) const;
  // Until every record that the feed published is an event and the detector has matched it. The feed must come to an end.
  bool WaitUntilWorkedOff(const simulator::Feed& feed, absl::Duration timeout);
  // Until the group of `stage` ("parser") has committed past the last committed message of its input, which must hold at
  // least `messages`.
  bool WaitUntilRead(const std::string& stage, kafka::Topic input, int64_t messages,
                     absl::Duration timeout);
  // How many messages a topic holds for a read_committed reader.
  int Count(kafka::Topic topic);

 private:
  PipelineOptions options_;
  kafka::KafkaConfig kafka_;
  std::string prefix_;
  std::string folder_;
  simulator::Simulator& simulator_;
  std::vector<std::unique_ptr<ServiceProcess>> services_;
};

// True as soon as the condition holds; false when it does not within the time.
bool WaitFor(absl::Duration timeout, const std::function<bool()>& condition);

}  // namespace picket
