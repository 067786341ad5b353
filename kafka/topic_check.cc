#include "kafka/topic_check.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr char kMinInSync[] = "min.insync.replicas";
constexpr char kUncleanElection[] = "unclean.leader.election.enable";

// Returns the policies of a comma-separated list as a set, since their order has no meaning.
std::set<std::string> PolicySet(const std::string& policy) {
  std::set<std::string> set;
  for (const absl::string_view part : absl::StrSplit(policy, ',')) {
    set.insert(std::string(ToAbsl(TrimBlanks(ToStd(part)))));
  }
  return set;
}

// Returns the number in `text`, or the maximum if the number is negative. A negative number means
// that there is no limit.
int64_t Limit(const std::string& text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number < 0 ? std::numeric_limits<int64_t>::max() : number;
}

bool Fits(const std::string& setting, const std::string& wanted, const std::string& found) {
  if (setting == "cleanup.policy") return PolicySet(wanted) == PolicySet(found);
  if (setting == kUncleanElection) return found == wanted;
  // A larger value than we need is harmless.
  return Limit(found) >= Limit(wanted);
}

std::string ConfigCommand(const KafkaConfig& kafka, const std::string& topic,
                          const std::string& setting, const std::string& value) {
  // kafka-configs.sh requires square brackets around a value that contains a comma.
  const bool is_list = value.find(',') != std::string::npos;
  return absl::StrCat("kafka-configs.sh ", ConnectionArguments(kafka),
                      " --alter --entity-type topics --entity-name ", topic, " --add-config ",
                      is_list ? "'" : "", setting, "=", is_list ? "[" : "", value,
                      is_list ? "]'" : "");
}

// Compares one topic with the configuration and appends the differences to `out`.
// Threads: One thread uses it. Lifetime: It exists for one comparison. Failure: None.
class Comparison {
 public:
  Comparison(const TopicState& state, const TopicUse& use, const KafkaConfig& kafka,
             const TopicsConfig& topics, std::vector<TopicDifference>& out)
      : state_(state),
        use_(use),
        spec_(Topics()[static_cast<size_t>(state.topic)]),
        kafka_(kafka),
        topics_(topics),
        out_(out) {}

  void Run() {
    if (!state_.exists) {
      AddMissing();
      return;
    }
    ComparePartitions();
    if (kafka_.is_embedded) return;
    CompareCopies();
    if (!state_.settings_error.empty()) {
      TopicDifference& difference = Add("settings", "");
      difference.what = state_.settings_error;
      difference.repair = "give our user DescribeConfigs on the topic (`picket topics acls`)";
      difference.blocks_start = use_.is_state;
      difference.hides_settings = true;
      return;
    }
    for (const auto& [setting, wanted] : WantedSettings(spec_, topics_)) {
      CompareSetting(setting, wanted);
    }
    CompareInSyncWithCopies();
  }

 private:
  TopicDifference& Add(std::string setting, std::string found) {
    TopicDifference& difference = out_.emplace_back();
    difference.topic = state_.topic;
    difference.topic_name = state_.name;
    difference.setting = std::move(setting);
    difference.found = std::move(found);
    return difference;
  }

  void AddMissing() {
    TopicDifference& difference = Add("existence", state_.is_hidden ? "hidden" : "missing");
    difference.expected = "exists";
    if (use_.is_vital) difference.severity = Severity::kBlocks;
    if (state_.is_hidden) {
      difference.hides_settings = true;
      difference.what = "missing or hidden by ACLs";
      difference.repair =
          "run `picket topics create`, or give our user the ACLs that `picket topics acls` prints";
    } else {
      difference.what = "missing";
      difference.repair = "run `picket topics create`";
    }
  }

  void ComparePartitions() {
    const int wanted = WantedPartitions(spec_, topics_);
    if (state_.partitions == wanted) return;
    TopicDifference& difference = Add("partitions", absl::StrCat(state_.partitions));
    difference.expected = absl::StrCat(wanted);
    difference.severity = Severity::kFatal;
    difference.what =
        absl::StrCat(state_.partitions, state_.partitions == 1 ? " partition" : " partitions",
                     " instead of ", wanted);
    if (spec_.single_partition && topics_.partitions != 1) {
      difference.repair =
          absl::StrCat("run: kafka-topics.sh ", ConnectionArguments(kafka_), " --delete --topic ",
                       state_.name, " && picket topics create, then publish the rules again");
    } else {
      difference.repair = absl::StrCat(
          "set topics.partitions: ", state_.partitions,
          " if all topics have as many, else drain, run `picket topics create` under a new "
          "topics.prefix and switch (never add partitions: tenants would move)");
    }
  }

  void CompareCopies() {
    if (state_.replication_factor >= topics_.replication_factor) return;
    TopicDifference& difference =
        Add("replication_factor", absl::StrCat(state_.replication_factor));
    difference.expected = absl::StrCat(topics_.replication_factor);
    difference.what = absl::StrCat(state_.replication_factor,
                                   state_.replication_factor == 1 ? " copy" : " copies",
                                   " instead of ", topics_.replication_factor);
    difference.repair = absl::StrCat(
        "run: picket topics check --copies-plan copies.json; kafka-reassign-partitions.sh ",
        ConnectionArguments(kafka_), " --reassignment-json-file copies.json --execute (or set ",
        "topics.replication_factor: ", state_.replication_factor, ")");
  }

  void CompareSetting(const std::string& setting, const std::string& wanted) {
    static const std::set<std::string>& compared = *new std::set<std::string>{
        "cleanup.policy", "retention.ms", "max.message.bytes", kMinInSync, kUncleanElection};
    if (!compared.contains(setting)) return;
    // With fewer copies than three, two in-sync copies would stop the producers as soon as one
    // broker is down.
    if (setting == kMinInSync && state_.replication_factor < 3) return;
    const auto have = state_.settings.find(setting);
    const std::string found = have == state_.settings.end() ? "" : have->second;
    if (Fits(setting, wanted, found)) return;
    TopicDifference& difference = Add(setting, found);
    difference.expected = wanted;
    difference.is_setting = true;
    if (setting == "cleanup.policy" && use_.is_state) difference.severity = Severity::kFatal;
    difference.what =
        absl::StrCat(setting, " is ", found.empty() ? "not set" : found, ", expected ", wanted);
    difference.repair = absl::StrCat("run: ", ConfigCommand(kafka_, state_.name, setting, wanted));
    if (setting == "retention.ms") {
      absl::StrAppend(&difference.repair, " (or set topics.retention_ms.", ToAbsl(spec_.name), ": ",
                      found, ")");
    }
  }

  // A topic that requires more in-sync copies than it has accepts no message.
  void CompareInSyncWithCopies() {
    const auto have = state_.settings.find(kMinInSync);
    if (have == state_.settings.end() || Limit(have->second) <= state_.replication_factor) return;
    TopicDifference& difference = Add(kMinInSync, have->second);
    difference.expected = absl::StrCat(state_.replication_factor >= 3 ? 2 : 1);
    difference.is_setting = true;
    difference.severity = Severity::kBlocks;
    difference.what = absl::StrCat(
        kMinInSync, " is ", have->second, ", but the topic has only ", state_.replication_factor,
        state_.replication_factor == 1 ? " copy" : " copies", ", so it accepts no message");
    difference.repair =
        absl::StrCat("run: ", ConfigCommand(kafka_, state_.name, kMinInSync, difference.expected));
  }

  const TopicState& state_;
  const TopicUse& use_;
  const TopicSpec& spec_;
  const KafkaConfig& kafka_;
  const TopicsConfig& topics_;
  std::vector<TopicDifference>& out_;
};

}  // namespace

std::string ConnectionArguments(const KafkaConfig& kafka) {
  std::string arguments = absl::StrCat("--bootstrap-server ", kafka.bootstrap_servers);
  const auto protocol = kafka.properties.find("security.protocol");
  if (protocol != kafka.properties.end() && protocol->second != "plaintext") {
    absl::StrAppend(&arguments, " --command-config CLIENT.PROPERTIES");
  }
  return arguments;
}

std::string TopicDifference::ToString() const {
  return absl::StrCat(topic_name, ": ", what, "; ", repair);
}

int WantedPartitions(const TopicSpec& spec, const TopicsConfig& topics) {
  return spec.single_partition ? 1 : static_cast<int>(topics.partitions);
}

std::map<std::string, std::string> WantedSettings(const TopicSpec& spec,
                                                  const TopicsConfig& topics) {
  std::map<std::string, std::string> settings = spec.settings;
  const auto retention = topics.retention_ms.find(std::string(spec.name));
  if (retention != topics.retention_ms.end()) settings["retention.ms"] = retention->second;
  // With this setting, at least two of the replicas contain all acknowledged data. One broker may
  // then be down without stopping the producers.
  if (topics.replication_factor >= 3) settings[kMinInSync] = "2";
  // A leader that was not in sync lacks messages that the former leader has acknowledged.
  settings[kUncleanElection] = "false";
  return settings;
}

std::vector<TopicDifference> CompareTopics(const std::vector<TopicState>& states,
                                           const std::vector<TopicUse>& uses,
                                           const KafkaConfig& kafka, const TopicsConfig& topics) {
  std::vector<TopicDifference> differences;
  for (const TopicState& state : states) {
    const auto use = std::find_if(uses.begin(), uses.end(),
                                  [&](const TopicUse& u) { return u.topic == state.topic; });
    if (use != uses.end()) Comparison(state, *use, kafka, topics, differences).Run();
  }
  return differences;
}

std::vector<std::string> DifferenceLines(const std::vector<TopicDifference>& differences) {
  // The names of the topics of each line, and the rest of the line.
  std::vector<std::pair<std::vector<std::string>, std::string>> lines;
  for (const TopicDifference& difference : differences) {
    const std::string rest = absl::StrCat(difference.what, "; ", difference.repair);
    const auto same = std::find_if(lines.begin(), lines.end(),
                                   [&](const auto& line) { return line.second == rest; });
    if (same != lines.end()) {
      same->first.push_back(difference.topic_name);
    } else {
      lines.push_back({{difference.topic_name}, rest});
    }
  }
  std::vector<std::string> texts;
  for (const auto& [names, rest] : lines) {
    texts.push_back(absl::StrCat(absl::StrJoin(names, ", "), ": ", rest));
  }
  return texts;
}

std::string ReassignmentPlan(const std::vector<TopicState>& states,
                             const std::vector<int32_t>& brokers, int replication_factor) {
  if (static_cast<int>(brokers.size()) < replication_factor) return "";
  std::string plan;
  JsonWriter json(&plan);
  json.BeginObject().Key("version").Value(1).Key("partitions").BeginArray();
  bool is_empty = true;
  size_t next = 0;  // the broker that gets the next copy
  for (const TopicState& state : states) {
    if (!state.exists || state.replication_factor >= replication_factor) continue;
    for (size_t partition = 0; partition < state.replicas.size(); ++partition) {
      std::vector<int32_t> copies = state.replicas[partition];
      while (static_cast<int>(copies.size()) < replication_factor) {
        const int32_t broker = brokers[next++ % brokers.size()];
        if (std::find(copies.begin(), copies.end(), broker) == copies.end()) {
          copies.push_back(broker);
        }
      }
      is_empty = false;
      json.BeginObject().Key("topic").Value(state.name);
      json.Key("partition").Value(partition).Key("replicas").BeginArray();
      for (const int32_t broker : copies) json.Value(broker);
      json.EndArray().EndObject();
    }
  }
  json.EndArray().EndObject();
  return is_empty ? "" : plan;
}

}  // namespace picket::kafka
