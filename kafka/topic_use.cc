#include "kafka/topic_use.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/check.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr std::string_view kGapRows = "rows about lost input";

TopicUse Input(Topic topic, std::string_view purpose) {
  return {.topic = topic, .reads = true, .is_input = true, .purpose = purpose};
}

TopicUse State(Topic topic, std::string_view purpose) {
  return {.topic = topic, .reads = true, .writes = true, .is_state = true, .purpose = purpose};
}

TopicUse Read(Topic topic, std::string_view purpose) {
  return {.topic = topic, .reads = true, .purpose = purpose};
}

TopicUse Write(Topic topic, std::string_view purpose) {
  return {.topic = topic, .writes = true, .purpose = purpose};
}

// Marks a topic without which the service can go on for a while.
TopicUse NotVital(TopicUse use) {
  use.is_vital = false;
  return use;
}

TopicUse When(UseCondition condition, TopicUse use) {
  use.condition = condition;
  return use;
}

// Returns a use of every topic that only looks at the topic and its settings.
std::vector<TopicUse> LookAtAll(std::string_view purpose) {
  std::vector<TopicUse> uses;
  for (const TopicSpec& spec : Topics()) uses.push_back({.topic = spec.topic, .purpose = purpose});
  return uses;
}

std::vector<TopicUser>* MakeUsers() {
  TopicUse ledger = State(Topic::kLedger, "assigns the partitions; state of each blob");
  ledger.is_input = true;
  TopicUse raw = Input(Topic::kRaw, "content blobs; messages of a wrong partition are moved");
  raw.writes = true;
  return new std::vector<TopicUser>{
      {.name = "fetch",
       .stage = "fetcher",
       .topics = {ledger, Write(Topic::kRaw, "content blobs"),
                  Write(Topic::kCoverage, "rows about what was collected"),
                  Write(Topic::kDeadLetters, "records that cannot be sent")}},
      {.name = "parse",
       .stage = "parser",
       .topics = {raw, State(Topic::kSeen, "record Ids of the duplicate window"),
                  Write(Topic::kEvents, "OCSF events"),
                  When(UseCondition::kEcsEvents, Write(Topic::kEventsEcs, "ECS events")),
                  Write(Topic::kCoverage, "rows about lost input and forgotten Ids"),
                  Write(Topic::kDeadLetters, "records that cannot be normalised")}},
      {.name = "detect",
       .stage = "detector",
       .topics = {Input(Topic::kEvents, "OCSF events"),
                  State(Topic::kState, "windows of correlations"), Write(Topic::kAlerts, "alerts"),
                  Write(Topic::kCoverage, kGapRows),
                  Write(Topic::kDeadLetters, "messages that are no events"),
                  When(UseCondition::kRulesTopic, NotVital(Read(Topic::kRules, "rules")))}},
      {.name = "rules publish",
       .transactional_id = "rules-publish",
       .describes_settings = false,
       .topics = {{.topic = Topic::kRules,
                   .reads = true,
                   .writes = true,
                   .purpose = "compares the rules and writes the changed ones"}}},
      {.name = "topics check", .topics = LookAtAll("compares the topic with the configuration")},
      {.name = "topics create",
       .creates = true,
       .topics = LookAtAll("creates the topic if it is missing")},
      {.name = "topics create --fix",
       .creates = true,
       .alters = true,
       .topics = LookAtAll("creates the topic, or corrects its settings")},
  };
}

std::string_view Describe(UseCondition condition) {
  switch (condition) {
    case UseCondition::kAlways:
      return "";
    case UseCondition::kEcsEvents:
      return "if a tenant has `parser: ecs: true`";
    case UseCondition::kRulesTopic:
      return "with `detector.rules_from: topic`";
  }
  return "";
}

// Returns what the user does with the topic, such as "reads, writes, state".
std::string Actions(const TopicUser& user, const TopicUse& use) {
  std::vector<std::string> actions;
  if (use.is_input) actions.emplace_back("group");
  if (use.reads) actions.emplace_back("reads");
  if (use.writes) actions.emplace_back("writes");
  if (use.is_state) actions.emplace_back("state");
  if (user.creates) actions.emplace_back("creates");
  if (user.alters) actions.emplace_back("changes settings");
  if (actions.empty()) actions.emplace_back("describes");
  return absl::StrJoin(actions, ", ");
}

bool UsesAllAlike(const TopicUser& user) {
  return user.topics.size() == static_cast<size_t>(kTopicCount) &&
         std::all_of(user.topics.begin(), user.topics.end(),
                     [](const TopicUse& use) { return !use.reads && !use.writes; });
}

}  // namespace

absl::Span<const TopicUser> TopicUsers() {
  static const std::vector<TopicUser>& users = *MakeUsers();
  return users;
}

const TopicUser* FindTopicUser(std::string_view name) {
  for (const TopicUser& user : TopicUsers()) {
    if (user.name == name) return &user;
  }
  return nullptr;
}

std::vector<TopicUse> UsesOf(std::string_view name, const std::vector<UseCondition>& conditions) {
  const TopicUser* const user = FindTopicUser(name);
  PICKET_CHECK(user != nullptr);
  std::vector<TopicUse> uses;
  for (const TopicUse& use : user->topics) {
    const bool is_used =
        use.condition == UseCondition::kAlways ||
        std::find(conditions.begin(), conditions.end(), use.condition) != conditions.end();
    if (is_used) uses.push_back(use);
  }
  return uses;
}

std::vector<TopicUse> AllTopicUses() {
  std::vector<TopicUse> uses = LookAtAll("");
  for (const TopicUser& user : TopicUsers()) {
    for (const TopicUse& use : user.topics) {
      if (use.is_state) uses[static_cast<size_t>(use.topic)].is_state = true;
    }
  }
  return uses;
}

std::string TopicUseTable() {
  std::string table = "| service or command | topic | use | for |\n|---|---|---|---|\n";
  for (const TopicUser& user : TopicUsers()) {
    if (UsesAllAlike(user)) {
      absl::StrAppend(&table, "| `", ToAbsl(user.name), "` | all | ",
                      Actions(user, user.topics.front()), " | ",
                      ToAbsl(user.topics.front().purpose), " |\n");
      continue;
    }
    bool is_first = true;
    for (const TopicUse& use : user.topics) {
      const std::string_view condition = Describe(use.condition);
      absl::StrAppend(
          &table, "| ", is_first ? "`" : "", is_first ? ToAbsl(user.name) : "", is_first ? "`" : "",
          " | `", ToAbsl(Topics()[static_cast<size_t>(use.topic)].name), "` | ", Actions(user, use),
          " | ", ToAbsl(use.purpose), condition.empty() ? "" : ", ", ToAbsl(condition), " |\n");
      is_first = false;
    }
  }
  return table;
}

}  // namespace picket::kafka
