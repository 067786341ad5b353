// Defines `picket topics create`, `picket topics check` and `picket topics acls`.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "kafka/acls.h"
#include "kafka/admin.h"
#include "kafka/config.h"
#include "kafka/topic_check.h"
#include "kafka/topic_use.h"
#include "kafka/topics.h"

namespace picket {
namespace {

struct TopicsOptions {
  std::string config_file;
  std::string format = "text";
  kafka::KafkaConfig kafka;
  kafka::TopicsConfig topics;
  bool fix = false;                   // option of `create`
  std::string copies_plan;            // option of `check`
  std::vector<std::string> services;  // option of `acls`
  std::string kafka_user = "picket";  // option of `acls`
};

int ExitStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
      return kExitWrongUsage;
    default:
      return kExitFaultInData;
  }
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "picket topics: %s\n", std::string(status.message()).c_str());
  return ExitStatusOf(status);
}

// Reads the options from the command line and the configuration file. The command line overrides
// the file. If --bootstrap-servers is given without --config, reads no file. If the file has
// errors, prints them and returns false.
bool ReadTopicsOptions(const CLI::App& command, TopicsOptions& options) {
  // get_option_no_throw is used because `picket topics acls` does not define all of these options.
  const auto is_given = [&command](const char* name) {
    const CLI::Option* const option = command.get_option_no_throw(name);
    return option != nullptr && option->count() > 0;
  };
  const bool has_servers = is_given("--bootstrap-servers");
  if (options.config_file.empty() && has_servers) return true;
  PicketConfig config;
  if (!ReadCommandConfig("picket topics", options.config_file, config)) return false;
  if (has_servers) {
    config.kafka.bootstrap_servers = options.kafka.bootstrap_servers;
  }
  if (is_given("--prefix")) config.topics.prefix = options.topics.prefix;
  if (is_given("--partitions")) config.topics.partitions = options.topics.partitions;
  if (is_given("--replication-factor")) {
    config.topics.replication_factor = options.topics.replication_factor;
  }
  options.kafka = config.kafka;
  options.topics = config.topics;
  return true;
}

void AddTopicsOptions(CLI::App& command, TopicsOptions& options) {
  command.add_option("--config", options.config_file, kConfigOptionHelp)->type_name("FILE");
  command.add_option("--bootstrap-servers", options.kafka.bootstrap_servers,
                     "Addresses of some brokers, host:port, separated by commas");
  command.add_option("--prefix", options.topics.prefix, "Prefix of every topic's name")
      ->capture_default_str();
  command
      .add_option("--partitions", options.topics.partitions,
                  "Number of partitions of every topic except `rules`")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  command
      .add_option("--replication-factor", options.topics.replication_factor,
                  "Number of copies of each partition")
      ->capture_default_str()
      ->check(CLI::Range(1, 9));
  command.add_option("--format", options.format, "Format of the output")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
}

std::string SettingOf(const kafka::TopicState& state, const std::string& name) {
  const auto setting = state.settings.find(name);
  return setting == state.settings.end() ? "" : setting->second;
}

const char* EffectOf(const kafka::TopicDifference& difference) {
  switch (difference.severity) {
    case kafka::Severity::kWarning:
      return "warning";
    case kafka::Severity::kBlocks:
      return "not ready";
    case kafka::Severity::kFatal:
      return "services end";
  }
  return "";
}

// Returns how long the topic keeps its messages, such as "7 d", "36 h" or "for ever". Returns "-"
// if the topic does not delete messages by age.
std::string Retention(const kafka::TopicState& state) {
  const std::string policy = SettingOf(state, "cleanup.policy");
  if (policy.find("delete") == std::string::npos) return "-";
  const int64_t ms = std::atoll(SettingOf(state, "retention.ms").c_str());
  if (ms < 0) return "for ever";
  const int64_t hours = ms / 3'600'000;
  return hours % 24 == 0 ? absl::StrCat(hours / 24, " d") : absl::StrCat(hours, " h");
}

void AppendNames(JsonWriter& json, const char* key, const std::vector<std::string>& names) {
  json.Key(key).BeginArray();
  for (const std::string& name : names) json.Value(name);
  json.EndArray();
}

void AppendDifferences(JsonWriter& json, const std::vector<kafka::TopicDifference>& differences) {
  AppendNames(json, "faults", kafka::DifferenceLines(differences));
  json.Key("differences").BeginArray();
  for (const kafka::TopicDifference& difference : differences) {
    json.BeginObject();
    json.Key("topic").Value(difference.topic_name);
    json.Key("setting").Value(difference.setting);
    json.Key("found").Value(difference.found);
    json.Key("expected").Value(difference.expected);
    json.Key("effect").Value(EffectOf(difference));
    json.Key("repair").Value(difference.repair);
    json.EndObject();
  }
  json.EndArray();
}

// Prints the differences, and returns the exit status.
int ReportDifferences(const std::vector<kafka::TopicDifference>& differences) {
  for (const std::string& line : kafka::DifferenceLines(differences)) {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  const bool can_fix =
      std::any_of(differences.begin(), differences.end(),
                  [](const kafka::TopicDifference& difference) { return difference.is_setting; });
  if (can_fix) {
    std::fputs("`picket topics create --fix` corrects all these settings at once.\n", stderr);
  }
  return differences.empty() ? kExitOk : kExitFaultInData;
}

// Creates the topics. With --fix, also corrects the settings of existing topics.
int Create(const TopicsOptions& options) {
  absl::StatusOr<kafka::CreatedTopics> created = kafka::CreateTopics(options.kafka, options.topics);
  if (!created.ok()) return Fail(created.status());
  const bool is_json = options.format == "json";
  if (!is_json) {
    for (const std::string& name : created->made) std::printf("made  %s\n", name.c_str());
    for (const std::string& name : created->found) std::printf("found %s\n", name.c_str());
  }
  std::vector<kafka::SettingChange> changes;
  if (options.fix) {
    const absl::Status status =
        kafka::FixTopics(options.kafka, options.topics, [&](const kafka::SettingChange& change) {
          changes.push_back(change);
          if (is_json) return;
          std::printf("set   %s: %s %s -> %s\n", change.topic_name.c_str(), change.setting.c_str(),
                      change.old_value.empty() ? "(not set)" : change.old_value.c_str(),
                      change.new_value.c_str());
        });
    if (!status.ok()) return Fail(status);
    absl::StatusOr<std::vector<kafka::TopicDifference>> differences =
        kafka::CheckTopics(options.kafka, options.topics);
    if (!differences.ok()) return Fail(differences.status());
    created->differences = *std::move(differences);
  }
  if (is_json) {
    std::string line;
    JsonWriter json(&line);
    json.BeginObject();
    AppendNames(json, "made", created->made);
    AppendNames(json, "found", created->found);
    json.Key("changed").BeginArray();
    for (const kafka::SettingChange& change : changes) {
      json.BeginObject();
      json.Key("topic").Value(change.topic_name).Key("setting").Value(change.setting);
      json.Key("old").Value(change.old_value).Key("new").Value(change.new_value);
      json.EndObject();
    }
    json.EndArray();
    AppendDifferences(json, created->differences);
    json.EndObject();
    std::puts(line.c_str());
  }
  std::fflush(stdout);
  return ReportDifferences(created->differences);
}

void PrintTopics(const std::vector<kafka::TopicState>& states) {
  std::printf("%-24s %10s %6s %8s  %-15s %s\n", "topic", "partitions", "copies", "in sync",
              "cleanup", "kept for");
  for (const kafka::TopicState& state : states) {
    if (!state.exists) {
      std::printf("%-24s    %s\n", state.name.c_str(),
                  state.is_hidden ? "missing or hidden by ACLs" : "missing");
      continue;
    }
    std::printf("%-24s %10d %6d %8s  %-15s %s\n", state.name.c_str(), state.partitions,
                state.replication_factor, SettingOf(state, "min.insync.replicas").c_str(),
                SettingOf(state, "cleanup.policy").c_str(), Retention(state).c_str());
  }
}

void PrintTopicsAsJson(const std::vector<kafka::TopicState>& states,
                       const std::vector<kafka::TopicDifference>& differences) {
  std::string line;
  JsonWriter json(&line);
  json.BeginObject();
  json.Key("topics").BeginArray();
  for (const kafka::TopicState& state : states) {
    json.BeginObject();
    json.Key("name").Value(state.name);
    json.Key("exists").Value(state.exists);
    json.Key("partitions").Value(state.partitions);
    json.Key("replication_factor").Value(state.replication_factor);
    for (const char* setting : {"cleanup.policy", "retention.ms", "max.message.bytes",
                                "min.insync.replicas", "unclean.leader.election.enable"}) {
      json.Key(setting).Value(SettingOf(state, setting));
    }
    json.EndObject();
  }
  json.EndArray();
  AppendDifferences(json, differences);
  json.EndObject();
  std::puts(line.c_str());
}

// Writes the file of --copies-plan, which is a plan to add the missing copies of topics. If no copy
// is missing or the cluster has too few brokers, writes no file and prints the reason. Returns
// false after an error, such as too few brokers.
bool WriteCopiesPlan(const TopicsOptions& options, const kafka::ClusterState& cluster) {
  const int copies = static_cast<int>(options.topics.replication_factor);
  const std::string plan = kafka::ReassignmentPlan(cluster.topics, cluster.brokers, copies);
  if (plan.empty()) {
    std::fprintf(stderr, "picket topics check: %s: not written: %s\n", options.copies_plan.c_str(),
                 static_cast<int>(cluster.brokers.size()) < copies
                     ? absl::StrCat("topics.replication_factor is ", copies, ", the cluster has ",
                                    Counted(cluster.brokers.size(), "broker"))
                           .c_str()
                     : "every topic has enough copies");
    return static_cast<int>(cluster.brokers.size()) >= copies;
  }
  if (const absl::Status status = WriteFile(options.copies_plan, plan + "\n"); !status.ok()) {
    std::fprintf(stderr, "picket topics check: %s\n", std::string(status.message()).c_str());
    return false;
  }
  return true;
}

int Check(const TopicsOptions& options) {
  const absl::StatusOr<kafka::ClusterState> cluster =
      kafka::DescribeTopics(options.kafka, options.topics);
  if (!cluster.ok()) return Fail(cluster.status());
  const std::vector<kafka::TopicDifference> differences =
      kafka::CompareTopics(cluster->topics, kafka::AllTopicUses(), options.kafka, options.topics);
  if (options.format == "json") {
    PrintTopicsAsJson(cluster->topics, differences);
  } else {
    PrintTopics(cluster->topics);
  }
  std::fflush(stdout);
  if (!options.copies_plan.empty() && !WriteCopiesPlan(options, *cluster)) return kExitWrongUsage;
  return ReportDifferences(differences);
}

// Prints the ACLs of the services and commands in `options.services`. If this list is empty, prints
// the ACLs of all services and commands.
int PrintAcls(const TopicsOptions& options) {
  std::vector<kafka::Acl> all;
  for (const kafka::TopicUser& user : kafka::TopicUsers()) {
    const bool is_wanted =
        options.services.empty() || std::find(options.services.begin(), options.services.end(),
                                              std::string(user.name)) != options.services.end();
    if (!is_wanted) continue;
    const std::vector<kafka::Acl> acls = kafka::AclsOf(user, options.topics.prefix);
    if (options.format == "kafka") {
      std::printf("# picket %s\n%s", std::string(user.name).c_str(),
                  kafka::KafkaAclCommands(acls, options.kafka_user,
                                          kafka::ConnectionArguments(options.kafka))
                      .c_str());
    }
    all.insert(all.end(), acls.begin(), acls.end());
  }
  if (options.format == "strimzi") {
    std::fputs(kafka::StrimziUser(all, options.kafka_user).c_str(), stdout);
  }
  return kExitOk;
}

void AddAcls(CLI::App& topics, int& exit_status) {
  const auto options = std::make_shared<TopicsOptions>();
  options->format = "kafka";
  CLI::App* const acls = topics.add_subcommand(
      "acls", "Print the ACLs that services and commands need on a secured cluster");
  acls->add_option("--config", options->config_file, kConfigOptionHelp)->type_name("FILE");
  acls->add_option("--bootstrap-servers", options->kafka.bootstrap_servers,
                   "Addresses of some brokers, host:port, separated by commas");
  acls->add_option("--prefix", options->topics.prefix, "Prefix of every topic's name")
      ->capture_default_str();
  acls->add_option("--format", options->format,
                   "Commands of Kafka's own tool, or a resource for the Strimzi operator")
      ->capture_default_str()
      ->check(CLI::IsMember({"kafka", "strimzi"}));
  std::set<std::string> names;
  for (const kafka::TopicUser& user : kafka::TopicUsers()) names.insert(std::string(user.name));
  acls->add_option("--service", options->services,
                   "Only the ACLs of this service or command, such as fetch or 'topics create'; "
                   "may be repeated")
      ->type_name("NAME")
      ->check(CLI::IsMember(names));
  acls->add_option("--user", options->kafka_user,
                   "The user of the cluster: the name of a SASL user, or the subject of a "
                   "certificate, such as CN=picket")
      ->type_name("NAME")
      ->capture_default_str();
  acls->callback([acls, options, &exit_status] {
    exit_status = ReadTopicsOptions(*acls, *options) ? PrintAcls(*options) : kExitWrongUsage;
  });
}

}  // namespace

void AddTopics(CLI::App& app, int& exit_status) {
  CLI::App* const topics = app.add_subcommand(
      "topics", "Create or check the topics on the cluster, or print the ACLs for them");
  topics->require_subcommand(1);
  AddAcls(*topics, exit_status);
  const auto options = std::make_shared<TopicsOptions>();

  CLI::App* const create = topics->add_subcommand(
      "create", "Create the topics that do not exist; change others only with --fix");
  AddTopicsOptions(*create, *options);
  create->add_flag("--fix", options->fix,
                   "Also correct the settings of topics that exist; never changes partitions or "
                   "copies");
  create->callback([create, options, &exit_status] {
    exit_status = ReadTopicsOptions(*create, *options) ? Create(*options) : kExitWrongUsage;
  });

  CLI::App* const check = topics->add_subcommand(
      "check", "Compare the topics with the configuration; exit status 1 if they differ");
  AddTopicsOptions(*check, *options);
  check
      ->add_option("--copies-plan", options->copies_plan,
                   "Write a plan for kafka-reassign-partitions.sh that gives topics with too few "
                   "copies the configured number of copies")
      ->type_name("FILE");
  check->callback([check, options, &exit_status] {
    exit_status = ReadTopicsOptions(*check, *options) ? Check(*options) : kExitWrongUsage;
  });
  // The group is the heading in the list of commands. It is set last, because sub-commands that are
  // added later would inherit it.
  topics->group(kOperatorCommands);
}

}  // namespace picket
