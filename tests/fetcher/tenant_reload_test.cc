// Tests changes of the list of tenants while the stage runs.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

class TenantReloadTest : public testing::Test {
 protected:
  static constexpr int kTenants = 6;

  TenantReloadTest() : harness_({}, kTenants) {}

  void Start(const std::vector<size_t>& tenants) {
    handover_->Set(Chosen(tenants));
    harness_.Start();
    harness_.stage = MakeFetcherStage(harness_.config, handover_, harness_.topics_config,
                                      harness_.transport, harness_.clock, harness_.metrics);
    for (int32_t partition = 0; partition < StageHarness::kPartitions; ++partition) {
      harness_.Restore(partition);
    }
  }

  Tenants Chosen(const std::vector<size_t>& tenants) const {
    std::vector<m365::TenantConfig> configs;
    for (const size_t tenant : tenants) configs.push_back(harness_.tenants->at(tenant));
    return std::make_shared<const std::vector<m365::TenantConfig>>(std::move(configs));
  }

  size_t Requests(const std::string& part) const {
    return static_cast<size_t>(
        std::count_if(harness_.transport->urls.begin(), harness_.transport->urls.end(),
                      [&](const std::string& url) { return url.find(part) != std::string::npos; }));
  }
  std::string IdOf(size_t tenant) const { return harness_.tenants->at(tenant).tenant_id; }

  StageHarness harness_;
  const std::shared_ptr<TenantHandover> handover_ = std::make_shared<TenantHandover>();
};

TEST_F(TenantReloadTest, ANewTenantIsCollectedFromThenOn) {
  Start({0});
  harness_.Publish(3, simulator::kExchange, 0);
  ASSERT_TRUE(harness_.RunUntilQuiet());
  EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
  EXPECT_EQ(Requests(IdOf(1)), 0u);

  handover_->Set(Chosen({0, 1}));
  harness_.Publish(3, simulator::kExchange, 1);
  ASSERT_TRUE(harness_.RunUntilStored(absl::Minutes(10)));
  EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
}

TEST_F(TenantReloadTest, ARemovedTenantIsNoLongerCollectedAndGoesOnWhereItEndedWhenItReturns) {
  Start({0, 1});
  harness_.Publish(3, simulator::kExchange, 0);
  harness_.Publish(3, simulator::kExchange, 1);
  ASSERT_TRUE(harness_.RunUntilQuiet());
  ASSERT_EQ(harness_.topics.RawBlobs(), harness_.Expected());

  handover_->Set(Chosen({0}));
  harness_.Step();
  const size_t requests = Requests(IdOf(1));
  harness_.Publish(3, simulator::kExchange, 1);
  harness_.Run(absl::Minutes(2));
  EXPECT_EQ(Requests(IdOf(1)), requests);
  EXPECT_EQ(harness_.topics.RawBlobs().size(), 6u);

  handover_->Set(Chosen({0, 1}));
  ASSERT_TRUE(harness_.RunUntilStored(absl::Minutes(10)));
  EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
}

TEST_F(TenantReloadTest, AChangedSecretIsUsedAtOnce) {
  auto wrong = std::make_shared<std::vector<m365::TenantConfig>>(*Chosen({0}));
  wrong->front().client_secret = m365::Secret("wrong");
  Start({0});
  handover_->Set(wrong);
  harness_.Publish(3);
  harness_.Run(absl::Minutes(30));
  EXPECT_TRUE(harness_.topics.RawBlobs().empty());

  handover_->Set(Chosen({0}));
  // The wait after the rejected tokens has grown to minutes, but the new secret does not wait.
  EXPECT_TRUE(harness_.RunUntilStored(absl::Seconds(40)));
  EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
}

TEST_F(TenantReloadTest, AChangedContentTypeIsCollected) {
  auto few = std::make_shared<std::vector<m365::TenantConfig>>(*Chosen({0}));
  few->front().content_types = {std::string(simulator::kExchange)};
  Start({0});
  handover_->Set(few);
  harness_.Step();
  harness_.Publish(2, simulator::kEntra);
  harness_.Run(absl::Minutes(2));
  EXPECT_TRUE(harness_.topics.RawBlobs().empty());
  handover_->Set(Chosen({0}));
  EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(10)));
  EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
}

TEST_F(TenantReloadTest, TenantsWithoutChangesKeepTheirSessions) {
  Start({0, 1});
  harness_.Run(absl::Minutes(1));
  const size_t tokens = Requests("/oauth2/");
  handover_->Set(Chosen({1, 0}));
  harness_.Run(absl::Minutes(1));
  EXPECT_EQ(Requests("/oauth2/"), tokens);
  handover_->Set(Chosen({0, 1, 2}));
  harness_.Run(absl::Minutes(1));
  EXPECT_EQ(Requests("/oauth2/"), tokens + 1);
}

// Whenever the list changes, also between an abort and the repeated transaction, every blob is
// stored exactly once in the end.
TEST_F(TenantReloadTest, RandomChangesAndAbortsLoseAndDoubleNothing) {
  std::mt19937 random(20261201);
  const auto below = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  Start({0, 1, 2});
  for (int round = 0; round < 1500; ++round) {
    if (below(20) == 0) harness_.Publish(1, simulator::kExchange, below(kTenants));
    if (below(15) == 0) {
      std::vector<size_t> chosen;
      for (size_t tenant = 0; tenant < kTenants; ++tenant) {
        if (below(3) > 0) chosen.push_back(tenant);
      }
      if (chosen.empty()) chosen.push_back(0);
      auto tenants = std::make_shared<std::vector<m365::TenantConfig>>(*Chosen(chosen));
      tenants->front().weight = static_cast<int64_t>(1 + below(5));
      handover_->Set(tenants);
    }
    harness_.Step(below(6) == 0 ? StageHarness::Decision::kAbort : StageHarness::Decision::kCommit);
  }
  handover_->Set(Chosen({0, 1, 2, 3, 4, 5}));
  EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(30)));
  EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
}

}  // namespace
}  // namespace picket::fetcher
