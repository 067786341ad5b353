#include "fetcher/content_listing.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace picket::fetcher {
namespace {

class ContentListingTest : public testing::Test {
 protected:
  static Moment At(absl::Duration monotonic) {
    return {absl::FromUnixSeconds(1'700'000'000) + monotonic, monotonic};
  }
  std::string PageLink(int page) const {
    return absl::StrCat(tenant_.api.Root(), "/subscriptions/content?nextpage=", page);
  }
  void ListRun(const Moment& now) {
    while (listing_.HasRequest()) {
      listing_.StartRequest();
      listing_.OnAnswered();
      listing_.CompleteWindow(now);
    }
  }

  FetcherConfig config_;
  Ledger ledger_;
  Metrics registry_;
  FetcherMetrics metrics_{registry_};
  TenantContext tenant_{"tenant", {"https://api.example", "tenant", "publisher"},
                        config_,  ledger_,
                        metrics_, ServerClock(At({}))};
  ContentListing listing_{tenant_, "Audit.General"};
};

TEST_F(ContentListingTest, OneRequestIsUnderWayAtATimeAndTheNextRunWaitsForThePollInterval) {
  const Moment start = At(absl::Minutes(1));
  EXPECT_FALSE(listing_.PlanRun(std::nullopt, start).has_value());
  ASSERT_TRUE(listing_.HasRequest());
  EXPECT_TRUE(absl::StrContains(listing_.StartRequest(), "contentType=Audit.General"));
  EXPECT_FALSE(listing_.HasRequest());
  listing_.OnAnswered();
  ListRun(start);
  EXPECT_EQ(listing_.listed_to(), tenant_.ServerNow(start) - config_.settle);

  listing_.PlanRun(std::nullopt, At(absl::Minutes(1) + config_.poll_interval / 2));
  EXPECT_FALSE(listing_.HasRequest());
  listing_.PlanRun(std::nullopt, At(absl::Minutes(1) + config_.poll_interval));
  EXPECT_TRUE(listing_.HasRequest());
}

TEST_F(ContentListingTest, TheFirstRunIsAReconciliationAndReportsItsResult) {
  const Moment now = At(absl::Minutes(1));
  listing_.PlanRun(std::nullopt, now);
  std::optional<ContentListing::Reconciliation> result;
  while (listing_.HasRequest()) {
    EXPECT_FALSE(result.has_value());
    listing_.StartRequest();
    listing_.OnAnswered();
    listing_.CountEntry();
    result = listing_.CompleteWindow(now);
  }
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->listed, 7) << "one entry in each of seven days";
  EXPECT_EQ(result->missed, 0);
  EXPECT_EQ(listing_.reconciled(), now.time_of_day);
}

TEST_F(ContentListingTest, FollowsPageLinksAndSplitsTheWindowWhenALinkRepeats) {
  listing_.PlanRun(std::nullopt, At(absl::Minutes(1)));
  const Window whole = *listing_.window();
  listing_.StartRequest();
  listing_.OnAnswered();
  ASSERT_TRUE(listing_.Continue(PageLink(2)).ok());
  EXPECT_TRUE(absl::StrContains(listing_.StartRequest(), "nextpage=2"));
  listing_.OnAnswered();
  EXPECT_FALSE(listing_.Continue(PageLink(2)).ok());
  EXPECT_EQ(listing_.window()->start, whole.start);
  EXPECT_LT(listing_.window()->end, whole.end);
  EXPECT_FALSE(absl::StrContains(listing_.StartRequest(), "nextpage"));
}

}  // namespace
}  // namespace picket::fetcher
