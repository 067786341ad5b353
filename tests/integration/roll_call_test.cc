// Tests the roll call of a name on a real Kafka.

#include "kafka/roll_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/toy_kafka.h"

namespace picket::kafka {
namespace {

class RollCallTest : public ToyKafka {
 protected:
  std::unique_ptr<GroupRollCall> TakePart(const std::string& name, const ProcessId& process) {
    const RollCallSpec spec{.group = GroupId(topics_.prefix, "toy"),
                            .name = name,
                            .process = process,
                            .input = Topic::kRaw};
    auto call = GroupRollCall::Make(kafka_, spec, TopicName(topics_.prefix, spec.input));
    EXPECT_TRUE(call.ok()) << call.status();
    return call.ok() ? *std::move(call) : nullptr;
  }
  // Waits until the other processes that `call` sees are `processes`.
  static bool Sees(GroupRollCall& call, const std::vector<ProcessId>& processes) {
    return WaitFor([&] {
      const auto others = call.Others(absl::Seconds(2));
      if (!others.ok()) return false;
      std::vector<ProcessId> seen;
      for (const NameUser& user : *others) {
        EXPECT_EQ(user.host, "127.0.0.1");
        seen.push_back(user.process);
      }
      std::sort(seen.begin(), seen.end());
      return seen == processes;
    });
  }

  static constexpr ProcessId kFirst{1, 7};
  static constexpr ProcessId kSecond{2, 8};
};

TEST_F(RollCallTest, ProcessesOfOneNameSeeEachOtherUntilOneStops) {
  const auto first = TakePart("same-0", kFirst);
  EXPECT_TRUE(Sees(*first, {}));
  auto second = TakePart("same-0", kSecond);
  const auto other_name = TakePart("same-1", {3, 9});
  EXPECT_TRUE(Sees(*second, {kFirst}));
  EXPECT_TRUE(Sees(*other_name, {}));
  // The first one must be polled meanwhile, because the group waits for all its members.
  EXPECT_TRUE(Sees(*first, {kSecond}));
  second.reset();
  EXPECT_TRUE(Sees(*first, {}));
}

TEST_F(RollCallTest, WithoutABrokerThereIsAnErrorAndNoAnswer) {
  kafka_.bootstrap_servers = "127.0.0.1:1";
  const auto call = TakePart("same-0", kFirst);
  const auto others = call->Others(absl::Milliseconds(200));
  EXPECT_TRUE(absl::IsUnavailable(others.status())) << others.status();
  EXPECT_THAT(std::string(others.status().message()), testing::HasSubstr("toy.names"));
}

}  // namespace
}  // namespace picket::kafka
