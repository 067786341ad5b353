// Tests `picket rules check` by running it as a program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/command.h"

namespace picket {
namespace {

using ::testing::HasSubstr;

CommandResult Check(const std::string& logsource, const std::string& detection, bool is_strict) {
  const std::string path = testing::TempDir() + "/checked.yml";
  std::ofstream(path) << "title: T\nlogsource: {" << logsource << "}\ndetection:\n" << detection;
  if (is_strict) return RunPicket({"rules", "check", "--strict", path}, "");
  return RunPicket({"rules", "check", path}, "");
}

TEST(RulesCheckTest, FaultsFailTheCheckAndWarningsFailItOnlyIfItIsStrict) {
  const std::string good = "  s: {a: 1}\n  condition: s\n";
  const std::string odd = "  s: {a: 1}\n  condition: NOT s\n";
  EXPECT_EQ(Check("product: m365", good, true).exit_status, 0);
  const CommandResult warned = Check("product: m365", odd, false);
  EXPECT_EQ(warned.exit_status, 0);
  EXPECT_THAT(warned.err, HasSubstr("checked.yml:5:14: warning: write 'not' in lower case"));
  EXPECT_THAT(warned.err, HasSubstr("1 rule and 0 correlations in 1 file, 0 faults, 1 warning\n"));
  EXPECT_EQ(Check("product: m365", odd, true).exit_status, 1);
  const CommandResult elsewhere = Check("product: windows", good, false);
  EXPECT_EQ(elsewhere.exit_status, 0);
  EXPECT_THAT(elsewhere.err, HasSubstr("warning: no audit event comes from the product 'windows'"));
  EXPECT_EQ(Check("product: m365", "  s: {a|contain: 1}\n  condition: s\n", false).exit_status, 1);
}

TEST(RulesCheckTest, AFolderWithoutRulesIsAFault) {
  const std::string folder = testing::TempDir() + "/no_rules_here";
  std::filesystem::create_directories(folder);
  for (const char* const command : {"check", "test"}) {
    const CommandResult result = RunPicket({"rules", command, folder}, "");
    EXPECT_EQ(result.exit_status, 1) << command;
    EXPECT_THAT(result.err, HasSubstr("no_rules_here: no rules here: no file *.yml or *.yaml"));
  }
}

}  // namespace
}  // namespace picket
