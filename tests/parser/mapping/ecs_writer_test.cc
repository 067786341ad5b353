#include "parser/mapping/ecs_writer.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

// Returns the parsed ECS event of a record.
Tree EcsOf(const std::string& record, NormalizerOptions options = {}) {
  const Normalized result(record, {.ecs = true}, options);
  EXPECT_EQ(result.size(), 1u) << record;
  return ParseTree(result.batch.Ecs(result.batch.events.at(0)));
}

void ExpectValues(const Tree& event, const std::map<std::string, std::string>& values) {
  for (const auto& [pointer, value] : values) {
    EXPECT_EQ(At(event, pointer), value) << pointer << " of " << event.text;
  }
}

// Tests each field that Elastic's rules for Microsoft 365 use, with a record that has a value for
// that field.
TEST(EcsWriterTest, RulesFindTheCommonFields) {
  ExpectValues(
      EcsOf(RecordWith("Exchange", "Set-Mailbox",
                       R"(,"ClientIP":"[2001:db8::7]:4711","UserAgent":"curl/8","ResultStatus":)"
                       R"("True","OrganizationName":"fabrikam.example","ObjectId":"maria")")),
      {{"/@timestamp", "2026-03-04T05:06:07.000Z"},
       {"/event/kind", "event"},
       {"/event/category", R"(["configuration","web"])"},
       {"/event/type", R"(["change","info"])"},
       {"/event/module", "o365"},
       {"/event/dataset", "o365.audit"},
       {"/event/action", "Set-Mailbox"},
       {"/event/code", "ExchangeAdmin"},
       {"/event/provider", "Exchange"},
       {"/event/id", "0a1b2c3d-0000-4000-8000-00000000abcd"},
       {"/event/outcome", "success"},
       {"/event/severity", "1"},
       {"/organization/id", std::string(kTestTenant)},
       {"/organization/name", "fabrikam.example"},
       {"/user/id", "maria.lindt@fabrikam.example"},
       {"/user/name", "maria.lindt"},
       {"/user/domain", "fabrikam.example"},
       {"/user/email", "maria.lindt@fabrikam.example"},
       {"/source/ip", "2001:db8::7"},
       {"/source/address", "2001:db8::7"},
       {"/source/port", "4711"},
       {"/client/ip", "2001:db8::7"},
       {"/client/address", "2001:db8::7"},
       {"/user_agent/original", "curl/8"},
       {"/related/ip", R"(["2001:db8::7"])"},
       {"/related/user", R"(["maria.lindt@fabrikam.example"])"},
       {"/o365/audit/ClientIP", "[2001:db8::7]:4711"},
       {"/o365/audit/ObjectId", "maria"},
       {"/o365/audit/Operation", "Set-Mailbox"},
       {"/o365/audit/RecordType", "1"},
       {"/o365/audit/ResultStatus", "True"},
       {"/o365/audit/UserId", "maria.lindt@fabrikam.example"},
       {"/o365/audit/UserKey", "10030000A1B2C3D4"},
       {"/o365/audit/UserType", "0"},
       {"/o365/audit/Workload", "Exchange"},
       {"/picket/mapping_version", std::string(kMappingVersion)}});
}

TEST(EcsWriterTest, RulesFindTheParametersOfACmdlet) {
  std::string parameters;
  std::map<std::string, std::string> expected;
  for (const char* name :
       {"AccessRights", "AllowFederatedUsers", "AllowGuestUser", "AuditBypassEnabled", "Enabled",
        "ForwardAsAttachmentTo", "ForwardTo", "ForwardingSmtpAddress", "Identity", "Name",
        "RedirectTo", "SubjectContainsWords", "DeleteMessage", "MoveToFolder", "User",
        "BlindCopyTo"}) {
    parameters += std::string(parameters.empty() ? "" : ",") + R"({"Name":")" + name +
                  R"(","Value":"v )" + name + "\"}";
    expected["/o365/audit/Parameters/" + std::string(name)] = std::string("v ") + name;
  }
  const Tree event =
      EcsOf(RecordWith("Exchange", "New-InboxRule", ",\"Parameters\":[" + parameters + "]"));
  ExpectValues(event, expected);
  EXPECT_EQ(At(event, "/o365/audit/Parameters_kv/0/name"), "AccessRights");
  EXPECT_EQ(At(event, "/o365/audit/Parameters_kv/15/value"), "v BlindCopyTo");
}

TEST(EcsWriterTest, TheListKeepsRepeatedAndUnnamedParameters) {
  const Tree event = EcsOf(RecordWith(
      "Exchange", "Set-Mailbox",
      R"(,"Parameters":[{"Name":"Identity","Value":"a"},{"Name":"Identity","Value":"b"},)"
      R"({"Name":"odd.name here","Value":"c"},{"Name":"User","Value":{"x":"y"}}])"));
  EXPECT_EQ(At(event, "/o365/audit/Parameters"), R"({"Identity":"a"})");
  EXPECT_EQ(At(event, "/o365/audit/Parameters_kv"),
            R"([{"name":"Identity","value":"a"},{"name":"Identity","value":"b"},)"
            R"({"name":"odd.name here","value":"c"},{"name":"User","value":"{\"x\":\"y\"}"}])");
}

TEST(EcsWriterTest, RulesFindThePropertiesOfASignIn) {
  ExpectValues(
      EcsOf(RecordWith(
          "AzureActiveDirectory", "UserLoginFailed",
          R"(,"ApplicationId":"app-1","ErrorNumber":"50126","LogonError":"InvalidPassword",)"
          R"("ResultStatus":"Success","ObjectId":"res-1","ExtendedProperties":[{"Name":)"
          R"("RequestType","Value":"OAuth2:Token"},{"Name":"ResultStatusDetail","Value":"Redirect"},)"
          R"({"Name":"UserAgent","Value":"Mozilla/5.0"}],"DeviceProperties":[{"Name":"OS","Value":)"
          R"("Windows 10"},{"Name":"Id","Value":"d1"},{"Name":"DisplayName","Value":"PC1"},)"
          R"({"Name":"SessionId","Value":"s1"}],"Actor":[{"ID":"x","Type":0}],)"
          R"("Target":[{"ID":"t-1","Type":0}])")),
      {{"/event/outcome", "failure"},
       {"/event/category", R"(["authentication"])"},
       {"/event/type", R"(["start"])"},
       {"/event/severity", "2"},
       {"/user_agent/original", "Mozilla/5.0"},
       {"/device/id", "d1"},
       {"/host/id", "d1"},
       {"/host/name", "PC1"},
       {"/host/os/full", "Windows 10"},
       {"/o365/audit/ApplicationId", "app-1"},
       {"/o365/audit/ErrorNumber", "50126"},
       {"/o365/audit/LogonError", "InvalidPassword"},
       {"/o365/audit/Target/0/ID", "t-1"},
       {"/o365/audit/Actor/0/ID", "x"},
       {"/o365/audit/ExtendedProperties/RequestType", "OAuth2:Token"},
       {"/o365/audit/ExtendedProperties/ResultStatusDetail", "Redirect"},
       {"/o365/audit/ExtendedProperties_kv/0/Value", "OAuth2:Token"},
       {"/o365/audit/DeviceProperties/SessionId", "s1"}});
}

TEST(EcsWriterTest, RulesFindTheRoleAndItsNewMember) {
  ExpectValues(
      EcsOf(RecordWith(
          "AzureActiveDirectory", "Add member to role.",
          R"(,"ModifiedProperties":[{"Name":"Role.DisplayName","NewValue":"[\r\n  \"Global )"
          R"(Administrator\"\r\n]","OldValue":"x"}],"Target":[{"ID":"User_0f0e0d0c-0000-4000-)"
          R"(8000-000000000009","Type":2},{"ID":"eve@fabrikam.example","Type":5}])")),
      {{"/event/category", R"(["iam"])"},
       {"/event/type", R"(["user","change"])"},
       {"/user/target/id", "0f0e0d0c-0000-4000-8000-000000000009"},
       {"/user/target/name", "eve"},
       {"/user/target/domain", "fabrikam.example"},
       {"/user/target/email", "eve@fabrikam.example"},
       {"/o365/audit/ModifiedProperties/Role_DisplayName/NewValue",
        "[\r\n  \"Global Administrator\"\r\n]"},
       {"/o365/audit/ModifiedProperties/Role_DisplayName/OldValue", "x"},
       {"/o365/audit/ModifiedProperties_kv/0/Name", "Role.DisplayName"},
       {"/o365/audit/decoded",
        R"([{"name":"ModifiedProperties.Role.DisplayName.NewValue","value":"Global Administrator"}])"},
       {"/tags", R"(["role_change"])"}});
}

TEST(EcsWriterTest, RulesFindFilesGroupsMailAndFindings) {
  ExpectValues(EcsOf(RecordWith(
                   "SharePoint", "FileDownloaded",
                   R"(,"ObjectId":"https://f.example/s/Plan.xlsx","SourceFileName":"Plan.xlsx",)"
                   R"("SourceFileExtension":"xlsx","SourceRelativeUrl":"s","FileSizeBytes":"12")")),
               {{"/event/category", R"(["file"])"},
                {"/event/type", R"(["access"])"},
                {"/url/original", "https://f.example/s/Plan.xlsx"},
                {"/file/name", "Plan.xlsx"},
                {"/file/extension", "xlsx"},
                {"/file/directory", "s"},
                {"/file/path", "https://f.example/s/Plan.xlsx"},
                {"/file/size", "12"},
                {"/o365/audit/SourceFileExtension", "xlsx"}});
  ExpectValues(EcsOf(RecordWith("MicrosoftTeams", "MemberAdded",
                                R"(,"TeamName":"Payroll","TeamGuid":"19:t","Members":[{"UPN":)"
                                R"("guest@x.example","Role":2}])")),
               {{"/group/name", "Payroll"},
                {"/group/id", "19:t"},
                {"/user/target/email", "guest@x.example"}});
  ExpectValues(EcsOf(RecordWith(
                   "Exchange", "SendAs",
                   R"(,"SendAsUserSmtp":"boss@fabrikam.example","recipientList":["a@x.example",)"
                   R"("b@x.example"],"Item":{"Subject":"Pay","InternetMessageId":"<m1>"})")),
               {{"/email/from/address", R"(["boss@fabrikam.example"])"},
                {"/email/sender/address", "maria.lindt@fabrikam.example"},
                {"/email/to/address", R"(["a@x.example","b@x.example"])"},
                {"/email/subject", "Pay"},
                {"/email/message_id", "<m1>"}});
  ExpectValues(EcsOf(RecordWith("SecurityComplianceCenter", "AlertTriggered",
                                R"(,"AlertId":"77","Name":"Forwarding","Severity":"High",)"
                                R"("Data":"{\"f3u\":\"a@b.example\"}")")),
               {{"/event/kind", "alert"},
                {"/event/category", R"(["threat","web"])"},
                {"/event/severity", "4"},
                {"/rule/id", "77"},
                {"/rule/name", "Forwarding"},
                {"/o365/audit/AlertId", "77"},
                {"/o365/audit/Name", "Forwarding"},
                {"/o365/audit/Severity", "High"},
                {"/o365/audit/decoded/0/name", "Data.f3u"}});
}

TEST(EcsWriterTest, RemarksAreErrorsAndTheOutcomeCanBeUnknown) {
  ExpectValues(EcsOf(RecordWith("Exchange", "Set-Mailbox", R"(,"ClientIP":"not an address !")")),
               {{"/event/outcome", "unknown"}, {"/error/message", R"(["ip_unparsed"])"}});
}

TEST(EcsWriterTest, ElasticsNamesOfActionsAreOptional) {
  const std::string record = RecordWith("AzureActiveDirectory", "Add user.", "");
  EXPECT_EQ(At(EcsOf(record), "/event/action"), "Add user.");
  const Tree renamed = EcsOf(record, {.elastic_actions = true});
  EXPECT_EQ(At(renamed, "/event/action"), "added-user-account");
  EXPECT_EQ(At(renamed, "/o365/audit/Operation"), "Add user.");
}

TEST(EcsWriterTest, TimesFarFromTheEpochAreWrittenInFull) {
  const auto time_of = [](const std::string& created) {
    return At(EcsOf(R"({"Operation":"X","CreationTime":")" + created + "\"}"), "/@timestamp");
  };
  EXPECT_EQ(time_of("2000-02-29T23:59:59.987Z"), "2000-02-29T23:59:59.987Z");
  EXPECT_EQ(time_of("2100-03-01T00:00:00"), "2100-03-01T00:00:00.000Z");
  EXPECT_EQ(time_of("1999-12-31T00:30:00+01:00"), "1999-12-30T23:30:00.000Z");
}

}  // namespace
}  // namespace picket::parser
