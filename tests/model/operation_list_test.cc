// Compares the mapping of the operations that Microsoft documents with the reviewed list
// tests/data/operations.golden.tsv. Its columns are the operation, the workload, the class and
// activity of a record with a resource, those of a record without, and how they are found. With the
// environment variable PICKET_UPDATE_GOLDEN=1, the test rewrites all columns after the second.

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/strings.h"
#include "model/mapping.h"
#include "model/ocsf_class.h"
#include "tests/support/shared_data.h"

namespace picket {
namespace {

constexpr char kList[] = "tests/data/operations.golden.tsv";
// The golden list does not depend on the record type, which most documents do not give.
constexpr int32_t kNoRecordType = -1;

std::vector<std::vector<std::string>> Rows(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  std::vector<std::vector<std::string>> rows;
  if (!text.ok()) return rows;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(*text, '\n', absl::SkipEmpty()))) {
    rows.push_back(absl::StrSplit(line, '\t'));
  }
  return rows;
}

std::string InWords(const Mapping& mapping) {
  const std::string_view name =
      mapping.activity_id == ocsf::kOtherActivity && !mapping.detail.empty()
          ? mapping.detail
          : ActivityName(*FindOcsfClass(mapping.class_uid), mapping.activity_id);
  return absl::StrCat(mapping.class_uid, ".", int{mapping.activity_id}, " ",
                      ToAbsl(name.empty() ? "Other" : name));
}

std::string_view FoundBy(MappedBy by) {
  switch (by) {
    case MappedBy::kRow:
      return "row";
    case MappedBy::kCmdletVerb:
      return "cmdlet";
    case MappedBy::kVerb:
      return "verb";
    case MappedBy::kNothing:
      return "nothing";
  }
  return "";
}

TEST(OperationListTest, EveryDocumentedOperationHasTheReviewedClassAndActivity) {
  std::string actual;
  for (const std::vector<std::string>& row : Rows(kList)) {
    ASSERT_GE(row.size(), 2u);
    const Mapping with = MapOperation(row[1], row[0], kNoRecordType, true);
    const Mapping without = MapOperation(row[1], row[0], kNoRecordType, false);
    const std::string line = absl::StrCat(row[0], "\t", row[1], "\t", InWords(with), "\t",
                                          InWords(without), "\t", ToAbsl(FoundBy(with.by)), "\n");
    absl::StrAppend(&actual, line);
    if (std::getenv("PICKET_UPDATE_GOLDEN") != nullptr) continue;
    EXPECT_EQ(absl::StrCat(absl::StrJoin(row, "\t"), "\n"), line);
  }
  ASSERT_GT(actual.size(), 1400u * 20);
  if (std::getenv("PICKET_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(WriteFile(kList, actual).ok());
  }
}

TEST(OperationListTest, AtMostOneInTwentyOfTheOperationsWithoutARowIsOther) {
  int without_row = 0;
  int other = 0;
  for (const std::vector<std::string>& row : Rows(kList)) {
    const Mapping mapping = MapOperation(row[1], row[0], kNoRecordType, true);
    without_row += mapping.by != MappedBy::kRow;
    other += mapping.activity_id == ocsf::kOtherActivity && mapping.by != MappedBy::kRow;
  }
  ASSERT_GT(without_row, 800);
  EXPECT_LE(other * 20, without_row);
}

TEST(OperationListTest, TheListHasEveryOperationOfTheDocumentation) {
  const std::optional<std::string> path = SharedData("o365/operations.tsv");
  if (!path) GTEST_SKIP() << "the shared test data is missing";
  std::set<std::string> listed;
  for (const std::vector<std::string>& row : Rows(kList)) listed.insert(row[0]);
  for (const std::vector<std::string>& row : Rows(*path)) {
    if (row[0] == "operation") continue;  // the header
    EXPECT_TRUE(listed.contains(row[0])) << row[0];
  }
}

// What an attacker or an insider does is never left to the verb rule.
TEST(OperationListTest, OperationsOfSecurityInterestHaveARow) {
  struct Case {
    const char* workload;
    const char* operation;
    int32_t class_uid;
    int activity_id;
    const char* label;
  };
  static constexpr Case kCases[] = {
      {"MicrosoftTeams", "TeamsImpersonationDetected", 2004, 1, ""},
      {"MicrosoftTeams", "SecurityRiskInCallDetected", 2004, 1, ""},
      {"MicrosoftTeams", "MessageReported", 2004, 1, ""},
      {"MicrosoftTeams", "UserReported", 2004, 1, ""},
      {"MicrosoftTeams", "CallReported", 2004, 1, ""},
      {"MicrosoftTeams", "TeamsAdminAction", 6003, 3, ""},
      {"MicrosoftTeams", "SubscribedToMessages", 6003, 1, "collection"},
      {"MicrosoftTeams", "MeetingParticipantDetail", 6001, 2, ""},
      {"MicrosoftTeams", "MessageEditedHasLink", 6001, 3, ""},
      {"MicrosoftTeams", "MessagesExported", 6001, 7, "collection"},
      {"MicrosoftTeams", "AppPublishedToCatalog", 6002, 1, ""},
      {"MicrosoftTeams", "TeamSettingChanged", 6003, 3, ""},
      {"Exchange", "AttachmentAccess", 6001, 2, ""},
      {"SecurityComplianceCenter", "LabelContentExplorerAccessedItem", 6001, 2, "collection"},
      {"SharePoint", "UserAddedToGroup", 3006, 3, ""},
      {"SharePoint", "UserRemovedFromGroup", 3006, 4, ""},
      {"PowerBI", "AcquireStorageAccountKey", 6003, 2, "credential_access"},
      {"PowerBI", "PublishToWebReport", 6001, 8, "share_anonymous"},
      {"SharePoint", "RecordDelete", 6006, 4, ""},
      {"SecurityComplianceCenter", "SearchResultsPurged", 6003, 4, "ediscovery"},
      {"SecurityComplianceCenter", "SearchPermissionCreated", 3005, 1, "ediscovery"},
      {"SecurityComplianceCenter", "SearchPermissionUpdated", 3005, 1, "ediscovery"},
      {"SecurityComplianceCenter", "SearchPermissionRemoved", 3005, 2, "ediscovery"},
      {"SecurityComplianceCenter", "CaseAdminRemoved", 3005, 2, "ediscovery"},
      {"SecurityComplianceCenter", "CaseMemberAdded", 3005, 1, "ediscovery"},
      {"SecurityComplianceCenter", "PreviewItemDownloaded", 6003, 2, "ediscovery"},
      {"SecurityComplianceCenter", "Add-eDiscoveryCaseAdmin", 3005, 1, "ediscovery"},
      {"SecurityComplianceCenter", "Remove-eDiscoveryCaseAdmin", 3005, 2, "ediscovery"},
      {"SecurityComplianceCenter", "Update-eDiscoveryCaseAdmin", 3005, 1, "ediscovery"},
      {"SecurityComplianceCenter", "New-ComplianceSearchAction", 6003, 1, "ediscovery"},
      {"SecurityComplianceCenter", "New-ComplianceSecurityFilter", 3005, 1, "ediscovery"},
      {"SecurityComplianceCenter", "Remove-CaseHoldPolicy", 6003, 4, "ediscovery"},
      {"AzureActiveDirectory", "Add domain to company.", 3004, 1, "domain_change"},
      {"AzureActiveDirectory", "Remove domain from company.", 3004, 4, "domain_change"},
      {"AzureActiveDirectory", "Update domain.", 3004, 3, "domain_change"},
      {"AzureActiveDirectory", "Remove partner from company.", 3004, 4, "cross_tenant"},
      {"AzureActiveDirectory", "Set password policy.", 3004, 3, "policy_change"},
      {"AzureActiveDirectory", "Set DirSyncEnabled flag.", 3004, 3, ""},
      {"AzureActiveDirectory", "Add delegation entry.", 3005, 1, "app_permission"},
      {"SharePoint", "PermissionLevelRemoved", 3005, 2, "permission_change"},
      {"SharePoint", "AccessRequestAccepted", 6006, 17, ""},
      {"SharePoint", "SharedLinkCreated", 6006, 12, "share_specific"},
      {"SharePoint", "AuditPolicyRemoved", 6003, 4, "security_control_change"},
      {"SecurityComplianceCenter", "RemoveRetentionCompliancePolicy", 6003, 4,
       "security_control_change"},
      {"Microsoft365Defender", "DefenderExpertsAnalystPermissionCreated", 3005, 1, "role_change"},
  };
  for (const Case& one : kCases) {
    const Mapping mapping = MapOperation(one.workload, one.operation, kNoRecordType, true);
    EXPECT_EQ(mapping.by, MappedBy::kRow) << one.operation;
    EXPECT_EQ(mapping.class_uid, one.class_uid) << one.operation;
    EXPECT_EQ(mapping.activity_id, one.activity_id) << one.operation;
    EXPECT_EQ(mapping.label, one.label) << one.operation;
  }
}

}  // namespace
}  // namespace picket
