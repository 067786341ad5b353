#include "fetcher/tenant_health.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

class TenantHealthTest : public testing::Test {
 protected:
  static Moment At(absl::Duration monotonic) {
    return {absl::FromUnixSeconds(1'700'000'000) + monotonic, monotonic};
  }

  FetcherConfig config_;
  Ledger ledger_;
  Metrics registry_;
  FetcherMetrics metrics_{registry_};
  TenantContext tenant_{"tenant", {}, config_, ledger_, metrics_, ServerClock(At({}))};
  FetcherMetrics::Tenant gauges_ = metrics_.OfTenant("tenant", "Contoso");
  TenantHealth health_{tenant_, gauges_.healthy.gauge()};
  std::vector<Outgoing> out_;
};

TEST_F(TenantHealthTest, AFaultForAnOperatorIsReportedOnceAndSoIsTheRecovery) {
  EXPECT_EQ(gauges_.healthy.gauge().Value(), 1);
  health_.Suspend("no consent", At(absl::Seconds(1)), out_);
  EXPECT_TRUE(health_.IsSuspended(At(absl::Seconds(2))));
  EXPECT_FALSE(health_.IsSuspended(At(absl::Minutes(1))));
  health_.Suspend("no consent", At(absl::Minutes(1)), out_);
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_NE(out_[0].coverage[0].value.find("no consent"), std::string::npos);
  EXPECT_EQ(gauges_.healthy.gauge().Value(), 0);

  health_.OnSuccess(At(absl::Minutes(5)), out_);
  health_.OnSuccess(At(absl::Minutes(6)), out_);
  ASSERT_EQ(out_.size(), 2u);
  EXPECT_NE(out_[1].coverage[0].value.find("collecting"), std::string::npos);
  EXPECT_EQ(gauges_.healthy.gauge().Value(), 1);
}

TEST_F(TenantHealthTest, OnlyASeriesOfTransientFaultsSuspendsTheTenant) {
  const Moment now = At(absl::Minutes(1));
  for (int i = 0; i < 4; ++i) health_.OnTransientFault("no answer", now);
  EXPECT_FALSE(health_.IsSuspended(now));
  health_.OnSuccess(now, out_);
  for (int i = 0; i < 4; ++i) health_.OnTransientFault("no answer", now);
  EXPECT_FALSE(health_.IsSuspended(now)) << "a success ends the series";
  health_.OnTransientFault("no answer", now);
  EXPECT_TRUE(health_.IsSuspended(now));
  EXPECT_FALSE(health_.IsSuspended(At(absl::Minutes(1) + absl::Seconds(1))));
  EXPECT_TRUE(out_.empty()) << "transient faults are not reported as a suspension";
}

}  // namespace
}  // namespace picket::fetcher
