// Tests tenants' settings on the command line: `picket replay --tenant-config` and `picket rules
// check --tenants`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using testing::HasSubstr;

constexpr char kRecord[] =
    R"({"CreationTime":"2026-03-02T08:00:00","Id":"00000001-0000-4000-8000-000000000000",)"
    R"("Operation":"New-InboxRule","OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)"
    R"("RecordType":1,"Workload":"Exchange","UserId":"adele@contoso.com"})";

class TenantSettingsCommandsTest : public testing::Test {
 protected:
  TenantSettingsCommandsTest() {
    folder_.Write("record.json", kRecord);
    folder_.Write("rules/a.yml",
                  "title: New rule\nid: new-rule\nlevel: high\nlogsource: {product: m365}\n"
                  "detection:\n  s: {Operation: New-InboxRule}\n"
                  "  admin: {'UserId|expand': '%admins%'}\n  condition: s and not admin\n");
  }
  void WriteTenant(std::string_view detector) {
    folder_.Write("tenants/t.yaml",
                  absl::StrCat("tenant_id: 8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42\ndetector:\n",
                               absl::string_view(detector.data(), detector.size())));
  }
  CommandResult Replay() {
    return RunPicket({"replay", folder_.Path("record.json"), "--rules", folder_.Path("rules"),
                      "--tenant-config", folder_.Path("tenants"), "--format", "json"});
  }
  CommandResult Check() {
    return RunPicket(
        {"rules", "check", folder_.Path("rules"), "--tenants", folder_.Path("tenants")});
  }

  TempFolder folder_;
};

TEST_F(TenantSettingsCommandsTest, ReplayAppliesTheSettings) {
  WriteTenant("  lists: {admins: [root@contoso.com]}\n");
  CommandResult result = Replay();
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\"uid\":\"new-rule\""));
  EXPECT_THAT(result.err, HasSubstr("; 1 alert\n"));

  WriteTenant("  lists: {admins: [adele@contoso.com]}\n");
  result = Replay();
  EXPECT_EQ(result.out, "") << "the rule excludes the users of the list";

  WriteTenant(
      "  lists: {admins: [root@contoso.com]}\n  suppressions:\n"
      "    - {rule: new-rule, owner: soc, reason: r, expires: 2026-03-02}\n");
  result = Replay();
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("; 0 alerts; 1 suppressed\n"));
}

TEST_F(TenantSettingsCommandsTest, ReplayRejectsSettingsWithFaults) {
  WriteTenant("  disabel: [new-rule]\n");
  const CommandResult result = Replay();
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("t.yaml:3: detector.disabel: unknown key"));
}

TEST_F(TenantSettingsCommandsTest, CheckReportsFaultsAndRulesThatAreOffForLackOfAList) {
  WriteTenant("  disable: [nobody]\n");
  CommandResult result = Check();
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.err, HasSubstr("t.yaml:3:1: detector.disable[0]: no rule has the id, name, "
                                    "title or file name 'nobody'"));
  EXPECT_THAT(result.err, HasSubstr("new-rule: no list 'admins': off for 1 of 1 tenants with "
                                    "settings and for all without\n"));
  EXPECT_THAT(result.err, HasSubstr("1 tenant with settings, 1 fault in them\n"));

  WriteTenant("  lists: {admins: [a]}\n");
  result = Check();
  EXPECT_EQ(result.exit_status, 0) << result.err;
}

}  // namespace
}  // namespace picket
