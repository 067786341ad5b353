#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kTenant[] = "8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42";

class ConfigCheckTest : public testing::Test {
 protected:
  ConfigCheckTest() {
    WriteConfig("");
    folder_.Write("secrets/a", "a-secret-value\n");
    WriteTenant("");
    folder_.Write("rules/a.yml", Rule("a", "Operation: Login"));
  }

  static std::string Rule(std::string_view id, std::string_view selection) {
    return absl::StrCat("title: ", ToAbsl(id), "\nid: ", ToAbsl(id),
                        "\nlogsource: {product: m365}\ndetection:\n  s: {", ToAbsl(selection),
                        "}\n  condition: s\n");
  }
  void WriteConfig(std::string_view more) {
    folder_.Write("picket.yaml",
                  absl::StrCat("kafka:\n  bootstrap_servers: 127.0.0.1:1\ntopics:\n"
                               "  partitions: 24\ntenants_dir: tenants.d\ndetector:\n"
                               "  rules_dir: rules\n",
                               ToAbsl(more)));
  }
  void WriteTenant(std::string_view more) {
    folder_.Write("tenants.d/a.yaml",
                  absl::StrCat("tenant_id: ", kTenant, "\nname: A\nclient_id: ", kTenant,
                               "\nclient_secret_file: ../secrets/a\n", ToAbsl(more)));
  }
  CommandResult Check() {
    return RunPicket({"config", "check", "--config", folder_.Path("picket.yaml")});
  }

  const TempFolder folder_;
};

TEST_F(ConfigCheckTest, ItPrintsWhatItHasFound) {
  const CommandResult one = Check();
  EXPECT_EQ(one.exit_status, 0) << one.err;
  EXPECT_EQ(one.out, "1 tenant, 1 rule, 24 partitions; no faults\n");
  EXPECT_THAT(one.err, IsEmpty());
  folder_.Write("rules/b.yml", Rule("b", "Operation: Logout"));
  EXPECT_EQ(Check().out, "1 tenant, 2 rules, 24 partitions; no faults\n");
}

TEST_F(ConfigCheckTest, ARuleThatDoesNotLoadIsAFaultInTheData) {
  folder_.Write("rules/b.yml", Rule("b", "Operation|contain: Logout"));
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.err, HasSubstr("rules/b.yml:5"));
  EXPECT_THAT(result.err, HasSubstr("contain"));
  EXPECT_EQ(result.out, "1 tenant, 1 rule, 24 partitions; 1 fault\n");
}

TEST_F(ConfigCheckTest, AFolderWithoutRulesIsAFault) {
  folder_.Remove("rules/a.yml");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.err, HasSubstr("no rules here"));
}

TEST_F(ConfigCheckTest, SettingsOfATenantMustFitTheRules) {
  WriteTenant("detector:\n  disable: [a, nobody]\n");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(
      result.err,
      HasSubstr("detector.disable[1]: no rule has the id, name, title or file name 'nobody'"));
  EXPECT_THAT(result.err, Not(HasSubstr("disable[0]")));

  WriteTenant(
      "detector:\n  suppressions:\n"
      "    - {rule: nobody, owner: soc, reason: r, expires: 2026-12-31}\n");
  EXPECT_EQ(Check().exit_status, 1);
  EXPECT_THAT(Check().err, HasSubstr("'nobody'"));
}

TEST_F(ConfigCheckTest, TheSettingsForEveryTenantAreCheckedAsWell) {
  WriteConfig("  defaults_file: defaults.yaml\n");
  folder_.Write("defaults.yaml", "detector:\n  disable: [nobody]\n");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.err, HasSubstr("defaults.yaml"));
  EXPECT_THAT(result.err, HasSubstr("'nobody'"));
}

TEST_F(ConfigCheckTest, ARuleThatIsOffForLackOfAListIsNoFaultButIsNamed) {
  folder_.Write("rules/b.yml", Rule("b", "'UserId|expand': '%admins%'"));
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err, HasSubstr("b: no list 'admins'"));
}

TEST_F(ConfigCheckTest, AFaultInATenantsFileIsReportedOnceAndIsAFaultOfTheConfiguration) {
  WriteTenant("detector:\n  disabel: [a]\n");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("a.yaml:6: detector.disabel: unknown key"));
  EXPECT_EQ(result.err.find("disabel"), result.err.rfind("disabel"));
  EXPECT_EQ(result.out, "0 tenants, 1 rule, 24 partitions; 1 fault\n");
}

TEST_F(ConfigCheckTest, ATenantWithoutItsSecretIsAFault) {
  folder_.Remove("secrets/a");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("client_secret_file"));
}

TEST_F(ConfigCheckTest, AMaskWithoutAKeyIsAFault) {
  WriteTenant("parser:\n  mask:\n    - {field: UserId}\n");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("mask_key_file"));
}

TEST_F(ConfigCheckTest, OptionsThatTheKafkaClientRefusesAreFaults) {
  folder_.Write("picket.yaml",
                "kafka:\n  bootstrap_servers: 127.0.0.1:1\n  properties:\n"
                "    security.protocol: ssl\n    ssl.ca.location: /nonexistent/ca.pem\n");
  const CommandResult certificate = Check();
  EXPECT_EQ(certificate.exit_status, 2);
  EXPECT_THAT(certificate.err, HasSubstr("ssl.ca.location"));

  folder_.Write("picket.yaml",
                "kafka:\n  bootstrap_servers: 127.0.0.1:1\n  properties:\n"
                "    security.protocol: telepathy\n");
  const CommandResult protocol = Check();
  EXPECT_EQ(protocol.exit_status, 2);
  EXPECT_THAT(protocol.err, HasSubstr("telepathy"));
}

TEST_F(ConfigCheckTest, RulesOfTheTopicAreNotCheckedAndItSaysSo) {
  WriteConfig("  rules_from: topic\n");
  const CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("are not checked"));
  EXPECT_EQ(result.out, "1 tenant, 0 rules, 24 partitions; no faults\n");
}

TEST(ConfigCommandTest, EveryFaultOfAFileIsALineOfItsOwn) {
  const CommandResult result =
      RunPicket({"config", "check", "--config", "tests/data/config/seven_faults.yaml"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, ReadFile("tests/data/config/seven_faults.golden").value());
}

TEST(ConfigCommandTest, AServiceRefusesTheSameFileWithTheSameLines) {
  for (const char* service : {"fetch", "parse", "detect"}) {
    const CommandResult result =
        RunPicket({service, "--config", "tests/data/config/seven_faults.yaml"});
    EXPECT_EQ(result.exit_status, 2) << service;
    EXPECT_EQ(result.err, ReadFile("tests/data/config/seven_faults.golden").value()) << service;
  }
}

TEST(ConfigCommandTest, TheDocumentedReferenceIsThatOfTheCode) {
  EXPECT_EQ(RunPicket({"config", "reference"}).out, ReadFile("docs/configuration.md").value())
      << "regenerate it: picket config reference > docs/configuration.md";
}

}  // namespace
}  // namespace picket
