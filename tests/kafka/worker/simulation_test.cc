#include "tests/kafka/worker/simulation.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "common/log.h"

namespace picket::kafka {

extern SimulationArguments simulation_arguments;  // defined in main.cc

namespace {

// To replay a seed with a trace of every call, run: kafka_simulation_run --seed N --trace
TEST(SimulationTest, TheTopicsAreExactWhateverGoesWrong) {
  ConfigureLog(LogLevel::kError, LogFormat::kText);
  FaultTable table;
  int failures = 0;
  const SimulationArguments& arguments = simulation_arguments;
  for (uint64_t i = 0; i < arguments.seeds && failures < 10; ++i) {
    SimulationOptions options;
    options.seed = arguments.first + i;
    const std::string failure = Simulate(options, table);
    if (failure.empty()) continue;
    ++failures;
    ADD_FAILURE() << "seed " << options.seed << ": " << failure;
  }
  std::printf("%s", table.Format().c_str());
  ConfigureLog(LogLevel::kInfo, LogFormat::kText);
  if (arguments.seeds < kDefaultSeeds) return;
  for (int fault = 0; fault < kFaultCount; ++fault) {
    for (int activity = 0; activity < kActivityCount; ++activity) {
      const auto as_fault = static_cast<Fault>(fault);
      const auto as_activity = static_cast<WorkerActivity>(activity);
      if (!IsPossible(as_fault, as_activity)) continue;
      EXPECT_GT(table.At(as_fault, as_activity), 0)
          << FaultName(as_fault) << " never hit a worker in " << ActivityName(as_activity);
    }
  }
  EXPECT_GT(table.messages, 0);
  EXPECT_GT(table.dead_letters, 0);
  EXPECT_GT(table.gaps, 0);
  EXPECT_GT(table.resumed, 0);
  EXPECT_GT(table.discarded_copies, 0);
}

TEST(SimulationTest, TheSameSeedDoesTheSame) {
  FaultTable first;
  FaultTable second;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(Simulate({.seed = seed}, first), Simulate({.seed = seed}, second));
  }
  EXPECT_EQ(first.Format(), second.Format());
}

}  // namespace
}  // namespace picket::kafka
