// Tests services on an embedded broker.

#include "cli/services/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "kafka/embedded_broker.h"
#include "kafka/topics.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait_for.h"

namespace picket {
namespace {

using testing::HasSubstr;

constexpr char kTenant[] = "11111111-2222-3333-4444-555555555555";
constexpr int16_t kUnknownTopic = 3;

TEST(ParseServiceTest, TheFirstTenantWithEcsEventsMakesTheServiceLookAtTheirTopic) {
  PicketConfig config;
  config.topics = kafka::EmbeddedBroker::SmallTopics();
  const auto broker = kafka::EmbeddedBroker::Start(config.topics);
  ASSERT_TRUE(broker.ok()) << broker.status();
  const std::string topic = kafka::TopicName(config.topics.prefix, kafka::Topic::kEventsEcs);
  (*broker)->SetTopicError(topic, kUnknownTopic);
  config.kafka = (*broker)->ClientConfig();
  config.kafka.workers = 1;
  TempFolder folder;
  folder.Write("tenants.d/a.yaml", absl::StrCat("tenant_id: ", kTenant, "\n"));
  config.tenants_dir = folder.Path("tenants.d");
  Metrics metrics;
  auto service = MakeService(ServiceKind::kParse, config, {}, metrics);
  ASSERT_TRUE(service.ok()) << service.status();
  std::jthread runner(
      [&](const std::stop_token& stop) { EXPECT_EQ((*service)->Run(stop), absl::OkStatus()); });
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return (*service)->ReadinessNow().ready; }))
      << (*service)->ReadinessNow().reason;

  folder.Write("tenants.d/a.yaml", absl::StrCat("tenant_id: ", kTenant, "\nparser: {ecs: true}\n"));
  ReloadReport report;
  (*service)->Reload(report);
  EXPECT_THAT(report.faults, testing::IsEmpty());
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return !(*service)->ReadinessNow().ready; }));
  EXPECT_THAT((*service)->ReadinessNow().reason, HasSubstr(absl::StrCat(topic, ": missing")));

  (*broker)->SetTopicError(topic, 0);
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] { return (*service)->ReadinessNow().ready; }))
      << (*service)->ReadinessNow().reason;
}

}  // namespace
}  // namespace picket
