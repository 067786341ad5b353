// Tests that the exit status of the demo shows whether the alerts are exactly the alerts of the
// simulated attacks.

#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "common/file.h"
#include "common/strings.h"
#include "simulator/scenario.h"
#include "tests/pipeline/child_process.h"

namespace picket {
namespace {

class DemoTest : public testing::Test {
 protected:
  DemoTest()
      : folder_(
            std::filesystem::temp_directory_path() /
            absl::StrCat("picket-demo-test-", getpid(), "-", absl::Hex(std::random_device{}()))) {
    std::filesystem::create_directories(folder_);
  }
  ~DemoTest() override { std::filesystem::remove_all(folder_); }

  // Copies the built-in rules to a folder of the test. Returns the path of the copy.
  std::string CopyOfRules() {
    const std::filesystem::path rules = folder_ / "rules";
    std::filesystem::copy("rules", rules);
    return rules.string();
  }

  // Runs the demo with the arguments `more` added. Returns the exit status, or -1 if the demo does
  // not end in time.
  int Run(std::vector<std::string> more) {
    std::vector<std::string> arguments = {PicketBinary(), "demo",     "--seed",    "11",
                                          "--records",    "800",      "--seconds", "6",
                                          "--stats",      StatsPath()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ChildProcess demo(arguments, (folder_ / "log").string());
    demo.Start();
    return demo.Wait(absl::Seconds(120)).value_or(-1);
  }

  std::string StatsPath() const { return (folder_ / "stats.json").string(); }
  simdjson::dom::element Stats() {
    stats_ = simdjson::padded_string::load(StatsPath()).value();
    return parser_.parse(stats_);
  }
  std::string Log() const { return ReadFile((folder_ / "log").string()).value_or(""); }

  const std::filesystem::path folder_;
  simdjson::dom::parser parser_;
  simdjson::padded_string stats_;
};

TEST_F(DemoTest, TheAlertsAreThoseOfTheAttacksAndRecordsPassThroughHttpAndKafka) {
  ASSERT_EQ(Run({}), 0) << Log();
  const simdjson::dom::element stats = Stats();
  const auto number = [&](const char* group, const char* key) {
    return int64_t(stats[group][key]);
  };
  const int64_t records = stats["records_published"], events = stats["events"],
                duplicates = stats["duplicates"], alerts = stats["alerts"];
  EXPECT_GE(records, 1600);
  EXPECT_GT(duplicates, 0);
  EXPECT_EQ(records, events + duplicates);
  EXPECT_EQ(alerts, 2 * static_cast<int64_t>(simulator::kAlertsOfACampaign));  // two tenants
  EXPECT_GT(number("requests", "token"), 0);
  EXPECT_GT(number("requests", "blob"), 0);
  // Every content blob is retrieved and stored exactly once, and every event and every alert is on
  // its topic.
  EXPECT_EQ(number("messages", "raw"), number("requests", "blob"));
  EXPECT_EQ(number("messages", "events"), events);
  EXPECT_EQ(number("messages", "alerts"), alerts);
  for (const char* stage : {"fetcher", "parser", "detector"}) {
    EXPECT_GT(number("transactions", stage), 0) << stage;
  }
}

TEST_F(DemoTest, WithoutARuleItsAlertsAreMissing) {
  const std::string rules = CopyOfRules();
  ASSERT_TRUE(std::filesystem::remove(absl::StrCat(rules, "/transport_rule_copies_mail.yml")));
  EXPECT_EQ(Run({"--rules", rules}), 1) << Log();
  const simdjson::dom::array missing = Stats()["missing"];
  EXPECT_EQ(missing.size(), 2u);  // one for each tenant
  for (const simdjson::dom::element rule : missing) {
    EXPECT_EQ(std::string_view(rule), "0a91d70c-da9d-4aca-a08e-4fc0c41a9993");
  }
}

TEST_F(DemoTest, WithHalfTheThresholdNormalWorkRaisesAlerts) {
  const std::string rules = CopyOfRules();
  const std::string path = absl::StrCat(rules, "/mass_download.yml");
  std::string rule = ReadFile(path).value();
  const size_t at = rule.find("gte: 50");
  ASSERT_NE(at, std::string::npos);
  rule.replace(at, 7, "gte: 25");
  ASSERT_TRUE(WriteFile(path, rule).ok());
  EXPECT_EQ(Run({"--rules", rules}), 1) << Log();
  EXPECT_GT(simdjson::dom::array(Stats()["surplus"]).size(), 0u);
}

}  // namespace
}  // namespace picket
