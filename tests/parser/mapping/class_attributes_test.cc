#include "parser/mapping/class_attributes.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "parser/mapping/subject_facts.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

std::string Properties(std::string_view list) {
  return R"(,"ModifiedProperties":)" + std::string(list);
}
constexpr std::string_view kUserTarget =
    R"(,"ObjectId":"lena@fabrikam.example","Target":[{"ID":"lena@fabrikam.example","Type":5},)"
    R"({"ID":"User_7d1e0c52-91ab-4c3e-b0f4-5a6b7c8d9e0f","Type":2}])";

TEST(ClassAttributesTest, ADeletedAccountHasNoResultAndAChangedOneHasOnlyNewValues) {
  const std::string changed =
      Properties(R"([{"Name":"Mail","NewValue":"[]","OldValue":"[\"old@fabrikam.example\"]"},)"
                 R"({"Name":"DisplayName","NewValue":"[\"Lena\"]","OldValue":"[\"L\"]"}])");
  const Normalized update(
      RecordWith("AzureActiveDirectory", "Update user.", std::string(kUserTarget) + changed));
  EXPECT_EQ(update.At("/user_result/full_name"), "Lena");
  EXPECT_EQ(update.At("/user_result/email_addr"), "<none>");
  const Normalized removal(
      RecordWith("AzureActiveDirectory", "Delete user.", std::string(kUserTarget) + changed));
  EXPECT_EQ(removal.At("/user/name"), "lena@fabrikam.example");
  EXPECT_EQ(removal.At("/user_result"), "<none>");
}

TEST(ClassAttributesTest, AGroupCanHaveOwnersAndAGrantNamesOneApplicationNotPartsOfTwo) {
  const Normalized owner(RecordWith(
      "AzureActiveDirectory", "Add owner to group.",
      std::string(kUserTarget) + Properties(R"([{"Name":"Group.ObjectID","NewValue":"g-1"},)"
                                            R"({"Name":"Group.DisplayName","NewValue":"Pay"}])")));
  EXPECT_EQ(owner.At("/resources"), R"([{"name":"Pay","uid":"g-1","type":"group"}])");
  const Normalized grant(RecordWith(
      "AzureActiveDirectory", "Add delegated permission grant.",
      R"(,"ObjectId":"00000003-0000-0000-c000-000000000000","Target":[{"ID":"Graph","Type":1}])" +
          Properties(R"([{"Name":"ServicePrincipal.ObjectID","NewValue":"app-1"},)"
                     R"({"Name":"ServicePrincipal.DisplayName","NewValue":""}])")));
  EXPECT_EQ(grant.At("/resources"), R"([{"uid":"app-1","type":"application"}])");
}

TEST(ClassAttributesTest, TheTargetOfAnEnrolmentIsTheOwnerOfTheDevice) {
  const Normalized result(RecordWith(
      "AzureActiveDirectory", "Add registered owner to device.",
      std::string(kUserTarget) + Properties(R"([{"Name":"Device.ObjectID","NewValue":"d-1"}])")));
  EXPECT_EQ(
      result.At("/entity/device"),
      R"({"type_id":0,"uid":"d-1","name":"d-1","owner":{"name":"lena@fabrikam.example",)"
      R"("email_addr":"lena@fabrikam.example","uid":"7d1e0c52-91ab-4c3e-b0f4-5a6b7c8d9e0f"}})");
  EXPECT_EQ(result.At("/entity/name"), "<none>");
}

TEST(ClassAttributesTest, APartnersTenantIsFoundWhenItIsAddedAndWhenItIsDeleted) {
  EXPECT_EQ(
      Normalized(RecordWith("AzureActiveDirectory", "Add a partner to cross-tenant access setting.",
                            Properties(R"([{"Name":"tenantId","NewValue":"[\"t-2\"]"}])")))
          .At("/entity/org/uid"),
      "t-2");
  EXPECT_EQ(Normalized(RecordWith("AzureActiveDirectory",
                                  "Delete partner specific cross-tenant access setting.",
                                  Properties(R"([{"Name":"tenantId","NewValue":"[]",)"
                                             R"("OldValue":"[\"t-2\"]"}])")))
                .At("/entity/org/uid"),
            "t-2");
}

TEST(ClassAttributesTest, EventDataHasThePermissionOfALinkAndTheLevelOfASite) {
  const Normalized link(
      RecordWith("OneDrive", "AnonymousLinkCreated",
                 R"(,"ObjectId":"https://x.example/a.docx","ItemType":"File","UserSharedWith":)"
                 R"("guest@x.example","EventData":"<Type>Edit</Type>")"));
  EXPECT_EQ(link.At("/access_list"), R"(["Edit"])");
  EXPECT_EQ(link.At("/observables/0/value"), "guest@x.example");
  const Normalized level(RecordWith(
      "SharePoint", "PermissionLevelAdded",
      R"(,"ObjectId":"s","EventData":"<PermissionLevel>Restricted View</PermissionLevel>)"
      R"(<BasePermissions>Open</BasePermissions>")"));
  EXPECT_EQ(level.At("/privileges"), R"(["Restricted View"])");
  const Normalized group(RecordWith("SharePoint", "GroupAdded",
                                    R"(,"ObjectId":"https://x.example/s")" +
                                        Properties(R"([{"Name":"Name","NewValue":"Visitors"}])")));
  EXPECT_EQ(group.At("/group/name"), "Visitors");
}

TEST(ClassAttributesTest, TheTypeOfAnItemIsANameOrANumber) {
  const auto type_of = [](std::string_view type) {
    return Normalized(RecordWith("SharePoint", "FolderCreated",
                                 R"(,"ObjectId":"f","ItemType":)" + std::string(type)))
        .At("/file/type_id");
  };
  EXPECT_EQ(type_of("\"Folder\""), "2");
  EXPECT_EQ(type_of("5"), "2");
  EXPECT_EQ(type_of("\"5\""), "2");
  EXPECT_EQ(type_of("1"), "1");
  EXPECT_EQ(type_of("6"), "99");
  EXPECT_EQ(Normalized(RecordWith("SharePoint", "SharingSet", R"(,"ObjectId":"s","ItemType":7)"))
                .At("/class_uid"),
            "6001");
}

TEST(ClassAttributesTest, AttachmentsAreReadFromProse) {
  using Attachment = std::pair<std::string, int64_t>;
  const auto read = [](std::string_view text) {
    std::vector<Attachment> all;
    ForEachAttachment(text,
                      [&](std::string_view name, int64_t size) { all.emplace_back(name, size); });
    return all;
  };
  EXPECT_EQ(read(""), std::vector<Attachment>());
  EXPECT_EQ(read("a.docx (34816b)"), (std::vector<Attachment>{{"a.docx", 34816}}));
  EXPECT_EQ(read("a (copy).docx (1b); b; c (2b) (3b);d (0b)"),
            (std::vector<Attachment>{{"a (copy).docx", 1}, {"b; c (2b)", 3}, {"d", 0}}));
  EXPECT_EQ(read("no size"), (std::vector<Attachment>{{"no size", -1}}));
  EXPECT_EQ(read("a (1b); cut o"), (std::vector<Attachment>{{"a", 1}, {"cut o", -1}}));
  EXPECT_EQ(read("a (b); b ( 1b); c (12345678901234567890b)").size(), 1u);

  const std::string item =
      R"(,"Item":{"Id":"i","InternetMessageId":"m","Attachments":"a \"b\".txt (7b); c"})";
  const Normalized sent(RecordWith("Exchange", "Send", item));
  EXPECT_EQ(sent.At("/email/files"),
            R"([{"name":"a \"b\".txt","type_id":1,"size":7},{"name":"c","type_id":1}])");
  const Normalized updated(
      RecordWith("Exchange", "Update", item + Properties(R"(["Subject","AttachmentCollection"])")));
  EXPECT_EQ(updated.At("/web_resources/0/data"),
            R"({"attachments":[{"name":"a \"b\".txt","size":7},{"name":"c"}],)"
            R"("modified_properties":["Subject","AttachmentCollection"]})");
  EXPECT_EQ(updated.At("/unmapped/ModifiedProperties"),
            R"([{"Name":"Subject"},{"Name":"AttachmentCollection"}])");
}

TEST(ClassAttributesTest, AMailboxRecordWithoutItemsIsAboutFoldersThenTheMailbox) {
  EXPECT_EQ(
      Normalized(RecordWith("Exchange", "MailItemsAccessed",
                            R"(,"Item":{"Id":"f","ParentFolder":{"Id":"f","Path":"\\Inbox"}})"))
          .At("/web_resources"),
      R"([{"type":"folder","name":"\\Inbox","uid":"f"}])");
  EXPECT_EQ(Normalized(RecordWith("Exchange", "MailItemsAccessed",
                                  R"(,"MailboxOwnerUPN":"o","Folders":[{"Id":"f","Path":"p"},{}])"))
                .At("/web_resources"),
            R"([{"type":"folder","name":"p","uid":"f"}])");
  EXPECT_EQ(Normalized(RecordWith("Exchange", "FolderBind", R"(,"MailboxOwnerUPN":"o")"))
                .At("/web_resources"),
            R"([{"type":"mailbox","name":"o"}])");
}

TEST(ClassAttributesTest, LabelsOfMailAreFoundUnderAllThreeNames) {
  const auto label_of = [](std::string_view members) {
    return Normalized(RecordWith("Exchange", "MipLabel", members))
        .At("/web_resources/0/data_classifications/0/uid");
  };
  EXPECT_EQ(label_of(R"(,"ItemName":"Pay","LabelId":"l-1","LabelName":"Secret")"), "l-1");
  EXPECT_EQ(label_of(R"(,"SensitivityLabelEventData":{"SensitivityLabelId":"l-2"})"), "l-2");
  EXPECT_EQ(label_of(R"(,"LabelId":"l-1","SensitivityLabelId":"l-3")"), "l-3");
}

TEST(ClassAttributesTest, OnlyFinalStatesCloseAnInvestigation) {
  const auto activity_of = [](std::string_view status) {
    return Normalized(
               RecordWith("SecurityComplianceCenter", "AirInvestigationData",
                          R"(,"InvestigationId":"i","Status":")" + std::string(status) + "\""))
        .At("/activity_name");
  };
  EXPECT_EQ(activity_of("Investigation Started"), "Create");
  for (const char* status : {"Remediated", "No Threats Found", "No threats found", "Failed",
                             "Terminated By System", "Terminated By User", "Completed"}) {
    EXPECT_EQ(activity_of(status), "Close") << status;
  }
  EXPECT_EQ(Normalized(RecordWith("SecurityComplianceCenter", "AirInvestigationData",
                                  R"(,"Actions":["{\"ActionType\":\"Block\"}","prose"])"))
                .At("/unmapped/decoded"),
            R"([{"name":"Actions.ActionType","value":"Block"}])");
  for (const char* status :
       {"Partially Remediated", "Partially Investigated", "Threats Found", "Pending Action"}) {
    EXPECT_EQ(activity_of(status), "Update") << status;
  }
}

TEST(ClassAttributesTest, AFindingNamesTheFilesAndFamiliesThatWereDetected) {
  const Normalized mail(RecordWith(
      "ThreatIntelligence", "TIMailData",
      R"(,"NetworkMessageId":"n","AttachmentData":[{"FileName":"a.js","MalwareFamily":"Loader",)"
      R"("SHA256":"9f86d081"},{"FileName":"b.png"}])"));
  EXPECT_EQ(mail.At("/evidences"),
            R"([{"file":{"type_id":1,"name":"a.js","hashes":[{"algorithm_id":3,"algorithm":)"
            R"("SHA-256","value":"9f86d081"}]}},{"file":{"type_id":1,"name":"b.png"}}])");
  EXPECT_EQ(mail.At("/malware"), R"([{"classification_ids":[0],"name":"Loader"}])");
  const auto alert = [](std::string_view type) {
    return Normalized(RecordWith("SecurityComplianceCenter", "AlertEntityGenerated",
                                 R"(,"AlertId":"a","AlertEntityId":"x@y.example","EntityType":")" +
                                     std::string(type) + "\""));
  };
  EXPECT_EQ(alert("Sender").At("/evidences"), R"([{"email":{"from":"x@y.example"}}])");
  EXPECT_EQ(alert("MalwareFamily").At("/malware/0/name"), "x@y.example");
  EXPECT_EQ(alert("MalwareFamily").At("/evidences"), "<none>");
}

TEST(ClassAttributesTest, AMatchedRuleHasItsFindingsAndItsEnforcement) {
  const auto endpoint = [](std::string_view mode) {
    return Normalized(RecordWith(
        "Endpoint", "FilePrinted",
        R"(,"ObjectId":"C:\\a.xlsx","EndpointMetaData":{"DeviceName":"PC1","EnforcementMode":)" +
            std::string(mode) +
            R"(},"PolicyDetails":[{"PolicyName":"p","Rules":[{"RuleName":"r","ConditionsMatched":)"
            R"({"SensitiveInformation":[{"SensitiveInformationTypeName":"Card","Count":3},)"
            R"({"SensitiveType":"g"}]}}]}])"));
  };
  const Normalized blocked = endpoint("\"Block\"");
  EXPECT_EQ(blocked.At("/class_uid"), "2006");
  EXPECT_EQ(blocked.At("/disposition"), "Blocked");
  EXPECT_EQ(blocked.At("/device/name"), "PC1");
  EXPECT_EQ(blocked.At("/data_security/discovery_details"),
            R"([{"type":"Card","count":3},{"type":"g"}])");
  EXPECT_EQ(endpoint("\"Warn\"").At("/disposition"), "Blocked");
  EXPECT_EQ(endpoint("3").At("/disposition"), "Allowed");
  EXPECT_EQ(endpoint("\"allow\"").At("/disposition"), "Allowed");
  EXPECT_EQ(endpoint("\"Audit\"").At("/disposition"), "Logged");
}

TEST(ClassAttributesTest, TheMachineAndProgramOfTheClientAreFoundInEveryField) {
  const Normalized label(RecordWith("Aip", "Access",
                                    R"(,"ObjectId":"C:\\a","Common":{"ApplicationId":"p",)"
                                    R"("ApplicationName":"Word","DeviceName":"d","Platform":2})"));
  EXPECT_EQ(label.At("/device"), R"({"type_id":0,"name":"d","os":{"name":"macOS","type_id":300}})");
  EXPECT_EQ(label.At("/actor/app_uid"), "p");
  EXPECT_EQ(label.At("/actor/app_name"), "Word");
  EXPECT_EQ(Normalized(RecordWith("SharePoint", "FileAccessed",
                                  R"(,"ObjectId":"a","IsManagedDevice":false)"))
                .At("/device/is_managed"),
            "false");
  const std::string details =
      R"(,"ExtendedProperties":[{"Name":"additionalDetails","Value":"{\"User-Agent\":\"curl\"}"}])";
  EXPECT_EQ(Normalized(RecordWith("AzureActiveDirectory", "Add user.", details))
                .At("/http_request/user_agent"),
            "curl");
  EXPECT_EQ(
      Normalized(RecordWith("AzureActiveDirectory", "Add user.", details + R"(,"UserAgent":"own")"))
          .At("/http_request/user_agent"),
      "own");
}

TEST(ClassAttributesTest, AStringThatMeansNoValueIsNotAnId) {
  const Normalized result(absl::StrReplaceAll(
      RecordWith("AzureActiveDirectory", "UserLoggedIn",
                 R"(,"Actor":[{"ID":"00000000-0000-0000-0000-000000000000","Type":0}],)"
                 R"("SessionId":"00000000-0000-0000-0000-000000000000","ObjectId":"Unknown",)"
                 R"("InterSystemsId":"00000000-0000-0000-0000-000000000000",)"
                 R"("CorrelationId":"c-1","ClientIP":"Unknown")"),
      {{"10030000A1B2C3D4", "Not Available"}}));
  EXPECT_EQ(result.At("/actor/user/uid"), "<none>");
  EXPECT_EQ(result.At("/actor/user/uid_alt"), "Not Available");  // uid_alt is copied unchanged
  EXPECT_EQ(result.At("/actor/session"), "<none>");
  EXPECT_EQ(result.At("/metadata/correlation_uid"), "c-1");
  EXPECT_EQ(result.At("/src_endpoint"), "<none>");
  EXPECT_EQ(result.At("/metadata/debug"), "<none>");
  EXPECT_EQ(result.At("/service"), R"({"name":"AzureActiveDirectory"})");
  EXPECT_EQ(result.At("/unmapped/ClientIP"), "Unknown");
}

TEST(ClassAttributesTest, AnOldSignInHasItsErrorInOtherFields) {
  const Normalized result(RecordWith(
      "AzureActiveDirectory", "PasswordLogonInitialAuthUsingPassword",
      R"(,"ObjectId":"maria.lindt@fabrikam.example","LoginStatus":-2147217390,"ResultStatus":)"
      R"("failed","ExtendedProperties":[{"Name":"LoginError","Value":"PP_E_BAD_PASSWORD"}])"));
  EXPECT_EQ(result.At("/status_id"), "2");
  EXPECT_EQ(result.At("/status_code"), "-2147217390");
  EXPECT_EQ(result.At("/status_detail"), "PP_E_BAD_PASSWORD");
  EXPECT_EQ(result.At("/service"), R"({"name":"AzureActiveDirectory"})");  // not the user's name
  EXPECT_EQ(
      Normalized(RecordWith("Exchange", "MailboxLogin", R"(,"LogonType":6)")).At("/logon_type"),
      "DelegatedAdmin");
}

TEST(ClassAttributesTest, AYammerRecordHasItsFileGroupAndUserInOtherFields) {
  const Normalized file(
      RecordWith("Yammer", "FileDownloaded", R"(,"FileName":"a.pdf","FileId":9007199254740993)"));
  EXPECT_EQ(file.At("/file"), R"({"name":"a.pdf","type_id":1,"uid":"9007199254740993"})");
  EXPECT_EQ(file.At("/unmapped/FileId"), "9007199254740993");
  EXPECT_EQ(Normalized(RecordWith("Yammer", "UserSuspension", R"(,"TargetUserId":"u@x.example")"))
                .At("/user/name"),
            "u@x.example");
  EXPECT_EQ(Normalized(RecordWith("Yammer", "MessageDeleted",
                                  R"(,"GroupName":"All","MessageId":9007199254740993)"))
                .At("/web_resources"),
            R"([{"type":"team","name":"All"},{"type":"message","uid":"9007199254740993"}])");
}

}  // namespace
}  // namespace picket::parser
