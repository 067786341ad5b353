// Tests that steps of the host's time of day neither stop the collection nor move a listing window
// or a watermark past the time of the API's server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "fetcher/ledger.h"
#include "m365/api_time.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A stage whose host's clock differs from the server's clock. The host's time of day may step.
class ClockStepsTest : public testing::Test {
 protected:
  void Start() {
    stage_.reset();
    transport_ = std::make_shared<CloudTransport>(cloud_, server_clock_);
    stage_ = MakeFetcherStage(harness_.config, harness_.tenants, harness_.topics_config, transport_,
                              harness_.clock, harness_.metrics);
    for (int32_t partition = 0; partition < StageHarness::kPartitions; ++partition) {
      RestoreLedger(*stage_, topics_, partition);
    }
  }
  void Run(absl::Duration span) {
    kafka::OutputBatch out;
    for (int i = 0; i < span / absl::Milliseconds(100); ++i) {
      harness_.clock.Advance(absl::Milliseconds(100));
      server_clock_.Advance(absl::Milliseconds(100));
      transport_->Deliver();
      stage_->Collect(8 << 20, out);
      topics_.Append(out);
      if (!out.empty()) stage_->Commit();
      out.Clear();
    }
  }
  void Advance(absl::Duration span) {
    harness_.clock.Advance(span);
    server_clock_.Advance(span);
  }
  // Adds a committed watermark of the content type that Publish uses.
  void AddWatermark(absl::Time watermark, absl::Time reconciled) {
    LedgerRow row;
    row.tenant = cloud_.tenants()[0].id;
    row.content_type = simulator::kExchange;
    row.kind = RowKind::kWatermark;
    row.time = watermark;
    row.reconciled = reconciled;
    const int32_t partition = kafka::PartitionOf(row.tenant, StageHarness::kPartitions);
    topics_.logs[{kafka::Topic::kLedger, partition}].push_back(
        {LedgerKey(row), LedgerValue(row), false, {}});
  }
  // Returns the time in a member of a JSON text.
  static absl::Time TimeIn(const std::string& json, const std::string& member) {
    const std::vector<std::string> parts =
        absl::StrSplit(json, absl::StrCat("\"", member, "\":\""));
    const std::optional<absl::Time> time =
        m365::ParseApiTime(parts.at(1).substr(0, parts.at(1).find('"')));
    return time.value();
  }
  std::string Publish() {
    return cloud_.Publish(cloud_.tenants()[0].id, simulator::kExchange, "[{\"Id\":\"1\"}]");
  }
  // Returns the newest committed watermark of the content type that Publish uses.
  std::optional<absl::Time> Watermark() {
    std::optional<absl::Time> watermark;
    for (const Topics::Message& row : topics_.All(kafka::Topic::kLedger)) {
      const absl::StatusOr<LedgerRow> read = ParseLedgerRow(row.key, row.value);
      if (!read.ok() || read->kind != RowKind::kWatermark) continue;
      if (read->content_type == simulator::kExchange) watermark = read->time;
    }
    return watermark;
  }

  simulator::CloudOptions simulator_options_{.strict = true};
  StageHarness harness_;
  FakeClock server_clock_{harness_.clock.Now()};
  simulator::Cloud cloud_{simulator_options_, simulator::InventTenants(1, 7), server_clock_};
  std::shared_ptr<CloudTransport> transport_;
  std::unique_ptr<kafka::Stage> stage_;
  Topics topics_;
};

TEST_F(ClockStepsTest, StepsOfAnHourDelayNothingAndMoveNoWatermarkPastTheServersTime) {
  Start();
  Run(absl::Seconds(10));
  std::map<std::string, int> expected;
  for (const absl::Duration step :
       {absl::Hours(1), -absl::Hours(1), -absl::Hours(1), absl::Hours(1)}) {
    harness_.clock.AdjustTimeOfDay(step);
    expected[Publish()] = 1;
    Run(absl::Seconds(30));
    EXPECT_EQ(topics_.RawBlobs(), expected);
    ASSERT_TRUE(Watermark().has_value());
    EXPECT_LE(*Watermark(), server_clock_.Now());
    Start();  // the state of a restart is read while the clock is wrong
  }
  EXPECT_EQ(harness_.metrics.Sum("picket_fetcher_gaps_total"), 0);
}

TEST_F(ClockStepsTest, AHostThatIsAnHourAheadFromTheStartListsNothingOfTheFuture) {
  harness_.clock.AdjustTimeOfDay(absl::Hours(1));
  Start();
  Run(absl::Seconds(20));
  ASSERT_TRUE(Watermark().has_value());
  EXPECT_LE(*Watermark(), server_clock_.Now());
  const std::string id = Publish();
  Run(absl::Seconds(30));
  EXPECT_EQ(topics_.RawBlobs(), (std::map<std::string, int>{{id, 1}}));
}

// An older version could commit such a watermark. What was published before it may never have been
// listed.
TEST_F(ClockStepsTest, ARestoredWatermarkInTheFutureIsDroppedAndTheWholeLookBackIsListed) {
  Start();
  Run(absl::Seconds(20));
  AddWatermark(server_clock_.Now() + absl::Hours(3), /*reconciled=*/server_clock_.Now());
  const std::string missed = Publish();
  // Nobody lists for two hours, which is longer than the overlap.
  Advance(absl::Hours(2));
  Start();
  Run(absl::Seconds(30));
  EXPECT_EQ(topics_.RawBlobs(), (std::map<std::string, int>{{missed, 1}}));
  ASSERT_TRUE(Watermark().has_value());
  EXPECT_LE(*Watermark(), server_clock_.Now());
  EXPECT_GE(*Watermark(), server_clock_.Now() - absl::Minutes(1));
}

// Nobody knows what was listed before such a watermark, so a short look-back does not limit the
// listing that follows.
TEST_F(ClockStepsTest, AfterAnImpossibleWatermarkAShortLookBackLosesNothing) {
  harness_.config.look_back = absl::Minutes(1);
  harness_.config.overlap = absl::Minutes(1);
  Start();
  Run(absl::Seconds(20));
  const std::string missed = Publish();
  AddWatermark(server_clock_.Now() + absl::Hours(24 * 10), /*reconciled=*/server_clock_.Now());
  Advance(absl::Hours(24 * 6));
  Start();
  Run(absl::Seconds(60));
  EXPECT_EQ(topics_.RawBlobs(), (std::map<std::string, int>{{missed, 1}}));
  EXPECT_THAT(topics_.Coverage("gap"), IsEmpty());
  ASSERT_TRUE(Watermark().has_value());
  EXPECT_LE(*Watermark(), server_clock_.Now());
}

TEST_F(ClockStepsTest, AfterAnImpossibleWatermarkTheTimeThatIsNoLongerListedIsAGap) {
  harness_.config.look_back = absl::Minutes(1);
  Start();
  Run(absl::Seconds(20));
  const absl::Time reconciled = server_clock_.Now();
  AddWatermark(server_clock_.Now() + absl::Hours(24 * 30), reconciled);
  Advance(absl::Hours(24 * 10));
  Start();
  Run(absl::Seconds(60));
  std::vector<std::string> gaps = topics_.Coverage("gap");
  std::erase_if(gaps, [](const std::string& gap) {
    return gap.find(simulator::kExchange) == std::string::npos;
  });
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_THAT(gaps[0], HasSubstr(absl::StrCat("\"from\":\"", m365::FormatApiTime(reconciled))));
  const absl::Time to = TimeIn(gaps[0], "to");
  EXPECT_LT(absl::AbsDuration(server_clock_.Now() - absl::Hours(24 * 7) - to), absl::Minutes(10));
}

TEST_F(ClockStepsTest, NoGapRowEndsBeforeItBegins) {
  Start();
  Run(absl::Seconds(20));
  AddWatermark(server_clock_.Now() + absl::Hours(3), /*reconciled=*/server_clock_.Now());
  Advance(absl::Minutes(20));
  cloud_.DisableSubscription(cloud_.tenants()[0].id, simulator::kExchange);
  Start();
  Run(absl::Seconds(60));
  const std::vector<std::string> gaps = topics_.Coverage("gap");
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_THAT(gaps[0], HasSubstr("subscription was off"));
  EXPECT_LE(TimeIn(gaps[0], "from"), server_clock_.Now() - absl::Minutes(20));
  EXPECT_LE(TimeIn(gaps[0], "from"), TimeIn(gaps[0], "to"));
}

TEST_F(ClockStepsTest, AStepForwardDeletesNoLedgerRowOfContentThatIsStillListed) {
  Start();
  const std::string id = Publish();
  Run(absl::Seconds(30));
  const auto tombstones = [&] {
    const auto rows = topics_.All(kafka::Topic::kLedger);
    return std::count_if(rows.begin(), rows.end(),
                         [](const Topics::Message& row) { return row.is_tombstone; });
  };
  harness_.clock.AdjustTimeOfDay(absl::Hours(24 * 20));
  Run(absl::Minutes(11));
  Start();  // the first poll after a start comes before the first answer of the server
  Run(absl::Minutes(11));
  EXPECT_EQ(tombstones(), 0);
  EXPECT_EQ(topics_.RawBlobs(), (std::map<std::string, int>{{id, 1}})) << "stored once";
}

TEST_F(ClockStepsTest, ASubscriptionStartRecordedInTheFutureDoesNotBlockTheNextStart) {
  const std::string tenant = cloud_.tenants()[0].id;
  const int32_t partition = kafka::PartitionOf(tenant, StageHarness::kPartitions);
  for (const std::string& type : (*harness_.tenants)[0].content_types) {
    LedgerRow row;
    row.tenant = tenant;
    row.content_type = type;
    row.kind = RowKind::kSubscription;
    row.time = server_clock_.Now() + absl::Hours(1);
    topics_.logs[{kafka::Topic::kLedger, partition}].push_back(
        {LedgerKey(row), LedgerValue(row), false, {}});
  }
  Start();
  Run(absl::Seconds(20));
  const std::string id = Publish();
  Run(absl::Seconds(30));
  EXPECT_EQ(topics_.RawBlobs(), (std::map<std::string, int>{{id, 1}}));
}

// Tests of the obstacle that /readyz reports.

TEST_F(ClockStepsTest, AWorkerWhoseTenantsAreAllSuspendedReportsAnObstacleUntilOneIsCollected) {
  Start();
  Run(absl::Seconds(10));
  EXPECT_EQ(stage_->Obstacle(), "");
  bool is_refused = true;
  transport_->tamper = [&](const std::string& url, m365::HttpResponse& response) {
    if (!is_refused || url.find("/subscriptions/") == std::string::npos) return;
    response.status = 401;
    response.body = R"({"error":{"code":"AF10001","message":"The permission set is missing."}})";
  };
  Run(absl::Seconds(40));
  EXPECT_THAT(*stage_->Obstacle(), HasSubstr("every tenant of this process is suspended: tenant " +
                                             cloud_.tenants()[0].id));
  is_refused = false;
  Run(absl::Minutes(16));  // longer than the longest wait of a suspended tenant
  EXPECT_EQ(stage_->Obstacle(), "");
  for (int32_t partition = 0; partition < StageHarness::kPartitions; ++partition) {
    stage_->Release(partition);
  }
  EXPECT_EQ(stage_->Obstacle(), std::nullopt) << "no tenants";
}

TEST_F(ClockStepsTest, AnApiThatDoesNotAnswerIsAnObstacleUntilItAnswers) {
  Start();
  Run(absl::Seconds(10));
  bool is_away = true;
  transport_->tamper = [&](const std::string&, m365::HttpResponse& response) {
    if (is_away) response.error = absl::UnavailableError("could not connect");
  };
  Run(absl::Minutes(1));
  ASSERT_TRUE(stage_->Obstacle().has_value());
  EXPECT_THAT(*stage_->Obstacle(), HasSubstr(cloud_.tenants()[0].id + ": the API cannot be used"));
  EXPECT_THAT(*stage_->Obstacle(), HasSubstr("could not connect"));
  is_away = false;
  Run(absl::Minutes(3));  // longer than the longest wait after errors in a row
  EXPECT_EQ(stage_->Obstacle(), "");
}

TEST_F(ClockStepsTest, ContentTypesThatAreAllSuspendedAreAnObstacleAndSomeAreNot) {
  std::string refused(simulator::kExchange);
  const auto tamper = [&](const std::string& url, m365::HttpResponse& response) {
    if (url.find("/subscriptions/start") == std::string::npos &&
        url.find("/subscriptions/content") == std::string::npos) {
      return;
    }
    if (url.find(refused) == std::string::npos) return;
    response.status = 400;
    response.body = R"({"error":{"code":"AF20020","message":"Not supported in this cloud."}})";
  };
  Start();
  transport_->tamper = tamper;
  Run(absl::Seconds(30));
  EXPECT_EQ(stage_->Obstacle(), "") << "the other content types are collected";
  refused = "contentType=";
  Run(absl::Seconds(30));
  ASSERT_TRUE(stage_->Obstacle().has_value());
  EXPECT_THAT(*stage_->Obstacle(), HasSubstr("every tenant of this process is suspended: tenant"));
  EXPECT_THAT(*stage_->Obstacle(), HasSubstr("AF20020"));
  refused = "nothing";
  Run(absl::Minutes(17));  // longer than the suspension of a content type
  EXPECT_EQ(stage_->Obstacle(), "");
}

}  // namespace
}  // namespace picket::fetcher
