// Tests the lag that operators see in Kafka's own tools and in the metrics of the services. When
// everything is consumed, the metrics show 0. A record that is not consumed adds 1.

#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/raw_producer.h"
#include "tests/stay_up/fleet.h"
#include "tests/stay_up/group_members.h"

namespace picket {
namespace {

constexpr int kPartitions = 3;

// Returns the sum of the service's gauges of its lag, or nothing if it does not answer.
std::optional<double> LagMetricOf(const ServiceProcess& service) {
  const int port = AdminPortOf(service.process->log_path());
  if (port == 0) return {};
  const httplib::Result page = httplib::Client("127.0.0.1", port).Get("/metrics");
  if (page == nullptr || page->status != 200) return {};
  double sum = 0;
  bool is_found = false;
  for (const absl::string_view line : absl::StrSplit(page->body, '\n')) {
    double value = 0;
    if (!absl::StartsWith(line, "picket_input_lag_messages{")) continue;
    if (!absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) return {};
    is_found = true;
    sum += value;
  }
  if (!is_found) return {};
  return sum;
}

class LagTest : public testing::Test {
 protected:
  int64_t Lag(Pipeline& pipeline, const char* stage, kafka::Topic topic) {
    const auto lag = LagOf(pipeline.kafka(), absl::StrCat("picket-", pipeline.prefix(), stage),
                           pipeline.Topic(topic), kPartitions);
    return lag.ok() ? *lag : -1;
  }

  SystemClock clock_;
};

TEST_F(LagTest, ItIsZeroWhenEverythingIsConsumedAndOneMoreWhenOneRecordIsNot) {
  REQUIRE_KAFKA();
  simulator::SimulatorOptions cloud;
  cloud.tenants = simulator::InventTenants(4, 41);
  const auto simulator = *simulator::Simulator::Start(cloud, clock_);
  PipelineOptions options;
  options.partitions = kPartitions;
  Pipeline pipeline("lag", options, *simulator);
  ServiceProcess& fetcher = pipeline.Add("fetch", "a");
  ServiceProcess& parser = pipeline.Add("parse", "a");
  ServiceProcess& detector = pipeline.Add("detect", "a");
  for (ServiceProcess* const service : {&fetcher, &parser, &detector}) service->process->Start();

  int64_t records = 0;  // published in all rounds
  int64_t fetcher_lag = 0;
  for (int round = 1; round <= 2; ++round) {
    const auto feed = *simulator::Feed::Make(simulator->cloud(),
                                             {.seed = static_cast<uint64_t>(round),
                                              .blob_records = 5,
                                              .records_per_tenant = 400,
                                              .campaigns = 0,
                                              .near_misses = false},
                                             clock_);
    const uint64_t blobs_before = simulator->cloud().blobs_published();
    feed->Start();
    const auto blobs = static_cast<int64_t>(simulator->cloud().blobs_published() - blobs_before);
    for (const auto& [tenant, ids] : feed->PublishedIds()) {
      records += static_cast<int64_t>(ids.size());
    }
    ASSERT_TRUE(
        pipeline.WaitUntilRead("detector", kafka::Topic::kEvents, records, absl::Minutes(2)));
    // In Kafka's tools, an idle partition may show the marker of one transaction, which follows the
    // last record and is committed with the next record (docs/exactly-once.md).
    EXPECT_TRUE(WaitFor(absl::Seconds(30),
                        [&] {
                          return Lag(pipeline, "parser", kafka::Topic::kRaw) <= kPartitions &&
                                 Lag(pipeline, "detector", kafka::Topic::kEvents) <= kPartitions;
                        }))
        << "parser " << Lag(pipeline, "parser", kafka::Topic::kRaw) << ", detector "
        << Lag(pipeline, "detector", kafka::Topic::kEvents);
    for (const ServiceProcess* service : {&parser, &detector}) {
      EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] { return LagMetricOf(*service) == 0.0; }))
          << service->stage << ": " << LagMetricOf(*service).value_or(-1);
    }
    // The topic of the fetcher's group is the topic to which the fetcher writes its rows, so a few
    // rows may always follow its last offset. Their number must not grow.
    const int64_t lag = Lag(pipeline, "fetcher", kafka::Topic::kLedger);
    ASSERT_GT(blobs, 100);
    EXPECT_LT(lag, fetcher_lag + blobs / 2) << "round " << round;
    fetcher_lag = lag;
  }

  parser.process->Signal(SIGTERM);
  ASSERT_EQ(parser.process->Wait(absl::Seconds(20)), 0);
  const int64_t idle_lag = Lag(pipeline, "parser", kafka::Topic::kRaw);
  {
    RawProducer producer(pipeline.kafka(), pipeline.Topic(kafka::Topic::kRaw), kPartitions);
    producer.Send(cloud.tenants[0].id, "lag$1",
                  absl::StrCat(R"([{"Id":"7e0b9a52-5f41-4f55-9f2e-3a1d2c4b5a60",)",
                               R"("CreationTime":"2026-01-01T00:00:00","Operation":"PageViewed",)",
                               R"("OrganizationId":")", cloud.tenants[0].id,
                               R"(","RecordType":6,"Workload":"SharePoint","UserId":"lag@x"}])"));
  }
  EXPECT_EQ(Lag(pipeline, "parser", kafka::Topic::kRaw), idle_lag + 1);
  parser.process->Start();
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] {
    const TopicContents contents = pipeline.Read();
    return contents.events.count(
               absl::StrCat(cloud.tenants[0].id, "|7e0b9a52-5f41-4f55-9f2e-3a1d2c4b5a60")) == 1;
  })) << "the record that was sent while the parser was stopped has no event";
  EXPECT_TRUE(WaitFor(absl::Seconds(60),
                      [&] {
                        return Lag(pipeline, "parser", kafka::Topic::kRaw) <= idle_lag &&
                               LagMetricOf(parser) == 0.0;
                      }))
      << Lag(pipeline, "parser", kafka::Topic::kRaw) << ", metric "
      << LagMetricOf(parser).value_or(-1);
}

}  // namespace
}  // namespace picket
