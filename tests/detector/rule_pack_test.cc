#include "detector/rule_pack.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

TEST(RulePackTest, TheVersionCoversTheContentOfTheRulesNotTheirFiles) {
  const auto version = [](const std::vector<sigma::RuleFile>& files) {
    std::vector<sigma::RuleFault> faults;
    return CompileRulePack(files, LiteralFieldName, faults)->version;
  };
  const std::string a = "title: A\nid: a\n" + ItemRule("x: 1").substr(9);
  const std::string b = "title: B\nid: b\n" + ItemRule("x: 2").substr(9);
  const std::string both = version({{"a.yml", a}, {"b.yml", b}});
  EXPECT_EQ(both, version({{"z.yml", "# comment\n" + b + "---\n" + a}}));
  EXPECT_NE(both, version({{"a.yml", a}}));
  EXPECT_NE(both, version({{"a.yml", a}, {"b.yml", "level: low\n" + b}}));
  EXPECT_NE(both, version({{"a.yml", a}, {"b.yml", "description: d\n" + b}}));
}

}  // namespace
}  // namespace picket::detector
