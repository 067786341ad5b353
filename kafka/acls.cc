#include "kafka/acls.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/strings.h"
#include "kafka/client_config.h"

namespace picket::kafka {
namespace {

// The order in which operations are listed.
constexpr std::string_view kOperations[] = {"Read",     "Write",           "Create",
                                            "Describe", "DescribeConfigs", "AlterConfigs"};

std::vector<std::string> OperationsOn(const TopicUser& user, const TopicUse& use) {
  std::vector<std::string> operations;
  if (use.reads) operations.emplace_back("Read");
  if (use.writes) operations.emplace_back("Write");
  if (user.creates) operations.emplace_back("Create");
  if (!use.reads && !use.writes) operations.emplace_back("Describe");
  // In Kafka, AlterConfigs includes DescribeConfigs.
  if (user.alters) {
    operations.emplace_back("AlterConfigs");
  } else if (user.describes_settings) {
    operations.emplace_back("DescribeConfigs");
  }
  return operations;
}

std::string_view ToolName(AclResource resource) {
  switch (resource) {
    case AclResource::kTopic:
      return "topic";
    case AclResource::kGroup:
      return "group";
    case AclResource::kTransactionalId:
      return "transactional-id";
  }
  return "";
}

std::string_view StrimziName(AclResource resource) {
  return resource == AclResource::kTransactionalId ? "transactionalId" : ToolName(resource);
}

// Returns `text` as one word of a shell command. Adds single quotes if `text` contains a character
// that a shell might interpret.
std::string ShellWord(std::string_view text) {
  const bool is_plain =
      !text.empty() && text.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "._-:/=,@+") == std::string_view::npos;
  if (is_plain) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

// Returns a string in single quotes for YAML.
std::string YamlText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

}  // namespace

std::vector<Acl> AclsOf(const TopicUser& user, std::string_view topic_prefix) {
  std::vector<Acl> acls;
  for (const TopicUse& use : user.topics) {
    acls.push_back(
        {AclResource::kTopic, TopicName(topic_prefix, use.topic), false, OperationsOn(user, use)});
  }
  if (!user.stage.empty()) {
    acls.push_back({AclResource::kGroup, GroupId(topic_prefix, user.stage), false, {"Read"}});
    acls.push_back({AclResource::kTransactionalId,
                    TransactionalIdPrefix(topic_prefix, user.stage),
                    true,
                    {"Write"}});
  }
  if (!user.transactional_id.empty()) {
    acls.push_back({AclResource::kTransactionalId,
                    GroupId(topic_prefix, user.transactional_id),
                    false,
                    {"Write"}});
  }
  return acls;
}

std::vector<Acl> MergeAcls(const std::vector<Acl>& acls) {
  std::vector<Acl> merged;
  for (const Acl& acl : acls) {
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const Acl& other) {
      return other.resource == acl.resource && other.name == acl.name &&
             other.is_prefix == acl.is_prefix;
    });
    if (same == merged.end()) {
      merged.push_back(acl);
      continue;
    }
    for (const std::string& operation : acl.operations) {
      const bool is_known = std::find(same->operations.begin(), same->operations.end(),
                                      operation) != same->operations.end();
      if (!is_known) same->operations.push_back(operation);
    }
  }
  for (Acl& acl : merged) {
    const auto place = [](std::string_view operation) {
      return std::find(std::begin(kOperations), std::end(kOperations), operation);
    };
    std::sort(acl.operations.begin(), acl.operations.end(),
              [&](std::string_view a, std::string_view b) { return place(a) < place(b); });
  }
  return merged;
}

std::string KafkaAclCommands(const std::vector<Acl>& acls, std::string_view kafka_user,
                             std::string_view connection) {
  // The commands and the names of the resources of each.
  using Command = std::tuple<AclResource, bool, std::vector<std::string>>;
  std::vector<std::pair<Command, std::vector<std::string>>> commands;
  for (const Acl& acl : acls) {
    const Command command{acl.resource, acl.is_prefix, acl.operations};
    const auto same = std::find_if(commands.begin(), commands.end(),
                                   [&](const auto& other) { return other.first == command; });
    if (same == commands.end()) {
      commands.push_back({command, {acl.name}});
    } else {
      same->second.push_back(acl.name);
    }
  }
  std::string text;
  for (const auto& [command, names] : commands) {
    const auto& [resource, is_prefix, operations] = command;
    absl::StrAppend(&text, "kafka-acls.sh ", ToAbsl(connection), " --add --allow-principal ",
                    ShellWord(absl::StrCat("User:", ToAbsl(kafka_user))));
    for (const std::string& operation : operations) {
      absl::StrAppend(&text, " --operation ", operation);
    }
    if (is_prefix) absl::StrAppend(&text, " --resource-pattern-type prefixed");
    for (const std::string& name : names) {
      absl::StrAppend(&text, " --", ToAbsl(ToolName(resource)), " ", ShellWord(name));
    }
    text += '\n';
  }
  return text;
}

std::string StrimziUser(const std::vector<Acl>& acls, std::string_view kafka_user) {
  std::string text = absl::StrCat(
      "apiVersion: kafka.strimzi.io/v1beta2\n"
      "kind: KafkaUser\n"
      "metadata:\n"
      "  name: ",
      YamlText(kafka_user),
      "\n"
      "  labels:\n"
      "    strimzi.io/cluster: my-cluster  # the name of the Kafka resource\n"
      "spec:\n"
      "  authentication:\n"
      "    type: tls\n"
      "  authorization:\n"
      "    type: simple\n"
      "    acls:\n");
  for (const Acl& acl : MergeAcls(acls)) {
    absl::StrAppend(&text, "      - resource: {type: ", ToAbsl(StrimziName(acl.resource)),
                    ", name: ", YamlText(acl.name),
                    ", patternType: ", acl.is_prefix ? "prefix" : "literal", "}\n",
                    "        operations: [", absl::StrJoin(acl.operations, ", "), "]\n");
  }
  return text;
}

}  // namespace picket::kafka
