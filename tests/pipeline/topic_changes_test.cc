// Tests what services do when their topics change while they run. A service must end only if
// exactly-once processing would break, and this must not affect other services.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/clock.h"
#include "common/file.h"
#include "kafka/admin.h"
#include "simulator/simulator.h"
#include "tests/pipeline/pipeline.h"
#include "tests/support/kafka/cluster_admin.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TopicChangesTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const servers = std::getenv("PICKET_TEST_KAFKA");
    if (servers == nullptr || *servers == '\0') {
      GTEST_SKIP() << "PICKET_TEST_KAFKA names no Kafka (host:port); run scripts/test";
    }
    auto simulator =
        simulator::Simulator::Start({.tenants = simulator::InventTenants(1, 1),
                                     .feed = simulator::FeedOptions{.records_per_second = 10,
                                                                    .blob_records = 2,
                                                                    .records_per_tenant = 20,
                                                                    .campaigns = 0,
                                                                    .forever = true}},
                                    clock_);
    ASSERT_TRUE(simulator.ok()) << simulator.status();
    simulator_ = *std::move(simulator);
    pipeline_ = std::make_unique<Pipeline>(
        "changes", PipelineOptions{.partitions = 2, .workers = 1}, *simulator_);
    simulator_->feed()->Start();
    fetch_ = &Start("fetch");
    parse_ = &Start("parse");
    detect_ = &Start("detect");
    for (ServiceProcess* const service : {fetch_, parse_, detect_}) {
      ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return WhyNotReady(*service).empty(); }))
          << LogOf(*service);
    }
  }

  // Starts a service that checks its topics every second.
  ServiceProcess& Start(const std::string& stage) {
    ServiceProcess& service = pipeline_->Add(stage, "a");
    const std::string path = absl::StrCat(pipeline_->folder(), "/", stage, "-a.yaml");
    std::string config = ReadFile(path).value();
    config = absl::StrReplaceAll(config, {{"  replication_factor: 1\n",
                                           "  replication_factor: 1\n  check_interval_secs: 1\n"}});
    EXPECT_TRUE(WriteFile(path, config).ok());
    service.process->Start();
    return service;
  }

  static std::string LogOf(const ServiceProcess& service) {
    return ReadFile(service.process->log_path()).value_or("");
  }
  // Returns the body of /readyz, or an empty string if the service is ready.
  static std::string WhyNotReady(const ServiceProcess& service) {
    const int port = AdminPortOf(service.process->log_path());
    if (port == 0) return "not started";
    httplib::Client client("127.0.0.1", port);
    const httplib::Result answer = client.Get("/readyz");
    if (answer == nullptr) return "no answer";
    return answer->status == 200 ? "" : answer->body;
  }

  kafka::TopicsConfig Topics() const {
    kafka::TopicsConfig topics;
    topics.prefix = pipeline_->prefix();
    topics.partitions = 2;
    topics.replication_factor = 1;
    return topics;
  }
  void ChangeSetting(kafka::Topic topic, const std::string& name, const std::string& value) {
    const auto cluster = kafka::DescribeTopics(pipeline_->kafka(), Topics(), {{.topic = topic}});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    auto settings = cluster->topics[0].own_settings;
    settings[name] = value;
    const absl::Status status =
        kafka::ReplaceTopicSettings(pipeline_->kafka(), pipeline_->Topic(topic), settings);
    ASSERT_TRUE(status.ok()) << status;
  }
  void ExpectAllRun() {
    for (ServiceProcess* const service : {fetch_, parse_, detect_}) {
      EXPECT_EQ(service->process->Wait(absl::ZeroDuration()), std::nullopt) << LogOf(*service);
    }
  }
  // Deletes a topic and creates it again. Expects that `users` notice that the topic is missing,
  // and that all services are ready at the end.
  void DeleteAndCreateAgain(kafka::Topic topic, const std::vector<ServiceProcess*>& users) {
    const std::string name = pipeline_->Topic(topic);
    ASSERT_TRUE(kafka::DeleteTopics(pipeline_->kafka(), {name}).ok());
    for (ServiceProcess* const service : users) {
      std::string reason;
      EXPECT_TRUE(WaitFor(absl::Seconds(30),
                          [&] {
                            reason = WhyNotReady(*service);
                            return reason.find(absl::StrCat(
                                       name, ": missing; run `picket topics create`")) !=
                                   std::string::npos;
                          }))
          << service->stage << ": " << reason;
    }
    ExpectAllRun();
    const auto created = kafka::CreateTopics(pipeline_->kafka(), Topics());
    ASSERT_TRUE(created.ok()) << created.status();
    for (ServiceProcess* const service : {fetch_, parse_, detect_}) {
      EXPECT_TRUE(WaitFor(absl::Seconds(90), [&] { return WhyNotReady(*service).empty(); }))
          << service->stage << ": " << WhyNotReady(*service) << "\n"
          << LogOf(*service);
    }
    ExpectAllRun();
  }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<Pipeline> pipeline_;
  ServiceProcess* fetch_ = nullptr;
  ServiceProcess* parse_ = nullptr;
  ServiceProcess* detect_ = nullptr;
};

TEST_F(TopicChangesTest, OnlyWhatBreaksExactlyOnceProcessingEndsAServiceThatUsesTheTopic) {
  // Shorter retention is a warning of the one service that uses the topic.
  ChangeSetting(kafka::Topic::kAlerts, "retention.ms", "2592000000");
  EXPECT_TRUE(WaitFor(absl::Seconds(20), [&] {
    return LogOf(*detect_).find("retention.ms is 2592000000, expected 7776000000") !=
           std::string::npos;
  })) << LogOf(*detect_);
  EXPECT_EQ(WhyNotReady(*detect_), "");
  for (ServiceProcess* const service : {fetch_, parse_}) {
    EXPECT_EQ(LogOf(*service).find("topic_differs"), std::string::npos) << LogOf(*service);
  }
  ExpectAllRun();

  DeleteAndCreateAgain(kafka::Topic::kRaw, {fetch_, parse_});
  DeleteAndCreateAgain(kafka::Topic::kEvents, {parse_, detect_});

  // Without compaction, the ledger would lose the state of the fetcher, and of no other service.
  ChangeSetting(kafka::Topic::kLedger, "cleanup.policy", "delete");
  EXPECT_EQ(fetch_->process->Wait(absl::Seconds(30)), 2) << LogOf(*fetch_);
  EXPECT_THAT(LogOf(*fetch_),
              AllOf(HasSubstr("ledger: cleanup.policy is delete, expected compact; run: "),
                    HasSubstr("service_failed")));
  EXPECT_EQ(parse_->process->Wait(absl::ZeroDuration()), std::nullopt);

  // Tenants would move to other partitions of `raw`, which the detector does not use.
  ASSERT_TRUE(
      kafka::AddPartitions(pipeline_->kafka(), pipeline_->Topic(kafka::Topic::kRaw), 3).ok());
  EXPECT_EQ(parse_->process->Wait(absl::Seconds(30)), 2) << LogOf(*parse_);
  EXPECT_THAT(LogOf(*parse_), HasSubstr("raw: 3 partitions instead of 2; "));
  EXPECT_EQ(detect_->process->Wait(absl::ZeroDuration()), std::nullopt) << LogOf(*detect_);
}

}  // namespace
}  // namespace picket
