// Runs the stage in a real worker, as the command `fetch` does, with simulated tenants over
// loopback HTTP and the embedded broker.

#include <gtest/gtest.h>

#include <thread>

#include "kafka/embedded_broker.h"
#include "kafka/topic_reader.h"
#include "kafka/worker/workers.h"
#include "simulator/simulator.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

TEST(FetcherWorkerTest, EachBlobOfSeveralTenantsReachesTheRawTopicOnce) {
  SystemClock clock;
  simulator::SimulatorOptions options;
  options.cloud.strict = true;
  options.cloud.page_size = 3;
  options.tenants = simulator::InventTenants(3, 5);
  auto simulator = simulator::Simulator::Start(std::move(options), clock);
  ASSERT_TRUE(simulator.ok()) << simulator.status();

  const kafka::TopicsConfig topics = kafka::EmbeddedBroker::SmallTopics();
  auto broker = kafka::EmbeddedBroker::Start(topics);
  ASSERT_TRUE(broker.ok()) << broker.status();

  std::map<std::string, int> expected;
  for (int i = 0; i < 10; ++i) {
    for (const simulator::Tenant& tenant : (*simulator)->tenants()) {
      expected[(*simulator)->cloud().Publish(tenant.id, simulator::kEntra, "[{\"Id\":\"1\"}]")] = 1;
    }
  }

  FetcherConfig config;
  config.poll_interval = absl::Milliseconds(500);
  config.settle = absl::ZeroDuration();
  std::vector<m365::TenantConfig> configs;
  for (const simulator::Tenant& tenant : (*simulator)->tenants()) {
    configs.push_back(ConfigOf(tenant, (*simulator)->url()));
  }
  const auto tenants = std::make_shared<const std::vector<m365::TenantConfig>>(std::move(configs));
  const std::shared_ptr<m365::HttpTransport> transport = MakeTransport(config);

  Metrics metrics;
  kafka::WorkerOptions worker_options;
  worker_options.kafka = (*broker)->ClientConfig();
  worker_options.topics = topics;
  kafka::Workers workers(
      worker_options,
      [&](int) { return MakeFetcherStage(config, tenants, topics, transport, clock, metrics); },
      metrics);
  absl::Status ended = absl::UnknownError("runs");
  std::jthread runner([&](std::stop_token stop) { ended = workers.Run(stop); });

  auto reader = kafka::TopicReader::Open(worker_options.kafka,
                                         kafka::TopicName(topics.prefix, kafka::Topic::kRaw),
                                         kafka::TopicReader::Isolation::kReadCommitted);
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::map<std::string, int> stored;
  const absl::Time end = absl::Now() + absl::Minutes(1);
  const auto read = [&] {
    (*reader)->Poll(absl::Milliseconds(100), [&](const kafka::Message& message) {
      ++stored[std::string(*message.FindHeader(headers::kContentId))];
      EXPECT_EQ(message.partition, kafka::PartitionOf(message.key, (*reader)->partitions()));
    });
  };
  while (stored.size() < expected.size() && absl::Now() < end) read();
  // Reads once more, so that a blob that was stored twice would be counted twice.
  read();
  EXPECT_EQ(stored, expected);
  runner.request_stop();
  runner.join();
  EXPECT_TRUE(ended.ok()) << ended;
}

}  // namespace
}  // namespace picket::fetcher
