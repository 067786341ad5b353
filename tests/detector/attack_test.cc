#include "detector/attack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "detector/base_rules.h"
#include "model/field_names.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AttackTest, TagsBecomeTacticsAndTechniques) {
  const AttackTags tags = ReadAttackTags({"attack.collection", "ATTACK.T1114.003",
                                          "attack.credential_access", "cve.2024-1", "attack."});
  EXPECT_THAT(tags.techniques, ElementsAre("T1114.003"));
  ASSERT_EQ(tags.tactics.size(), 2u);
  EXPECT_EQ(tags.tactics[0]->uid, "TA0009");
  EXPECT_EQ(tags.tactics[1]->uid, "TA0006");
}

TEST(AttackTest, NamesAreFoundFromTheFirstToTheLastAndNothingElseIs) {
  EXPECT_EQ(TechniqueName("T1003"), "OS Credential Dumping");
  EXPECT_EQ(TechniqueName("T1114.003"), "Email Forwarding Rule");
  EXPECT_EQ(TechniqueName("T1672"), "Email Spoofing");
  EXPECT_EQ(TechniqueName("T1114.999"), "");
  EXPECT_EQ(TechniqueName(""), "");
}

TEST(AttackTest, EveryTagOfThePackHasAName) {
  std::vector<RuleFault> faults;
  const auto base = CompileBaseRules(ReadRuleFiles("rules", faults), ResolveFieldName, faults);
  ASSERT_THAT(faults, IsEmpty());
  ASSERT_GT(base->size(), 10u);
  std::set<std::string> nameless;
  for (RuleNumber rule = 0; rule < base->size(); ++rule) {
    for (const std::string& technique : ReadAttackTags(base->info(rule).tags).techniques) {
      const std::string parent = technique.substr(0, technique.find('.'));
      if (TechniqueName(technique).empty()) nameless.insert(technique);
      if (TechniqueName(parent).empty()) nameless.insert(parent);
    }
  }
  EXPECT_THAT(nameless, IsEmpty()) << "add them to detector/attack.cc";
}

}  // namespace
}  // namespace picket::detector
