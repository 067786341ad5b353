// Tests the hand-over of partitions from one owner to the next on a real Kafka. The barrier and the
// ends of the changelogs work as described in docs/exactly-once.md §3. A process that was stopped
// changes nothing when it continues. The state of partitions that do not move is not read again.
// The simulation in tests/kafka/worker shows that no step of a worker's start can be omitted.

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/predecessor.h"
#include "tests/integration/toy_kafka.h"
#include "tests/integration/toy_process.h"

namespace picket::kafka {
namespace {

class HandOverTest : public ToyKafka {
 protected:
  // Simulates a former owner that sends its offsets, loses the partitions, and commits only after
  // the next owner has started.
  void OwnerThatCommitsLate() {
    Send(10);
    Predecessor zombie(kafka_, topics_, absl::StrCat(run_, "-zombie"));
    zombie.Join();
    zombie.Begin();
    zombie.ProcessEverything(sent_);
    zombie.Leave();
    RunningWorkers workers(Options("next"));
    ASSERT_TRUE(WaitFor([&] {
      return workers.ReadinessNow().reason.find("former owner") != std::string::npos;
    })) << workers.ReadinessNow().reason;
    zombie.Commit();
    ASSERT_TRUE(workers.WaitUntilReady());
    Send(5);
    ASSERT_TRUE(WaitForEvents(sent()));
    EXPECT_TRUE(workers.Stop().ok());
  }

  // Simulates a former owner that commits its rows while an older transaction without offsets is
  // still open on the changelog.
  void OwnerBehindAnOpenTransaction() {
    Send(10);
    Predecessor hung(kafka_, topics_, absl::StrCat(run_, "-hung"));
    hung.Begin();
    for (int partition = 0; partition < kPartitions; ++partition) {
      hung.Write(Topic::kSeen, partition, "nobody", "1");
    }
    hung.Flush();
    Predecessor owner(kafka_, topics_, absl::StrCat(run_, "-owner"));
    owner.Join();
    owner.Begin();
    owner.ProcessEverything(sent_);
    owner.Commit();
    owner.Leave();
    RunningWorkers workers(Options("next"));
    ASSERT_TRUE(WaitFor([&] {
      return workers.ReadinessNow().reason.find(" %") != std::string::npos;
    })) << workers.ReadinessNow().reason;
    hung.Abort();
    ASSERT_TRUE(workers.WaitUntilReady());
    Send(5);
    ASSERT_TRUE(WaitForEvents(sent()));
    EXPECT_TRUE(workers.Stop().ok());
  }
};

TEST_F(HandOverTest, TheBarrierWaitsForAnOwnerThatCommitsLate) {
  OwnerThatCommitsLate();
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(HandOverTest, TheChangelogIsReadPastAnOpenTransaction) {
  OwnerBehindAnOpenTransaction();
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(HandOverTest, AThirdMemberCausesARestoreOnlyOfThePartitionsThatMove) {
  Send(20);
  RunningWorkers a(Options("a"));
  RunningWorkers b(Options("b"));
  ASSERT_TRUE(WaitForEvents(sent()));
  ASSERT_TRUE(WaitFor([&] {
    return a.ReadinessNow().ready && b.ReadinessNow().ready &&
           a.metrics.Sum("picket_rebalances_total") + b.metrics.Sum("picket_rebalances_total") >= 2;
  }));
  Send(5);
  ASSERT_TRUE(WaitForEvents(sent()));
  const int restored = a.switches.restored_rows + b.switches.restored_rows;
  const int resumed = a.switches.resumed_partitions + b.switches.resumed_partitions;
  RunningWorkers c(Options("c"));
  ASSERT_TRUE(WaitFor(
      [&] { return a.ReadinessNow().ready && b.ReadinessNow().ready && c.ReadinessNow().ready; }));
  // The range assignor moves one of the four partitions.
  EXPECT_EQ(a.switches.resumed_partitions + b.switches.resumed_partitions - resumed, 3);
  EXPECT_EQ(a.switches.restored_rows + b.switches.restored_rows, restored);
  EXPECT_GT(c.switches.restored_rows, 0);
  Send(5);
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(HandOverTest, WorkersThatLeaveAndJoinLoseAndDuplicateNothing) {
  std::atomic<bool> done{false};
  auto a = std::make_unique<RunningWorkers>(Options("a", 2));
  ASSERT_TRUE(a->WaitUntilReady());
  std::jthread sender([&] {
    while (!done) Send(5);
  });
  RunningWorkers b(Options("b", 2));
  EXPECT_TRUE(b.WaitUntilReady());
  EXPECT_TRUE(a->WaitUntilReady());
  EXPECT_TRUE(WaitFor([&] { return b.switches.processed > 0; }));
  EXPECT_TRUE(a->Stop().ok());
  const int before = b.switches.processed;
  // Instance b gets the partitions of instance a only after the session timeout.
  EXPECT_TRUE(WaitFor([&] { return b.metrics.Sum("picket_rebalances_total") >= 4; }));
  EXPECT_TRUE(WaitFor([&] { return b.switches.processed > before; }));
  a = std::make_unique<RunningWorkers>(Options("a", 2));
  EXPECT_TRUE(a->WaitUntilReady());
  done = true;
  sender.join();
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(a->Stop().ok());
  EXPECT_TRUE(b.Stop().ok());
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(HandOverTest, AStoppedProcessThatContinuesChangesNothing) {
  // Starts one process for each step of a transaction and stops the process in that step.
  const std::vector<WorkerStep> steps = {WorkerStep::kProducing, WorkerStep::kOffsetsSent,
                                         WorkerStep::kCommitting};
  std::vector<std::unique_ptr<ToyProcess>> zombies;
  for (size_t i = 0; i < steps.size(); ++i) {
    zombies.push_back(std::make_unique<ToyProcess>(Options(absl::StrCat("zombie-", i)), false));
  }
  ASSERT_TRUE(WaitFor([&] {
    return std::all_of(zombies.begin(), zombies.end(),
                       [](const auto& zombie) { return zombie->step() == WorkerStep::kPolling; });
  }));
  std::atomic<bool> done{false};
  std::jthread sender([&] {
    while (!done) Send(2);
  });
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_TRUE(zombies[i]->StopAt(steps[i])) << "step " << static_cast<int>(steps[i]);
  }
  done = true;
  sender.join();
  RunningWorkers heir(Options("heir"));
  EXPECT_TRUE(WaitForEvents(sent(), absl::Seconds(60)));
  EXPECT_TRUE(EveryMessageOnce());
  for (auto& zombie : zombies) zombie->Continue();
  Send(5);
  // The stopped processes find out that they were removed, and join the group again.
  ASSERT_TRUE(WaitFor([&] {
    return heir.metrics.Sum("picket_rebalances_total") >= 2 && heir.ReadinessNow().ready;
  }));
  Send(5);
  EXPECT_TRUE(WaitForEvents(sent()));
  EXPECT_TRUE(heir.Stop().ok());
  for (auto& zombie : zombies) EXPECT_EQ(zombie->Terminate(), 0);
  EXPECT_TRUE(EveryMessageOnce());
}

TEST_F(HandOverTest, OfTwoProcessesWithOneNameTheOneThatStartedLaterEndsAndNamesTheOther) {
  RunningWorkers older(Options("same"));
  ASSERT_TRUE(older.WaitUntilReady());
  const absl::Time began = absl::Now();
  RunningWorkers younger(Options("same"));
  ASSERT_TRUE(WaitFor([&] { return older.ended() || younger.ended(); }, absl::Seconds(120)));
  std::printf("the younger process ended after %.1f s\n",
              absl::ToDoubleSeconds(absl::Now() - began));
  EXPECT_FALSE(older.ended()) << older.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(younger.status())) << younger.status();
  const std::string message(younger.status().message());
  for (const std::string& part :
       {absl::StrCat("another process uses instance name '", run_, "-same' for stage toy (host "),
        std::string("127.0.0.1"), std::string("running since ")}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  EXPECT_TRUE(older.WaitUntilReady());
  Send(5);
  ASSERT_TRUE(WaitForEvents(sent()));
  EXPECT_FALSE(older.ended());
  EXPECT_TRUE(EveryMessageOnce());
}

}  // namespace
}  // namespace picket::kafka
