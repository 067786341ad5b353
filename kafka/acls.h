#pragma once

// Derives the ACLs that each service and command needs from the table of topic uses.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/topic_use.h"

namespace picket::kafka {

enum class AclResource : uint8_t { kTopic, kGroup, kTransactionalId };

// Allows a user some operations on one resource, or on all resources with a prefix.
struct Acl {
  AclResource resource;
  std::string name;
  bool is_prefix = false;
  std::vector<std::string> operations;  // as Kafka's tools name them, such as "Read"
};

// Returns exactly the ACLs that `user` needs, including those for topics that it uses only under a
// condition (UseCondition). In Kafka, Read and Write include Describe, so Describe is listed only
// where neither is needed.
std::vector<Acl> AclsOf(const TopicUser& user, std::string_view topic_prefix);

// Merges the ACLs of several services for one Kafka user. The result has one element for each
// resource.
std::vector<Acl> MergeAcls(const std::vector<Acl>& acls);

// Returns commands of kafka-acls.sh, one per line. Resources with the same type, pattern and
// operations share a command. `connection` contains the arguments with which the tool reaches the
// cluster.
std::string KafkaAclCommands(const std::vector<Acl>& acls, std::string_view kafka_user,
                             std::string_view connection);

// Returns the YAML of a KafkaUser for the Strimzi operator, with these ACLs.
std::string StrimziUser(const std::vector<Acl>& acls, std::string_view kafka_user);

}  // namespace picket::kafka
