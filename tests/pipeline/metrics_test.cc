// Tests that the pages /metrics of the services add up to the contents of the topics, on a real
// Kafka.

#include "common/metrics.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/demo/metrics_text.h"
#include "common/file.h"
#include "simulator/feed.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/raw_producer.h"

namespace picket {
namespace {

class PipelineMetricsTest : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_KAFKA();
    simulator::SimulatorOptions options;
    options.tenants = simulator::InventTenants(3, 7);
    options.cloud.strict = true;
    simulator_ = *simulator::Simulator::Start(options, clock_);
  }

  // Returns a page of a service, or an empty string if the service does not answer.
  static std::string Get(const Pipeline& pipeline, const std::string& stage, const char* path) {
    const int port = AdminPortOf(absl::StrCat(pipeline.folder(), "/", stage, "-a.log"));
    if (port == 0) return "";
    httplib::Client client("127.0.0.1", port);
    const httplib::Result answer = client.Get(path);
    return answer == nullptr ? "" : answer->body;
  }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
};

TEST_F(PipelineMetricsTest, InIsOutAndDuplicatesAndDeadLettersInSpiteOfAborts) {
  PipelineOptions options;
  options.partitions = 4;
  Pipeline pipeline("metrics", options, *simulator_);
  for (const char* stage : {"fetch", "parse", "detect"}) pipeline.Add(stage, "a").process->Start();
  auto feed = *simulator::Feed::Make(simulator_->cloud(),
                                     {.seed = 11,
                                      .records_per_second = 400,
                                      .records_per_tenant = 1000,
                                      .republished_share = 0.05},
                                     clock_);
  feed->Start();
  // A second parser that comes and goes takes partitions away in the middle of transactions.
  ServiceProcess& visitor = pipeline.Add("parse", "b");
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return feed->records_published() > 500; }));
  visitor.process->Start();
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return visitor.IsPolling(); }));
  visitor.process->Signal(SIGTERM);
  EXPECT_EQ(visitor.process->Wait(absl::Seconds(15)), 0);
  // Two messages that become dead letters of the parser, and one of the detector.
  RawProducer raw(pipeline.kafka(), pipeline.Topic(kafka::Topic::kRaw), options.partitions);
  raw.SendForeign(simulator_->tenants()[0].id, "<html>");
  raw.SendForeign(simulator_->tenants()[0].id, "[null]");
  raw.Flush();
  RawProducer events(pipeline.kafka(), pipeline.Topic(kafka::Topic::kEvents), options.partitions);
  events.SendForeign(simulator_->tenants()[0].id, "not an event");
  events.Flush();
  ASSERT_TRUE(pipeline.WaitUntilProcessed(*feed, absl::Seconds(120)));
  ASSERT_TRUE(
      WaitFor(absl::Seconds(30), [&] { return pipeline.Count(kafka::Topic::kDeadLetters) == 3; }));

  const TopicContents contents = pipeline.Read();
  const auto matched = static_cast<double>(contents.events.size() - 1);  // without the dead letter
  std::map<std::string, std::unique_ptr<MetricsText>> pages;
  const auto sum = [&](CounterName name, const std::string& service,
                       const std::vector<std::string_view>& labels = {}) {
    return pages.at(service)->Sum(name.text(), labels);
  };
  // The last commit may be counted a moment after its messages are visible.
  ASSERT_TRUE(WaitFor(absl::Seconds(10), [&] {
    for (const char* service : {"fetch", "parse", "detect"}) {
      pages[service] = std::make_unique<MetricsText>(Get(pipeline, service, "/metrics"));
    }
    return sum("picket_records_in_total", "detect") >= matched + 1;
  }));
  for (const auto& [service, page] : pages) {
    const double dead = service == "fetch" ? 0 : sum("picket_dead_letters_total", service);
    EXPECT_EQ(sum("picket_records_in_total", service),
              sum("picket_records_out_total", service) + sum("picket_duplicates_total", service) +
                  dead + sum("picket_dropped_total", service))
        << service;
    EXPECT_EQ(page->Sum("picket_build_info"), 1) << service;
    EXPECT_GT(page->Sum("process_cpu_seconds_total"), 0) << service;
  }
  EXPECT_EQ(sum("picket_records_out_total", "fetch"), simulator_->cloud().blobs_published());
  EXPECT_EQ(pages.at("fetch")->Sum("picket_tenant_info"), 3);
  EXPECT_EQ(pages.at("fetch")->Sum("picket_fetcher_unfetched_blobs"), 0);
  EXPECT_EQ(sum("picket_dead_letters_total", "detect", {"reason=\"not_an_object\""}), 1);
  EXPECT_EQ(sum("picket_records_out_total", "detect"), matched);
  EXPECT_EQ(sum("picket_alerts_total", "detect"), contents.alerts.size());
  // The visitor has counted its own share of the parser's records.
  EXPECT_LE(sum("picket_records_out_total", "parse"), matched);
  EXPECT_GT(sum("picket_records_out_total", "parse"), 0);
}

}  // namespace
}  // namespace picket
