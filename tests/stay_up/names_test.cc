// Tests the names of processes on a real Kafka. The cases are two processes of one name, a name
// that a dead member has taken, and two installations whose processes have the same names.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/transaction_log.h"
#include "tests/stay_up/fleet.h"
#include "tests/stay_up/group_members.h"

namespace picket {
namespace {

class NamesTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_KAFKA(); }

  std::unique_ptr<simulator::Simulator> StartSimulator(uint64_t seed) {
    simulator::SimulatorOptions options;
    options.tenants = simulator::InventTenants(4, seed);
    return *simulator::Simulator::Start(options, clock_);
  }
  std::unique_ptr<simulator::Feed> StartFeed(simulator::Simulator& simulator, uint64_t seed,
                                             double records_per_second) {
    auto feed = *simulator::Feed::Make(
        simulator.cloud(),
        {.seed = seed, .records_per_second = records_per_second, .records_per_tenant = 500},
        clock_);
    feed->Start();
    return feed;
  }

  SystemClock clock_;
};

// Two processes of one name.
struct Rivals {
  ServiceProcess* older;
  ServiceProcess* newer;
};

// Waits until one of the two processes has ended. Expects that it is the newer one, and that its
// message names the host of the other.
void ExpectThatTheNewerOneEnds(const Rivals& rivals, absl::Time deadline) {
  std::optional<int> older;
  std::optional<int> newer;
  WaitFor(deadline - absl::Now(), [&] {
    if (!older.has_value()) older = rivals.older->process->Wait(absl::ZeroDuration());
    if (!newer.has_value()) newer = rivals.newer->process->Wait(absl::ZeroDuration());
    return older.has_value() || newer.has_value();
  });
  const std::string& stage = rivals.newer->stage;
  EXPECT_FALSE(older.has_value()) << stage << ": the older process ended with status "
                                  << older.value_or(0) << ":\n"
                                  << LinesWith(rivals.older->process->log_path(), "", 12);
  ASSERT_TRUE(newer.has_value()) << stage << ": the newer process still runs:\n"
                                 << LinesWith(rivals.newer->process->log_path(), "", 12);
  EXPECT_EQ(*newer, 2) << stage;
  const std::string message = LinesWith(rivals.newer->process->log_path(), "service_failed", 1);
  EXPECT_TRUE(absl::StrContains(message, "127.0.0.1")) << stage << " names no host: " << message;
  EXPECT_TRUE(absl::StrContains(message, "another process uses")) << message;
}

TEST_F(NamesTest, OfTwoProcessesOfOneNameTheNewerOneEndsAndNamesTheHostOfTheOther) {
  const auto simulator = StartSimulator(31);
  PipelineOptions options;
  options.partitions = 4;
  options.session_timeout = kafka::KafkaConfig().session_timeout;
  Pipeline pipeline("rivals", options, *simulator);
  std::vector<Rivals> all;
  for (const char* stage : {"fetch", "parse", "detect"}) {
    all.push_back({.older = &pipeline.Add(stage, "same"),
                   .newer = &pipeline.Add(stage, "same", {}, absl::StrCat(stage, "-rival"))});
    all.back().older->process->Start();
  }
  for (const Rivals& rivals : all) {
    ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return rivals.older->IsPolling(); }));
  }
  const auto feed = StartFeed(*simulator, 31, 40);
  for (const Rivals& rivals : all) rivals.newer->process->Start();
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  for (const Rivals& rivals : all) ExpectThatTheNewerOneEnds(rivals, deadline);

  // The older processes continue, and nothing was lost or doubled meanwhile.
  EXPECT_TRUE(pipeline.WaitUntilProcessed(*feed, absl::Minutes(2)));
  for (const Rivals& rivals : all) {
    EXPECT_EQ(rivals.older->process->Wait(absl::ZeroDuration()), std::nullopt);
  }
  ExpectExactContents(pipeline, *feed);
}

TEST_F(NamesTest, IfTheOlderProcessStopsWhileTheNewerOneWaitsTheNewerOneGoesOn) {
  const auto simulator = StartSimulator(36);
  PipelineOptions options;
  options.partitions = 4;
  options.session_timeout = kafka::KafkaConfig().session_timeout;
  Pipeline pipeline("heirs", options, *simulator);
  ServiceProcess& older = pipeline.Add("parse", "same");
  ServiceProcess& newer = pipeline.Add("parse", "same", {}, "parse-heir");
  older.process->Start();
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return older.IsPolling(); }));
  newer.process->Start();
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] {
    return !LinesWith(newer.process->log_path(), "name_used_by_other_process", 1).empty();
  })) << LinesWith(newer.process->log_path(), "", 12);
  // The newer process waits for 15 seconds in all.
  absl::SleepFor(absl::Seconds(8));
  older.process->Signal(SIGTERM);
  EXPECT_EQ(older.process->Wait(absl::Seconds(30)), 0);

  pipeline.Add("fetch", "a").process->Start();
  pipeline.Add("detect", "a").process->Start();
  const auto feed = StartFeed(*simulator, 36, 0);
  EXPECT_TRUE(pipeline.WaitUntilProcessed(*feed, absl::Minutes(2)));
  EXPECT_EQ(newer.process->Wait(absl::ZeroDuration()), std::nullopt)
      << LinesWith(newer.process->log_path(), "", 12);
  ExpectExactContents(pipeline, *feed);
}

TEST_F(NamesTest, OfTwoProcessesOfOneNameThatStartTogetherOneEnds) {
  const auto simulator = StartSimulator(32);
  PipelineOptions options;
  options.partitions = 4;
  options.session_timeout = kafka::KafkaConfig().session_timeout;
  Pipeline pipeline("twins", options, *simulator);
  std::vector<ServiceProcess*> twins = {&pipeline.Add("parse", "same"),
                                        &pipeline.Add("parse", "same", {}, "parse-twin")};
  for (ServiceProcess* const twin : twins) twin->process->Start();
  std::vector<ServiceProcess*> ended;
  const auto collect_ended = [&] {
    for (ServiceProcess* const twin : twins) {
      if (!twin->process->running()) continue;
      const std::optional<int> status = twin->process->Wait(absl::ZeroDuration());
      if (!status.has_value()) continue;
      EXPECT_EQ(*status, 2);
      ended.push_back(twin);
    }
  };
  ASSERT_TRUE(WaitFor(absl::Minutes(2),
                      [&] {
                        collect_ended();
                        return !ended.empty();
                      }))
      << "neither ended:\n"
      << LinesWith(twins[0]->process->log_path(), "", 25) << "\n"
      << LinesWith(twins[1]->process->log_path(), "", 25);
  const std::string message = LinesWith(ended[0]->process->log_path(), "service_failed", 1);
  EXPECT_TRUE(absl::StrContains(message, "127.0.0.1")) << "names no host: " << message;

  // The other process gets the partitions and processes the records.
  pipeline.Add("fetch", "a").process->Start();
  pipeline.Add("detect", "a").process->Start();
  const auto feed = StartFeed(*simulator, 32, 0);
  EXPECT_TRUE(pipeline.WaitUntilProcessed(*feed, absl::Minutes(2)));
  collect_ended();
  EXPECT_EQ(ended.size(), 1u) << "both ended";
  ExpectExactContents(pipeline, *feed);
}

// The test fences each worker with a member that then sends nothing. The same happens to a worker
// if a late join of its own client or of a dead predecessor fences it.
TEST_F(NamesTest, AServiceThatIsFencedByADeadMemberJoinsAgain) {
  const auto simulator = StartSimulator(33);
  PipelineOptions options;
  options.partitions = 4;
  Pipeline pipeline("ghost", options, *simulator);
  Fleet fleet;
  for (const char* stage : {"fetch", "parse", "detect"}) fleet.Add(pipeline.Add(stage, "a"));
  for (ServiceProcess* const service : fleet.services()) service->process->Start();
  for (ServiceProcess* const service : fleet.services()) {
    ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] { return service->IsPolling(); }));
  }
  const auto feed = StartFeed(*simulator, 33, 40);
  struct Input {
    const char* stage;
    kafka::Topic topic;
  };
  for (int round = 1; round <= 2; ++round) {
    std::map<std::string, std::string> ghosts;  // member ids, indexed by group instance id
    const Input inputs[] = {{"fetcher", kafka::Topic::kLedger},
                            {"parser", kafka::Topic::kRaw},
                            {"detector", kafka::Topic::kEvents}};
    const auto members = [&] {
      std::map<std::string, std::string> all;
      for (const Input& input : inputs) {
        const auto of_group =
            MembersOf(pipeline.kafka(), absl::StrCat("picket-", pipeline.prefix(), input.stage));
        if (of_group.ok()) all.insert(of_group->begin(), of_group->end());
      }
      return all;
    };
    std::map<std::string, std::string> before;
    ASSERT_TRUE(WaitFor(absl::Seconds(60),
                        [&] {
                          before = members();
                          return before.size() == 6;  // three services of two workers each
                        }))
        << before.size() << " members";
    for (const Input& input : inputs) {
      for (const auto& [instance, id] : before) {
        if (!absl::StrContains(instance, input.stage)) continue;
        GhostMember ghost(pipeline.kafka(), absl::StrCat("picket-", pipeline.prefix(), input.stage),
                          pipeline.Topic(input.topic), instance);
        ghosts[instance] = ghost.WaitUntilJoined();
      }
    }
    ASSERT_EQ(ghosts.size(), 6u);
    EXPECT_TRUE(fleet.ExpectRunningUntil(
        absl::Minutes(2),
        [&] {
          const std::map<std::string, std::string> now = members();
          return now.size() == ghosts.size() &&
                 std::all_of(ghosts.begin(), ghosts.end(), [&](const auto& ghost) {
                   const auto found = now.find(ghost.first);
                   return found != now.end() && found->second != ghost.second;
                 });
        }))
        << "not every worker has its name back after fence " << round;
  }
  EXPECT_TRUE(pipeline.WaitUntilProcessed(*feed, absl::Minutes(2)));
  fleet.ExpectRunning();
  ExpectExactContents(pipeline, *feed);
}

TEST_F(NamesTest, TwoInstallationsWithTheSameNamesOnOneClusterDoNotDisturbEachOther) {
  PipelineOptions options;
  options.partitions = 4;
  options.prefix_in_instance = false;
  const auto first_simulator = StartSimulator(34);
  const auto second_simulator = StartSimulator(35);
  Pipeline first("first", options, *first_simulator);
  Pipeline second("second", options, *second_simulator);
  Fleet fleet;
  for (const char* stage : {"fetch", "parse", "detect"}) {
    fleet.Add(first.Add(stage, "onehost"));
    fleet.Add(second.Add(stage, "onehost"));
  }
  for (ServiceProcess* const service : fleet.services()) service->process->Start();
  for (ServiceProcess* const service : fleet.services()) {
    ASSERT_TRUE(fleet.ExpectRunningUntil(absl::Seconds(60), [&] { return service->IsPolling(); }));
  }
  const auto first_feed = StartFeed(*first_simulator, 34, 150);
  const auto second_feed = StartFeed(*second_simulator, 35, 150);
  EXPECT_TRUE(first.WaitUntilProcessed(*first_feed, absl::Minutes(2)));
  EXPECT_TRUE(second.WaitUntilProcessed(*second_feed, absl::Minutes(2)));
  fleet.ExpectRunning();
  ExpectExactContents(first, *first_feed);
  ExpectExactContents(second, *second_feed);

  const auto log = ReadTransactionLog(first.kafka());
  ASSERT_TRUE(log.ok()) << log.status();
  for (const Pipeline* pipeline : {&first, &second}) {
    TransactionCounts sum;
    for (const auto& [id, counts] : *log) {
      if (!absl::StrContains(id, pipeline->prefix())) continue;
      EXPECT_TRUE(absl::StartsWith(id, "picket-")) << id;
      sum.committed += counts.committed;
      sum.aborted += counts.aborted;
    }
    EXPECT_GT(sum.committed, 0) << "no transactional id contains " << pipeline->prefix();
    EXPECT_EQ(sum.aborted, 0) << pipeline->prefix();
  }
}

}  // namespace
}  // namespace picket
