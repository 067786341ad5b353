#include "kafka/worker/crash_trial.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

#include "gtest/gtest.h"

namespace picket::kafka {
namespace {

TEST(CrashTrialTest, FindsTheStepThatAborts) {
  EXPECT_EQ(FindCrash(5, absl::Seconds(30),
                      [](size_t i) {
                        if (i == 3) std::abort();
                      }),
            3u);
}

TEST(CrashTrialTest, FindsTheStepThatIsKilled) {
  EXPECT_EQ(FindCrash(2, absl::Seconds(30), [](size_t) { ::kill(::getpid(), SIGKILL); }), 0u);
}

TEST(CrashTrialTest, StepsThatReturnAccuseNobodyAndChangeNothingHere) {
  std::vector<size_t> seen;
  EXPECT_EQ(FindCrash(5, absl::Seconds(30), [&](size_t i) { seen.push_back(i); }), std::nullopt);
  EXPECT_TRUE(seen.empty());
}

TEST(CrashTrialTest, AlsoFindsAStepThatHangs) {
  EXPECT_EQ(FindCrash(3, absl::Milliseconds(50),
                      [](size_t i) {
                        while (i == 1) ::pause();
                      }),
            1u);
}

TEST(CrashTrialTest, AcceptsZeroSteps) {
  EXPECT_EQ(FindCrash(0, absl::Seconds(1), [](size_t) { std::abort(); }), std::nullopt);
}

}  // namespace
}  // namespace picket::kafka
