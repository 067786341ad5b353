#pragma once

// Defines which service and which command uses which topic, and for what. The topic checks, the
// printed ACLs and a table in docs/topics.md come from this table.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "kafka/topics.h"

namespace picket::kafka {

// The condition under which a topic is used.
enum class UseCondition : uint8_t {
  kAlways,
  kEcsEvents,   // a tenant's file contains `parser: ecs: true`
  kRulesTopic,  // picket.yaml contains `detector: rules_from: topic`
};

// Describes how a service or a command uses one topic.
struct TopicUse {
  Topic topic;
  bool reads = false;
  bool writes = false;
  bool is_input = false;  // the stage's group assigns the partitions of this topic
  bool is_state = false;  // the stage restores its state from this topic
  UseCondition condition = UseCondition::kAlways;
  // False if the service can go on without the topic for a while.
  bool is_vital = true;
  std::string_view purpose;  // for the documentation
};

// A service or a command that uses topics.
struct TopicUser {
  std::string_view name;   // as on the command line, such as "parse" or "rules publish"
  std::string_view stage;  // such as "parser"; empty for a command
  // The last part of the transactional id of a command that writes, otherwise empty. The ids of a
  // stage's workers begin with TransactionalIdPrefix (kafka/client_config.h).
  std::string_view transactional_id;
  bool describes_settings = true;  // reads the settings of its topics
  bool creates = false;            // creates topics
  bool alters = false;             // changes the settings of topics
  std::vector<TopicUse> topics;
};

// Returns all services and commands that use topics, services first.
absl::Span<const TopicUser> TopicUsers();

// Returns the service or command of this name. Returns null if the table does not contain the name.
const TopicUser* FindTopicUser(std::string_view name);

// Returns the topics that the service or command `name` always uses, and those that it uses under
// one of `conditions`. `name` must be in the table.
std::vector<TopicUse> UsesOf(std::string_view name, const std::vector<UseCondition>& conditions);

// Returns a use of every topic, for a check of all topics. `is_state` is set if any stage restores
// its state from the topic.
std::vector<TopicUse> AllTopicUses();

// Returns the table as Markdown, for docs/topics.md.
std::string TopicUseTable();

}  // namespace picket::kafka
