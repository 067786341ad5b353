// Runs the stage over real HTTP and HTTPS connections to the simulator.

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "fetcher/fetcher_stage.h"
#include "simulator/simulator.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

class HttpCollectionTest : public testing::Test {
 protected:
  void Start(bool https, simulator::CloudOptions cloud, int tenants) {
    simulator::SimulatorOptions options;
    options.https = https;
    options.cloud = cloud;
    options.tenants = simulator::InventTenants(tenants, 7);
    if (https) {
      options.ca_file = config_.ca_file = absl::StrCat(testing::TempDir(), "fetcher_ca.pem");
    }
    auto started = simulator::Simulator::Start(std::move(options), clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
    config_.poll_interval = absl::Milliseconds(300);
    config_.settle = absl::ZeroDuration();
    config_.overlap = absl::Seconds(5);
    topics_config_.partitions = 4;
  }

  // Runs a worker's loop until the topics contain the given number of content blobs, but for at
  // most one minute.
  void Collect(size_t blobs) {
    std::vector<m365::TenantConfig> configs;
    for (const simulator::Tenant& tenant : simulator_->tenants()) {
      configs.push_back(ConfigOf(tenant, simulator_->url()));
    }
    auto stage = MakeFetcherStage(
        config_, std::make_shared<const std::vector<m365::TenantConfig>>(std::move(configs)),
        topics_config_, MakeTransport(config_), clock_, metrics_);
    for (int32_t partition = 0; partition < 4; ++partition) {
      stage->BeginRestore(partition);
      stage->EndRestore(partition);
    }
    kafka::OutputBatch out;
    const absl::Duration end = clock_.SinceStart() + absl::Minutes(1);
    while (topics_.RawBlobs().size() < blobs && clock_.SinceStart() < end) {
      stage->Collect(8 << 20, out);
      topics_.Append(out);
      if (!out.empty()) stage->Commit();
      out.Clear();
      stage->BetweenTransactions();
      clock_.Wait(absl::Milliseconds(5), {});
    }
  }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  FetcherConfig config_;
  kafka::TopicsConfig topics_config_;
  Metrics metrics_;
  Topics topics_;
};

TEST_F(HttpCollectionTest, CollectsSeveralTenantsOverHttpsWithPagesOfThree) {
  simulator::CloudOptions options;
  options.strict = true;
  options.page_size = 3;
  Start(true, options, 3);
  std::map<std::string, int> expected;
  const auto publish = [&](int count) {
    for (int i = 0; i < count; ++i) {
      for (const simulator::Tenant& tenant : simulator_->tenants()) {
        expected[simulator_->cloud().Publish(
            tenant.id, simulator::kExchange,
            absl::StrCat("[{\"Id\":\"", i, "\",\"T\":\"", std::string(2000, 'z'), "\"}]"))] = 1;
      }
    }
  };
  publish(20);
  Collect(expected.size());
  EXPECT_EQ(topics_.RawBlobs(), expected);
}

TEST_F(HttpCollectionTest, CollectsThroughServerErrorsThrottlingAndTornBodies) {
  simulator::CloudOptions options;
  options.strict = true;
  options.page_size = 3;
  options.quota_per_minute = 600;
  Start(false, options, 1);
  simulator::Faults faults;
  faults.server_errors = 2;
  faults.edge_errors = 2;
  faults.truncated_bodies = 5;
  simulator_->cloud().SetFaults(faults);
  std::map<std::string, int> expected;
  for (int i = 0; i < 40; ++i) {
    expected[simulator_->cloud().Publish(simulator_->tenants()[0].id, simulator::kEntra,
                                         absl::StrCat("[{\"Id\":\"", i, "\"}]"))] = 1;
  }
  Collect(expected.size());
  EXPECT_EQ(topics_.RawBlobs(), expected);
  EXPECT_GT(metrics_.Sum("picket_fetcher_requests_total"), 50);
}

}  // namespace
}  // namespace picket::fetcher
