// Tests that services use hardly any CPU time while they have no input or no partitions, or while
// their brokers are stopped. The waits that save the CPU time must not delay a record.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kafka/topic_reader.h"
#include "simulator/simulator.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/pipeline.h"
#include "tests/stay_up/fleet.h"
#include "tests/stay_up/kafka_cluster.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

// Each process has more workers than there are partitions, so that some workers have none.
constexpr int kPartitions = 2;
constexpr int kWorkers = 4;
constexpr absl::Duration kMeasured = absl::Seconds(12);
// The CPU time that a service may use, as a share of one core.
constexpr double kMostCpu = 0.03;
// The number of records from whose times to the alert the test takes the median.
constexpr int kProbes = 5;

// Publishes records that raise an alert, and measures how long the alerts take.
class AlertProbe {
 public:
  static constexpr char kRule[] =
      "title: Probe\nid: probe\nlevel: high\nlogsource: {product: m365}\ndetection:\n"
      "  s: {Operation: LatencyProbe}\n  condition: s\n";

  AlertProbe(Pipeline& pipeline, simulator::Simulator& simulator)
      : simulator_(simulator),
        alerts_(*kafka::TopicReader::Open(pipeline.kafka(), pipeline.Topic(kafka::Topic::kAlerts),
                                          kafka::TopicReader::Isolation::kReadCommitted)) {}

  // Returns the median time from a record to its alert. Waits before each record.
  absl::Duration Median(absl::Duration wait) {
    std::vector<absl::Duration> times;
    for (int i = 0; i < kProbes; ++i) {
      absl::SleepFor(wait);
      times.push_back(Measure());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }

 private:
  absl::Duration Measure() {
    const simulator::Tenant& tenant = simulator_.tenants().front();
    const std::string user = absl::StrCat("probe", ++count_, "@", tenant.domain);
    const absl::Time began = absl::Now();
    simulator_.cloud().Publish(
        tenant.id, simulator::kSharePoint,
        absl::StrCat(R"([{"Id":"5d0c1c55-7b7b-4a0a-9c1e-)", absl::Dec(count_, absl::kZeroPad12),
                     R"(","CreationTime":")",
                     absl::FormatTime("%Y-%m-%dT%H:%M:%S", began, absl::UTCTimeZone()),
                     R"(","OrganizationId":")", tenant.id,
                     R"(","RecordType":6,"Workload":"SharePoint","Operation":"LatencyProbe",)",
                     R"("UserType":0,"UserKey":"probe","UserId":")", user, R"("}])"));
    bool is_found = false;
    EXPECT_TRUE(WaitFor(
        absl::Seconds(30),
        [&] {
          alerts_->Poll(absl::Milliseconds(20), [&](const kafka::Message& alert) {
            is_found = is_found || alert.value.find(user) != std::string_view::npos;
          });
          return is_found;
        },
        absl::ZeroDuration()))
        << "no alert about " << user;
    return absl::Now() - began;
  }

  simulator::Simulator& simulator_;
  const std::unique_ptr<kafka::TopicReader> alerts_;
  int count_ = 0;
};

class IdleTest : public testing::Test {
 protected:
  // Measures the CPU time of all services, and expects that each of them uses less than kMostCpu.
  void ExpectNoCpu(const char* state) {
    std::map<ServiceProcess*, double> before;
    const absl::Time began = absl::Now();
    for (ServiceProcess* const service : fleet_.services()) {
      before[service] = service->process->CpuSeconds();
    }
    fleet_.ExpectRunningFor(kMeasured);
    const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
    for (ServiceProcess* const service : fleet_.services()) {
      const double share = (service->process->CpuSeconds() - before[service]) / seconds;
      std::printf("%s, %s: %.2f %% of a core\n", service->stage.c_str(), state, 100 * share);
      EXPECT_LT(share, kMostCpu) << service->stage << ", " << state;
    }
  }

  SystemClock clock_;
  Fleet fleet_;
};

TEST_F(IdleTest, AServiceUsesNoCpuTimeWithoutInputAndWithoutBrokers) {
  REQUIRE_KAFKA();
  KafkaCluster cluster(1);
  ASSERT_EQ(cluster.error(), "");
  simulator::SimulatorOptions cloud;
  cloud.tenants = simulator::InventTenants(2, 5);
  const auto simulator = *simulator::Simulator::Start(cloud, clock_);
  PipelineOptions options;
  options.partitions = kPartitions;
  options.workers = kWorkers;
  options.bootstrap_servers = cluster.bootstrap();
  const TempFolder rules;
  rules.Write("probe.yml", AlertProbe::kRule);
  options.rules_dir = rules.Path();
  Pipeline pipeline("idle", options, *simulator);
  for (const char* const stage : {"fetch", "parse", "detect"}) {
    ServiceProcess& service = pipeline.Add(stage, "a");
    fleet_.Add(service);
    service.process->Start();
  }
  ASSERT_TRUE(fleet_.ExpectRunningUntil(absl::Seconds(90), [&] {
    for (const ServiceProcess* const service : fleet_.services()) {
      if (!service->IsPolling()) return false;
    }
    return true;
  }));
  ExpectNoCpu("without input");

  // The long wait is longer than any poll. Neither wait is a multiple of 1 s, the interval between
  // two listings of content.
  AlertProbe probe(pipeline, *simulator);
  (void)probe.Median(absl::ZeroDuration());  // the first records of a tenant take longer
  const absl::Duration busy = probe.Median(absl::Milliseconds(230));
  const absl::Duration idle = probe.Median(absl::Milliseconds(3300));
  std::printf("record to alert: %.2f s one after the other, %.2f s after a wait\n",
              absl::ToDoubleSeconds(busy), absl::ToDoubleSeconds(idle));
  // A record waits for up to 1 s until the next listing, so the medians may differ by that much.
  EXPECT_LT(idle, busy + absl::Seconds(2));

  cluster.Stop(1);
  fleet_.ExpectRunningFor(absl::Seconds(8));  // longer than the session
  ExpectNoCpu("without brokers");
}

}  // namespace
}  // namespace picket
