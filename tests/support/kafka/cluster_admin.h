#pragma once

// Changes a cluster as an administrator does: settings of topics, deleted topics, users and ACLs.
// The functions for users and ACLs connect without encryption and login.

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kafka/acls.h"
#include "kafka/config.h"

namespace picket::kafka {

// Replaces the topic's own settings, and waits until the broker reports the new ones.
absl::Status ReplaceTopicSettings(const KafkaConfig& kafka, const std::string& topic,
                                  const std::map<std::string, std::string>& settings);

absl::Status DeleteTopics(const KafkaConfig& kafka, const std::vector<std::string>& topics);

// Changes the number of partitions of a topic to `partitions`.
absl::Status AddPartitions(const KafkaConfig& kafka, const std::string& topic, int partitions);

// One ACL with one operation.
struct AclGrant {
  std::string principal;  // such as "User:picket"
  AclResource resource;
  std::string name;
  bool is_prefix = false;
  std::string operation;  // as Kafka's tools name it

  std::string ToString() const;
};

absl::Status Grant(const KafkaConfig& kafka, const std::vector<AclGrant>& grants);
absl::Status Withdraw(const KafkaConfig& kafka, const std::vector<AclGrant>& grants);

// Creates a user who can log in with SCRAM-SHA-512.
absl::Status AddScramUser(const KafkaConfig& kafka, const std::string& user,
                          const std::string& password);

// Returns the ACLs that commands of kafka-acls.sh grant, as `picket topics acls` prints them. Words
// must not contain quotes.
std::vector<AclGrant> ParseAclCommands(const std::string& commands);

}  // namespace picket::kafka
