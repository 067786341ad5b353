// Repeatedly kills, stops and continues every stage while records of several tenants are processed.
// Then compares the content of the topics, as multisets, with the expected content.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "simulator/feed.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/fault_injector.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/transaction_log.h"

namespace picket {
namespace {

// Returns the number of files of record Ids on disk, and the number of log lines that report that a
// parser has reused such files.
std::pair<int, int> CountRuns(const Pipeline& pipeline) {
  std::pair<int, int> counts{0, 0};
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(pipeline.duplicate_dir())) {
    if (entry.path().filename().string().rfind("run-", 0) == 0) ++counts.first;
  }
  for (const auto& entry : std::filesystem::directory_iterator(pipeline.folder())) {
    if (entry.path().extension() != ".log") continue;
    const std::string log = ReadFile(entry.path().string()).value_or("");
    constexpr std::string_view kEvent = " duplicate_runs_reused ";
    for (size_t at = 0; (at = log.find(kEvent, at)) != std::string::npos; ++at) ++counts.second;
  }
  return counts;
}

// Runs the test once. The rate of the records is low enough that the stages keep up between kills.
void RunOnce(uint64_t seed, int64_t records) {
  SystemClock clock;
  simulator::SimulatorOptions cloud;
  cloud.tenants = simulator::InventTenants(5, seed);
  auto simulator = *simulator::Simulator::Start(cloud, clock);

  PipelineOptions options;
  options.duplicate_budget_bytes = 40'000;  // room for about 1,700 Ids, so most Ids are on disk
  // Longer than five minutes, because the simulated API lists some content up to five minutes late.
  options.overlap = absl::Minutes(6);
  Pipeline pipeline("kill", options, *simulator);
  std::vector<FaultInjector> all(3);
  all[0].stage = "fetch";
  all[1].stage = "parse";
  all[2].stage = "detect";
  for (FaultInjector& injector : all) {
    for (const char* instance : {"a", "b"}) {
      injector.processes.push_back(&pipeline.Add(injector.stage, instance));
      injector.processes.back()->process->Start();
    }
  }

  auto feed = simulator::Feed::Make(simulator->cloud(),
                                    {.seed = seed,
                                     .records_per_second = static_cast<double>(records) / 110,
                                     .blob_records = 40,
                                     .records_per_tenant = records / 5,
                                     // Ten minutes of the simulated day take six seconds. Kills
                                     // therefore occur within the time windows of correlations.
                                     .day = absl::Hours(3),
                                     .listed_late_share = 0.02,
                                     .republished_share = 0.02},
                                    clock);
  ASSERT_TRUE(feed.ok()) << feed.status();
  // Kills begin only after all subscriptions have started. A fetcher writes a row to the ledger
  // before it starts a subscription, and the row forbids another start for 15 minutes. If the
  // fetcher were killed between the row and the start, the test would have to wait for 15 minutes.
  const auto subscribed = [&] {
    uint64_t starts = 0;
    for (const auto& [kind_and_result, count] : simulator->cloud().Counts()) {
      if (kind_and_result.first == simulator::RequestKind::kStart) starts += count;
    }
    return starts == cloud.tenants.size() * cloud.tenants[0].content_types.size();
  };
  ASSERT_TRUE(WaitFor(absl::Seconds(60), subscribed));
  (*feed)->Start();

  // Injects faults until all records are published and each step has had enough kills, but at most
  // until the deadline.
  const absl::Time deadline = absl::Now() + absl::Minutes(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < all.size(); ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(static_cast<uint32_t>(seed * 31 + i));
      while (absl::Now() < deadline && !((*feed)->AllPublished() && all[i].HasEnoughFaults())) {
        all[i].InjectFault(random, options.session_timeout);
        if (!all[i].ExpectRunning()) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_TRUE(pipeline.WaitUntilProcessed(**feed, absl::Minutes(3)));
  const TopicContents contents = ExpectExactContents(pipeline, **feed);
  EXPECT_EQ(contents.shortened_windows, 0);
  const auto [runs, loaded] = CountRuns(pipeline);
  EXPECT_GT(runs, 0) << "no record Id is on disk";
  EXPECT_GT(loaded, 0) << "no parser loaded the files of a killed one";
  const int across = CountAlertsAcross(**feed, contents, all[2].killed_at);
  EXPECT_GT(across, 0) << "no alert needed events on both sides of a kill of the detector";

  const auto log = ReadTransactionLog(pipeline.kafka());
  ASSERT_TRUE(log.ok()) << log.status();
  std::printf("\n%d files of record Ids on disk; loaded %d times after a kill or a hand-over\n",
              runs, loaded);
  std::printf(
      "\nseed %d: %d records of %d tenants, %d alerts expected, %d of them from events on both "
      "sides of a "
      "kill of the detector\n",
      static_cast<int>(seed), static_cast<int>((*feed)->records_published()),
      static_cast<int>(cloud.tenants.size()), static_cast<int>((*feed)->Expected().size()), across);
  int aborted = 0;
  for (const FaultInjector& injector : all) {
    injector.ExpectEnoughFaults();
    static const std::map<std::string, std::string> kStageNames = {
        {"fetch", "fetcher"}, {"parse", "parser"}, {"detect", "detector"}};
    const TransactionCounts counts = pipeline.TransactionsOf(*log, kStageNames.at(injector.stage));
    aborted += counts.aborted;
    std::printf("         transactions: %d committed, %d aborted\n", counts.committed,
                counts.aborted);
  }
  EXPECT_GT(aborted, 0) << "no kill hit an open transaction";
}

TEST(KillTest, NothingIsLostOrDuplicatedWhateverIsKilled) {
  REQUIRE_KAFKA();
  RunOnce(1, 52'000);
}

// Repeats the test with other seeds for the time given by `scripts/test --soak MINUTES`.
TEST(KillTest, SoakWithOtherSeeds) {
  const char* const text = std::getenv("PICKET_SOAK_MINUTES");
  if (text == nullptr) return;  // no soak test was requested
  REQUIRE_KAFKA();
  int minutes = 0;
  ASSERT_TRUE(absl::SimpleAtoi(text, &minutes)) << text;
  const absl::Time end = absl::Now() + absl::Minutes(minutes);
  for (uint64_t seed = 2; absl::Now() < end && !HasFailure(); ++seed) RunOnce(seed, 52'000);
}

}  // namespace
}  // namespace picket
