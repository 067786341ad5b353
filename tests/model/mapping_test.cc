#include "model/mapping.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "model/ocsf_class.h"
#include "model/operation_lookup.h"
#include "model/workloads.h"
#include "tests/support/ecs_types.h"

namespace picket {
namespace {

std::vector<std::string> Operations(const MappingRow& row) {
  std::vector<std::string> all;
  std::string_view rest = row.operations;
  while (true) {
    const size_t bar = rest.find('|');
    all.emplace_back(rest.substr(0, bar));
    if (bar == std::string_view::npos) return all;
    rest.remove_prefix(bar + 1);
  }
}

TEST(MappingTest, EveryRowHasAKnownClassAndActivity) {
  for (const MappingRow& row : MappingRows()) {
    const OcsfClass* const ocsf_class = FindOcsfClass(row.class_uid);
    ASSERT_NE(ocsf_class, nullptr) << row.operations;
    if (row.activity_id == 99) {
      EXPECT_FALSE(row.detail.empty()) << "activity 99 needs a name: " << row.operations;
    } else {
      EXPECT_FALSE(ActivityName(*ocsf_class, row.activity_id).empty()) << row.operations;
    }
    EXPECT_GE(row.severity_id, 1);
    EXPECT_LE(row.severity_id, 4);
    // In a row of Entity Management, `detail` is the type of the entity. In a row about an owner or
    // a site administrator, `detail` is the privilege. Neither may be missing.
    if (row.class_uid == ocsf::kEntityManagement || row.subject == Subject::kOwner ||
        row.subject == Subject::kSiteAdmin) {
      EXPECT_FALSE(row.detail.empty()) << row.operations;
    }
  }
}

TEST(MappingTest, EveryOperationIsFoundByItsOwnRow) {
  for (const MappingRow& row : MappingRows()) {
    const std::string_view workload = row.workloads == kExchange     ? "Exchange"
                                      : row.workloads == kEntra      ? "AzureActiveDirectory"
                                      : row.workloads == kSharePoint ? "OneDrive"
                                      : row.workloads == kTeams      ? "MicrosoftTeams"
                                      : row.workloads == kYammer     ? "Yammer"
                                                                     : "Elsewhere";
    for (const std::string& operation : Operations(row)) {
      const Mapping mapping = MapOperation(workload, operation, 0, true);
      EXPECT_EQ(mapping.by, MappedBy::kRow) << operation;
      EXPECT_EQ(mapping.class_uid, row.class_uid) << operation;
      EXPECT_EQ(mapping.activity_id, row.activity_id) << operation;
    }
  }
}

TEST(MappingTest, NoOperationIsMappedTwiceForOneWorkload) {
  std::set<std::pair<std::string, uint16_t>> seen;
  for (const MappingRow& row : MappingRows()) {
    for (const std::string& operation : Operations(row)) {
      const std::string key = OperationKey(operation);
      EXPECT_TRUE(seen.emplace(key, row.workloads).second) << operation;
      if (row.workloads == kAnyWorkload) {
        for (const auto& [other, workloads] : seen) {
          EXPECT_FALSE(other == key && workloads != kAnyWorkload) << operation;
        }
      }
    }
  }
  EXPECT_GE(seen.size(), 300u);
}

TEST(MappingTest, BlanksCaseAndTheFinalFullStopDoNotMatter) {
  for (const char* operation : {"Add user.", "Add User.", "Add user", " add user. "}) {
    EXPECT_EQ(MapOperation("AzureActiveDirectory", operation, 8, true).class_uid,
              ocsf::kAccountChange)
        << operation;
  }
}

TEST(MappingTest, TheWorkloadDistinguishesOperationsOfOneName) {
  EXPECT_EQ(MapOperation("MicrosoftTeams", "MemberRoleChanged", 25, false).class_uid,
            ocsf::kGroupManagement);
  EXPECT_EQ(MapOperation("SharePoint", "MemberRoleChanged", 14, true).class_uid,
            ocsf::kApiActivity);
  EXPECT_EQ(MapOperation("Exchange", "Update", 2, false).class_uid, ocsf::kWebResourcesActivity);
  EXPECT_EQ(MapOperation("Planner", "Update", 190, false).by, MappedBy::kVerb);
}

TEST(MappingTest, EveryActivityHasACategoryInTheElasticCommonSchema) {
  const std::map<std::string, std::set<std::string>>& allowed = EcsTypesByCategory();
  for (const MappingRow& row : MappingRows()) {
    const EcsKind kind = EcsKindOf(*FindOcsfClass(row.class_uid), row.activity_id);
    const auto category = allowed.find(std::string(kind.category));
    ASSERT_NE(category, allowed.end()) << row.operations << ": " << kind.category;
    for (const std::string& type :
         std::vector<std::string>(absl::StrSplit(ToAbsl(kind.types), ','))) {
      EXPECT_TRUE(category->second.contains(type)) << row.operations << ": " << type;
    }
    EXPECT_EQ(kind.kind, row.class_uid / 1000 == ocsf::kFindingsCategory ? "alert" : "event")
        << row.operations;
  }
}

TEST(MappingTest, TheTitleOfAnAlertIsItsOperation) {
  const Mapping mapping = MapOperation("SecurityComplianceCenter", "Odd sign-ins", 98, true);
  EXPECT_EQ(mapping.class_uid, ocsf::kDetectionFinding);
  EXPECT_EQ(mapping.subject, Subject::kAlert);
  EXPECT_EQ(mapping.by, MappedBy::kRow);
}

TEST(MappingTest, OnlyRolesConsentAndDisabledControlsAreAboveInformational) {
  for (const MappingRow& row : MappingRows()) {
    const bool gives_rights = row.class_uid == ocsf::kUserAccessManagement;
    const bool control = row.label == "security_control_change";
    const bool malware = row.operations == "FileMalwareDetected";
    EXPECT_TRUE(row.severity_id == 1 || gives_rights || control || malware) << row.operations;
  }
}

TEST(MappingTest, AVerbCanBeInThePastTenseAndCanFollowStream) {
  EXPECT_EQ(MapOperation("PowerPlatform", "UpdatedPrivacySetting", 256, true).activity_id, 3);
  EXPECT_EQ(MapOperation("VivaInsights", "DeletedResult", 44, true).activity_id, 4);
  EXPECT_EQ(MapOperation("MicrosoftStream", "StreamCreateVideo", 32, true).activity_id, 1);
  EXPECT_EQ(MapOperation("PowerPlatform", "Viewedness", 256, true).by, MappedBy::kNothing);
}

TEST(MappingTest, TheVerbIsFoundWhereverItIsInTheName) {
  struct Case {
    const char* operation;
    int web_activity;  // 0 if there is no verb
  };
  static constexpr Case kCases[] = {
      // A noun at the start is not the verb if the name ends in a verb.
      {"SearchSchedulePaused", 3},
      {"AccessReviewRevoked", 4},
      {"PreviewLinkShared", 8},
      {"ExportJobCancelled", 3},
      {"OpenFileRemoved", 4},
      {"NewsPostPublished", 3},
      {"ListViewUpdate", 3},
      // Without a verb at the end, the first word is the verb.
      {"SearchMailboxItems", 5},
      {"AccessTokens", 2},
      {"ViewUpdate", 2},
      {"ExportAuditLog", 7},
      // Forms at the end.
      {"RetentionLabelSet", 3},
      {"ThemeApplied", 3},
      {"WorkspaceRestored", 3},
      {"AnomalyDetected", 1},
      {"AccountSuspended", 3},
      {"ScopeUpdate", 3},
      {"QuotaChange", 3},
      {"CommunityCreation", 1},
      {"CommunityDeletion", 4},
      {"KeyRevocation", 4},
      {"UserSuspension", 3},
      {"SnapshotDelete", 4},
      // Names with blanks, in either case.
      {"Widget deleted", 4},
      {"Objective or plan created", 1},
      {"Remove widget from board", 4},
      {"remove widget", 4},
      // A verb in the middle.
      {"GuestAddedToBoard", 1},
      {"CardDeletedFromBoard", 4},
      {"BoardsCreateColumn", 1},
      {"PWASettingsExportFile", 7},
      // Words that only look like a verb.
      {"Settings", 0},
      {"Additive", 0},
      {"Accessory", 0},
      {"Listing", 0},
      {"Moveable Feast", 0},
      {"", 0},
      {"...", 0},
      {"-", 0},
      {"\xe5\x88\xa0\xe9\x99\xa4", 0},
  };
  for (const Case& one : kCases) {
    const Mapping mapping = MapOperation("Future", one.operation, -1, true);
    EXPECT_EQ(mapping.by, one.web_activity == 0 ? MappedBy::kNothing : MappedBy::kVerb)
        << one.operation;
    EXPECT_EQ(mapping.activity_id, one.web_activity == 0 ? ocsf::kOtherActivity : one.web_activity)
        << one.operation;
  }
  EXPECT_EQ(MapOperation("Future", std::string(1 << 20, 'A'), -1, true).by, MappedBy::kNothing);
  std::string words;
  for (int i = 0; i < 10'000; ++i) words += "Word";
  EXPECT_EQ(MapOperation("Future", words, -1, true).by, MappedBy::kNothing);
}

TEST(MappingTest, EveryApprovedVerbOfACmdletHasAnActivity) {
  struct Case {
    const char* cmdlet;
    int activity;
  };
  static constexpr Case kCases[] = {
      {"Stop-Widget", 3},      {"Search-Widget", 2},  {"Suspend-Widget", 3},
      {"Grant-Widget", 1},     {"Block-Widget", 3},   {"Invoke-Widget", 1},
      {"Approve-Widget", 3},   {"Restore-Widget", 3}, {"ConvertTo-Widget", 3},
      {"Publish-Widget", 3},   {"Resume-Widget", 3},  {"Send-Widget", 1},
      {"Release-Widget", 3},   {"Undo-Widget", 3},    {"Access-Widget", 2},
      {"Export-Widget", 2},    {"Clear-Widget", 4},   {"Revoke-Widget", 4},
      {"Unprotect-Widget", 3},
  };
  for (const Case& one : kCases) {
    const Mapping mapping = MapOperation("Exchange", one.cmdlet, 1, true);
    EXPECT_EQ(mapping.by, MappedBy::kCmdletVerb) << one.cmdlet;
    EXPECT_EQ(mapping.activity_id, one.activity) << one.cmdlet;
    EXPECT_EQ(mapping.subject, Subject::kCmdlet) << one.cmdlet;
  }
}

TEST(MappingTest, OperationsOfWebApplicationsAreWebResourcesEvenWithoutAnObjectId) {
  EXPECT_EQ(MapOperation("MicrosoftForms", "CreateForm", 66, false).class_uid,
            ocsf::kWebResourcesActivity);
  EXPECT_EQ(MapOperation("Planner", "PlanModified", 188, false).class_uid,
            ocsf::kWebResourcesActivity);
  EXPECT_EQ(MapOperation("Project", "ProjectCreated", 195, false).class_uid,
            ocsf::kWebResourcesActivity);
  EXPECT_EQ(MapOperation("MicrosoftTodo", "TodoListCreated", 202, false).class_uid,
            ocsf::kWebResourcesActivity);
  EXPECT_EQ(MapOperation("PowerPlatform", "EnvironmentCreated", 256, false).class_uid,
            ocsf::kApiActivity);
}

TEST(MappingTest, UpperAndLowerCaseOfAWorkloadAreEqual) {
  EXPECT_EQ(MapOperation("exchange", "HardDelete", 2, false).by, MappedBy::kRow);
  EXPECT_EQ(WorkloadOf("SHAREPOINT"), WorkloadOf("SharePoint"));
}

TEST(MappingTest, OperationsWithoutARowAreMappedByTheirVerb) {
  const Mapping cmdlet = MapOperation("Exchange", "Set-OwaMailboxPolicy", 1, true);
  EXPECT_EQ(cmdlet.by, MappedBy::kCmdletVerb);
  EXPECT_EQ(cmdlet.class_uid, ocsf::kApiActivity);
  EXPECT_EQ(cmdlet.activity_id, 3);
  EXPECT_EQ(MapOperation("Exchange", "Test-Mapi", 1, false).activity_id, 2);
  EXPECT_EQ(MapOperation("Exchange", "Frobnicate-Mailbox", 1, false).activity_id,
            ocsf::kOtherActivity);
  EXPECT_EQ(MapOperation("SecurityComplianceCenter", "SearchMtpStatus", 52, false).class_uid,
            ocsf::kApiActivity);
  const Mapping trailing = MapOperation("Planner", "PlanDeleted", 188, true);
  EXPECT_EQ(trailing.class_uid, ocsf::kWebResourcesActivity);
  EXPECT_EQ(trailing.activity_id, 4);
  EXPECT_EQ(trailing.by, MappedBy::kVerb);
  const Mapping unknown = MapOperation("Future", "QuantumWidgetTeleported", -1, true);
  EXPECT_EQ(unknown.by, MappedBy::kNothing);
  EXPECT_EQ(unknown.activity_id, ocsf::kOtherActivity);
  EXPECT_EQ(MapOperation("Future", "SettingsTeleported", -1, true).by, MappedBy::kNothing);
}

}  // namespace
}  // namespace picket
