// Tests rules that change while events flow. The detector is a process on a real Kafka.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/free_port.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "detector/active_rules.h"
#include "detector/detector_stage.h"
#include "detector/rule_handover.h"
#include "detector/rule_pack.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "kafka/topic_reader.h"
#include "kafka/worker/librdkafka_clients.h"
#include "kafka/worker/workers.h"
#include "model/field_names.h"
#include "simdjson.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/fault_injector.h"
#include "tests/pipeline/pipeline.h"
#include "tests/support/kafka/interfering_clients.h"

namespace picket {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kTenants[] = {"ce58a858-12c6-4de5-9620-2a6b24a71ad4",
                                         "11111111-2222-3333-4444-555555555555",
                                         "22222222-2222-3333-4444-555555555555"};
constexpr int kPartitions = 4;

std::string Rule(std::string_view id, std::string_view operation) {
  return absl::StrCat("title: Rule ", ToAbsl(id), "\nid: ", ToAbsl(id),
                      "\nlogsource: {product: m365}\ndetection:\n  s: {Operation: ",
                      ToAbsl(operation), "}\n  condition: s\n");
}

// Returns a rule that raises an alert when a user has downloaded `count` files.
std::string Downloads(int count) {
  return absl::StrCat(
      Rule("download", "FileDownloaded"),
      "---\ntitle: Many\nid: many\ncorrelation:\n  type: event_count\n  rules: [download]\n"
      "  group-by: [UserId]\n  timespan: 1d\n  condition: {gte: ",
      count, "}\n");
}

class RulesAtRunTimeTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const servers = std::getenv("PICKET_TEST_KAFKA");
    if (servers == nullptr || *servers == '\0') {
      const char* const ci = std::getenv("CI");
      ASSERT_FALSE(ci != nullptr && std::string_view(ci) == "true")
          << "PICKET_TEST_KAFKA must name a Kafka (host:port)";
      GTEST_SKIP() << "PICKET_TEST_KAFKA names no Kafka (host:port)";
    }
    kafka_.bootstrap_servers = servers;
    topics_.prefix = absl::StrCat("rules-", absl::Hex(std::random_device{}()), ".");
    topics_.partitions = kPartitions;
    topics_.replication_factor = 1;
    ASSERT_TRUE(kafka::CreateTopics(kafka_, topics_).ok());
    folder_ =
        std::filesystem::temp_directory_path() / absl::StrCat("picket-", topics_.prefix, getpid());
    std::filesystem::create_directories(folder_ / "rules");
    std::filesystem::create_directories(folder_ / "tenants.d");
    MakeProducer();
  }
  void TearDown() override {
    detector_.reset();
    killed_.clear();
    if (HasFailure()) return;
    std::filesystem::remove_all(folder_);
  }

  std::string Path(std::string_view name) const { return (folder_ / name).string(); }
  void Write(std::string_view name, std::string_view text) {
    ASSERT_TRUE(WriteFile(Path(name), text).ok());
  }

  void WriteConfig(std::string_view rules_from) { WriteConfig(rules_from, "picket.yaml", "a"); }
  void WriteConfig(std::string_view rules_from, std::string_view file, std::string_view instance) {
    port_ = FreePort().value();
    Write(file, absl::StrCat("kafka:\n  bootstrap_servers: ", kafka_.bootstrap_servers,
                             "\n  instance: ", topics_.prefix, ToAbsl(instance),
                             "\n  workers: 2\n  session_timeout_secs: 6\n",
                             "topics:\n  prefix: ", topics_.prefix, "\n  partitions: ", kPartitions,
                             "\n  replication_factor: 1\ntenants_dir: tenants.d\n",
                             "detector:\n  rules_from: ", ToAbsl(rules_from),
                             "\n  rules_dir: rules\n  reload_interval_secs: 0.2\n",
                             "admin:\n  listen: 127.0.0.1:", port_, "\n"));
  }

  void StartDetector() {
    detector_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{PicketBinary(), "detect", "--config", Path("picket.yaml")},
        Path("log"));
    detector_->Start();
  }
  void StopDetector() {
    detector_->Signal(SIGTERM);
    ASSERT_EQ(detector_->Wait(absl::Seconds(30)), 0) << Log();
  }
  std::string Log() { return ReadFile(Path("log")).value_or(""); }
  std::string Get(const char* path) {
    httplib::Client client("127.0.0.1", port_);
    const httplib::Result answer = client.Get(path);
    return answer == nullptr ? "" : answer->body;
  }
  bool WaitForPage(const char* path, std::string_view text) {
    return WaitFor(absl::Seconds(30), [&] { return Get(path).find(text) != std::string::npos; });
  }
  bool WaitUntilReady() {
    return WaitFor(absl::Seconds(60), [&] { return Get("/readyz") == "ready\n"; });
  }

  // Sends events until the rule raises an alert. A single event is not enough, because each worker
  // switches to the new rules only between two batches.
  bool SendUntilAlerts(const std::string& rule) {
    return WaitFor(absl::Seconds(30), [&] {
      Send("New-InboxRule", 1);
      return AlertsByRule()[rule] > 0;
    });
  }

  // Runs `picket rules publish …`. Returns the exit status and the output of the command.
  std::pair<int, std::string> Publish(std::vector<std::string> arguments) {
    std::vector<std::string> command = {PicketBinary(), "rules", "publish", "--config",
                                        Path("picket.yaml")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ChildProcess process(command, Path("publish.log"));
    process.Start();
    const int status = process.Wait(absl::Seconds(60)).value_or(-1);
    return {status, ReadFile(Path("publish.log")).value_or("")};
  }

  void MakeProducer() {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    char error[256];
    rd_kafka_conf_set(conf, "bootstrap.servers", kafka_.bootstrap_servers.c_str(), error,
                      sizeof(error));
    rd_kafka_conf_set(conf, "enable.idempotence", "true", error, sizeof(error));
    rd_kafka_conf_set(conf, "linger.ms", "1", error, sizeof(error));
    producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
    ASSERT_NE(producer_, nullptr) << error;
  }

  // Sends `count` events for each tenant.
  void Send(std::string_view operation, int count) {
    const std::string topic = kafka::TopicName(topics_.prefix, kafka::Topic::kEvents);
    for (int i = 0; i < count; ++i, ++sent_) {
      for (const std::string_view tenant : kTenants) {
        const std::string uid = absl::StrCat(ToAbsl(tenant), "|", sent_);
        const std::string value = absl::StrCat(
            R"({"time":)", absl::ToUnixMillis(absl::Now()), R"(,"metadata":{"uid":")", uid,
            R"(","event_code":")", ToAbsl(operation), R"("},"actor":{"user":{"name":"adele"}}})");
        ASSERT_EQ(rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
                                    RD_KAFKA_V_PARTITION(kafka::PartitionOf(tenant, kPartitions)),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                    RD_KAFKA_V_KEY(uid.data(), uid.size()),
                                    RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                                    RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
      }
      rd_kafka_poll(producer_.get(), 0);
    }
    ASSERT_EQ(rd_kafka_flush(producer_.get(), 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  // Starts two detectors that share the partitions. Returns an injector that can kill them.
  FaultInjector StartKilledDetectors(std::string_view rules_from) {
    FaultInjector injector{.stage = "detect", .kills_per_step = 5, .wanted_stops = 1};
    WriteConfig(rules_from);  // used by `rules publish`
    for (const char* instance : {"a", "b"}) {
      const std::string file = absl::StrCat(instance, ".yaml");
      WriteConfig(rules_from, file, instance);
      const std::string steps = Path(absl::StrCat(instance, ".steps"));
      auto service = std::make_unique<ServiceProcess>();
      service->stage = "detect";
      service->instance = instance;
      service->process = std::make_unique<ChildProcess>(
          std::vector<std::string>{PicketBinary(), "detect", "--config", Path(file),
                                   "--progress-file", steps},
          Path(absl::StrCat(instance, ".log")));
      service->steps = std::make_unique<StepView>(steps, 2);
      service->process->Start();
      injector.processes.push_back(service.get());
      killed_.push_back(std::move(service));
    }
    return injector;
  }

  // Sends events and changes the rules with `change` while detectors are killed at every step.
  void KillWhileRulesChange(std::string_view rules_from, const std::function<void()>& change) {
    constexpr int kDownloads = 4;
    Write("rules/a.yml", Rule("phase-00", "New-InboxRule"));
    Write("rules/b.yml", Downloads(kDownloads));
    if (rules_from == "topic") {
      WriteConfig(rules_from);
      const auto [published, summary] = Publish({Path("rules")});
      ASSERT_EQ(published, 0) << summary;
    }
    FaultInjector injector = StartKilledDetectors(rules_from);
    for (ServiceProcess* const service : injector.processes) {
      ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return service->IsPolling(); }));
    }
    std::atomic<bool> stop = false;
    int downloads = 0;
    std::thread sender([&] {
      for (int i = 0; !stop || downloads < kDownloads + 1; ++i) {
        Send("New-InboxRule", 5);
        if (i % 100 == 0) {
          Send("FileDownloaded", 1);
          ++downloads;
        }
        absl::SleepFor(absl::Milliseconds(20));
      }
    });
    std::thread author([&] {
      for (int phase = 1; !stop; ++phase) {
        absl::SleepFor(absl::Milliseconds(700));
        Write("rules/a.yml",
              Rule(absl::StrCat("phase-", absl::Dec(phase, absl::kZeroPad2)), "New-InboxRule"));
        change();
      }
    });
    std::mt19937 random(5);
    const absl::Time deadline = absl::Now() + absl::Minutes(4);
    while (absl::Now() < deadline && !injector.HasEnoughFaults() && injector.ExpectRunning()) {
      injector.InjectFault(random, absl::Seconds(6));
    }
    stop = true;
    sender.join();
    author.join();
    const size_t events = static_cast<size_t>(sent_ - downloads) * std::size(kTenants);
    EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] { return CountAlerts() >= events; }));
    ExpectOneSetEach(events);
    EXPECT_EQ(AlertsByRule()["many"], static_cast<int>(std::size(kTenants)))
        << "the window of the unchanged correlation, once for each tenant";
    injector.ExpectEnoughFaults();
  }

  // Returns the number of alerts of the rule that changes.
  size_t CountAlerts() {
    size_t count = 0;
    for (const auto& [rule, alerts] : AlertsByRule()) {
      if (rule.rfind("phase-", 0) == 0) count += static_cast<size_t>(alerts);
    }
    return count;
  }

  // Expects that each of `events` events has raised exactly one alert. A second alert would show
  // that two rule sets have evaluated the event.
  void ExpectOneSetEach(size_t events) {
    std::set<std::string> seen, rules;
    for (const auto& [partition, alerts] : Alerts()) {
      for (const Seen& alert : alerts) {
        if (alert.rule.rfind("phase-", 0) != 0) continue;
        EXPECT_TRUE(seen.insert(alert.event).second)
            << "evaluated by two rule sets, or twice: " << alert.event;
        rules.insert(alert.rule);
      }
    }
    EXPECT_EQ(seen.size(), events) << "some events were evaluated by no rule set";
    EXPECT_GE(rules.size(), 5u) << "the rules changed too rarely";
    std::printf("%d events were evaluated by one of %d rule sets each\n", static_cast<int>(events),
                static_cast<int>(rules.size()));
  }

  struct Seen {
    std::string rule, set_version, event;
  };
  // Returns all alerts that a read_committed reader sees so far. The alerts of each partition are
  // in their original order.
  const std::map<int32_t, std::vector<Seen>>& Alerts() {
    if (reader_ == nullptr) {
      auto reader =
          kafka::TopicReader::Open(kafka_, kafka::TopicName(topics_.prefix, kafka::Topic::kAlerts),
                                   kafka::TopicReader::Isolation::kReadCommitted);
      EXPECT_TRUE(reader.ok());
      reader_ = *std::move(reader);
    }
    simdjson::dom::parser parser;
    const auto take = [&](const kafka::Message& message) {
      const simdjson::dom::element alert = parser.parse(message.value.data(), message.value.size());
      Seen& seen = alerts_[message.partition].emplace_back();
      seen.rule = std::string_view(alert["metadata"]["event_code"]);
      seen.set_version = std::string_view(alert["metadata"]["product"]["feature"]["version"]);
      seen.event = std::string_view(alert["finding_info"]["related_events"].at(0)["uid"]);
    };
    reader_->Poll(absl::Milliseconds(200), take);
    return alerts_;
  }
  std::map<std::string, int> AlertsByRule() {
    std::map<std::string, int> counts;
    for (const auto& [partition, alerts] : Alerts()) {
      for (const Seen& alert : alerts) ++counts[alert.rule];
    }
    return counts;
  }

  kafka::KafkaConfig kafka_;
  kafka::TopicsConfig topics_;
  std::filesystem::path folder_;
  kafka::Handle producer_;
  std::unique_ptr<ChildProcess> detector_;
  std::vector<std::unique_ptr<ServiceProcess>> killed_;
  std::unique_ptr<kafka::TopicReader> reader_;
  std::map<int32_t, std::vector<Seen>> alerts_;
  int port_ = 0;
  int sent_ = 0;
};

constexpr int kTenantCount = std::size(kTenants);

TEST_F(RulesAtRunTimeTest,
       WhileAFileChangesEachEventIsEvaluatedByOneRuleSetAndUnchangedWindowsStay) {
  Write("rules/a.yml", Rule("phase-0", "New-InboxRule"));
  Write("rules/b.yml", Downloads(4));
  WriteConfig("folder");
  StartDetector();
  ASSERT_TRUE(WaitUntilReady()) << Log();
  constexpr int kPhases = 4;
  for (int phase = 0; phase < kPhases; ++phase) {
    // Each phase sends one download. The rule in b.yml needs four downloads within a day.
    // Therefore, it raises an alert only if its window survives the changes of a.yml between the
    // phases.
    Send("FileDownloaded", 1);
    Write("rules/a.yml", Rule(absl::StrCat("phase-", phase), "New-InboxRule"));
    // Events arrive before, during and after the change of the rules.
    const absl::Time until = absl::Now() + absl::Seconds(2);
    while (absl::Now() < until) {
      Send("New-InboxRule", 20);
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
  const int events = (sent_ - kPhases) * kTenantCount;
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] {
    int alerts = 0;
    for (const auto& [rule, count] : AlertsByRule()) alerts += count;
    return alerts >= events + kTenantCount;
  })) << Log();

  std::set<std::string> events_seen, rules_seen;
  int many = 0, once = 0;
  for (const auto& [partition, alerts] : Alerts()) {
    std::map<std::string, std::string> version_of_rule;
    std::string rule;
    for (const Seen& alert : alerts) {
      if (alert.rule == "many") {
        ++many;
        continue;
      }
      ++once;
      EXPECT_TRUE(events_seen.insert(alert.event).second)
          << "evaluated by two rule sets: " << alert.event;
      EXPECT_GE(alert.rule, rule) << "an older rule set after a newer one";
      rule = alert.rule;
      rules_seen.insert(rule);
      const auto [version, is_new] = version_of_rule.emplace(rule, alert.set_version);
      EXPECT_EQ(version->second, alert.set_version);
    }
  }
  EXPECT_EQ(once, events) << "some events were evaluated by no rule set";
  EXPECT_EQ(many, kTenantCount) << "the window of the unchanged correlation, once for each tenant";
  EXPECT_EQ(rules_seen.size(), size_t{kPhases});
  StopDetector();
  RecordProperty("events", events);
}

TEST_F(RulesAtRunTimeTest, AFileWithFaultsLeavesTheOldRulesInForceAndTheAdminPageTellsWhy) {
  Write("rules/a.yml", Rule("a", "New-InboxRule"));
  WriteConfig("folder");
  StartDetector();
  ASSERT_TRUE(WaitUntilReady()) << Log();
  Write("rules/a.yml", "title: broken\n");
  Write("rules/b.yml", Rule("b", "New-InboxRule"));
  ASSERT_TRUE(WaitForPage("/rules", "rules/a.yml:1:1")) << Get("/rules");
  EXPECT_TRUE(WaitForPage("/metrics", "picket_rule_faults 1"));
  EXPECT_TRUE(WaitUntilReady());
  Send("New-InboxRule", 5);
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] { return AlertsByRule()["a"] == 5 * kTenantCount; }));
  EXPECT_EQ(AlertsByRule()["b"], 0);

  Write("rules/a.yml", Rule("a", "New-InboxRule"));
  ASSERT_TRUE(WaitForPage("/rules", "\"rules\":2")) << Get("/rules");
  EXPECT_TRUE(SendUntilAlerts("b")) << Log();
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] {
    return AlertsByRule()["a"] == sent_ * kTenantCount;
  })) << Log();
  StopDetector();
}

TEST_F(RulesAtRunTimeTest, TenantSettingsChangeWithoutARestart) {
  Write("rules/a.yml", Rule("a", "New-InboxRule"));
  WriteConfig("folder");
  StartDetector();
  ASSERT_TRUE(WaitUntilReady()) << Log();
  Write("tenants.d/contoso.yaml",
        absl::StrCat("tenant_id: ", ToAbsl(kTenants[0]), "\ndetector:\n  disable: [a]\n"));
  ASSERT_TRUE(WaitForPage("/rules", "\"tenants\":1")) << Get("/rules");
  // The workers apply new settings only between two transactions.
  absl::SleepFor(absl::Seconds(1));
  Send("New-InboxRule", 5);
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] {
    return AlertsByRule()["a"] == 5 * (kTenantCount - 1);
  })) << AlertsByRule()["a"];
  StopDetector();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(AlertsByRule()["a"], 5 * (kTenantCount - 1));
}

TEST_F(RulesAtRunTimeTest, TheWholeTopicIsReadBeforeTheFirstEventAndFollowedAfterwards) {
  WriteConfig("topic");
  Send("New-InboxRule", 5);
  StartDetector();
  ASSERT_TRUE(WaitForPage("/readyz", "no rules: topic")) << Log() << Get("/readyz");

  Write("rules/a.yml", "title: broken\n");
  const auto [refused, why] = Publish({Path("rules")});
  EXPECT_EQ(refused, 1);
  EXPECT_THAT(why, HasSubstr("nothing is published"));

  Write("rules/a.yml", Rule("a", "New-InboxRule"));
  Write("rules/b.yml", Downloads(3));
  const auto [published, summary] = Publish({Path("rules")});
  EXPECT_EQ(published, 0) << summary;
  EXPECT_THAT(summary, HasSubstr("3 added, 0 changed, 0 removed, 0 unchanged"));
  ASSERT_TRUE(WaitUntilReady()) << Log();
  // Events that were sent before the first rules were published are not skipped.
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] { return AlertsByRule()["a"] == 5 * kTenantCount; }))
      << Log();

  // The detector follows the topic when one rule changes and another is removed.
  Write("rules/a.yml", Rule("c", "New-InboxRule"));
  EXPECT_EQ(Publish({Path("rules"), "--prune"}).first, 0);
  ASSERT_TRUE(WaitFor(absl::Seconds(10), [&] {
    const std::string page = Get("/rules");
    return absl::StrContains(page, "\"c\"") && !absl::StrContains(page, "\"a\"");
  })) << Get("/rules");
  EXPECT_TRUE(SendUntilAlerts("c")) << Log();
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] {
    std::map<std::string, int> counts = AlertsByRule();
    return counts["a"] + counts["c"] == sent_ * kTenantCount;
  })) << Log();
  StopDetector();

  // After a restart, the detector loads all rules before it processes its first event.
  Write("rules/a.yml", Rule("d", "New-InboxRule"));
  EXPECT_EQ(Publish({Path("rules"), "--prune"}).first, 0);
  Send("New-InboxRule", 50);
  const auto [again, nothing] = Publish({Path("rules"), "--prune"});
  EXPECT_THAT(nothing, HasSubstr("0 added, 0 changed, 0 removed, 3 unchanged"));
  StartDetector();
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] { return AlertsByRule()["d"] == 50 * kTenantCount; }))
      << AlertsByRule()["d"] << Log();
  StopDetector();
}

TEST_F(RulesAtRunTimeTest, EachEventIsEvaluatedByOneRuleSetWhileAFileChangesAndDetectorsAreKilled) {
  KillWhileRulesChange("folder", [] {});
}

TEST_F(RulesAtRunTimeTest,
       EachEventIsEvaluatedByOneRuleSetWhileTheTopicChangesAndDetectorsAreKilled) {
  KillWhileRulesChange("topic", [this] {
    EXPECT_EQ(Publish({Path("rules"), "--prune"}).first, 0);
  });
}

// An aborted transaction has no visible result, so the retry may evaluate the events with newer
// rules. Newer rules could not be prevented anyway, because another process may run the retry.
TEST_F(RulesAtRunTimeTest, RulesThatChangeBetweenAnAbortAndTheRetryEvaluateEveryEventOnce) {
  constexpr int kDownloads = 4;
  const auto compile = [&](int phase) {
    std::vector<sigma::RuleFault> faults;
    auto base =
        detector::CompileRulePack({{"a.yml", Rule(absl::StrCat("phase-", phase), "New-InboxRule")},
                                   {"b.yml", Downloads(kDownloads)}},
                                  ResolveFieldName, faults);
    EXPECT_TRUE(faults.empty());
    return detector::ForEveryTenant(std::move(base));
  };
  detector::RuleHandover rules(compile(100));
  Metrics metrics;
  std::atomic<uint32_t> calls = 0;
  std::atomic<int> aborts = 0;
  std::atomic<int> unknown = 0;
  kafka::WorkerOptions options;
  options.workers = 2;
  options.kafka = kafka_;
  options.kafka.instance = topics_.prefix + "inside";
  options.topics = topics_;
  kafka::LibrdkafkaClients cluster(options.kafka, options.topics);
  kafka::InterferingClients clients(cluster, [&](kafka::TransactionCall call) {
    const uint32_t chance = (calls.fetch_add(1) * 2654435761u) >> 16;
    if (chance % 8 == 0) {
      ++aborts;
      return kafka::Interference::kAbort;
    }
    if (call != kafka::TransactionCall::kCommit || chance % 8 > 2) {
      return kafka::Interference::kNone;
    }
    ++unknown;
    return chance % 8 == 1 ? kafka::Interference::kLoseAnswer : kafka::Interference::kLoseRequest;
  });
  SystemClock clock;
  kafka::Workers workers(
      options, [&](int) { return detector::MakeDetectorStage({}, topics_, rules, metrics); },
      metrics, clients, clock);
  absl::Status ended;
  std::jthread runner([&](const std::stop_token& stop) { ended = workers.Run(stop); });

  int phase = 100;
  int downloads = 0;
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (absl::Now() < deadline && (aborts < 60 || unknown < 15 || downloads <= kDownloads)) {
    Send("New-InboxRule", 10);
    if (phase % 20 == 0) {
      Send("FileDownloaded", 1);
      ++downloads;
    }
    rules.Set(compile(++phase));
    absl::SleepFor(absl::Milliseconds(60));
  }
  const size_t events = static_cast<size_t>(sent_ - downloads) * std::size(kTenants);
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] { return CountAlerts() >= events; }));
  runner.request_stop();
  runner.join();
  EXPECT_TRUE(ended.ok()) << ended;
  ExpectOneSetEach(events);
  EXPECT_EQ(AlertsByRule()["many"], static_cast<int>(std::size(kTenants)));
  EXPECT_GE(aborts, 60);
  EXPECT_GE(unknown, 15);
}

}  // namespace
}  // namespace picket
