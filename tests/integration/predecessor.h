#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client_config.h"
#include "kafka/group_consumer.h"
#include "kafka/topics.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {

// A former owner of partitions, controlled step by step by the test. It consists of a consumer in
// the toy stage's group and a transactional producer. The test decides when each call is made. A
// failed call ends the test program.
class Predecessor {
 public:
  Predecessor(const KafkaConfig& kafka, const TopicsConfig& topics, const std::string& name);

  // Joins the group and waits until it owns all partitions.
  void Join();
  void Leave() { consumer_.reset(); }

  void Begin();
  void Write(Topic topic, int32_t partition, const std::string& key, const std::string& value);
  void Flush();
  // Processes the messages in `sent` like a toy stage that has no state yet. Writes the output rows
  // and adds the consumed offsets to the transaction.
  void ProcessEverything(const std::map<std::string, std::vector<std::string>>& sent);
  void Commit();
  void Abort();

 private:
  const KafkaConfig kafka_;
  const TopicsConfig topics_;
  Handle producer_;
  Handle consumer_;
  std::unique_ptr<ClientGroupMetadata> metadata_;
};

}  // namespace picket::kafka
