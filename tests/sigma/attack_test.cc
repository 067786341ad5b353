#include "sigma/attack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "detector/rule_pack.h"
#include "model/field_names.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AttackTest, TagsBecomeTacticsAndTechniques) {
  const sigma::AttackTags tags =
      sigma::ReadAttackTags({"attack.collection", "ATTACK.T1114.003", "attack.credential_access",
                             "cve.2024-1", "attack."});
  EXPECT_THAT(tags.techniques, ElementsAre("T1114.003"));
  ASSERT_EQ(tags.tactics.size(), 2u);
  EXPECT_EQ(tags.tactics[0]->uid, "TA0009");
  EXPECT_EQ(tags.tactics[1]->uid, "TA0006");
}

TEST(AttackTest, ReadsTechniquesAndTacticsFromTags) {
  const sigma::AttackTags tags =
      sigma::ReadAttackTags({"attack.T1110.003", "attack.credential_access", "attack.g0016",
                             "cve.2021-1", "attack.t999"});
  EXPECT_THAT(tags.techniques, ElementsAre("T1110.003"));
  ASSERT_EQ(tags.tactics.size(), 1u);
  EXPECT_EQ(tags.tactics[0]->name, "Credential Access");
  EXPECT_EQ(sigma::TechniqueName("T1110.003"), "Password Spraying");
  EXPECT_EQ(sigma::TechniqueName("T1020"), "Automated Exfiltration");
  EXPECT_EQ(sigma::TechniqueName("T1621"), "Multi-Factor Authentication Request Generation");
  EXPECT_EQ(sigma::TechniqueName("T9999"), "");
}

TEST(AttackTest, TheFirstAndTheLastNameAreFoundAndUnknownOnesAreNot) {
  EXPECT_EQ(sigma::TechniqueName("T1003"), "OS Credential Dumping");
  EXPECT_EQ(sigma::TechniqueName("T1114.003"), "Email Forwarding Rule");
  EXPECT_EQ(sigma::TechniqueName("T1672"), "Email Spoofing");
  EXPECT_EQ(sigma::TechniqueName("T1114.999"), "");
  EXPECT_EQ(sigma::TechniqueName(""), "");
}

// Returns the pairs of a rule with these tags as "technique tactic", with "-" for a missing part.
std::vector<std::string> Pairs(const std::vector<std::string>& tags) {
  std::vector<std::string> pairs;
  for (const sigma::AttackPair& pair : sigma::PairAttackTags(sigma::ReadAttackTags(tags))) {
    pairs.push_back((pair.technique.empty() ? "-" : pair.technique) + " " +
                    (pair.tactic == nullptr ? "-" : std::string(pair.tactic->tag)));
  }
  return pairs;
}

TEST(AttackTest, ATechniqueIsPairedWithItsOwnTactics) {
  EXPECT_THAT(Pairs({"attack.collection", "attack.defense-evasion", "attack.t1114.003",
                     "attack.t1562.008"}),
              ElementsAre("T1114.003 collection", "T1562.008 defense-evasion"));
  EXPECT_THAT(Pairs({"attack.t1078.004", "attack.persistence", "attack.initial_access",
                     "attack.initial-access", "attack.T1078.004"}),
              ElementsAre("T1078.004 persistence", "T1078.004 initial-access"));
  EXPECT_THAT(Pairs({"attack.t1562.008", "attack.defense-impairment"}),
              ElementsAre("T1562.008 defense-impairment"));
  EXPECT_THAT(Pairs({"attack.t1114", "attack.impact"}), ElementsAre("T1114 -", "- impact"));
  EXPECT_THAT(Pairs({"attack.t1114", "attack.collection", "attack.t9999", "attack.impact"}),
              ElementsAre("T1114 collection", "T9999 impact"));
  EXPECT_THAT(Pairs({"attack.collection", "attack.impact"}),
              ElementsAre("- collection", "- impact"));
  EXPECT_THAT(Pairs({"attack.t1114"}), ElementsAre("T1114 -"));
  EXPECT_THAT(Pairs({}), IsEmpty());
}

TEST(AttackTest, EveryTechniqueWithANameHasTactics) {
  for (const char* const known : {"T1003", "T1114.003", "T1672", "T1671"}) {
    EXPECT_TRUE(sigma::IsKnownTechnique(known)) << known;
  }
  EXPECT_FALSE(sigma::IsKnownTechnique("T9999"));
  EXPECT_FALSE(sigma::IsKnownTechnique("T1000"));
}

TEST(AttackTest, EveryTagOfThePackHasAName) {
  std::vector<sigma::RuleFault> faults;
  const auto base =
      CompileRulePack(sigma::ReadRuleFiles("rules", faults), ResolveFieldName, faults);
  ASSERT_THAT(faults, IsEmpty());
  ASSERT_GT(base->size(), 10u);
  std::set<std::string> nameless;
  for (RuleNumber rule = 0; rule < base->size(); ++rule) {
    for (const std::string& technique : sigma::ReadAttackTags(base->info(rule).tags).techniques) {
      const std::string parent = technique.substr(0, technique.find('.'));
      if (sigma::TechniqueName(technique).empty()) nameless.insert(technique);
      if (sigma::TechniqueName(parent).empty()) nameless.insert(parent);
    }
  }
  EXPECT_THAT(nameless, IsEmpty()) << "add them to sigma/attack.cc";
}

}  // namespace
}  // namespace picket::detector
