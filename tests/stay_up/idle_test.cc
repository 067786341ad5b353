// Tests that services which have nothing to do use no CPU time: without input, without partitions,
// and while their brokers are away.

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "simulator/simulator.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/pipeline.h"
#include "tests/stay_up/fleet.h"
#include "tests/stay_up/kafka_cluster.h"

namespace picket {
namespace {

// Each process has more workers than there are partitions, so that some workers have none.
constexpr int kPartitions = 2;
constexpr int kWorkers = 4;
constexpr absl::Duration kMeasured = absl::Seconds(12);
// The CPU time that a service may use, as a share of one core. Operators may expect 0.03 of a
// release build. This test runs a build with assertions, next to other processes.
constexpr double kMostCpu = 0.10;

class IdleTest : public testing::Test {
 protected:
  // Measures the CPU time of all services for some time, and prints it.
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

  cluster.Stop(1);
  fleet_.ExpectRunningFor(absl::Seconds(8));  // the session ends
  ExpectNoCpu("without brokers");
}

}  // namespace
}  // namespace picket
