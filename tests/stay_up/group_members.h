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

// Joins a group under the group instance id of another member, and thereby fences that member. When
// the object is destroyed, its member sends no request to leave the group, like the member of a
// killed process.
// Threads: One thread uses it. Failure: An error of the setup aborts the program.
class GhostMember {
 public:
  GhostMember(const kafka::KafkaConfig& config, const std::string& group, const std::string& topic,
              const std::string& group_instance_id);
  // Waits until the coordinator has accepted the member. Returns the member id, or an empty string
  // if the other member has already taken the name back.
  std::string WaitUntilJoined();

 private:
  kafka::Handle client_;
};

}  // namespace picket
