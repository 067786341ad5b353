// Tests that the fetcher's counters contain what is on the topics, whatever is aborted or repeated.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/match.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

using Decision = StageHarness::Decision;
using ::testing::HasSubstr;
using ::testing::Not;

const MetricLabels kFetcher = {{"stage", "fetcher"}};

TEST(FetcherCountsTest, AbortsAndRepeatsLeaveTheCountersThoseOfTheTopics) {
  simulator::CloudOptions options;
  options.strict = true;
  options.page_size = 3;
  StageHarness harness(options, 2);
  harness.Start();
  harness.Run(absl::Seconds(3));
  std::mt19937 random(5);
  const std::string giant = "{\"Id\":\"giant\",\"T\":\"" + std::string(3 << 20, 'x') + "\"}";
  for (int round = 0; round < 12; ++round) {
    harness.Publish(static_cast<int>(random() % 5), simulator::kExchange, random() % 2);
    if (round % 4 == 1) {
      harness.published.push_back(
          harness.cloud.Publish(harness.cloud.tenants()[0].id, simulator::kExchange,
                                absl::StrCat("[{\"Id\":\"a\"},", giant, ",{\"Id\":\"b\"}]")));
    }
    if (round % 4 == 2) {
      harness.Publish(1);
      harness.cloud.Expire(harness.cloud.tenants()[0].id, harness.published.back());
    }
    for (int i = 0; i < 60; ++i) {
      harness.Step(random() % 3 == 0 ? Decision::kCommit : Decision::kAbort);
    }
  }
  ASSERT_TRUE(harness.RunUntilQuiet());

  const Metrics& metrics = harness.metrics;
  const double in = metrics.Sum("picket_records_in_total", kFetcher);
  const double out = metrics.Sum("picket_records_out_total", kFetcher);
  EXPECT_EQ(in, harness.published.size());
  EXPECT_EQ(out, harness.topics.RawBlobs().size());
  EXPECT_EQ(metrics.Sum("picket_dropped_total", {{"stage", "fetcher"}, {"reason", "lost"}}), 3);
  EXPECT_EQ(metrics.Sum("picket_duplicates_total"), 0);
  EXPECT_EQ(in, out + metrics.Sum("picket_dropped_total") +
                    metrics.Sum("picket_fetcher_unfetched_blobs"));
  EXPECT_EQ(
      metrics.Sum("picket_dead_letters_total", {{"stage", "fetcher"}, {"reason", "oversized"}}),
      harness.topics.All(kafka::Topic::kDeadLetters).size());
  EXPECT_EQ(harness.topics.All(kafka::Topic::kDeadLetters).size(), 3u);
  EXPECT_EQ(metrics.Sum("picket_fetcher_gaps_total"), harness.topics.Coverage("gap").size());
}

TEST(FetcherCountsTest, TheSeriesOfATenantExistWhileTheTenantIsCollected) {
  StageHarness harness;
  harness.Start();
  harness.Run(absl::Seconds(3));
  const simulator::Tenant& tenant = harness.cloud.tenants()[0];
  const std::string info =
      absl::StrCat("picket_tenant_info{name=\"", tenant.name, "\",tenant=\"", tenant.id, "\"} 1");
  EXPECT_THAT(harness.metrics.Render(), HasSubstr(info));
  EXPECT_THAT(
      harness.metrics.Render(),
      HasSubstr(absl::StrCat("picket_fetcher_tenant_healthy{tenant=\"", tenant.id, "\"} 1")));
  const int32_t partition = kafka::PartitionOf(tenant.id, StageHarness::kPartitions);
  harness.stage->Suspend(partition);
  EXPECT_THAT(harness.metrics.Render(), Not(HasSubstr(tenant.id)));
  harness.stage->Resume(partition);
  EXPECT_THAT(harness.metrics.Render(), HasSubstr(info));
  harness.stage->Release(partition);
  EXPECT_THAT(harness.metrics.Render(), Not(HasSubstr(tenant.id)));
}

TEST(FetcherCountsTest, AnErrorCodeThatTheApiDoesNotDocumentIsNoLabel) {
  StageHarness harness;
  int answers = 0;
  harness.tamper = [&](const std::string& url, m365::HttpResponse& response) {
    if (!absl::StrContains(url, "/subscriptions/list")) return;
    response.status = 503;
    response.body = absl::StrCat(R"({"error":{"code":"AF-)", ++answers, R"(","message":"?"}})");
  };
  harness.Start();
  harness.Run(absl::Minutes(5));
  EXPECT_GT(answers, 1);
  EXPECT_EQ(harness.metrics.Sum("picket_fetcher_requests_total",
                                {{"kind", "list_subscriptions"}, {"code", "503"}}),
            answers);
  EXPECT_THAT(harness.metrics.Render(), Not(HasSubstr("AF-")));
}

}  // namespace
}  // namespace picket::fetcher
