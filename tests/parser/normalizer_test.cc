#include "parser/normalizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "absl/strings/str_format.h"
#include "common/file.h"
#include "common/xxh3.h"
#include "tests/parser/record_testing.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

constexpr char kSamples[] = "tests/data/records/samples.ndjson";
constexpr char kGolden[] = "tests/data/events/samples.ndjson";

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// With the environment variable PICKET_UPDATE_GOLDEN=1, the test rewrites the file of reviewed
// events.
TEST(NormalizerTest, TheSamplesGiveTheReviewedEvents) {
  std::string events;
  for (const std::string& record : Lines(*ReadFile(kSamples))) {
    const Normalized result(
        record, {.content_type = "Audit.General", .fetched_at = "2026-03-03T00:00:00Z"});
    ASSERT_EQ(result.size(), 1u) << record;
    events += result.Json() + "\n";
  }
  if (std::getenv("PICKET_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(WriteFile(kGolden, events).ok());
    GTEST_SKIP() << kGolden << " was rewritten";
  }
  const std::vector<std::string> expected = Lines(*ReadFile(kGolden));
  const std::vector<std::string> actual = Lines(events);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) EXPECT_EQ(actual[i], expected[i]) << "line " << i + 1;
}

TEST(NormalizerTest, AForwardingInboxRuleShowsItsTargetAndIsNotRoutine) {
  const Normalized result(
      RecordWith("Exchange", "New-InboxRule",
                 R"(,"ObjectId":"maria\\Invoices","ClientIP":"[2001:db8::7]:4711","Parameters":[)"
                 R"({"Name":"Name","Value":"."},{"Name":"ForwardTo","Value":"x@evil.example"},)"
                 R"({"Name":"DeleteMessage","Value":"True"}])"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/class_uid"), "6003");
  EXPECT_EQ(result.At("/activity_name"), "Create");
  EXPECT_EQ(result.At("/api/operation"), "New-InboxRule");
  EXPECT_EQ(result.At("/api/request/data/parameters/1/name"), "ForwardTo");
  EXPECT_EQ(result.At("/api/request/data/ForwardTo"), "x@evil.example");
  EXPECT_EQ(result.At("/metadata/labels"), R"(["inbox_rule","forwarding"])");
  EXPECT_EQ(result.At("/severity_id"), "3");
  EXPECT_EQ(result.At("/src_endpoint/ip"), "2001:db8::7");
  EXPECT_EQ(result.At("/unmapped/ClientIP"), "[2001:db8::7]:4711");
  EXPECT_EQ(result.At("/resources/0/name"), "maria\\Invoices");
}

TEST(NormalizerTest, AConsentListsTheScopesThatItGrants) {
  const Normalized result(RecordWith(
      "AzureActiveDirectory", "Consent to application.",
      R"(,"ResultStatus":"Success","ModifiedProperties":[{"Name":"ConsentContext.IsAdminConsent",)"
      R"("NewValue":"True","OldValue":""},{"Name":"ConsentAction.Permissions","NewValue":)"
      R"("[] => [[Id: q, ConsentType: Principal, Scope: Mail.Read User.Read], [Id: r, Scope: offline_access]]",)"
      R"("OldValue":""}],"Target":[{"ID":"Mail Helper","Type":1}])"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/class_uid"), "3005");
  EXPECT_EQ(result.At("/privileges"), R"(["Mail.Read","User.Read","offline_access"])");
  EXPECT_EQ(result.At("/resources/0/name"), "Mail Helper");
  EXPECT_EQ(result.At("/unmapped/ModifiedProperties/0/NewValue"), "True");
  EXPECT_EQ(result.At("/status_id"), "1");
}

TEST(NormalizerTest, ARoleAssignmentNamesRoleAndMember) {
  const Normalized result(RecordWith(
      "AzureActiveDirectory", "Add member to role.",
      R"(,"ModifiedProperties":[{"Name":"Role.DisplayName","NewValue":"[\r\n  \"Global Administrator\"\r\n]",)"
      R"("OldValue":""},{"Name":"Role.TemplateId","NewValue":"62e90394-69f5-4237-9190-012177145e10",)"
      R"("OldValue":""}],"Target":[{"ID":"User_0f0e0d0c-0000-4000-8000-000000000009","Type":2},)"
      R"({"ID":"eve@fabrikam.example","Type":5}])"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/class_uid"), "3005");
  EXPECT_EQ(result.At("/privileges"), R"(["Global Administrator"])");
  EXPECT_EQ(result.At("/user/name"), "eve@fabrikam.example");
  EXPECT_EQ(result.At("/user/uid"), "0f0e0d0c-0000-4000-8000-000000000009");
  EXPECT_EQ(result.At("/resources/0/uid"), "62e90394-69f5-4237-9190-012177145e10");
}

TEST(NormalizerTest, AnEventOfAnUpdatedUserContainsWhatWasUpdated) {
  const auto update = [](const std::string& property, const std::string& value) {
    return Normalized(RecordWith("AzureActiveDirectory", "Update user.",
                                 R"(,"ModifiedProperties":[{"Name":")" + property +
                                     R"(","NewValue":")" + value + R"(","OldValue":"[]"}])"))
        .At("/activity_id");
  };
  EXPECT_EQ(update("AccountEnabled", R"([\r\n  false\r\n])"), "5");
  EXPECT_EQ(update("AccountEnabled", R"([\r\n  true\r\n])"), "2");
  EXPECT_EQ(update("StrongAuthenticationMethod", R"([{}])"), "10");
  EXPECT_EQ(update("StrongAuthenticationMethod", "[]"), "11");
  EXPECT_EQ(update("Department", "Sales"), "99");
}

TEST(NormalizerTest, TheErrorDecidesTheOutcomeBeforeTheResultDoes) {
  const auto status = [](const std::string& operation, const std::string& fields) {
    return Normalized(RecordWith("AzureActiveDirectory", operation, fields)).At("/status_id");
  };
  EXPECT_EQ(status("UserLoginFailed", R"(,"ResultStatus":"Success")"), "2");
  EXPECT_EQ(status("UserLoggedIn", R"(,"ResultStatus":"Success","ErrorNumber":"50126")"), "2");
  EXPECT_EQ(status("UserLoggedIn", R"(,"ResultStatus":"Success","ErrorNumber":50140)"), "1");
  EXPECT_EQ(status("UserLoggedIn", R"(,"ResultStatus":"Succeeded","ErrorNumber":"0")"), "1");
  // The operation may be spelled in any of these ways. If a record has both ErrorNumber and the
  // documented ErrorCode, ErrorNumber determines the status.
  for (const char* const written : {"userloginfailed", "UserLoginFailed.", " UserLoginFailed "}) {
    EXPECT_EQ(status(written, R"(,"ResultStatus":"Success")"), "2") << written;
  }
  EXPECT_EQ(status("UserLoggedIn", R"(,"ResultStatus":"Success","ErrorCode":"50126")"), "2");
  EXPECT_EQ(
      status("UserLoggedIn", R"(,"ResultStatus":"Success","ErrorNumber":"0","ErrorCode":"1")"),
      "1");
  EXPECT_EQ(status("Add user.", R"(,"ResultStatus":"TRUE","ErrorCode":"50126")"), "1");
  EXPECT_EQ(status("Add user.", R"(,"ResultStatus":"TRUE")"), "1");
  EXPECT_EQ(status("Add user.", R"(,"ResultStatus":"Failure")"), "2");
  EXPECT_EQ(status("Add user.", R"(,"ResultStatus":"InProgress")"), "99");
  EXPECT_EQ(status("Add user.", ""), "0");
  EXPECT_EQ(status("ViewReport", R"(,"IsSuccess":false)"), "2");
}

TEST(NormalizerTest, UnknownPropertiesOfADeviceAreNotWritten) {
  const auto compliant = [](const std::string& value) {
    return Normalized(RecordWith("AzureActiveDirectory", "UserLoggedIn",
                                 R"(,"DeviceProperties":[{"Name":"IsCompliant","Value":")" + value +
                                     R"("},{"Name":"OS","Value":"Windows"}])"))
        .At("/device/is_compliant");
  };
  EXPECT_EQ(compliant("True"), "true");
  EXPECT_EQ(compliant("False"), "false");
  EXPECT_EQ(compliant("Unknown"), "<none>");
}

TEST(NormalizerTest, TheInnerJsonOfAnAlertIsWrittenAsAStringAndDecoded) {
  const Normalized result(RecordWith(
      "SecurityComplianceCenter", "AlertTriggered",
      R"(,"AlertId":"77","Name":"Forwarding","Severity":"High","Data":"{\"f3u\": \"a@b.example\", \"n\":[1, 2]}")"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/finding_info/uid"), "77");
  EXPECT_EQ(result.At("/severity_id"), "4");
  EXPECT_EQ(result.At("/unmapped/decoded"), R"([{"name":"Data.f3u","value":"a@b.example"},)"
                                            R"({"name":"Data.n","value":"1"},)"
                                            R"({"name":"Data.n","value":"2"}])");
  EXPECT_EQ(result.At("/unmapped/Data"), R"({"f3u": "a@b.example", "n":[1, 2]})");
  const Normalized bad(RecordWith("SecurityComplianceCenter", "AlertTriggered",
                                  R"(,"AlertId":"77","Data":"{\"f3u\":")"));
  EXPECT_EQ(bad.At("/metadata/debug"), R"(["inner_json_bad"])");
  EXPECT_EQ(bad.At("/unmapped/decoded"), "<none>");
}

TEST(NormalizerTest, JsonInAdditionalInfoAndActivityParametersIsWrittenAsAStringAndDecoded) {
  const Normalized result(RecordWith(
      "SecurityComplianceCenter", "Set-RetentionCompliancePolicy",
      R"(,"ActivityParameters":"[{\"p\":true},null]","AdditionalInfo":"{\"a\":{\"b\":[\"c\",2]},\"d\":\"\"}")"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/unmapped/decoded"), R"([{"name":"AdditionalInfo.a.b","value":"c"},)"
                                            R"({"name":"AdditionalInfo.a.b","value":"2"},)"
                                            R"({"name":"AdditionalInfo.d","value":""},)"
                                            R"({"name":"ActivityParameters.p","value":"true"},)"
                                            R"({"name":"ActivityParameters","value":"null"}])");
  EXPECT_EQ(result.At("/unmapped/AdditionalInfo"), R"({"a":{"b":["c",2]},"d":""})");
  EXPECT_EQ(result.At("/unmapped/ActivityParameters"), R"([{"p":true},null])");
  EXPECT_EQ(result.At("/metadata/debug"), "<none>");
}

TEST(NormalizerTest, DamagedJsonInAdditionalInfoOrActivityParametersGetsARemarkAndProseDoesNot) {
  for (const std::string name : {"AdditionalInfo", "ActivityParameters"}) {
    const Normalized bad(RecordWith("Exchange", "Set-Mailbox", ",\"" + name + R"(":"{\"a\":1,")"));
    EXPECT_EQ(bad.At("/metadata/debug"), R"(["inner_json_bad"])") << name;
    EXPECT_EQ(bad.At("/unmapped/decoded"), "<none>") << name;
    EXPECT_EQ(bad.At("/unmapped/" + name), R"({"a":1,)");
    const Normalized prose(RecordWith("Exchange", "Set-Mailbox", ",\"" + name + R"(":"a {b}")"));
    EXPECT_EQ(prose.At("/metadata/debug"), "<none>") << name;
    EXPECT_EQ(prose.At("/unmapped/decoded"), "<none>") << name;
  }
}

TEST(NormalizerTest, AllRecipientsOfAMailboxsInboxRuleAreInOneString) {
  const Normalized result(RecordWith(
      "Exchange", "UpdateInboxRules",
      R"(,"OperationProperties":[{"Name":"RuleActions","Value":"[{\"ActionType\":\"Forward\",\"Recipients\":)"
      R"([\"a@x.example\",\"b@x.example\"]},{\"ActionType\":\"Redirect\",\"Recipients\":\"c@x.example\"},)"
      R"({\"ActionType\":\"Forward\",\"Recipients\":\"d@x.example\"}]"}])"));
  EXPECT_EQ(result.At("/api/request/data/ForwardTo"), "a@x.example;b@x.example;d@x.example");
  EXPECT_EQ(result.At("/api/request/data/RedirectTo"), "c@x.example");
}

TEST(NormalizerTest, AConsentGrantsTheScopesAfterItsArrow) {
  const Normalized result(RecordWith(
      "AzureActiveDirectory", "Consent to application.",
      R"(,"ModifiedProperties":[{"Name":"ConsentAction.Permissions","NewValue":"[[Id: 1, Scope: Old.Read]] => )"
      R"([[Id: 1, Scope: Mail.Read Old.Read, CreatedDateTime: x]]; "}])"));
  EXPECT_EQ(result.At("/privileges"), R"(["Mail.Read","Old.Read"])");
}

TEST(NormalizerTest, ABooleanResultIsAnOutcome) {
  EXPECT_EQ(
      Normalized(RecordWith("Exchange", "Set-Mailbox", R"(,"ResultStatus":true)")).At("/status_id"),
      "1");
  EXPECT_EQ(Normalized(RecordWith("Exchange", "Set-Mailbox", R"(,"ResultStatus":false)"))
                .At("/status_id"),
            "2");
}

TEST(NormalizerTest, RecipientsAreStringsOrObjectsWithAnAddress) {
  const Normalized result(
      RecordWith("Exchange", "Send",
                 R"(,"recipientList":[{"Address":"a@x.example"},"b@x.example",{"Odd":1}])"));
  EXPECT_EQ(result.At("/email/to"), R"(["a@x.example","b@x.example"])");
}

TEST(NormalizerTest, AKeyThatOccursTwiceKeepsBothValues) {
  const Normalized result(RecordWith("Exchange", "Set-Mailbox",
                                     R"(,"UserId":"second@x.example","Odd":1,"Odd":{"a":2})"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/actor/user/name"), "maria.lindt@fabrikam.example");
  EXPECT_EQ(result.At("/unmapped/duplicate_keys/0/value"), "second@x.example");
  EXPECT_EQ(result.At("/unmapped/duplicate_keys/1/value"), R"({"a":2})");
  EXPECT_EQ(result.At("/metadata/debug"), R"(["dup_key"])");
}

TEST(NormalizerTest, ARecordWithoutAnIdIsIdentifiedByItsBytes) {
  const std::string record =
      R"({"CreationTime":"2026-03-04T05:06:07","Operation":"Set-Mailbox","Workload":"Exchange"})";
  const Normalized a(record);
  const Normalized b("[" + record + "]");
  ASSERT_EQ(a.size(), 1u);
  EXPECT_TRUE(a.batch.events[0].id.is_hash);
  EXPECT_EQ(a.At("/metadata/debug"), R"(["id_missing"])");
  EXPECT_EQ(a.batch.Uid(a.batch.events[0]), b.batch.Uid(b.batch.events[0]));
  EXPECT_EQ(a.At("/metadata/tenant_uid"), "00000000-0000-0000-0000-000000000000");
}

TEST(NormalizerTest, ARecordOfAnotherOrganisationBelongsToTheMessagesTenantOnlyIfOurFetcherSentIt) {
  const std::string record = RecordWith("Exchange", "Set-Mailbox", "");
  const std::string_view other = "99999999-9999-4999-8999-999999999999";
  const Normalized ours(record, {.tenant = other});
  ASSERT_EQ(ours.size(), 1u);
  EXPECT_EQ(ours.At("/metadata/debug"), R"(["org_mismatch"])");
  EXPECT_EQ(ours.At("/metadata/tenant_uid"), other);
  EXPECT_EQ(ours.At("/unmapped/OrganizationId"), kTestTenant);
  const Normalized foreign(record, {.tenant = other, .own_fetcher = false});
  EXPECT_EQ(foreign.size(), 0u);
  ASSERT_EQ(foreign.batch.rejected.size(), 1u);
  EXPECT_EQ(foreign.batch.rejected[0].reason, "foreign_tenant");
}

TEST(NormalizerTest, ARecordWithoutATimeNeverGetsTheTimeOfTheRecordBefore) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  const std::string good = RecordWith("Exchange", "Set-Mailbox", "");
  normalizer.Normalize({}, good, batch);
  const std::string_view record = R"({"Id":"x","Operation":"Set-Mailbox"})";
  const auto time = [&](const BlobSource& source) {
    normalizer.Normalize(source, record, batch);
    EXPECT_EQ(batch.events.size(), 1u);
    return batch.events[0].time_ms;
  };
  EXPECT_EQ(time({}), 0);
  EXPECT_EQ(time({.processed_time_ms = 1772600768000}), 1772600768000);
  EXPECT_EQ(time({.processed_time_ms = 1, .fetched_at = "2026-03-04T05:06:09Z"}), 1772600769000);
  EXPECT_EQ(time({.content_created = "2026-03-04T05:06:10Z", .fetched_at = "2026-03-04T05:06:09Z"}),
            1772600770000);
}

TEST(NormalizerTest, ARecordAboveTwoMebibytesIsRejected) {
  const std::string big = RecordWith("Exchange", "Set-Mailbox",
                                     R"(,"Note":")" + std::string((2 << 20) + 1, 'x') + "\"");
  const Normalized result("[" + big + "," + RecordWith("Exchange", "Set-Mailbox", "") + "]");
  EXPECT_EQ(result.size(), 1u);
  ASSERT_EQ(result.batch.rejected.size(), 1u);
  EXPECT_EQ(result.batch.rejected[0].reason, "too_large");
  EXPECT_EQ(result.batch.rejected[0].bytes, big);
}

TEST(NormalizerTest, AnEventAboveSixMebibytesIsWrittenWithoutUnmappedAndItsRecordIsRejected) {
  // The event of a sign-in contains the user's address four times. `Members` should be a list but
  // is an object. It is therefore written as a string with escapes, which makes the event larger.
  std::string texts = "\"\"";
  while (texts.size() < 650u << 10) texts += ",\"\"";
  const auto record = [&](size_t address) {
    return R"({"Id":"1","CreationTime":"2026-03-04T05:06:07","Operation":"UserLoggedIn",)"
           R"("Workload":"AzureActiveDirectory","UserId":")" +
           std::string(address, 'a') + R"(@fabrikam.example","Members":{"a":[)" + texts + "]}}";
  };
  const Normalized result(record(1300 << 10), {.tenant = kTestTenant});
  ASSERT_EQ(result.size(), 1u);
  ASSERT_EQ(result.batch.rejected.size(), 1u);
  EXPECT_EQ(result.batch.rejected[0].reason, "too_large");
  EXPECT_EQ(result.batch.rejected[0].bytes, result.blob);
  EXPECT_TRUE(result.batch.rejected[0].has_event);
  EXPECT_EQ(result.batch.records(), 1u);
  EXPECT_EQ(result.At("/unmapped"), "<none>");
  EXPECT_NE(result.At("/metadata/debug").find("truncated"), std::string::npos);
  EXPECT_EQ(result.batch.records(), 1u);

  texts = "\"\"";
  const Normalized lost(record(1900 << 10), {.tenant = kTestTenant});
  EXPECT_EQ(lost.size(), 0u);
  ASSERT_EQ(lost.batch.rejected.size(), 1u);
  EXPECT_FALSE(lost.batch.rejected[0].has_event);
}

TEST(NormalizerTest, AFolderPathThatEveryItemRepeatsDoesNotIncreaseMemory) {
  std::string items = R"({"Id":"a"})";
  while (items.size() < 900u << 10) items += R"(,{"Id":"a"})";
  const Normalized result(RecordWith("Exchange", "MailItemsAccessed",
                                     R"(,"Folders":[{"Path":")" + std::string(1 << 20, 'p') +
                                         R"(","FolderItems":[)" + items + "]}]"));
  EXPECT_EQ(result.size(), 0u);
  ASSERT_EQ(result.batch.rejected.size(), 1u);
  EXPECT_EQ(result.batch.rejected[0].reason, "too_large");
}

TEST(NormalizerTest, AnUnclosedQuoteDoesNotCostTheNeighbours) {
  const std::string good = RecordWith("Exchange", "Set-Mailbox", R"(,"Note":"a, {\"b\": [")");
  const std::string bad = R"({"Id":"2","Operation":"Set-Mailbox,"Note":"x"})";
  for (const int after : {1, 2, 3}) {
    std::string blob = "[" + good + "," + bad;
    for (int i = 0; i < after; ++i) blob += "," + good;
    const Normalized result(blob + "]");
    EXPECT_EQ(result.size(), 1u + after) << after;
    ASSERT_EQ(result.batch.rejected.size(), 1u);
    EXPECT_EQ(result.batch.rejected[0].bytes, bad);
    EXPECT_EQ(result.batch.rejected[0].index, 1);
  }
}

// Between the two unclosed quotes are more bytes than a record may have.
TEST(NormalizerTest, TwoUnclosedQuotesDoNotCostTheRecordsBetweenThem) {
  const std::string good = RecordWith("Exchange", "Set-Mailbox", R"(,"Note":"a word")");
  const std::string bad = R"({"Id":"2","Operation":"Set-Mailbox,"Note":"x"})";
  std::string between;
  int count = 0;
  for (; between.size() < 5u << 20; ++count) between += "," + good;
  const Normalized result("[" + good + "," + bad + between + "," + bad + "," + good + "]");
  EXPECT_EQ(result.size(), 2u + count);
  ASSERT_EQ(result.batch.rejected.size(), 2u);
  EXPECT_EQ(result.batch.rejected[0].bytes, bad);
  EXPECT_EQ(result.batch.rejected[1].bytes, bad);
}

TEST(NormalizerTest, TheSearchInBeginningsOfRecordsIsLimited) {
  std::string blob = "[";
  while (blob.size() < 2 << 20) blob += R"({"Id":"},)";
  const Normalized result(blob);
  EXPECT_EQ(result.size(), 0u);
  size_t bytes = 0;
  for (const NormalizedBatch::Rejected& one : result.batch.rejected) bytes += one.bytes.size();
  EXPECT_GE(bytes + result.batch.rejected.size() + 2, blob.size());
}

TEST(NormalizerTest, ALargeBlobIsReadRecordByRecord) {
  const std::string record =
      RecordWith("Exchange", "Set-Mailbox", R"(,"Note":")" + std::string(1 << 20, 'x') + "\"");
  std::string blob = "[" + record;
  for (int i = 0; i < 5; ++i) blob += "," + record;
  const Normalized result(blob + "]");
  EXPECT_EQ(result.size(), 6u);
  EXPECT_EQ(result.metrics.Sum("picket_normalizer_salvaged_blobs_total"), 1);
}

TEST(NormalizerTest, SpacedAndMinifiedRecordsGiveTheSameEvent) {
  const std::string minified = RecordWith(
      "Exchange", "Set-Mailbox",
      R"(,"Parameters":[{"Name":"A","Value":"1"}],"Item":{"a":[1,{"b":null}]},"Zzz":[[],{}])");
  std::string spaced;
  bool in_string = false;
  for (size_t i = 0; i < minified.size(); ++i) {
    if (minified[i] == '"') in_string = !in_string;
    spaced += minified[i];
    if (!in_string && std::string_view("{}[],:").find(minified[i]) != std::string_view::npos) {
      spaced += "\r\n\t ";
    }
  }
  const Normalized a(minified);
  const Normalized b(spaced);
  EXPECT_NE(a.At("/raw_data_hash/value"), b.At("/raw_data_hash/value"));
  EXPECT_EQ(WithoutHash(a.Json()), WithoutHash(b.Json()));
}

TEST(NormalizerTest, MailRecipientsHaveOneTypePerPath) {
  const Normalized lists(RecordWith("Exchange", "DlpRuleMatch",
                                    R"(,"ExchangeMetaData":{"To":["a"],"CC":[],"From":"f"})"));
  EXPECT_EQ(lists.At("/unmapped/ExchangeMetaData"), R"({"To":["a"],"CC":[],"From":"f"})");
  const Normalized texts(RecordWith("Exchange", "DlpRuleMatch",
                                    R"(,"ExchangeMetaData":{"To":"a","CC" : ["b"],"From":"f"})"));
  EXPECT_EQ(texts.At("/unmapped/ExchangeMetaData"), R"({"To_text":"a","CC":["b"],"From":"f"})");
  EXPECT_EQ(texts.batch.events.size(), 1u);
}

TEST(NormalizerTest, RawDataContainsTheOriginalRecord) {
  const std::string record = RecordWith("Exchange", "Set-Mailbox", R"(, "Note" : "a\"b")");
  const Normalized result(record, {}, {.raw_data = true});
  EXPECT_EQ(result.At("/raw_data"), record);
  EXPECT_EQ(result.At("/raw_data_size"), std::to_string(record.size()));
  EXPECT_EQ(result.At("/raw_data_hash"), Normalized(record).At("/raw_data_hash"));
}

TEST(NormalizerTest, EveryEventHasAHashOfTheRecordsBytes) {
  const std::string first = RecordWith("Exchange", "Set-Mailbox", R"(, "Note" : "a\"b")");
  const std::string second = RecordWith("Exchange", "Set-Mailbox", R"(,"Note":"ab")");
  const Normalized result("[ " + first + " ,\n" + second + "]");
  ASSERT_EQ(result.batch.events.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const Xxh3Digest digest = Xxh3(i == 0 ? first : second);
    EXPECT_EQ(result.At("/raw_data_hash/value", i),
              absl::StrFormat("%016x%016x", digest.high, digest.low));
    EXPECT_EQ(result.At("/raw_data_hash/algorithm_id", i), "17");
    EXPECT_EQ(result.At("/raw_data", i), "<none>");
  }
}

// The input consists of real records with changed, removed and repeated bytes.
TEST(NormalizerTest, BothPathsAgreeOnDamagedInput) {
  std::vector<std::string> records = Lines(*ReadFile(kSamples));
  if (const std::optional<std::string> path = SharedData("o365/real-audit-records.ndjson.gz")) {
    const std::vector<std::string> real = ReadRecords(*path);
    for (size_t i = 0; i < real.size(); i += 40) records.push_back(real[i]);
  } else {
    std::printf("the shared records are missing: damaging the shipped samples only\n");
  }
  BothWays ways;
  const NormalizedBatch &a = ways.a, &b = ways.b;
  std::mt19937_64 random(20260304);
  const std::string_view bytes = "\"\\{}[],:0aE\xff\xc3\x01 \nu-.t";
  for (int round = 0; round < 3000; ++round) {
    std::string blob = "[";
    for (int i = 0; i < 4; ++i) {
      if (i > 0) blob += ",";
      blob += records[random() % records.size()];
    }
    blob += "]";
    for (int change = static_cast<int>(random() % 4); change > 0; --change) {
      const size_t at = random() % blob.size();
      switch (random() % 4) {
        case 0:
          blob[at] = bytes[random() % bytes.size()];
          break;
        case 1:
          blob.erase(at, random() % 20);
          break;
        case 2:
          blob.insert(at, 1, bytes[random() % bytes.size()]);
          break;
        default:
          blob.resize(at + 1);
      }
    }
    ways.Normalize({}, blob);
    ASSERT_EQ(a.text.view(), b.text.view()) << blob;
    ASSERT_EQ(a.events.size(), b.events.size()) << blob;
    ASSERT_EQ(a.rejected.size(), b.rejected.size()) << blob;
    for (const NormalizedBatch::Event& event : a.events) ParseTree(a.Json(event));
    for (const NormalizedBatch::Rejected& rejected : a.rejected) {
      EXPECT_FALSE(rejected.bytes.empty());
      EXPECT_GE(rejected.bytes.data(), blob.data());
      EXPECT_LE(rejected.bytes.data() + rejected.bytes.size(), blob.data() + blob.size());
    }
  }
}

constexpr char kUnmapped[] = "picket_normalizer_unmapped_operations_total";

// Returns the lines of the metrics page that count operations without a row in the mapping.
std::vector<std::string> UnmappedCounts(const Metrics& metrics) {
  std::vector<std::string> counts;
  for (const std::string& line : Lines(metrics.Render())) {
    if (line.compare(0, sizeof kUnmapped, std::string(kUnmapped) + "{") == 0)
      counts.push_back(line);
  }
  return counts;
}
std::string UnmappedCount(const std::string& workload, const std::string& operation, int count) {
  return std::string(kUnmapped) + "{operation=\"" + operation + "\",workload=\"" + workload +
         "\"} " + std::to_string(count);
}

TEST(NormalizerTest, AnOperationWithoutARowIsCountedOnce) {
  const Normalized by_verb(RecordWith("Widgets", "GadgetCreated", ""));
  EXPECT_EQ(by_verb.At("/activity_id"), "1");
  EXPECT_EQ(UnmappedCounts(by_verb.metrics),
            (std::vector<std::string>{UnmappedCount("Widgets", "GadgetCreated", 1)}));
  const Normalized by_nothing(RecordWith("Widgets", "Zorble", ""));
  EXPECT_EQ(by_nothing.At("/activity_id"), "99");
  EXPECT_EQ(UnmappedCounts(by_nothing.metrics),
            (std::vector<std::string>{UnmappedCount("Widgets", "Zorble", 1)}));
}

TEST(NormalizerTest, RowsAndCmdletsAreNotCountedAsUnmapped) {
  for (const auto& [workload, operation] :
       {std::pair<const char*, const char*>{"Exchange", "Set-Mailbox"},
        {"Exchange", "New-InboxRule"},
        {"SharePoint", "FileAccessed"},
        {"AzureActiveDirectory", "UserLoggedIn"},
        {"AzureActiveDirectory", " add USER"},
        {"Exchange", "New-Zorble"},
        {"Exchange", "Get-DlpCompliancePolicy"}}) {
    const Normalized result(RecordWith(workload, operation, ""));
    ASSERT_EQ(result.size(), 1u);
    EXPECT_EQ(UnmappedCounts(result.metrics), std::vector<std::string>()) << operation;
  }
}

TEST(NormalizerTest, UnmappedOperationsAreCountedOnceIfABlobIsReadTwice) {
  const Normalized result("[" + RecordWith("Widgets", "Zorble", "") + "," +
                          RecordWith("Widgets", "Zorble", R"(,"X":tru)") + "," +
                          RecordWith("Widgets", "GadgetCreated", "") + "," +
                          RecordWith("Widgets", "Zorble", "") + "]");
  EXPECT_EQ(result.size(), 3u);
  EXPECT_EQ(result.batch.rejected.size(), 1u);
  EXPECT_EQ(result.metrics.Sum("picket_normalizer_salvaged_blobs_total"), 1);
  std::vector<std::string> counts = UnmappedCounts(result.metrics);
  std::sort(counts.begin(), counts.end());
  EXPECT_EQ(counts, (std::vector<std::string>{UnmappedCount("Widgets", "GadgetCreated", 1),
                                              UnmappedCount("Widgets", "Zorble", 2)}));
}

TEST(NormalizerTest, AboveFiveHundredNamesUnmappedOperationsShareACounter) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  const auto count = [&](int name) {
    normalizer.Normalize({}, RecordWith("Widgets", "Zorble" + std::to_string(name), ""), batch);
    normalizer.Commit();
    ASSERT_EQ(batch.events.size(), 1u);
  };
  for (int name = 0; name < 500; ++name) count(name);
  EXPECT_EQ(UnmappedCounts(metrics).size(), 500u);
  EXPECT_EQ(metrics.Render().find(UnmappedCount("other", "other", 1)), std::string::npos);
  count(500);
  count(501);
  count(500);
  count(499);  // this operation already has its own counter
  EXPECT_EQ(UnmappedCounts(metrics).size(), 501u);
  EXPECT_NE(metrics.Render().find(UnmappedCount("other", "other", 3)), std::string::npos);
  EXPECT_NE(metrics.Render().find(UnmappedCount("Widgets", "Zorble499", 2)), std::string::npos);
  EXPECT_EQ(metrics.Sum(kUnmapped), 504);
}

}  // namespace
}  // namespace picket::parser
