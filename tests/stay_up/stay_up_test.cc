// Stalls and restarts brokers, cuts services off from them, sets the clocks of services and stops
// services, while simulated tenants publish without a pause. No service may end, and at the end the
// topics must contain each record and each alert exactly once.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/mutex.h"
#include "kafka/topics.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/pipeline.h"
#include "tests/stay_up/dropping_proxy.h"
#include "tests/stay_up/fleet.h"
#include "tests/stay_up/interposed_host.h"
#include "tests/stay_up/kafka_cluster.h"
#include "tests/stay_up/recoveries.h"
#include "tests/stay_up/steady_flow.h"
#include "tests/stay_up/transaction_watch.h"

namespace picket {
namespace {

constexpr int kPartitions = 6;
// Both stalls are longer than the session of 10 s. The long stall also exceeds the time limit of
// the client's requests, so the requests fail before the client finds that its session is lost. The
// short stall does not exceed this limit.
constexpr absl::Duration kLongStall = absl::Seconds(14);
constexpr absl::Duration kShortStall = absl::Milliseconds(11'500);
constexpr absl::Duration kPartition = absl::Seconds(30);  // how long the network is cut
constexpr absl::Duration kZombie = absl::Seconds(12);
// A service on a busy machine may need a new session and the restore of its state.
constexpr absl::Duration kRecoveryLimit = absl::Minutes(2);

struct Stage {
  const char* command;
  const char* name;  // in the names of groups and transactions
};
constexpr Stage kStages[] = {{"fetch", "fetcher"}, {"parse", "parser"}, {"detect", "detector"}};

// The faults of one run.
struct Plan {
  uint32_t seed = 1;
  int stalls = 3;
  int storms = 1;
  // If true, the lengths of the faults and the brokers that stall depend on the seed.
  bool varies = false;
};

// Returns tenants such that each partition has at least one, so that every worker has work.
std::vector<simulator::Tenant> TenantsOfAllPartitions(int count) {
  for (uint64_t seed = 1;; ++seed) {
    std::vector<simulator::Tenant> tenants = simulator::InventTenants(count, seed);
    std::set<int32_t> partitions;
    for (const simulator::Tenant& tenant : tenants) {
      partitions.insert(kafka::PartitionOf(tenant.id, kPartitions));
    }
    if (partitions.size() == kPartitions) return tenants;
  }
}

// Three processes of each stage, of two workers each, on three brokers.
//   a: the test sets its clock
//   b: it reaches the brokers through a proxy, which can cut it off
//   c: it is stopped for longer than its session, and continues as a zombie
class StayUpTest : public testing::Test {
 protected:
  struct Action {
    absl::Duration at;
    std::function<void()> run;
  };

  void Run(const Plan& plan);
  void StartServices();
  void StallBrokers(bool all, absl::Duration length);
  // Restarts the brokers one after the other. Meanwhile cuts b off, sets the clock of a, and stops
  // c.
  void RunStorm();
  // Runs the actions, which are ordered by time, and checks all the time that no service ends.
  void RunActions(const std::vector<Action>& actions);
  void ExpectRecovery();
  absl::Duration Varied(absl::Duration usual) {
    return plan_.varies ? usual * std::uniform_real_distribution(0.85, 1.4)(random_) : usual;
  }
  void FaultEndedForEach(const std::string& kind, const std::string& instance) {
    for (const Stage& stage : kStages) recoveries_->FaultEnded(kind, stage.name, instance);
  }

  Plan plan_;
  std::mt19937_64 random_;
  SystemClock clock_;
  std::unique_ptr<KafkaCluster> cluster_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<DroppingProxy> proxy_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<InterposedHost> clock_host_;  // used by the processes a
  std::unique_ptr<InterposedHost> proxy_host_;  // used by the processes b
  std::unique_ptr<TransactionWatch> watch_;
  std::unique_ptr<Recoveries> recoveries_;
  Fleet fleet_;
  std::map<std::string, ServiceProcess*> zombies_;  // the processes c, indexed by command
};

void StayUpTest::StartServices() {
  clock_host_ = std::make_unique<InterposedHost>(pipeline_->folder() + "/clock-host");
  proxy_host_ = std::make_unique<InterposedHost>(pipeline_->folder() + "/proxy-host");
  proxy_ = std::make_unique<DroppingProxy>(cluster_->Ports());
  for (size_t i = 0; i < cluster_->Ports().size(); ++i) {
    proxy_host_->Redirect(cluster_->Ports()[i], proxy_->port(i));
  }
  for (const Stage& stage : kStages) {
    fleet_.Add(pipeline_->Add(stage.command, "a", clock_host_->Environment()));
    fleet_.Add(pipeline_->Add(stage.command, "b", proxy_host_->Environment()));
    zombies_[stage.command] = &pipeline_->Add(stage.command, "c");
    fleet_.Add(*zombies_[stage.command]);
  }
  for (ServiceProcess* const service : fleet_.services()) service->process->Start();
}

void StayUpTest::ExpectRecovery() {
  fleet_.ExpectRunningUntil(kRecoveryLimit, [&] { return recoveries_->Pending().empty(); });
  for (const std::string& line : recoveries_->Pending()) ADD_FAILURE() << line;
}

void StayUpTest::StallBrokers(bool all, absl::Duration length) {
  const int only = 1 + static_cast<int>(random_() % static_cast<uint64_t>(cluster_->brokers()));
  const auto is_stalled = [&](int broker) { return all || broker == only; };
  for (int n = 1; n <= cluster_->brokers(); ++n) {
    if (is_stalled(n)) cluster_->Stall(n);
  }
  fleet_.ExpectRunningFor(length);
  for (int n = 1; n <= cluster_->brokers(); ++n) {
    if (is_stalled(n)) cluster_->Resume(n);
  }
  const std::string kind = all ? "brokers stalled" : "one broker stalled";
  for (const char* instance : {"a", "b", "c"}) FaultEndedForEach(kind, instance);
  ExpectRecovery();
}

void StayUpTest::RunActions(const std::vector<Action>& actions) {
  const absl::Time begin = absl::Now();
  for (const Action& action : actions) {
    fleet_.ExpectRunningFor(begin + action.at - absl::Now());
    action.run();
  }
}

void StayUpTest::RunStorm() {
  bool are_restarted = false;
  Mutex mu;  // guards are_restarted
  std::jthread restarts([&] {
    for (int n = 1; n <= cluster_->brokers(); ++n) {
      cluster_->Restart(n);
      FaultEndedForEach("broker restarted", "");
      EXPECT_TRUE(cluster_->WaitUntilInSync(absl::Minutes(2))) << "after the restart of " << n;
    }
    MutexLock lock(mu);
    are_restarted = true;
  });

  std::vector<Action> actions;
  const bool resets = plan_.varies && random_() % 2 == 0;
  actions.push_back({absl::ZeroDuration(), [&] { proxy_->Cut(); }});
  actions.push_back({Varied(kPartition), [&, resets] {
                       resets ? proxy_->HealWithReset() : proxy_->Heal();
                       FaultEndedForEach("network cut", "b");
                     }});
  const auto set_clock = [&](absl::Duration at, absl::Duration shift) {
    actions.push_back({at, [&, shift] {
                         clock_host_->ShiftClock(shift);
                         FaultEndedForEach("clock set", "a");
                       }});
  };
  set_clock(absl::Seconds(2), absl::Hours(1));
  set_clock(absl::Seconds(10), absl::ZeroDuration());
  set_clock(absl::Seconds(16), -absl::Hours(1));
  set_clock(absl::Seconds(24), absl::ZeroDuration());
  const auto stop = [&](absl::Duration at, const Stage& stage) {
    actions.push_back({at, [&] { zombies_[stage.command]->process->Signal(SIGSTOP); }});
    actions.push_back({at + Varied(kZombie), [&] {
                         zombies_[stage.command]->process->Signal(SIGCONT);
                         recoveries_->FaultEnded("zombie continued", stage.name, "c");
                       }});
  };
  stop(absl::Seconds(3), kStages[0]);
  stop(absl::Seconds(6), kStages[1]);
  stop(absl::Seconds(9), kStages[2]);
  stop(absl::Seconds(26), kStages[random_() % 3]);
  std::stable_sort(actions.begin(), actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  RunActions(actions);
  EXPECT_TRUE(fleet_.ExpectRunningUntil(absl::Minutes(8), [&] {
    MutexLock lock(mu);
    return are_restarted;
  }));
  restarts.join();
  ExpectRecovery();
}

void StayUpTest::Run(const Plan& plan) {
  plan_ = plan;
  random_.seed(plan.seed);
  const absl::Time begin = absl::Now();
  const auto print_progress = [&](const char* what) {
    std::printf("%6.1f s: %s\n", absl::ToDoubleSeconds(absl::Now() - begin), what);
    std::fflush(stdout);
  };
  cluster_ = std::make_unique<KafkaCluster>(3);
  ASSERT_EQ(cluster_->error(), "");
  print_progress("three brokers run");

  simulator::SimulatorOptions cloud;
  cloud.tenants = TenantsOfAllPartitions(8);
  simulator_ = *simulator::Simulator::Start(cloud, clock_);
  PipelineOptions options;
  options.bootstrap_servers = cluster_->bootstrap();
  options.replication_factor = 3;
  options.partitions = kPartitions;
  options.session_timeout = kafka::KafkaConfig().session_timeout;
  pipeline_ = std::make_unique<Pipeline>("stay-up", options, *simulator_);
  watch_ = std::make_unique<TransactionWatch>(pipeline_->kafka(), pipeline_->prefix());
  recoveries_ = std::make_unique<Recoveries>(*watch_);
  StartServices();

  // The feed contains the attacks, and takes about as long as the faults. Its rate is low, because
  // the test is about the faults and not about load.
  const int64_t seconds = 20 * (plan.stalls + 1) + 45 * plan.storms;
  constexpr int64_t kRecordsPerSecond = 60;
  auto feed =
      simulator::Feed::Make(simulator_->cloud(),
                            {.seed = plan.seed,
                             .records_per_second = kRecordsPerSecond,
                             .blob_records = 10,
                             .records_per_tenant = seconds * kRecordsPerSecond /
                                                   static_cast<int64_t>(cloud.tenants.size()),
                             .day = absl::Hours(3),
                             .republished_share = 0.02},
                            clock_);
  ASSERT_TRUE(feed.ok()) << feed.status();
  // Faults begin only after all subscriptions have started (see kill_test.cc).
  const auto subscribed = [&] {
    uint64_t starts = 0;
    for (const auto& [kind_and_result, count] : simulator_->cloud().Counts()) {
      if (kind_and_result.first == simulator::RequestKind::kStart) starts += count;
    }
    return starts == cloud.tenants.size() * cloud.tenants[0].content_types.size();
  };
  ASSERT_TRUE(fleet_.ExpectRunningUntil(absl::Minutes(2), subscribed));
  SteadyFlow steady(simulator_->cloud(), absl::Seconds(1));
  (*feed)->Start();
  const absl::Time flow_began = absl::Now();
  for (const char* instance : {"a", "b", "c"}) FaultEndedForEach("started", instance);
  ExpectRecovery();
  ASSERT_GT(proxy_->forwarded_bytes(), 0) << "no service uses the proxy";
  print_progress("every service has committed");

  if (plan.varies) std::printf("seed %u\n", plan.seed);
  for (int n = 0; n < std::max(plan.stalls, plan.storms); ++n) {
    if (n < plan.stalls) {
      StallBrokers(!plan.varies || n % 3 != 2, Varied(kLongStall));
      print_progress("recovered from a stall of the brokers");
    }
    if (n == 0) {
      StallBrokers(true, kShortStall);
      print_progress("recovered from a short stall of the brokers");
    }
    if (n >= plan.stalls - plan.storms) {
      RunStorm();
      print_progress("recovered from restarts of the brokers, a cut, clocks and stops");
    }
  }

  steady.Stop();
  const absl::Time flow_ended = absl::Now();
  ASSERT_TRUE(
      fleet_.ExpectRunningUntil(absl::Minutes(10), [&] { return (*feed)->AllPublished(); }));
  print_progress("everything is published");
  PublishedIds published = (*feed)->PublishedIds();
  for (const auto& [tenant, ids] : steady.Published()) {
    published[tenant].insert(published[tenant].end(), ids.begin(), ids.end());
  }
  size_t records = 0;
  for (const auto& [tenant, ids] : published) records += ids.size();
  EXPECT_TRUE(pipeline_->WaitUntilRead("detector", kafka::Topic::kEvents,
                                       static_cast<int64_t>(records), absl::Minutes(3)));
  fleet_.ExpectRunning();
  ExpectExactContents(*pipeline_, published, (*feed)->Expected());
  EXPECT_EQ(fleet_.ended(), 0) << "services ended by themselves";

  recoveries_->Print();
  std::printf("\n%d records of %d tenants, %d alerts expected; services ended by themselves: %d\n",
              static_cast<int>(records), static_cast<int>(cloud.tenants.size()),
              static_cast<int>((*feed)->Expected().size()), fleet_.ended());
  std::printf("transactions: %d committed, %d aborted; longest pause of the flow:",
              watch_->committed(), watch_->aborted());
  for (const Stage& stage : kStages) {
    std::printf(" %s %.1f s", stage.name,
                absl::ToDoubleSeconds(watch_->LongestPause(stage.name, flow_began, flow_ended)));
  }
  std::printf("\n");
  print_progress("checked");
}

TEST_F(StayUpTest, NoFaultOfBrokersNetworkClockOrProcessesEndsAServiceOrLosesARecord) {
  REQUIRE_KAFKA();
  Run({.seed = 1, .stalls = 3, .storms = 1});
}

// Repeats the faults with other lengths as often as `scripts/test --soak-faults ROUNDS` says.
TEST_F(StayUpTest, SoakWithManyRoundsOfEachFault) {
  const char* const text = std::getenv("PICKET_SOAK_FAULTS");
  if (text == nullptr) return;  // no soak test was requested
  REQUIRE_KAFKA();
  int rounds = 0;
  ASSERT_TRUE(absl::SimpleAtoi(text, &rounds)) << text;
  Run({.seed = std::random_device{}(), .stalls = rounds, .storms = rounds, .varies = true});
}

}  // namespace
}  // namespace picket
