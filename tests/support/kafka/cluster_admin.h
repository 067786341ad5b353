#pragma once

// Changes the topics, users and ACLs of a cluster, as an administrator does. The functions for
// users and ACLs connect without encryption and login.

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kafka/acls.h"
#include "kafka/config.h"

namespace picket::kafka {

// Replaces the topic's own settings, and waits a short time for the brokers to apply the new
// settings.
absl::Status ReplaceTopicSettings(const KafkaConfig& kafka, const std::string& topic,
                                  const std::map<std::string, std::string>& settings);

absl::Status DeleteTopics(const KafkaConfig& kafka, const std::vector<std::string>& topics);

// Changes the number of partitions of a topic to `partitions`.
absl::Status AddPartitions(const KafkaConfig& kafka, const std::string& topic, int partitions);

// Permission for one operation on a resource.
struct AclGrant {
  std::string principal;  // such as "User:picket"
  AclResource resource;
  std::string name;
  bool is_prefix = false;
  std::string operation;  // such as "Read"

  std::string ToString() const;
};

absl::Status Grant(const KafkaConfig& kafka, const std::vector<AclGrant>& grants);
absl::Status Withdraw(const KafkaConfig& kafka, const std::vector<AclGrant>& grants);

// Creates a user who can log in with SCRAM-SHA-512.
absl::Status AddScramUser(const KafkaConfig& kafka, const std::string& user,
                          const std::string& password);

// Parses commands of kafka-acls.sh, which `picket topics acls` prints, and returns the permissions
// that they grant. The words of a command must not contain quotes.
std::vector<AclGrant> ParseAclCommands(const std::string& commands);

}  // namespace picket::kafka
