// `picket topics create` and `picket topics check`.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "kafka/admin.h"
#include "kafka/config.h"
#include "kafka/topics.h"

namespace picket {
namespace {

struct TopicsOptions {
  std::string config_file;
  std::string format = "text";
  kafka::KafkaConfig kafka;
  kafka::TopicsConfig topics;
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
// the file. If only --bootstrap-servers is given, no file is read. If the file has errors, prints
// them and returns false.
bool ReadTopicsOptions(const CLI::App& command, TopicsOptions& options) {
  const bool has_servers = command.count("--bootstrap-servers") > 0;
  if (options.config_file.empty() && has_servers) return true;
  PicketConfig config;
  if (!ReadCommandConfig("picket topics", options.config_file, config)) return false;
  if (has_servers) {
    config.kafka.bootstrap_servers = options.kafka.bootstrap_servers;
  }
  if (command.count("--prefix") > 0) config.topics.prefix = options.topics.prefix;
  if (command.count("--partitions") > 0) config.topics.partitions = options.topics.partitions;
  if (command.count("--replication-factor") > 0) {
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

// Returns how long the topic keeps its messages: "7 d", "36 h", "for ever".
std::string Retention(const kafka::TopicState& state) {
  const std::string policy = SettingOf(state, "cleanup.policy");
  if (policy.find("delete") == std::string::npos) return "-";
  const int64_t ms = std::atoll(SettingOf(state, "retention.ms").c_str());
  if (ms < 0) return "for ever";
  const int64_t hours = ms / 3'600'000;
  return hours % 24 == 0 ? absl::StrCat(hours / 24, " d") : absl::StrCat(hours, " h");
}

int Create(const TopicsOptions& options) {
  const absl::StatusOr<kafka::CreatedTopics> created =
      kafka::CreateTopics(options.kafka, options.topics);
  if (!created.ok()) return Fail(created.status());
  if (options.format == "json") {
    std::string line;
    JsonWriter json(&line);
    json.BeginObject();
    json.Key("made");
    json.BeginArray();
    for (const std::string& name : created->made) json.Value(name);
    json.EndArray();
    json.Key("found");
    json.BeginArray();
    for (const std::string& name : created->found) json.Value(name);
    json.EndArray();
    json.EndObject();
    std::puts(line.c_str());
    return kExitOk;
  }
  for (const std::string& name : created->made) std::printf("made  %s\n", name.c_str());
  for (const std::string& name : created->found) std::printf("found %s\n", name.c_str());
  return kExitOk;
}

int Check(const TopicsOptions& options) {
  const absl::StatusOr<std::vector<kafka::TopicState>> states =
      kafka::DescribeTopics(options.kafka, options.topics);
  if (!states.ok()) return Fail(states.status());
  const std::vector<std::string> faults =
      kafka::TopicFaults(*states, options.kafka, options.topics);
  if (options.format == "json") {
    std::string line;
    JsonWriter json(&line);
    json.BeginObject();
    json.Key("topics");
    json.BeginArray();
    for (const kafka::TopicState& state : *states) {
      json.BeginObject();
      json.Key("name");
      json.Value(state.name);
      json.Key("exists");
      json.Value(state.exists);
      json.Key("partitions");
      json.Value(state.partitions);
      json.Key("replication_factor");
      json.Value(state.replication_factor);
      for (const char* setting : {"cleanup.policy", "retention.ms", "max.message.bytes"}) {
        json.Key(setting);
        json.Value(SettingOf(state, setting));
      }
      json.EndObject();
    }
    json.EndArray();
    json.Key("faults");
    json.BeginArray();
    for (const std::string& fault : faults) json.Value(fault);
    json.EndArray();
    json.EndObject();
    std::puts(line.c_str());
  } else {
    std::printf("%-24s %10s %6s  %-15s %s\n", "topic", "partitions", "copies", "cleanup",
                "kept for");
    for (const kafka::TopicState& state : *states) {
      if (!state.exists) {
        std::printf("%-24s    missing\n", state.name.c_str());
        continue;
      }
      std::printf("%-24s %10d %6d  %-15s %s\n", state.name.c_str(), state.partitions,
                  state.replication_factor, SettingOf(state, "cleanup.policy").c_str(),
                  Retention(state).c_str());
    }
  }
  for (const std::string& fault : faults) std::fprintf(stderr, "%s\n", fault.c_str());
  return faults.empty() ? kExitOk : kExitFaultInData;
}

}  // namespace

void AddTopics(CLI::App& app, int& exit_status) {
  CLI::App* const topics =
      app.add_subcommand("topics", "Create or check the topics on the cluster");
  topics->require_subcommand(1);
  const auto options = std::make_shared<TopicsOptions>();

  CLI::App* const create = topics->add_subcommand(
      "create", "Create the topics that do not exist; change no other topic");
  AddTopicsOptions(*create, *options);
  create->callback([create, options, &exit_status] {
    exit_status = ReadTopicsOptions(*create, *options) ? Create(*options) : kExitWrongUsage;
  });

  CLI::App* const check = topics->add_subcommand(
      "check", "Compare the topics with the configuration; exit status 1 if they differ");
  AddTopicsOptions(*check, *options);
  check->callback([check, options, &exit_status] {
    exit_status = ReadTopicsOptions(*check, *options) ? Check(*options) : kExitWrongUsage;
  });
  // The group is the heading in the list of commands. It is set last, because sub-commands that are
  // added later would inherit it.
  topics->group(kOperatorCommands);
}

}  // namespace picket
