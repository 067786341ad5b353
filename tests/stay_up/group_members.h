#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/client_config.h"
#include "kafka/config.h"

namespace picket {

// Returns the member ids of a consumer group by group instance id, as its coordinator reports them.
absl::StatusOr<std::map<std::string, std::string>> MembersOf(const kafka::KafkaConfig& config,
                                                             const std::string& group);

// Returns how many offsets of `topic` the group has not committed, as Kafka's own tools report its
// lag. Offsets of transaction markers count.
absl::StatusOr<int64_t> LagOf(const kafka::KafkaConfig& config, const std::string& group,
                              const std::string& topic, int partitions);

// Joins a group under the group instance id of another member, and thereby fences that member. The
// ghost leaves without a word when it is destroyed, as a process that is killed.
// Threads: one. Failure: an error of the setup aborts the program.
class GhostMember {
 public:
  GhostMember(const kafka::KafkaConfig& config, const std::string& group, const std::string& topic,
              const std::string& group_instance_id);
  // Waits until the coordinator has accepted the ghost. Returns its member id, or an empty string
  // if the other member has already taken the name back.
  std::string WaitUntilJoined();

 private:
  kafka::Handle client_;
};

}  // namespace picket
