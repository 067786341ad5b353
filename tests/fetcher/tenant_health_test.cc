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
  const auto fail = [&](int count, const Moment& now) {
    for (int i = 0; i < count; ++i) health_.OnTransientFault("no answer", now.monotonic, now);
  };
  fail(4, At(absl::Seconds(60)));
  EXPECT_FALSE(health_.IsSuspended(At(absl::Seconds(60))));
  health_.OnSuccess(At(absl::Seconds(60)), out_);
  fail(20, At(absl::Seconds(69)));
  EXPECT_FALSE(health_.IsSuspended(At(absl::Seconds(69)))) << "soon after a success";
  fail(1, At(absl::Seconds(71)));
  EXPECT_TRUE(health_.IsSuspended(At(absl::Seconds(71))));
  EXPECT_FALSE(health_.IsSuspended(At(absl::Seconds(72))));
  EXPECT_TRUE(out_.empty()) << "transient faults are not reported as a suspension";
}

TEST_F(TenantHealthTest, TheRequestsUnderWayAtASuspensionCountOnce) {
  const absl::Duration sent = absl::Seconds(60);
  for (int i = 0; i < 200; ++i) {
    health_.OnTransientFault("HTTP 500", sent, At(sent + absl::Milliseconds(10 * i)));
  }
  EXPECT_FALSE(health_.IsSuspended(At(sent + absl::Seconds(2))));
}

TEST_F(TenantHealthTest, FaultsThatLastLeadToGrowingSuspensions) {
  absl::Duration now = absl::Seconds(60);
  int attempts = 0;
  while (now < absl::Minutes(31)) {
    now += absl::Milliseconds(100);
    if (health_.IsSuspended(At(now))) continue;
    health_.OnTransientFault("HTTP 500", now, At(now));
    ++attempts;
  }
  EXPECT_LT(attempts, 80);
  EXPECT_GT(attempts, 25);
}

}  // namespace
}  // namespace picket::fetcher
