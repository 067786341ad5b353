#include "kafka/worker/worker_readiness.h"

#include <gtest/gtest.h>

namespace picket::kafka {
namespace {

constexpr MonotonicTime kNow{absl::Seconds(100)};

TEST(WorkerReadinessTest, AnyWorkerThatIsNotReadyMakesTheServiceNotReady) {
  WorkerReadiness board(2);
  EXPECT_EQ(board.At(kNow).reason, "starting");
  board.Set(0, "");
  board.Set(1, "worker 1 waits");
  EXPECT_FALSE(board.At(kNow).ready);
  EXPECT_EQ(board.At(kNow).reason, "worker 1 waits");
  board.Set(1, "");
  EXPECT_TRUE(board.At(kNow).ready);
}

TEST(WorkerReadinessTest, ATransactionThatTakesTooLongIsAReasonUntilItEnds) {
  WorkerReadiness board(2);
  for (int worker : {0, 1}) board.Set(worker, "");
  board.OnTransactionBegun(1, kNow);
  EXPECT_TRUE(board.At(kNow + absl::Seconds(4)).ready);
  EXPECT_EQ(board.At(kNow + absl::Seconds(12)).reason,
            "worker 1: the brokers have not answered its transaction for 12 s");
  board.OnTransactionEnded(1);
  EXPECT_TRUE(board.At(kNow + absl::Seconds(12)).ready);
}

TEST(WorkerReadinessTest, AnObstacleCountsOnlyIfNoWorkerCanWork) {
  WorkerReadiness board(3);
  for (int worker : {0, 1, 2}) board.Set(worker, "");
  board.SetObstacle(0, "all tenants are suspended");
  board.SetObstacle(1, "");
  EXPECT_TRUE(board.At(kNow).ready) << "worker 1 works";
  board.SetObstacle(1, std::nullopt);
  EXPECT_EQ(board.At(kNow).reason, "all tenants are suspended");
  board.SetObstacle(0, "");
  EXPECT_TRUE(board.At(kNow).ready);
}

}  // namespace
}  // namespace picket::kafka
