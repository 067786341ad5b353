#include "detector/log_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "detector/matching/matcher.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

std::string Rule(std::string_view logsource) {
  return absl::StrCat("title: T\nlogsource: {", ToAbsl(logsource),
                      "}\ndetection:\n  s:\n    UserId: u@x\n  condition: s\n");
}

std::string Event(std::string_view workload, std::string_view operation) {
  return absl::StrCat(R"({"metadata":{"product":{"name":"Microsoft 365","feature":{"name":")",
                      ToAbsl(workload), R"("}},"event_code":")", ToAbsl(operation),
                      R"("},"actor":{"user":{"name":"u@x"}}})");
}

TEST(AuditSourcesTest, ALogSourceSelectsTheEventsOfItsRow) {
  struct Row {
    const char* logsource;
    const char* matches;  // for each event below, '+' if a rule matches and '-' otherwise
  };
  const std::string events[] = {
      Event("Exchange", "New-InboxRule"),                    // E
      Event("SharePoint", "FileDownloaded"),                 // S
      Event("OneDrive", "FileDownloaded"),                   // O
      Event("MicrosoftTeams", "TeamDeleted"),                // T
      Event("SecurityComplianceCenter", "AlertTriggered"),   // C
      Event("AzureActiveDirectory", "UserLoginFailed"),      // I, a sign-in
      Event("AzureActiveDirectory", "Add member to role."),  // D, a change to the directory
      Event("PowerBI", "ViewReport"),                        // P
  };
  constexpr Row kRows[] = {
      // The columns are the events above:             ESOTCIDP
      {"", "++++++++"},
      {"category: application", "++++++++"},
      {"service: anything", "++++++++"},
      {"product: m365", "++++++++"},
      {"product: M365, service: Audit", "++++++++"},
      {"product: office365", "++++++++"},
      {"product: m365, service: exchange", "+-------"},
      {"product: m365, service: sharepoint", "-++-----"},
      {"product: m365, service: onedrive", "--+-----"},
      {"product: m365, service: teams", "---+----"},
      {"product: m365, service: threat_management", "----+---"},
      {"product: m365, service: threat_detection", "----+---"},
      {"product: azure", "-----++-"},
      {"product: azure, service: signinlogs", "-----+--"},
      {"product: azure, service: auditlogs", "------+-"},
      {"product: azure, service: activitylogs", "--------"},
      {"product: azure, service: riskdetection", "--------"},
      {"product: azure, service: pim", "--------"},
      {"product: m365, service: mars", "--------"},
      {"product: windows", "--------"},
      {"product: windows, category: process_creation", "--------"},
      {"product: linux, service: auditd", "--------"},
  };
  for (const Row& row : kRows) {
    std::vector<sigma::RuleFault> faults;
    const auto rules = CompileForAuditEvents({{"x.yml", Rule(row.logsource)}}, faults);
    ASSERT_EQ(Faults(faults), "");
    Matcher matcher(rules);
    std::string matches;
    for (const std::string& event : events) matches += matcher.Match(event).empty() ? '-' : '+';
    EXPECT_EQ(matches, row.matches) << row.logsource;
  }
}

TEST(AuditSourcesTest, ALogSourceWithoutEventsIsReportedWithTheKnownServices) {
  EXPECT_EQ(NoAuditEvents({"m365", "exchange", ""}), "");
  EXPECT_EQ(NoAuditEvents({"", "sysmon", ""}), "");
  EXPECT_EQ(NoAuditEvents({"windows", "", ""}),
            "no audit event comes from the product 'windows': write m365 or azure");
  EXPECT_EQ(
      NoAuditEvents({"azure", "pim", ""}),
      "no audit event comes from the service 'pim' of 'azure': known are auditlogs, signinlogs");
}

TEST(AuditSourcesTest, TheVersionOfARuleIsItsOwn) {
  std::vector<sigma::RuleFault> faults;
  const sigma::RuleFile file = {"x.yml", Rule("product: m365, service: exchange")};
  EXPECT_EQ(CompileForAuditEvents({file}, faults)->rules()[0].info.version,
            RuleSet::Compile({file}, LiteralFieldName, faults)->rules()[0].info.version);
}

TEST(AuditSourcesTest, NameValueListsAreArraysUnderTheirRawName) {
  const std::string event =
      R"({"api":{"request":{"data":{"parameters":[{"name":"ForwardTo","value":"a@b"},)"
      R"({"name":"Enabled","value":"False"}]}}},)"
      R"("unmapped":{"ModifiedProperties":[{"Name":"X","OldValue":"1","NewValue":"2"}]}})";
  const auto matches = [&](std::string_view item) {
    std::vector<sigma::RuleFault> faults;
    const auto rules = CompileForAuditEvents(
        {{"x.yml", absl::StrCat("sigma-version: 3\n", ItemRule(item))}}, faults);
    EXPECT_EQ(Faults(faults), "");
    Matcher matcher(rules);
    return !matcher.Match(event).empty();
  };
  EXPECT_TRUE(matches("Parameters[any]: {Name: ForwardTo, Value|contains: '@'}"));
  EXPECT_FALSE(matches("Parameters[any]: {Name: Enabled, Value|contains: '@'}"));
  EXPECT_TRUE(matches("Parameters[all]: {Name|contains: a}"));
  EXPECT_TRUE(matches("ModifiedProperties[any]: {Name: x, NewValue: 2}"));
  EXPECT_FALSE(matches("ModifiedProperties[any]: {Name: x, NewValue: 1}"));
}

}  // namespace
}  // namespace picket::detector
