// Compares the normaliser with its twins (bench/twins). A twin is a simple implementation of the
// mapping that uses a DOM library. A twin must give the same events as the normaliser, also for
// records that are changed at random. bench/twins/difference.h defines which events are the same.

#include "bench/twins/twin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bench/twins/difference.h"
#include "common/file.h"
#include "common/strings.h"
#include "parser/input/audit_file.h"
#include "tests/parser/record_mutator.h"
#include "tests/parser/record_testing.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

using simdjson::dom::element;

// Runs the normaliser and a twin on blobs, and compares their events.
class Comparison {
 public:
  explicit Comparison(std::unique_ptr<twins::Twin> twin) : twin_(std::move(twin)) {}

  // Returns the first difference, or an empty string if the events are the same.
  std::string Compare(std::string_view blob, const BlobSource& source = {}) {
    normalizer_.Normalize(source, blob, ours_);
    if (!twin_->Normalize(source, blob, theirs_)) return "not JSON according to the twin";
    if (ours_.events.size() != theirs_.events.size()) {
      return absl::StrCat(ours_.events.size(), " events | ", theirs_.events.size());
    }
    if (ours_.rejected.size() != theirs_.rejected) {
      return absl::StrCat(ours_.rejected.size(), " rejected | ", theirs_.rejected);
    }
    for (size_t i = 0; i < ours_.events.size(); ++i) {
      const std::string_view a = ours_.Json(ours_.events[i]);
      const std::string_view b = theirs_.Json(theirs_.events[i]);
      const std::string difference = twins::Difference(a, b);
      if (!difference.empty()) {
        return absl::StrCat(difference, "\nnormaliser: ", ToAbsl(a), "\ntwin:       ", ToAbsl(b));
      }
      ++events_;
    }
    return "";
  }
  size_t events() const { return events_; }

 private:
  std::unique_ptr<twins::Twin> twin_;
  Metrics metrics_;
  Normalizer normalizer_{{}, metrics_};
  NormalizedBatch ours_;
  twins::TwinBatch theirs_;
  size_t events_ = 0;
};

struct Library {
  const char* name;
  std::unique_ptr<twins::Twin> (*make)();
  bool keeps_duplicates;
};

class TwinTest : public testing::TestWithParam<Library> {};

// Returns true if some object has two members with the same name. Also searches JSON that is inside
// the value's strings.
bool HasMemberTwice(element value) {
  if (value.is_string()) {
    const std::string_view text = value.get_string().value();
    if (text.find('{') == std::string_view::npos) return false;
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    element inner;
    return parser.parse(padded).get(inner) == simdjson::SUCCESS && !inner.is_string() &&
           HasMemberTwice(inner);
  }
  if (value.is_array()) {
    const simdjson::dom::array array = value.get_array().value();
    return std::any_of(array.begin(), array.end(), HasMemberTwice);
  }
  if (!value.is_object()) return false;
  std::set<std::string_view> keys;
  const simdjson::dom::object object = value.get_object().value();
  for (const simdjson::dom::key_value_pair member : object) {
    if (!keys.insert(member.key).second || HasMemberTwice(member.value)) return true;
  }
  return false;
}

TEST_P(TwinTest, EveryRecordGivesTheSameEvent) {
  for (const std::string& missing : AllRecords().missing) {
    std::printf("NOT RUN for %s: the shared data are missing\n", missing.c_str());
  }
  Comparison comparison(GetParam().make());
  int faults = 0;
  int lost_by_library = 0;
  for (const std::string& record : AllRecords().records) {
    const Tree tree = ParseTree(record);
    if (At(tree, "/office365") != "<none>") continue;  // twins do not unwrap
    const std::string difference =
        comparison.Compare(record, {.content_type = "Audit.General",
                                    .content_created = "2026-01-02T03:04:05.678Z",
                                    .processed_time_ms = 1772600000000,
                                    .fetched_at = "2026-05-07T00:00:00Z"});
    if (difference.empty()) continue;
    if (!GetParam().keeps_duplicates && HasMemberTwice(tree.root)) {
      ++lost_by_library;
      continue;
    }
    if (++faults <= 12) ADD_FAILURE() << difference << "\n" << record;
  }
  EXPECT_EQ(faults, 0);
  EXPECT_LE(lost_by_library, 2);
  EXPECT_GE(comparison.events(), AllRecords().missing.empty() ? 9900u : 238u);
  std::printf("%zu events the same, %d with members that the library drops\n", comparison.events(),
              lost_by_library);
}

// Unlike the test above, this test puts ten records into each blob. It also covers the rule that a
// record without a time gets the time of the record before it.
TEST_P(TwinTest, BlobsGiveTheSameEvents) {
  Comparison comparison(GetParam().make());
  for (const char* path : {"tests/data/records/samples.ndjson", "tests/data/records/rows.ndjson"}) {
    const std::vector<std::string> lines = absl::StrSplit(*ReadFile(path), '\n', absl::SkipEmpty());
    for (size_t i = 0; i + 10 <= lines.size(); i += 10) {
      const std::vector<std::string> some(lines.begin() + i, lines.begin() + i + 10);
      const std::string blob = "[" + absl::StrJoin(some, ",\n ") + "]";
      if (!GetParam().keeps_duplicates && HasMemberTwice(ParseTree(blob).root)) continue;
      EXPECT_EQ(comparison.Compare(blob), "") << blob;
    }
  }
  EXPECT_GE(comparison.events(), 200u);
}

TEST_P(TwinTest, RealBlobsGiveTheSameEvents) {
  const std::optional<std::string> path = SharedData("o365/real-audit-records.ndjson.gz");
  if (!path.has_value()) GTEST_SKIP() << "NOT RUN: the shared records are missing";
  Comparison comparison(GetParam().make());
  const auto file = AuditFile::Open(*path);
  ASSERT_TRUE(file.ok()) << file.status();
  AuditBlob blob;
  int faults = 0;
  while (true) {
    const absl::StatusOr<bool> more = (*file)->Next(&blob);
    ASSERT_TRUE(more.ok()) << more.status();
    if (!*more) break;
    const std::string difference = comparison.Compare(blob.text);
    if (!difference.empty() && ++faults <= 5) ADD_FAILURE() << difference;
  }
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(comparison.events(), 9608u);
}

// Values that have a meaning in the mapping, by field. The test sets one field to one value at a
// time.
const char kTellingValues[] = R"json({
  "Status": ["Resolved", "Investigation Started", "Completed", "Remediated", "Closed", "Partially Remediated",
             "No Threats Found", "Terminated By User", "Failed", "Threats Found", "Other"],
  "EnforcementMode": [0, 1, 2, 3, 4, 5, "2", "3", "4", "5", "block", "Allow", "Other", 4.0],
  "ErrorNumber": ["0", "50126", "50140", 0, 50126, 50140, ""],
  "LogonError": ["", "InvalidUserNameOrPassword"],
  "ResultStatus": ["true", "Success", "Succeeded", "successful", "PartiallySucceeded", "false", "Failed", "Failure",
                   "Other", ""],
  "IsSuccess": [true, false, "True", "false", "x", 1],
  "UserType": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "2"],
  "Severity": ["High", "medium", "LOW", "Informational", "None"],
  "ItemType": ["File", "Folder", "Web", "Site", "Page", 1, 5, 6, "7", 9, 12, "5x", "-1", 5.0],
  "EntityType": ["User", "Recipients", "File", "Sender", "MalwareFamily", "Other"],
  "AlertEntityId": ["maria@fabrikam.example"],
  "RecordType": [1, 10, 18, 23, 40, 52, 78, 98, 113, 115, "52", "ExchangeAdmin", "nobody knows"],
  "PolicyDetails": [[], null, {}, [{"PolicyName": "p", "PolicyId": "i", "Rules": [
      {"RuleName": "a", "Severity": "High", "Actions": ["BlockAccess", 1]}, {"RuleName": "b"}, 5]}],
      [{"Rules": [{"ConditionsMatched": {"SensitiveInformation": [{"SensitiveInformationTypeName": "Card", "Count": 3},
      {"SensitiveType": "g", "Count": 12345678901}, {"SensitiveType": "h", "Count": 1.5}, {"Count": 2}, 7]}}]}],
      [{"Rules": [{"Severity": "low", "Actions": ["NotifyUser"]}]}, {"PolicyName": "second"}]],
  "AuthDetails": [[], [{"RequestType": "MultiFactor"}], ["Mfa"], {}],
  "ExtendedProperties": [[{"Name": "RequestType", "Value": "SAS:BeginAuth"}],
      [{"Name": "RequestType", "Value": "OAuth2:Token"}, {"Name": "UserAgent", "Value": "curl"}],
      [{"Name": "LoginError", "Value": "-1;PP_E"}], [{"Name": "additionalDetails", "Value": "{\"User-Agent\":\"a/\\\"1\\\"\"}"}],
      [{"Name": "additionalDetails", "Value": "{\"x\":\"{\\\"name\\\":\\\"ExtendedProperties.additionalDetails.User-Agent\\\"\",\"User-Agent\":5}"}],
      [{"Name": "RequestType", "Value": "Saml2:processrequest"}], [{"Name": "RequestType", "Value": "Login:login"}],
      "[{\"Name\":\"UserAgent\",\"Value\":\"curl\"},{\"Name\":\"RequestType\",\"Value\":\"SAS:BeginAuth\"}]",
      "[{\"Name\":\"additionalDetails\",\"Value\":\"{\\\"User-Agent\\\":\\\"a\\\"}\"}]"],
  "ModifiedProperties": [[], {"DisplayName": "d"}, [{"Name": "AccountEnabled", "NewValue": "[\r\n  true\r\n]"}],
      [{"Name": "AccountEnabled", "NewValue": "[false]"}], ["AccountEnabled"],
      [{"Name": "StrongAuthenticationMethod", "NewValue": "[]", "OldValue": "[{\"MethodType\":6}]"}],
      [{"Name": "StrongAuthenticationMethod", "NewValue":
        "[{\"MethodType\":0},{\"MethodType\":3},{\"MethodType\":6},{\"MethodType\":7},{\"MethodType\":9}]"}],
      [{"Name": "UserPrincipalName", "NewValue": "[\"a@b.example\"]"}, {"Name": "Mail", "NewValue": "[\"c@d.example\"]"},
       {"Name": "DisplayName", "NewValue": "", "OldValue": "[\"old\"]"}],
      [{"Name": "Role.DisplayName", "NewValue": "", "OldValue": "\"r\""}, {"Name": "Role.TemplateId", "NewValue": "t"}],
      [{"Name": "AppRole.Id", "NewValue": "i"}, {"Name": "ServicePrincipal.ObjectID", "NewValue": "o"}],
      [{"Name": "DelegatedPermissionGrant.Scope", "NewValue": "\" Mail.Read  User.Read \""}],
      [{"Name": "ConsentAction.Permissions", "NewValue": "[] => [[Scope: Mail.Read User.Read, x]]; Scope: Files.Read]"}],
      [{"Name": "Group.DisplayName", "NewValue": "\"g\""}, {"Name": "Group.ObjectID", "NewValue": "o"}],
      [{"Name": "tenantId", "NewValue": "[\"t-2\"]"}, {"Name": "Name", "NewValue": "n"}, {"Name": "DisplayName", "NewValue": "[]"}],
      [{"Name": "Device.ObjectID", "NewValue": "[\"d\"]"}, {"Name": "Application.ObjectID", "NewValue": "a"}],
      ["Subject", "", "AttachmentCollection"], [{"Name": "Device.DisplayName", "NewValue": "[\"pc\"]"}, {"Name": "SiteAdmin", "NewValue": "s"}],
      [{"Name": "KeyDescription", "NewValue": "[KeyIdentifier=33333333-3333-4333-8333-333333333333,KeyType=x]",
        "OldValue": "[KeyIdentifier=no]"}], [{"Name": "User.UPN", "NewValue": "[\"u@v.example\"]"}],
      "[{\"Name\":\"DisplayName\",\"NewValue\":\"[\\\"d \\\\\\\"q\\\\\\\"\\\"]\",\"OldValue\":5},{\"Name\":\"AccountEnabled\",\"NewValue\":\"[false]\"}]",
      "[{\"Name\":\"Role.DisplayName\",\"NewValue\":\"\\\"r\\\"\"},{\"Name\":\"Group.DisplayName\",\"NewValue\":\"g\"}]", "[\"AccountEnabled\"]"],
  "DeviceProperties": [[{"Name": "OS", "Value": "Windows10"}, {"Name": "Id", "Value": "d"}],
      [{"Name": "OS", "Value": "MacOs"}, {"Name": "IsCompliant", "Value": "True"}], [{"Name": "OS", "Value": "iOS 17"}],
      [{"Name": "OS", "Value": "Android"}, {"Name": "IsCompliantAndManaged", "Value": "False"}],
      [{"Name": "OS", "Value": "linux"}, {"Name": "SessionId", "Value": "s"}], [{"Name": "DisplayName", "Value": "n"}],
      "[{\"Name\":\"OS\",\"Value\":\"MacOs\"},{\"Name\":\"SessionId\",\"Value\":\"s\"},{\"Name\":\"IsCompliant\",\"Value\":true}]"],
  "AppAccessContext": [{"AADSessionId": "s", "UniqueTokenId": "t", "ClientAppId": "c", "ClientAppName": "n",
      "CorrelationId": "k"}, [], "text"],
  "Actor": [[{"ID": "u@v.example", "Type": 5}, {"ID": "33333333-3333-4333-8333-333333333333", "Type": 0}], []],
  "Target": [[{"ID": "n", "Type": 1}, {"ID": "User_33333333-3333-4333-8333-333333333333", "Type": 2}],
      [{"ID": "u@v.example", "Type": 5}, {"ID": "44444444-4444-4444-8444-444444444444", "Type": 2}], []],
  "Members": [[{"UPN": "a@b.example", "Role": 0}, {"UPN": "c@d.example", "Role": 1}], [{"Role": "1"}], [{"Role": 2}],
      [{"Role": "Other"}], ["x"]],
  "ParticipantInfo": [{"ParticipatingTenantIds": ["33333333-3333-4333-8333-333333333333", 5]}],
  "EventData": ["<Type>Edit</Type>", "<PermissionLevel>Read</PermissionLevel>", "<Permissions granted></Permissions granted><Type>View</Type>",
      "<Group>Owners</Group>", "<Permissions granted>Edit</Permissions granted>", "</Group><Group>"],
  "Permission": ["View"], "TargetUserOrGroupName": ["guest@x.example"],
  "SendAsUserSmtp": ["s@x.example"], "SendOnBehalfOfUserSmtp": ["b@x.example"], "MailboxOwnerUPN": ["o@x.example", ""],
  "recipientList": [["r@x.example", 5, "q@x.example"], "one"], "Recipients": [["r@x.example"], "one"],
  "FileSizeBytes": [-1, 0, 7, "12", 1.5], "OperationCount": [0, -3, 3, "3"],
  "DestinationFileName": ["new.txt"], "DestinationRelativeUrl": ["folder"], "LabelName": ["Secret"],
  "SensitivityLabelId": ["l"], "SensitivityLabelEventData": [{"SensitivityLabelId": "m"}, "x"],
  "ThreatsAndDetectionTech": ["Phish: [Spoof]", ["Phish: [Spoof]", "Malware"], [], ""],
  "SharePointMetaData": [{"FilePathUrl": "https://x.example/a", "FileName": "a"}, {"FilePathUrl": "u"}, {}],
  "ExchangeMetaData": [{"Subject": "s", "MessageID": "m"}, {"To": "a@b.example", "CC": ["c"], "BCC": null}, {"BCC": "b", "To": []}, {}], "FileData": [{"FileName": "f", "MalwareFamily": "m"}, {"SHA256": "ab"}],
  "Folder": [{"Path": "p", "Id": "i", "MemberUpn": "u@v.example", "MemberSid": "s", "MemberRights": "Read, Write"}, []],
  "Folders": [[{"Path": "\\Inbox", "FolderItems": [{"InternetMessageId": "m", "Id": "i", "SizeInBytes": 5}, 7, {}]}, {}]],
  "Item": [{"Id": "Unknown", "Subject": "s"}, {"Id": "i", "Subject": "s", "InternetMessageId": "m", "SizeInBytes": 12, "ParentFolder": {"Path": "p",
      "Name": "n", "MemberRights": "Owner"}}, "text"],
  "AffectedItems": [[{"Id": "i", "Subject": "s"}, 5], [{"Id": "i", "ParentFolder": {"Id": "i", "Path": "p"}}],
      [{"Subject": "s", "Attachments": "a (1b); b (c) (2b);c;d (3b)"}, {"Subject": "t", "Attachments": "a (1b) (2b); (3b); x (12345678901234567b);  y (4 b)"},
       {"Subject": "u", "Attachments": "; (5b); \"q\\ü\" (6b) ;"}, {"Subject": "v", "Attachments": "n (b); (7b)b)"}]], "DestFolder": [{"Path": "p", "Id": "i"}, {"Id": "i"}],
  "CopilotEventData": [{"AppHost": "Word", "ThreadId": "t", "Messages": [{"isPrompt": true}, {"isPrompt": false}, {}],
      "AccessedResources": [{"Name": "n", "Id": "i", "Type": "t"}, {"SiteUrl": "u"}, {"Id": "i"}, {}],
      "ModelTransparencyDetails": [{}, {"ModelName": "m"}, {"ModelName": "n"}]}, "text"],
  "Parameters": [{"Identity": "i", "ForwardTo": 5}, [{"Name": "AuditEnabled", "Value": "$false"}], [],
      [{"Name": "User", "Value": "u@v.example"}, {"Name": "AccessRights", "Value": "FullAccess, \"x\", ReadPermission"}],
      [{"Name": "App", "Value": "a"}], [{"Name": "BlindCopyTo", "Value": "x@evil.example"}, {"Name": "Role", "Value": "r"}, {"Name": "Name", "Value": "n"}],
      [{"Name": "AuditEnabled", "Value": "False"}, {"Name": "DomainName", "Value": "d"}], "text", ["x", 5],
      "[{\"Name\":\"Identity\",\"Value\":\"i\"},{\"Name\":\"ForwardTo\",\"Value\":\"x@evil.example\"}]",
      "[ {\"Value\":{\"a\":[1]},\"Name\":\"User\"}, {\"Name\":\"AuditEnabled\",\"Value\":\"$false\"},{\"Name\":\"Role\",\"Value\":null}]",
      "[{\"Name\":\"BlindCopyTo\",\"Value\":\"x\",\"Odd\":1}]", "[{\"Name\":\"BlindCopyTo\",\"Value\":\"x\"},5]", "[{\"Name\":5}]",
      "[{\"Name\":\"BlindCopyTo\",\"Value\":\"x\"}", "[]", "{\"BlindCopyTo\":\"x\"}", "-BlindCopyTo \"x\""],
  "OperationProperties": [[{"Name": "MailSubject", "Value": "s"}], [{"Name": "MailAccessType", "Value": "Bind"}, {"Name": "IsThrottled", "Value": "True"}],
      [{"Name": "RuleName", "Value": "r"}, {"Name": "RuleId", "Value": "i"}, {"Name": "RuleActions", "Value":
        "[{\"ActionType\":\"Forward\",\"Recipients\":[\"x@evil.example\"]},{\"ActionType\":\"Redirect\",\"Recipients\":\"y\"},{\"ActionType\":\"ForwardAsAttachment\",\"RecipientsTo\":\"z\"},{\"ActionType\":\"MoveToFolder\",\"FolderName\":\"f\"},{\"ActionType\":\"Delete\"}]"}],
      "{\"MailAccessType\":\"Sync\"}", "{broken",
      "[{\"Name\":\"MailAccessType\",\"Value\":\"Bind\"},{\"Name\":\"RuleActions\",\"Value\":\"[{\\\"ActionType\\\":\\\"Delete\\\"}]\"}]"],
  "ObjectId": ["https://x.example/a/b.docx", "C:\\dir\\file", "mailbox\\\"rule\"", "", "/a/",
      "33333333-3333-4333-8333-333333333333"],
  "OriginatingServer": ["EX01 (15.20)\r\n", "EX01\r\n", "(", "EX01"], "UserAgent": ["", "curl", null, 5],
  "ClientIP": ["15.20.41.032", "192.0.2.7:443", "[2001:db8::7]:50", "HOST1 (192.0.2.010)", "<null>", "Unknown", "Not Available", "192.0.2.4, 192.0.2.5"],
  "OrganizationId": ["33333333-3333-4333-8333-33333333333A", "none", "", null], "Workload": ["", "Exchange", 5],
  "Actions": [["{\"a\":[1,{\"b\":\"c\"}]}", "Block", 5, "[1", "{}"], "{\"a\":1}"],
  "Platform": [1, 2, 3, 4, 5, "1", 1.0, "Web", null], "IsManagedDevice": [true, false, "True", "no", 1],
  "Common": [{"ApplicationId": "a", "ApplicationName": "n", "DeviceName": "d", "Platform": 1}, {"Platform": "4"}, "text", []],
  "EndpointMetaData": [{"EnforcementMode": "Warn", "DeviceName": "pc", "SensitiveInformation": [{"SensitiveInformationTypeName": "Card"}]},
      {"EnforcementMode": 5}, "text"],
  "AttachmentData": [[{"FileName": "f", "SHA256": "ab", "MalwareFamily": "m"}, {"MalwareFamily": "k"}, {"FileName": ""}, 5], "x"],
  "LogonType": [0, 1, 2, 3, 4, 5, 6, 7, -1, "1", "x"], "LoginStatus": [-2147217390, 0, "x", 1.5, null],
  "FileId": [9007199254740993, "f", null], "MessageId": ["m", 9007199254740993, {}], "FileName": ["f.txt"],
  "ChannelGuid": ["c"], "DashboardName": ["d"], "DatasetName": ["s"], "LabelId": ["l"], "UserSharedWith": ["u@x.example"],
  "CaseName": ["c"], "CaseId": ["i"], "Object1Name": ["o"], "Object1Id": ["1"], "Object1Type": ["t"],
  "TargetUserId": ["u@v.example"], "ItemName": ["n"], "ReportName": ["r"], "WorkSpaceName": ["w"], "QueryText": ["q"], "Verdict": ["Phish"], "URL": ["https://u.example"],
  "P2Sender": ["p@x.example"], "IncidentId": ["i"], "Name": ["n"], "Category": ["c"], "VirusInfo": ["v"],
  "AddOnName": ["a"], "SessionId": ["s", "00000000-0000-0000-0000-000000000000"], "TokenObjectId": ["t"],
  "UserKey": ["Not Available", "Unknown"], "InterSystemsId": ["00000000-0000-0000-0000-000000000000"], "ClientInfoString": ["Client=OWA"]
})json";

// Pairs of fields that the mapping evaluates together.
constexpr std::pair<const char*, const char*> kTellingPairs[] = {
    {"PolicyDetails", "EnforcementMode"},
    {"LogonError", "ErrorNumber"},
    {"ErrorNumber", "ResultStatus"},
    {"ResultStatus", "IsSuccess"},
    {"PolicyDetails", "Severity"},
    {"EntityType", "AlertEntityId"},
    {"Folder", "ModifiedProperties"},
    {"Status", "Severity"},
    {"EndpointMetaData", "PolicyDetails"},
    {"ModifiedProperties", "Target"},
    {"ItemType", "EventData"},
    {"Common", "Platform"},
    {"ErrorNumber", "LoginStatus"}};

class DistinctiveValuesTest : public TwinTest {
 protected:
  using Json = nlohmann::ordered_json;

  void Compare(const Json& record) {
    const std::string text = record.dump();
    const std::string difference = comparison_.Compare(text);
    if (difference.empty()) return;
    if (!GetParam().keeps_duplicates && HasMemberTwice(ParseTree(text).root)) return;
    if (++faults_ <= 5) ADD_FAILURE() << difference << "\nrecord:     " << text;
  }
  void TearDown() override {
    EXPECT_EQ(faults_, 0);
    std::printf("%zu events the same\n", comparison_.events());
  }

  const Json values_ = Json::parse(kTellingValues);
  Comparison comparison_{GetParam().make()};
  int faults_ = 0;
};

TEST_P(DistinctiveValuesTest, EveryRowWithEachValueGivesTheSameEvent) {
  for (const std::string& text : ReadRecords("tests/data/records/rows.ndjson")) {
    const auto record = Json::parse(text);
    for (const auto& [field, some] : values_.items()) {
      for (const auto& value : some) {
        auto changed = record;
        changed[field] = value;
        Compare(changed);
      }
    }
  }
  EXPECT_GE(comparison_.events(), 30'000u);
}

TEST_P(DistinctiveValuesTest, EveryRowWithTwoRelatedFieldsGivesTheSameEvent) {
  for (const std::string& text : ReadRecords("tests/data/records/rows.ndjson")) {
    auto record = Json::parse(text);
    for (const auto& [one, other] : kTellingPairs) {
      auto changed = record;
      for (const auto& first : values_[one]) {
        for (const auto& second : values_[other]) {
          changed[one] = first;
          changed[other] = second;
          Compare(changed);
        }
      }
    }
  }
  EXPECT_GE(comparison_.events(), 30'000u);
}

TEST_P(TwinTest, ChangedRecordsGiveTheSameEvents) {
  Comparison comparison(GetParam().make());
  RecordMutator spoiler;
  int faults = 0;
  for (int round = 0; round < 20'000 && faults < 5; ++round) {
    const std::string record = GetParam().keeps_duplicates && round % 4 == 0
                                   ? spoiler.NextWithMemberTwice()
                                   : spoiler.Next();
    const std::string difference = comparison.Compare(record);
    if (difference.empty()) continue;
    if (!GetParam().keeps_duplicates && HasMemberTwice(ParseTree(record).root)) continue;
    ++faults;
    ADD_FAILURE() << difference << "\nrecord:     " << record;
  }
  EXPECT_GE(comparison.events(), 18'000u);
}

const auto kLibraries = testing::Values(Library{"nlohmann", twins::MakeNlohmannTwin, false},
                                        Library{"RapidJson", twins::MakeRapidJsonTwin, true});
std::string NameOf(const testing::TestParamInfo<Library>& test) { return test.param.name; }
INSTANTIATE_TEST_SUITE_P(Libraries, TwinTest, kLibraries, NameOf);
INSTANTIATE_TEST_SUITE_P(Libraries, DistinctiveValuesTest, kLibraries, NameOf);

}  // namespace
}  // namespace picket::parser
