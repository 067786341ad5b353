// Tests the whole pipeline, from simulated tenants to alerts, on a real Kafka. The services are
// processes with two workers each.

#include "tests/pipeline/pipeline.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <set>

#include "absl/time/clock.h"
#include "simulator/feed.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/transaction_log.h"

namespace picket {
namespace {

using simulator::Feed;
using simulator::FeedOptions;
using simulator::Simulator;

class WholePipelineTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_KAFKA();
    simulator::SimulatorOptions options;
    options.tenants = simulator::InventTenants(3, 7);
    options.cloud.page_size = 3;
    options.cloud.strict = true;
    simulator_ = *Simulator::Start(options, clock_);
  }

  void StartFeed(FeedOptions options) {
    auto feed = Feed::Make(simulator_->cloud(), options, clock_);
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
    feed_->Start();
  }

  SystemClock clock_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(WholePipelineTest, TheAlertsAreExactlyThoseOfTheAttacks) {
  Pipeline pipeline("whole", {}, *simulator_);
  for (const char* stage : {"fetch", "parse", "detect"}) pipeline.Add(stage, "a").process->Start();
  StartFeed({.seed = 7, .records_per_tenant = 1500, .republished_share = 0.02});
  ASSERT_TRUE(pipeline.WaitUntilProcessed(*feed_, absl::Seconds(120)));
  ExpectExactContents(pipeline, *feed_);
}

TEST_F(WholePipelineTest, PartitionsAreSharedAndAnInstanceThatLeavesIsReplaced) {
  Pipeline pipeline("sharing", {}, *simulator_);
  pipeline.Add("fetch", "a").process->Start();
  ServiceProcess& leaving_parser = pipeline.Add("parse", "a");
  ServiceProcess& leaving_detector = pipeline.Add("detect", "a");
  leaving_parser.process->Start();
  leaving_detector.process->Start();
  pipeline.Add("parse", "b").process->Start();
  pipeline.Add("detect", "b").process->Start();
  StartFeed({.seed = 8, .records_per_second = 600, .records_per_tenant = 3000});
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return feed_->records_published() > 3000; }));
  leaving_parser.process->Signal(SIGTERM);
  leaving_detector.process->Signal(SIGTERM);
  EXPECT_EQ(leaving_parser.process->Wait(absl::Seconds(15)), 0);
  EXPECT_EQ(leaving_detector.process->Wait(absl::Seconds(15)), 0);
  ASSERT_TRUE(pipeline.WaitUntilProcessed(*feed_, absl::Seconds(120)));
  ExpectExactContents(pipeline, *feed_);
}

TEST_F(WholePipelineTest, ARestartAfterSigtermFindsNoAbortedTransactionAndWaitsForNoTimeout) {
  PipelineOptions options;
  // Longer than the 15 seconds in which each service must be ready again after its restart.
  options.session_timeout = absl::Seconds(30);
  Pipeline pipeline("shutdown", options, *simulator_);
  std::vector<ServiceProcess*> services;
  for (const char* stage : {"fetch", "parse", "detect"}) {
    services.push_back(&pipeline.Add(stage, "a"));
    services.back()->process->Start();
  }
  StartFeed({.seed = 9, .records_per_second = 300, .records_per_tenant = 1500});
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return feed_->records_published() > 1500; }));
  for (ServiceProcess* service : services) {
    const absl::Time asked = absl::Now();
    service->process->Signal(SIGTERM);
    EXPECT_EQ(service->process->Wait(absl::Seconds(10)), 0) << service->stage;
    EXPECT_LT(absl::Now() - asked, absl::Seconds(5)) << service->stage;
  }
  for (ServiceProcess* service : services) {
    service->process->Start();
    // The limit of 15 seconds shows that the service does not wait for the session timeout.
    EXPECT_TRUE(WaitFor(absl::Seconds(15), [&] { return service->IsPolling(); })) << service->stage;
  }
  ASSERT_TRUE(pipeline.WaitUntilProcessed(*feed_, absl::Seconds(120)));
  ExpectExactContents(pipeline, *feed_);
  const auto log = ReadTransactionLog(pipeline.kafka());
  ASSERT_TRUE(log.ok()) << log.status();
  for (const char* stage : {"fetcher", "parser", "detector"}) {
    const TransactionCounts counts = pipeline.TransactionsOf(*log, stage);
    EXPECT_GT(counts.committed, 0) << stage;
    EXPECT_EQ(counts.aborted, 0) << stage;
  }
}

TEST_F(WholePipelineTest, AKilledFetcherNeitherLosesNorRepeatsABlob) {
  Pipeline pipeline("fetcher", {}, *simulator_);
  ServiceProcess& fetcher = pipeline.Add("fetch", "a");
  fetcher.process->Start();
  StartFeed(
      {.seed = 10, .records_per_second = 800, .blob_records = 20, .records_per_tenant = 2000});
  for (int kill = 1; kill <= 4; ++kill) {
    ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] {
      return feed_->records_published() > static_cast<uint64_t>(kill) * 1000;
    }));
    fetcher.process->Kill();
    fetcher.process->Start();
  }
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] {
    return feed_->AllPublished() && pipeline.Count(kafka::Topic::kRaw) >=
                                        static_cast<int>(simulator_->cloud().blobs_published());
  }));
  const TopicContents contents = pipeline.Read();
  EXPECT_EQ(contents.raw.size(), simulator_->cloud().blobs_published());
  for (const auto& [id, count] : contents.raw) EXPECT_EQ(count, 1) << id;
}

}  // namespace
}  // namespace picket
