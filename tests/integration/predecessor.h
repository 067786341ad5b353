#pragma once

#include <map>
#include <string>
#include <vector>

#include "kafka/client_config.h"
#include "kafka/consumer.h"
#include "kafka/topics.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {

// A former owner of partitions, played by hand: one consumer of the toy stage's group and one transactional producer,
// whose every call the test places where it wants it. Faults end the test.
class Predecessor {
 public:
  Predecessor(const KafkaConfig& kafka, const TopicsConfig& topics, const std::string& name);

  // Joins the group and waits until it owns all partitions.
  void Join();
  void Leave() { consumer_.reset(); }

  void Begin();
  void Write(Topic topic, int32_t partition, const std::string& key, const std::string& value);
  void Flush();
  // What the toy stage would do with every message sent so far, were it the first to see them; and the offsets.
  void ProcessEverything(const std::map<std::string, std::vector<std::string>>& sent);
  void Commit();
  void Abort();

 private:
  const KafkaConfig kafka_;
  const TopicsConfig topics_;
  Handle producer_;
  Handle consumer_;
  GroupMetadata metadata_;
};

}  // namespace picket::kafka
