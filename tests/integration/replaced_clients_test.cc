// Tests on a real Kafka that workers whose clients are replaced, as after SIGHUP, keep their
// partitions, and that no other member of the group notices.

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "tests/integration/toy_kafka.h"

namespace picket::kafka {
namespace {

class ReplacedClientsTest : public ToyKafka {
 protected:
  // Returns the lines of the metrics that name the partitions of the workers, without the values.
  static std::set<std::string> PartitionsOf(const RunningWorkers& workers) {
    std::set<std::string> series;
    std::istringstream lines(workers.metrics.Render());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("picket_input_lag_messages{"))
        series.insert(line.substr(0, line.rfind(' ')));
    }
    return series;
  }
  static double Assignments(const RunningWorkers& workers) {
    return workers.metrics.Sum("picket_rebalances_total");
  }
};

TEST_F(ReplacedClientsTest, TheMemberKeepsItsPartitionsAndNoOtherMemberNotices) {
  RunningWorkers a(Options("a"));
  RunningWorkers b(Options("b"));
  ASSERT_TRUE(WaitFor([&] {
    return a.ReadinessNow().ready && b.ReadinessNow().ready && PartitionsOf(a).size() == 2 &&
           PartitionsOf(b).size() == 2;
  }));
  Send(5);
  ASSERT_TRUE(WaitForEvents(sent()));
  const std::set<std::string> partitions = PartitionsOf(a);
  const double of_b = Assignments(b);
  for (int round = 1; round <= 3; ++round) {
    const double before = Assignments(a);
    a.Restart();
    Send(5);
    ASSERT_TRUE(WaitFor([&] {
      return Assignments(a) > before && a.ReadinessNow().ready && PartitionsOf(a).size() == 2;
    })) << a.ReadinessNow().reason;
    EXPECT_EQ(PartitionsOf(a), partitions) << "round " << round;
    EXPECT_TRUE(WaitForEvents(sent()));
  }
  EXPECT_EQ(Assignments(b), of_b) << "the group has assigned the partitions again";
  EXPECT_FALSE(a.ended() || b.ended());
  EXPECT_TRUE(EveryMessageOnce());
}

}  // namespace
}  // namespace picket::kafka
