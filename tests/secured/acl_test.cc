// Tests that the services and commands work with exactly the ACLs that `picket topics acls` prints.
// When an ACL of a running service is withdrawn, the service must say what is missing, must use
// hardly any CPU time, and must go on when it has the ACL again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/free_port.h"
#include "common/strings.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/cli/command.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/raw_producer.h"
#include "tests/secured/secured_test.h"
#include "tests/support/kafka/cluster_admin.h"
#include "tests/support/kafka/group_offsets.h"
#include "tests/support/wait_for.h"

namespace picket {
namespace {

using kafka::AclGrant;
using kafka::AclResource;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kPartitions = 2;
// The CPU time that a service may use while an ACL is missing, as a share of one core.
constexpr double kMostCpu = 0.03;

// A running service of one stage, with its own topics and its own user.
class SecuredService {
 public:
  SecuredService(SecuredKafka& cluster, std::string name, std::string stage,
                 const kafka::KafkaConfig& client, const std::string& user,
                 const std::string& more_config)
      : name_(std::move(name)),
        stage_(std::move(stage)),
        prefix_(absl::StrCat("acl-", name_, ".")),
        cluster_(cluster),
        port_(FreePort().value()),
        config_(cluster.File(name_ + ".yaml")),
        process_({PicketBinary(), name_, "--config", config_}, cluster.File(name_ + ".log")),
        http_("127.0.0.1", port_) {
    http_.set_read_timeout(5);
    std::string properties;
    for (const auto& [key, value] : client.properties) {
      absl::StrAppend(&properties, "    ", key, ": \"", value, "\"\n");
    }
    const std::string text = absl::StrCat(
        "kafka:\n  bootstrap_servers: ", client.bootstrap_servers, "\n  instance: secured",
        "\n  workers: 1\n  session_timeout_secs: 6\n",
        client.sasl_password_file.empty()
            ? ""
            : absl::StrCat("  sasl_password_file: ", client.sasl_password_file, "\n"),
        "  properties:\n", properties, "topics:\n  prefix: ", prefix_,
        "\n  partitions: ", kPartitions, "\n  replication_factor: 1\n  check_interval_secs: 2\n",
        "admin:\n  listen: 127.0.0.1:", port_, "\n", more_config);
    EXPECT_TRUE(WriteFile(config_, text).ok());
    const CommandResult acls =
        RunPicket({"topics", "acls", "--config", config_, "--service", name_, "--user", user});
    EXPECT_EQ(acls.exit_status, 0) << acls.err;
    grants_ = kafka::ParseAclCommands(acls.out);
  }

  void Start() { process_.Start(); }
  void Restart() {
    process_.Signal(SIGTERM);
    EXPECT_EQ(process_.Wait(absl::Seconds(20)), 0);
    Start();
  }

  // Returns the body of /readyz, or an empty string if the service is ready.
  std::string WhyNotReady() {
    const httplib::Result answer = http_.Get("/readyz");
    if (answer == nullptr) return "no answer";
    return answer->status == 200 ? "" : answer->body;
  }
  bool WaitUntilReady(absl::Duration timeout = absl::Seconds(120)) {
    return WaitFor(timeout, [&] { return process_.running() && WhyNotReady().empty(); });
  }
  std::string Log() const { return ReadFile(process_.log_path()).value_or(""); }

  const std::string& name() const { return name_; }
  const std::string& prefix() const { return prefix_; }
  const std::string& config() const { return config_; }
  const std::vector<AclGrant>& grants() const { return grants_; }
  ChildProcess& process() { return process_; }
  double CpuSeconds() const { return process_.CpuSeconds(); }
  kafka::TopicsConfig Topics() const {
    kafka::TopicsConfig topics;
    topics.prefix = prefix_;
    topics.partitions = kPartitions;
    topics.replication_factor = 1;
    return topics;
  }
  std::string Topic(kafka::Topic topic) const { return kafka::TopicName(prefix_, topic); }

 private:
  const std::string name_;
  const std::string stage_;
  const std::string prefix_;
  SecuredKafka& cluster_;
  const int port_;
  const std::string config_;
  std::vector<AclGrant> grants_;
  ChildProcess process_;
  httplib::Client http_;
};

// Sends input to the parser and to the detector, several messages a second.
// Lifetime: The destructor stops the thread.
class Flow {
 public:
  Flow(const kafka::KafkaConfig& administrator, const std::string& raw, const std::string& events,
       std::string tenant, std::string record, std::string event)
      : raw_(administrator, raw, kPartitions),
        events_(administrator, events, kPartitions),
        tenant_(std::move(tenant)),
        record_(std::move(record)),
        event_(std::move(event)),
        thread_([this](const std::stop_token& stop) { Run(stop); }) {}

 private:
  void Run(const std::stop_token& stop) {
    for (int number = 0; !stop.stop_requested(); ++number) {
      std::string record = record_;
      const std::string id =
          absl::StrCat("40000067-77aa-4c0d-8e00-", absl::Dec(number, absl::kZeroPad12));
      record.replace(record.find("\"Id\":\"") + 6, 36, id);
      raw_.Send(tenant_, id, absl::StrCat("[", record, "]"));
      events_.SendForeign(tenant_, event_);
      // These messages become dead letters.
      raw_.SendForeign(tenant_, "no JSON");
      events_.SendForeign(tenant_, "no JSON");
      // The parser moves this message to the partition of its tenant.
      raw_.SendForeign(OtherKey(), absl::StrCat("[", record, "]"));
      absl::SleepFor(absl::Milliseconds(250));
    }
  }
  // Returns the tenant's id with some letters in upper case, so that the id belongs to the other
  // partition.
  std::string OtherKey() const {
    const int32_t own = kafka::PartitionOf(tenant_, kPartitions);
    std::string key = tenant_;
    for (char& letter : key) {
      letter = absl::ascii_toupper(static_cast<unsigned char>(letter));
      if (kafka::PartitionOf(key, kPartitions) != own) break;
    }
    return key;
  }

  RawProducer raw_;
  RawProducer events_;
  const std::string tenant_;
  const std::string record_;
  const std::string event_;
  std::jthread thread_;
};

constexpr char kCorrelation[] = R"(title: File downloaded
id: b1a7f7e2-52d5-4d6e-9b07-0d3c2a9e6d03
name: file_downloaded
status: experimental
description: A file was downloaded by a user.
author: Picket
date: 2026-11-23
logsource:
  product: m365
  service: audit
detection:
  selection:
    Operation: FileDownloaded
  condition: selection
level: low
---
title: Mass download of files
id: a075ba19-ce32-4c20-88b3-8e9a11949bc0
status: experimental
description: One user downloaded many files.
author: Picket
date: 2026-11-23
correlation:
  type: event_count
  rules:
    - file_downloaded
  group-by:
    - UserId
  timespan: 10m
  condition:
    gte: 1000000
level: high
)";

std::string SampleRecord() {
  std::ifstream file("tests/data/records/rows.ndjson");
  std::string line;
  while (std::getline(file, line)) {
    if (line.find("\"Operation\":\"FileDownloaded\"") != std::string::npos) return line;
  }
  ADD_FAILURE() << "no record";
  return "";
}

// What a withdrawn ACL does to a running service.
enum class Effect {
  kNotReady,   // nothing can be consumed, produced or committed
  kWarning,    // the service works
  kAtRestart,  // the service works until it must restore its state
};

Effect EffectOf(const SecuredService& service, const AclGrant& grant) {
  if (grant.operation == "DescribeConfigs") return Effect::kWarning;
  if (grant.resource != AclResource::kTopic) return Effect::kNotReady;
  if (grant.name == service.Topic(kafka::Topic::kRules)) return Effect::kWarning;
  const bool is_changelog = grant.name == service.Topic(kafka::Topic::kSeen) ||
                            grant.name == service.Topic(kafka::Topic::kState);
  if (is_changelog && grant.operation == "Read") return Effect::kAtRestart;
  return Effect::kNotReady;
}

class AclTest : public SecuredTest {
 protected:
  // Starts the services and everything that they need. The services run with exactly the printed
  // ACLs.
  void StartServices() {
    auto started =
        simulator::Simulator::Start({.tenants = simulator::InventTenants(1, 1),
                                     .feed = simulator::FeedOptions{.records_per_second = 8,
                                                                    .blob_records = 2,
                                                                    .records_per_tenant = 20,
                                                                    .campaigns = 0,
                                                                    .forever = true}},
                                    clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
    ASSERT_TRUE(simulator::WriteTenantFiles(
                    kafka().folder(), simulator_->tenants(), simulator_->url(),
                    [](const simulator::Tenant&) { return std::string("parser:\n  ecs: true\n"); })
                    .ok());
    simulator_->feed()->Start();
    const std::string record = SampleRecord();
    const std::string tenant = record.substr(record.find("\"OrganizationId\":\"") + 18, 36);
    ASSERT_TRUE(WriteFile(kafka().File("record.json"), record + "\n").ok());
    const CommandResult event = RunPicket({"normalize", kafka().File("record.json")});
    ASSERT_EQ(event.exit_status, 0) << event.err;

    fetch_ = std::make_unique<SecuredService>(
        kafka(), "fetch", "fetcher", kafka().Plain("picket-fetch"), "picket-fetch",
        "tenants_dir: tenants.d\nfetcher:\n  poll_interval_secs: 1\n  settle_secs: 0\n"
        "  overlap_secs: 5\n");
    parse_ =
        std::make_unique<SecuredService>(kafka(), "parse", "parser", kafka().Plain("picket-parse"),
                                         "picket-parse", "tenants_dir: tenants.d\n");
    detect_ = std::make_unique<SecuredService>(
        kafka(), "detect", "detector", kafka().MutualTls("picket-detect"), "CN=picket-detect",
        "detector:\n  rules_from: topic\n  reload_interval_secs: 1\n");
    const kafka::KafkaConfig administrator = kafka().Administrator();
    for (SecuredService* const service : Services()) {
      ASSERT_TRUE(kafka::CreateTopics(administrator, service->Topics()).ok());
      ASSERT_TRUE(kafka::Grant(administrator, service->grants()).ok());
    }
    ASSERT_TRUE(WriteFile(kafka().File("rule.yml"), kCorrelation).ok());
    PublishRules();
    for (SecuredService* const service : Services()) service->Start();
    flow_ = std::make_unique<Flow>(administrator, parse_->Topic(kafka::Topic::kRaw),
                                   detect_->Topic(kafka::Topic::kEvents), tenant, record,
                                   event.out.substr(0, event.out.find('\n')));
    for (SecuredService* const service : Services()) {
      ASSERT_TRUE(service->WaitUntilReady())
          << service->name() << ": " << service->WhyNotReady() << "\n"
          << service->Log();
    }
  }

  // Publishes the rules as a user with the printed ACLs.
  void PublishRules() {
    const std::string config = kafka().File("publish.yaml");
    const kafka::KafkaConfig client = kafka().Plain("picket-admin");
    ASSERT_TRUE(WriteFile(config, absl::StrCat(
                                      "kafka:\n  bootstrap_servers: ", client.bootstrap_servers,
                                      "\n  sasl_password_file: ", client.sasl_password_file,
                                      "\n  properties:\n    security.protocol: sasl_ssl\n"
                                      "    sasl.mechanism: PLAIN\n    sasl.username: picket-admin\n"
                                      "    ssl.ca.location: ",
                                      kafka().File("ca.pem"), "\ntopics:\n  prefix: ",
                                      detect_->prefix(), "\n  partitions: ", kPartitions, "\n"))
                    .ok());
    const CommandResult acls = RunPicket({"topics", "acls", "--config", config, "--service",
                                          "rules publish", "--user", "picket-admin"});
    ASSERT_TRUE(kafka::Grant(kafka().Administrator(), kafka::ParseAclCommands(acls.out)).ok());
    const CommandResult published =
        RunPicket({"rules", "publish", kafka().File("rule.yml"), "--config", config});
    ASSERT_EQ(published.exit_status, 0) << published.err;
  }

  std::vector<SecuredService*> Services() const {
    return {fetch_.get(), parse_.get(), detect_.get()};
  }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<SecuredService> fetch_;
  std::unique_ptr<SecuredService> parse_;
  std::unique_ptr<SecuredService> detect_;
  std::unique_ptr<Flow> flow_;
};

// Returns true if the text names a missing ACL.
bool NamesAcl(const std::string& text) {
  return text.find("uthorization failed") != std::string::npos ||
         text.find("ACL") != std::string::npos;
}

// Returns the first line of `log` after `from` that names a missing ACL and contains `resource`.
std::string LineAboutAcl(const std::string& log, size_t from, const std::string& resource) {
  std::istringstream lines(log.substr(std::min(from, log.size())));
  std::string line;
  while (std::getline(lines, line)) {
    if (NamesAcl(line) && line.find(resource) != std::string::npos) return line;
  }
  return "";
}

// Withdraws ACLs of a service that have the same effect, observes what happens, and grants them
// again.
class Withdrawal {
 public:
  Withdrawal(const kafka::KafkaConfig& administrator, SecuredService& service,
             std::vector<AclGrant> grants)
      : administrator_(administrator), service_(service), grants_(std::move(grants)) {}

  // Returns what did not happen as required, or an empty string.
  std::string Run() {
    const Effect effect = EffectOf(service_, grants_[0]);
    const size_t log_before = service_.Log().size();
    if (!service_.WaitUntilReady()) return absl::StrCat("not ready: ", service_.WhyNotReady());
    if (const absl::Status status = kafka::Withdraw(administrator_, grants_); !status.ok()) {
      return status.ToString();
    }
    const absl::Time withdrawn = absl::Now();
    if (effect == Effect::kAtRestart) service_.Restart();
    std::string fault;
    std::string reason;
    std::string line;
    const bool must_be_unready = effect != Effect::kWarning;
    WaitFor(absl::Seconds(40), [&] {
      if (!NamesAcl(reason)) reason = service_.WhyNotReady();
      const std::string log = service_.Log();
      for (const AclGrant& grant : grants_) {
        // Only a warning must name the topic, because errors of the group or of a transaction do
        // not concern one topic.
        line = LineAboutAcl(log, log_before, must_be_unready ? "" : grant.name);
        if (line.empty()) return false;
      }
      return !must_be_unready || NamesAcl(reason);
    });
    noticed_ = absl::Now() - withdrawn;
    if (line.empty()) fault = "no line in the log; ";
    if (must_be_unready && !NamesAcl(reason)) {
      absl::StrAppend(&fault, "/readyz does not name the ACL: '", reason, "'; ");
    }
    if (!must_be_unready && !service_.WhyNotReady().empty()) {
      absl::StrAppend(&fault, "not ready: ", service_.WhyNotReady(), "; ");
    }
    // The service must use hardly any CPU time without the ACL.
    const double cpu = service_.CpuSeconds();
    const absl::Time begin = absl::Now();
    absl::SleepFor(absl::Milliseconds(1500));
    cpu_seconds_ = service_.CpuSeconds() - cpu;
    seconds_ = absl::ToDoubleSeconds(absl::Now() - begin);
    if (const absl::Status status = kafka::Grant(administrator_, grants_); !status.ok()) {
      return status.ToString();
    }
    const absl::Time granted = absl::Now();
    if (!service_.WaitUntilReady()) {
      absl::StrAppend(&fault, "not ready again: ", service_.WhyNotReady());
    }
    recovered_ = absl::Now() - granted;
    std::printf("%-7s %-70s noticed %4.1f s, CPU %4.1f %%, ready again %4.1f s\n        %s\n",
                service_.name().c_str(), ToString().c_str(), absl::ToDoubleSeconds(noticed_),
                100 * cpu_seconds_ / seconds_, absl::ToDoubleSeconds(recovered_),
                must_be_unready ? reason.c_str() : line.c_str());
    return fault;
  }

  std::string ToString() const {
    return grants_.size() == 1
               ? grants_[0].ToString()
               : absl::StrCat(grants_[0].ToString(), " and ", grants_.size() - 1, " others");
  }
  double cpu_seconds() const { return cpu_seconds_; }
  double seconds() const { return seconds_; }

 private:
  const kafka::KafkaConfig administrator_;
  SecuredService& service_;
  const std::vector<AclGrant> grants_;
  absl::Duration noticed_;
  absl::Duration recovered_;
  double cpu_seconds_ = 0;
  double seconds_ = 0;
};

// Returns the ACLs of a service in groups. The ACLs that only cause a warning are one group, and
// each other ACL is a group of its own.
std::vector<std::vector<AclGrant>> StepsOf(const SecuredService& service) {
  std::vector<std::vector<AclGrant>> steps;
  std::vector<AclGrant> warnings;
  for (const AclGrant& grant : service.grants()) {
    if (EffectOf(service, grant) == Effect::kWarning) {
      warnings.push_back(grant);
    } else {
      steps.push_back({grant});
    }
  }
  steps.push_back(warnings);
  return steps;
}

TEST_F(AclTest, ServicesWorkWithThePrintedAclsAndNameEachOneThatIsWithdrawn) {
  StartServices();
  if (HasFatalFailure()) return;
  // Each service has topics of its own, so one service can be tested while another one fails.
  std::map<SecuredService*, std::vector<std::string>> faults;
  std::map<SecuredService*, std::pair<double, double>> cpu;  // CPU seconds and elapsed seconds
  {
    std::vector<std::jthread> threads;
    for (SecuredService* const service : Services()) {
      faults[service];
      cpu[service];
    }
    for (SecuredService* const service : Services()) {
      threads.emplace_back([&, service] {
        for (const std::vector<AclGrant>& grants : StepsOf(*service)) {
          Withdrawal withdrawal(kafka().Administrator(), *service, grants);
          const std::string fault = withdrawal.Run();
          if (!fault.empty()) faults[service].push_back(withdrawal.ToString() + ": " + fault);
          cpu[service].first += withdrawal.cpu_seconds();
          cpu[service].second += withdrawal.seconds();
        }
      });
    }
  }
  for (SecuredService* const service : Services()) {
    EXPECT_THAT(faults[service], IsEmpty()) << service->name() << "\n" << service->Log();
    const auto [used, seconds] = cpu[service];
    std::printf("%-7s %d ACLs, CPU while one is missing: %.1f %% of a core\n",
                service->name().c_str(), static_cast<int>(service->grants().size()),
                100 * used / seconds);
    EXPECT_LT(used / seconds, kMostCpu) << service->name();
    ASSERT_TRUE(service->process().running()) << service->Log();
    EXPECT_EQ(service->Log().find(SecuredKafka::Password()), std::string::npos);
    service->process().Signal(SIGTERM);
    EXPECT_EQ(service->process().Wait(absl::Seconds(20)), 0) << service->Log();
  }
}

TEST_F(AclTest, CommandsForTopicsWorkWithThePrintedAclsAndNameTheOneThatIsMissing) {
  const kafka::KafkaConfig administrator = kafka().Administrator();
  const kafka::KafkaConfig client = kafka().Plain("picket-admin");
  kafka::TopicsConfig topics;
  topics.prefix = "acl-commands.";
  topics.partitions = kPartitions;
  topics.replication_factor = 1;
  const std::string config = kafka().File("commands.yaml");
  ASSERT_TRUE(WriteFile(config, absl::StrCat(
                                    "kafka:\n  bootstrap_servers: ", client.bootstrap_servers,
                                    "\n  sasl_password_file: ", client.sasl_password_file,
                                    "\n  properties:\n    security.protocol: sasl_ssl\n"
                                    "    sasl.mechanism: PLAIN\n    sasl.username: picket-admin\n"
                                    "    ssl.ca.location: ",
                                    kafka().File("ca.pem"), "\ntopics:\n  prefix: ", topics.prefix,
                                    "\n  partitions: ", kPartitions, "\n  replication_factor: 1\n"))
                  .ok());
  const auto grants_of = [&](const char* command) {
    const CommandResult acls = RunPicket(
        {"topics", "acls", "--config", config, "--service", command, "--user", "picket-admin"});
    return kafka::ParseAclCommands(acls.out);
  };
  const CommandResult hidden = RunPicket({"topics", "check", "--config", config});
  EXPECT_EQ(hidden.exit_status, 1);
  EXPECT_THAT(hidden.err, HasSubstr("missing or hidden by ACLs; run `picket topics create`, or"));
  const CommandResult refused = RunPicket({"topics", "create", "--config", config});
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err, HasSubstr("not allowed; give our user Create on the topics"));

  const std::vector<AclGrant> create = grants_of("topics create");
  ASSERT_TRUE(kafka::Grant(administrator, create).ok());
  const CommandResult created = RunPicket({"topics", "create", "--config", config});
  EXPECT_EQ(created.exit_status, 0) << created.err;
  EXPECT_THAT(created.out, HasSubstr("made  acl-commands.raw\n"));
  const auto cluster =
      kafka::DescribeTopics(administrator, topics, {{.topic = kafka::Topic::kRaw}});
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto settings = cluster->topics[0].own_settings;
  settings["retention.ms"] = "1000";
  ASSERT_TRUE(kafka::ReplaceTopicSettings(administrator, "acl-commands.raw", settings).ok());
  const CommandResult forbidden = RunPicket({"topics", "create", "--fix", "--config", config});
  EXPECT_EQ(forbidden.exit_status, 2);
  EXPECT_THAT(forbidden.err, HasSubstr("give our user AlterConfigs on the topics"));
  ASSERT_TRUE(kafka::Withdraw(administrator, create).ok());

  ASSERT_TRUE(kafka::Grant(administrator, grants_of("topics create --fix")).ok());
  const CommandResult fixed = RunPicket({"topics", "create", "--fix", "--config", config});
  EXPECT_EQ(fixed.exit_status, 0) << fixed.err;
  EXPECT_THAT(fixed.out, HasSubstr("set   acl-commands.raw: retention.ms 1000 -> 604800000\n"));
  ASSERT_TRUE(kafka::Withdraw(administrator, grants_of("topics create --fix")).ok());

  ASSERT_TRUE(kafka::Grant(administrator, grants_of("topics check")).ok());
  const CommandResult checked = RunPicket({"topics", "check", "--config", config});
  EXPECT_EQ(checked.exit_status, 0) << checked.err;
}

}  // namespace
}  // namespace picket
