// Collects many tenants in a process that may have few file descriptors.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetcher/fetcher_stage.h"
#include "simulator/simulator.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

constexpr int kTenants = 40;
constexpr int kBlobsPerTenant = 20;

// Runs the simulated tenants in a process of its own, so that they do not use this process's
// descriptors. The process publishes all content before it reports its port.
class SimulatorProcess {
 public:
  SimulatorProcess() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    pid_ = fork();
    if (pid_ == 0) {
      Run(ends[1]);
      _exit(1);
    }
    close(ends[1]);
    EXPECT_EQ(read(ends[0], &port_, sizeof(port_)), static_cast<ssize_t>(sizeof(port_)));
    close(ends[0]);
  }
  ~SimulatorProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }

 private:
  static void Run(int port_end) {
    SystemClock clock;
    simulator::SimulatorOptions options;
    options.tenants = simulator::InventTenants(kTenants, 7);
    auto started = simulator::Simulator::Start(std::move(options), clock);
    if (!started.ok()) return;
    for (const simulator::Tenant& tenant : (*started)->tenants()) {
      for (int i = 0; i < kBlobsPerTenant; ++i) {
        (*started)->cloud().Publish(tenant.id, simulator::kExchange,
                                    absl::StrCat("[{\"Id\":\"", i, "\"}]"));
      }
    }
    const int port = (*started)->port();
    if (write(port_end, &port, sizeof(port)) != sizeof(port)) return;
    while (true) pause();
  }

  pid_t pid_ = -1;
  int port_ = 0;
};

TEST(DescriptorLimitTest, FortyTenantsAreCollectedWithSixtyFourDescriptors) {
  const SimulatorProcess simulator;
  SystemClock clock;
  FetcherConfig config;
  config.poll_interval = absl::Milliseconds(300);
  config.settle = absl::ZeroDuration();
  kafka::TopicsConfig topics_config;
  topics_config.partitions = 4;
  std::vector<m365::TenantConfig> configs;
  for (const simulator::Tenant& tenant : simulator::InventTenants(kTenants, 7)) {
    configs.push_back(ConfigOf(tenant, simulator.url()));
  }
  Metrics metrics;
  Topics topics;
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit lowered = before;
  lowered.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lowered), 0);
  const absl::Duration begin = clock.SinceStart();
  {
    auto stage = MakeFetcherStage(
        config, std::make_shared<const std::vector<m365::TenantConfig>>(std::move(configs)),
        topics_config, MakeTransport(config), clock, metrics);
    for (int32_t partition = 0; partition < 4; ++partition) {
      stage->BeginRestore(partition);
      stage->EndRestore(partition);
    }
    kafka::OutputBatch out;
    while (topics.RawBlobs().size() < kTenants * kBlobsPerTenant &&
           clock.SinceStart() - begin < absl::Minutes(2)) {
      stage->Collect(8 << 20, out);
      topics.Append(out);
      if (!out.empty()) stage->Commit();
      out.Clear();
      stage->BetweenTransactions();
      clock.Wait(absl::Milliseconds(5), {});
    }
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  const std::map<std::string, int> blobs = topics.RawBlobs();
  EXPECT_EQ(blobs.size(), static_cast<size_t>(kTenants * kBlobsPerTenant));
  for (const auto& [id, copies] : blobs) EXPECT_EQ(copies, 1) << id;
  EXPECT_TRUE(topics.Coverage("gap").empty());
  // No tenant was suspended for a fault that is this process's own.
  EXPECT_TRUE(topics.Coverage("health").empty());
  RecordProperty("seconds", static_cast<int>(absl::ToInt64Seconds(clock.SinceStart() - begin)));
}

}  // namespace
}  // namespace picket::fetcher
