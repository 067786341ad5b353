#include "parser/input/unwrapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "common/json_writer.h"
#include "common/strings.h"
#include "parser/input/renamed_fields.h"
#include "tests/parser/record_testing.h"
#include "tests/support/ocsf_schema.h"

namespace picket::parser {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A native record: one that is not wrapped, as the Management Activity API returns it.
constexpr std::string_view kRule =
    R"({"CreationTime":"2026-03-02T08:07:13","Id":"5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f",)"
    R"("Operation":"New-InboxRule","OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)"
    R"("RecordType":1,"ResultStatus":"True","UserKey":"1003200000018697","UserType":2,"Version":1,)"
    R"("Workload":"Exchange","ClientIP":"203.0.113.24:51334","ObjectId":"EURPR01\\adele\\Hide",)"
    R"("UserId":"adele@contoso.example","ExternalAccess":false,)"
    R"("Parameters":[{"Name":"Name","Value":"Hide"},{"Name":"ForwardTo","Value":"x@mail.example"}]})";

std::string JsonText(std::string_view text) {
  std::string out = "\"";
  AppendJsonEscaped(out, text);
  return out + "\"";
}

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) out.replace(at, from.size(), to);
  return out;
}

// Returns the event without unmapped.wrapper.
std::string WithoutWrapper(std::string json) {
  const size_t at = json.find(",\"wrapper\":{");
  EXPECT_NE(at, std::string::npos) << json;
  if (at == std::string::npos) return json;
  int depth = 0;
  bool in_text = false;
  size_t end = at + 11;
  for (;; ++end) {
    if (in_text) {
      if (json[end] == '\\') {
        ++end;
      } else if (json[end] == '"') {
        in_text = false;
      }
    } else if (json[end] == '"') {
      in_text = true;
    } else if (json[end] == '{' || json[end] == '[') {
      ++depth;
    } else if ((json[end] == '}' || json[end] == ']') && --depth == 0) {
      break;
    }
  }
  return json.erase(at, end + 1 - at);
}

// Returns the value of a field that the wrapper has added, by the field's name in the wrapper.
std::string Field(const Normalized& normalized, std::string_view name) {
  const Tree tree = ParseTree(normalized.Json());
  for (int i = 0;; ++i) {
    const std::string at = absl::StrCat("/unmapped/wrapper/fields/", i);
    const std::string found = At(tree, at + "/name");
    if (found == "<none>") return found;
    if (found == name) return At(tree, at + "/value");
  }
}

void ExpectTheNativeEvent(const std::string& wrapped, std::string_view native = kRule) {
  const Normalized expected(native);
  const Normalized got(wrapped);
  ASSERT_EQ(expected.size(), 1);
  ASSERT_EQ(got.size(), 1) << wrapped << "\n"
                           << (got.batch.rejected.empty() ? "" : got.batch.rejected[0].error);
  EXPECT_THAT(got.batch.rejected, IsEmpty());
  EXPECT_EQ(WithoutHash(WithoutWrapper(got.Json())), WithoutHash(expected.Json()));
  EXPECT_EQ(got.batch.events[0].id, expected.batch.events[0].id);
  EXPECT_EQ(got.batch.events[0].hour, expected.batch.events[0].hour);
  EXPECT_EQ(got.batch.Uid(got.batch.events[0]), expected.batch.Uid(expected.batch.events[0]));
  EXPECT_THAT(OcsfSchemas::Get().Validate(got.Json()), IsEmpty());
}

std::string Graph(std::string_view audit_data) {
  return absl::StrCat(
      R"({"@odata.type":"#microsoft.graph.security.auditLogRecord",)"
      R"("id":"5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f","createdDateTime":"2026-03-02T08:07:13Z",)"
      R"("auditLogRecordType":"exchangeAdmin","operation":"New-InboxRule",)"
      R"("organizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42","userType":"admin",)"
      R"("userId":"adele@contoso.example","service":"Exchange","objectId":"EURPR01\\adele\\Hide",)"
      R"("userPrincipalName":"adele@contoso.example","clientIp":"203.0.113.24:51334",)"
      R"("administrativeUnits":["Sales","Lisbon"],"auditData":)",
      ToAbsl(audit_data), "}");
}

TEST(UnwrapperTest, RecordTypesOfGraphAreReadFromGraphsOwnList) {
  const auto number = [](std::string_view name) {
    return Normalized(
               absl::StrCat(R"({"id":"5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f",)"
                            R"("createdDateTime":"2026-03-02T08:07:13Z","auditLogRecordType":")",
                            ToAbsl(name), R"(","operation":"Read","service":"PowerApps",)",
                            R"("userId":"adele@contoso.example"})"))
        .At("/unmapped/RecordType");
  };
  // The Management API has its own list of record types. PowerAppsResource is 79 there.
  EXPECT_EQ(number("powerAppsResource"), "187");
  EXPECT_EQ(number("yammer"), "22");  // the Management API calls 22 VivaEngage
  EXPECT_EQ(number("vivaEngage"), "22");
}

TEST(UnwrapperTest, AGraphRecordBecomesTheRecordInItsAuditData) {
  ExpectTheNativeEvent(Graph(kRule));
  ExpectTheNativeEvent(Graph(JsonText(kRule)));
  const Normalized event(Graph(kRule));
  EXPECT_EQ(event.At("/unmapped/wrapper/format"), "graph");
  EXPECT_EQ(Field(event, "administrativeUnits"), "Sales");
  EXPECT_EQ(Field(event, "createdDateTime"), "2026-03-02T08:07:13Z");
  EXPECT_EQ(Field(event, "userType"), "admin");
  // userId and operation of the wrapper are not kept, because the record has the same values.
  EXPECT_EQ(Field(event, "userId"), "<none>");
  EXPECT_EQ(Field(event, "operation"), "<none>");
}

TEST(UnwrapperTest, AGraphRecordWithoutAuditDataBecomesARecordOfItsOwnFields) {
  for (const std::string_view none :
       {R"({"@odata.type":"#microsoft.graph.security.defaultAuditData"})", "null"}) {
    const Normalized event(Graph(none));
    ASSERT_EQ(event.size(), 1);
    EXPECT_EQ(event.At("/metadata/original_event_uid"), "5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f");
    EXPECT_EQ(event.At("/metadata/event_code"), "New-InboxRule");
    EXPECT_EQ(event.At("/metadata/type"), "ExchangeAdmin");
    EXPECT_EQ(event.At("/time"), "1772438833000");
    EXPECT_EQ(event.At("/actor/user/name"), "adele@contoso.example");
    EXPECT_EQ(event.At("/actor/user/type_id"), "2");
    EXPECT_EQ(event.At("/src_endpoint/ip"), "203.0.113.24");
    EXPECT_EQ(event.At("/metadata/product/feature/name"), "Exchange");
    EXPECT_EQ(event.At("/metadata/tenant_uid"), "8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42");
    EXPECT_THAT(OcsfSchemas::Get().Validate(event.Json()), IsEmpty());
  }
}

TEST(UnwrapperTest, EachRecordOfAnEnvelopeBecomesAnEvent) {
  const std::string other = Replaced(kRule, "5d0e7a10", "6d0e7a10");
  for (const std::string& text :
       {absl::StrCat(R"({"@odata.context":"https://graph.example/$metadata","value":[)",
                     Graph(kRule), ",", Graph(other),
                     R"(],"@odata.nextLink":"https://x/?$skip=2"})"),
        absl::StrCat(R"({"records":[)", ToAbsl(kRule), ",", other, "]}"),
        absl::StrCat("[{\"value\":[", ToAbsl(kRule), "]},{\"value\":[", other, "]}]"),
        absl::StrCat("{\"value\":[", ToAbsl(kRule), "]}\n{\"value\":[", other, "]}\n")}) {
    const Normalized both(text);
    ASSERT_EQ(both.size(), 2) << text;
    EXPECT_THAT(both.batch.rejected, IsEmpty());
    EXPECT_EQ(both.batch.events[0].index, 0);
    EXPECT_EQ(both.batch.events[1].index, 1);
  }
  EXPECT_TRUE(Normalized(R"({"@odata.context":"x","value":[]})").batch.empty_blob);
}

TEST(UnwrapperTest, TheUndamagedRecordsOfADamagedEnvelopeBecomeEvents) {
  const std::string cut = absl::StrCat(R"({"a":1,"value":[)", ToAbsl(kRule), R"(,{"Id":nul},)",
                                       ToAbsl(kRule.substr(0, 100)));
  const Normalized got(cut);
  EXPECT_EQ(got.size(), 1);
  ASSERT_EQ(got.batch.rejected.size(), 2);
  EXPECT_EQ(got.batch.rejected[0].bytes, R"({"Id":nul})");
  EXPECT_EQ(got.batch.rejected[1].bytes, kRule.substr(0, 100));
}

TEST(UnwrapperTest, ARecordWithAListCalledValueIsNotAnEnvelope) {
  const std::string record = RecordWith("SharePoint", "FileAccessed", R"(,"value":[{"a":1}])");
  const Normalized got(record);
  ASSERT_EQ(got.size(), 1);
  EXPECT_EQ(got.At("/unmapped/value/0/a"), "1");
}

TEST(UnwrapperTest, ARowOfAnAuditLogSearchBecomesTheRecordInItsAuditData) {
  for (const std::string& data : {std::string(kRule), JsonText(kRule)}) {
    const std::string row = absl::StrCat(
        R"({"PSComputerName":"outlook.office365.com","RunspaceId":"a","RecordType":"ExchangeAdmin",)"
        R"("CreationDate":"2026-03-02T08:07:13Z","UserIds":"adele@contoso.example",)"
        R"("Operations":"New-InboxRule","AuditData":)",
        data,
        R"(,"ResultIndex":7,"ResultCount":50,"Identity":"5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f",)"
        R"("IsValid":true,"ObjectState":"Unchanged"})");
    ExpectTheNativeEvent(row);
    const Normalized event(row);
    EXPECT_EQ(event.At("/unmapped/wrapper/format"), "audit_log_search");
    EXPECT_EQ(Field(event, "ResultIndex"), "7");
    EXPECT_EQ(Field(event, "IsValid"), "true");
    EXPECT_EQ(Field(event, "CreationDate"), "2026-03-02T08:07:13Z");
    EXPECT_EQ(Field(event, "UserIds"), "<none>");
    // The wrapper's RecordType is not kept, because metadata.type contains the type.
    EXPECT_EQ(Field(event, "RecordType"), "<none>");
  }
  // The portal's export uses the record's own field names next to AuditData.
  ExpectTheNativeEvent(absl::StrCat(
      R"({"RecordId":"5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f","CreationDate":"2026-03-02T08:07:13Z",)"
      R"("RecordType":"1","Operation":"New-InboxRule","UserId":"adele@contoso.example","AuditData":)",
      JsonText(kRule), R"(,"AssociatedAdminUnits":"","AssociatedAdminUnitsNames":""})"));
}

// Returns the record as Wazuh forwards it: every scalar is a string, and lists are unchanged.
std::string WazuhRecord() {
  std::string record = Replaced(kRule, "\"RecordType\":1", "\"RecordType\":\"1\"");
  record = Replaced(record, "\"UserType\":2", "\"UserType\":\"2\"");
  record = Replaced(record, "\"Version\":1", "\"Version\":\"1\"");
  record = Replaced(record, "\"ExternalAccess\":false", "\"ExternalAccess\":\"false\"");
  record.pop_back();
  return record + R"(,"Subscription":"Audit.Exchange"})";
}

TEST(UnwrapperTest, AWazuhObjectBecomesTheRecordInIt) {
  const std::string message =
      absl::StrCat(R"({"integration":"office365","office365":)", WazuhRecord(), "}");
  ExpectTheNativeEvent(message);
  EXPECT_EQ(Field(Normalized(message), "Subscription"), "Audit.Exchange");

  const std::string alert = absl::StrCat(
      R"({"timestamp":"2026-03-02T08:09:00.123+0000","rule":{"level":3,"id":"91545",)"
      R"("groups":["office365","audit"],"firedtimes":2},"agent":{"id":"000","name":"siem"},)"
      R"("manager":{"name":"siem"},"id":"1772438940.42","decoder":{"name":"json"},"full_log":)",
      JsonText(kRule), R"(,"data":)", message, R"(,"location":"office365"})");
  ExpectTheNativeEvent(alert);
  const std::string entry = absl::StrCat(
      R"({"_index":"wazuh-alerts-4.x-2026.03.02","_id":"k1","_score":1.5,"_source":)", alert, "}");
  ExpectTheNativeEvent(entry);
  const Normalized event(entry);
  EXPECT_EQ(event.At("/unmapped/wrapper/format"), "wazuh");
  EXPECT_EQ(Field(event, "agent.id"), "000");
  EXPECT_EQ(Field(event, "rule.groups"), "office365");
  EXPECT_EQ(Field(event, "timestamp"), "2026-03-02T08:09:00.123+0000");
  EXPECT_EQ(Field(event, "_index"), "wazuh-alerts-4.x-2026.03.02");
  // The wrapper's full_log is not kept, because it repeats the record.
  EXPECT_EQ(Field(event, "full_log"), "<none>");
}

constexpr std::string_view kFile =
    R"({"CreationTime":"2026-03-02T08:07:13","Id":"7d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f",)"
    R"("Operation":"FileDownloaded","OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)"
    R"("RecordType":6,"UserKey":"i:0h.f|membership|1003200000018697","UserType":0,)"
    R"("Workload":"SharePoint","ClientIP":"203.0.113.24","UserId":"adele@contoso.example",)"
    R"("ObjectId":"https://contoso.example/sites/a/plan.docx","EventSource":"SharePoint",)"
    R"("ItemType":"File","Site":"3d1c","SiteUrl":"https://contoso.example/sites/a/",)"
    R"("SourceFileName":"plan.docx","UserAgent":"Mozilla/5.0",)"
    R"("AppAccessContext":{"CorrelationId":"9f1c"}})";

TEST(UnwrapperTest, TheColumnsOfASentinelRowGetTheirNativeNames) {
  const std::string row =
      R"({"TenantId":"0aaaaaaa-0000-4000-8000-000000000001","TimeGenerated":"2026-03-02T08:07:13",)"
      R"("OfficeId":"7d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f","Operation":"FileDownloaded",)"
      R"("OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)"
      R"("RecordType":"SharePointFileOperation","UserKey":"i:0h.f|membership|1003200000018697",)"
      R"("UserType":"Regular","OfficeWorkload":"SharePoint","ClientIP":"203.0.113.24",)"
      R"("UserId":"adele@contoso.example",)"
      R"("OfficeObjectId":"https://contoso.example/sites/a/plan.docx","Event_Data":"","Folders":"",)"
      R"("EventSource":"SharePoint","ItemType":"File","Site_":"3d1c",)"
      R"("Site_Url":"https://contoso.example/sites/a/","SourceFileName":"plan.docx",)"
      R"("UserAgent":"Mozilla/5.0","AppAccessContext":"{\"CorrelationId\":\"9f1c\"}",)"
      R"("Logon_Type":null,"SourceSystem":"OfficeActivityManager","Type":"OfficeActivity",)"
      R"("SourceRecordId":"7d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f","_ResourceId":"/subscriptions/1"})";
  ExpectTheNativeEvent(row, kFile);
  const Normalized event(row);
  EXPECT_EQ(event.At("/unmapped/wrapper/format"), "sentinel");
  EXPECT_EQ(Field(event, "TenantId"), "0aaaaaaa-0000-4000-8000-000000000001");
  EXPECT_EQ(Field(event, "UserType"), "Regular");
  EXPECT_EQ(Field(event, "_ResourceId"), "/subscriptions/1");
  EXPECT_EQ(Field(event, "Event_Data"), "<none>");
}

TEST(UnwrapperTest, TheListsOfASentinelMailboxRowAreRestored) {
  const std::string row =
      R"({"TimeGenerated [UTC]":"3/2/2026, 8:07:13.000 PM","OfficeId":"8d0e7a10",)"
      R"("Operation":"New-InboxRule","OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)"
      R"("RecordType":"ExchangeAdmin","UserType":"DcAdmin","OfficeWorkload":"Exchange",)"
      R"("Client_IPAddress":"203.0.113.9","UserId":"adele@contoso.example","Logon_Type":"Owner",)"
      R"("Parameters":"[{\"Name\":\"ForwardTo\",\"Value\":\"x@mail.example\"}]","Item":"{broken"})";
  const Normalized event(row);
  ASSERT_EQ(event.size(), 1);
  EXPECT_EQ(event.At("/time"), "1772482033000");
  EXPECT_EQ(event.At("/metadata/original_time"), "2026-03-02T20:07:13");
  EXPECT_EQ(Field(event, "TimeGenerated [UTC]"), "3/2/2026, 8:07:13.000 PM");
  EXPECT_EQ(event.At("/api/request/data/ForwardTo"), "x@mail.example");
  EXPECT_EQ(event.At("/src_endpoint/ip"), "203.0.113.9");
  EXPECT_EQ(event.At("/actor/user/type_id"), "3");
  EXPECT_EQ(event.At("/unmapped/Item_text"), "{broken");
  EXPECT_THAT(OcsfSchemas::Get().Validate(event.Json()), IsEmpty());
}

TEST(UnwrapperTest, ARecordThatAShipperCarriesAsAStringIsUnwrapped) {
  for (const std::string& text :
       {absl::StrCat(
            R"({"@timestamp":"2026-03-02T08:09:00Z","agent":{"type":"filebeat"},"message":)",
            JsonText(kRule), "}"),
        absl::StrCat(R"({"event":{"dataset":"o365.audit","original":)", JsonText(kRule), "}}"),
        absl::StrCat(R"({"event.original":)", JsonText(kRule), "}"),
        absl::StrCat(R"({"preview":false,"result":{"_raw":)", JsonText(kRule), "}}"),
        absl::StrCat(R"({"date":1772438940.5,"log":)", JsonText(kRule), "}")}) {
    ExpectTheNativeEvent(text);
    EXPECT_EQ(Normalized(text).At("/unmapped/wrapper/format"), "shipper");
  }
}

TEST(UnwrapperTest, FieldsWithLowerCaseNamesAreTheSameFields) {
  std::string lower(kRule);
  for (const std::string name : {"CreationTime", "Id", "Operation", "OrganizationId", "RecordType",
                                 "ResultStatus", "UserKey", "UserType", "Workload", "ClientIP",
                                 "ObjectId", "UserId", "Parameters", "ExternalAccess"}) {
    lower = Replaced(lower, "\"" + name + "\":", "\"" + LowerAscii(name) + "\":");
  }
  lower = Replaced(lower, "\"Version\"", "\"version\"");
  EXPECT_EQ(WithoutHash(Normalized(lower).Json()), WithoutHash(Normalized(kRule).Json()));
}

TEST(UnwrapperTest, ARecordThatIsNotWrappedIsNotChanged) {
  for (const std::string_view record :
       {R"({"office365":{"a":1}})", R"({"office365":"text"})", R"({"data":{"office365":[]}})",
        R"({"message":"{\"Operation\":1}"})", R"({"message":"{cut"})", R"({"_source":null})",
        R"({"auditData":"no JSON"})"}) {
    const Normalized got(record);
    EXPECT_EQ(got.size(), 0) << record;
    ASSERT_EQ(got.batch.rejected.size(), 1) << record;
    EXPECT_EQ(got.batch.rejected[0].reason, "no_operation") << record;
    EXPECT_EQ(got.batch.rejected[0].bytes, record);
  }
  // A record that lacks common fields but is not wrapped is not changed.
  const std::string without_id =
      Replaced(kRule, R"("Id":"5d0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f",)", "");
  const Normalized got(without_id);
  ASSERT_EQ(got.size(), 1);
  EXPECT_EQ(got.At("/unmapped/wrapper"), "<none>");
}

TEST(UnwrapperTest, NestedWrappersAreOpenedToALimit) {
  std::string nested(kRule);
  for (int i = 0; i < 3; ++i) nested = absl::StrCat(R"({"message":)", JsonText(nested), "}");
  ExpectTheNativeEvent(nested);
  for (int i = 0; i < 3; ++i) nested = absl::StrCat(R"({"data":)", nested, "}");
  EXPECT_EQ(Normalized(nested).batch.rejected.size(), 1);

  std::string deep = R"({"message":")" + std::string(200'000, '[') + R"("})";
  EXPECT_EQ(Normalized(deep).batch.rejected.size(), 1);
  deep =
      absl::StrCat(R"({"message":)",
                   JsonText("{\"Operation\":\"X\",\"Id\":\"1\",\"x\":" + std::string(100'000, '[') +
                            std::string(100'000, ']') + "}"),
                   "}");
  EXPECT_EQ(Normalized(deep).batch.rejected.size(), 1);
  std::string envelopes = std::string(kRule);
  for (int i = 0; i < 60; ++i) envelopes = "{\"value\":[" + envelopes + "]}";
  const Normalized got(envelopes);
  EXPECT_EQ(got.size() + got.batch.rejected.size(), 1);

  // A deep container next to the record becomes one field whose value is the container's JSON.
  const std::string with_deep_field =
      absl::StrCat(R"({"agent":)", std::string(100, '['), "7", std::string(100, ']'),
                   R"(,"office365":)", WazuhRecord(), "}");
  ExpectTheNativeEvent(with_deep_field);
  EXPECT_THAT(Field(Normalized(with_deep_field), "agent"), HasSubstr("[7]"));
}

TEST(UnwrapperTest, ALargeWrapperIsReadAndOneAboveTheLimitIsRejected) {
  const std::string big = absl::StrCat(R"({"note":")", std::string(1 << 20, 'x'),
                                       R"(","office365":)", WazuhRecord(), "}");
  ExpectTheNativeEvent(big);
  const std::string huge = absl::StrCat(R"({"note":")", std::string(3 << 20, 'x'),
                                        R"(","office365":)", WazuhRecord(), "}");
  const Normalized got(huge);
  ASSERT_EQ(got.batch.rejected.size(), 1);
  EXPECT_EQ(got.batch.rejected[0].reason, "too_large");
  // The object with the list `value` may be larger than the limit for one record.
  std::string envelope = "{\"value\":[" + std::string(kRule);
  for (int i = 0; i < 5; ++i)
    absl::StrAppend(&envelope, ",", Replaced(big, "5d0e7a10", "0000000a"));
  envelope += "]}";
  ASSERT_GT(envelope.size(), 5u << 20);
  EXPECT_EQ(Normalized(envelope).size(), 6);
}

TEST(UnwrapperTest, TheSameRecordInEveryWrapperHasTheSameIdentity) {
  const std::string all = absl::StrCat("[", ToAbsl(kRule), ",", Graph(kRule),
                                       R"(,{"integration":"office365","office365":)", WazuhRecord(),
                                       R"(},{"AuditData":)", JsonText(kRule), "}]");
  const Normalized got(all);
  ASSERT_EQ(got.size(), 4);
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(got.batch.events[i].id, got.batch.events[0].id);
    EXPECT_EQ(got.batch.events[i].hour, got.batch.events[0].hour);
  }
}

TEST(UnwrapperTest, AnyChangedByteGivesAValidEventOrARejection) {
  std::mt19937 random(5);
  const std::string samples[] = {
      Graph(JsonText(kRule)),
      absl::StrCat(R"({"_source":{"data":{"office365":)", WazuhRecord(),
                   R"(},"x":[1,{"y":null}]}})"),
      absl::StrCat("{\"value\":[", Graph(kRule), "]}"),
      absl::StrCat(R"({"message":)", JsonText(Graph(JsonText(kRule))), "}")};
  for (int round = 0; round < 4000; ++round) {
    std::string text = samples[random() % std::size(samples)];
    const int changes = 1 + random() % 3;
    for (int i = 0; i < changes; ++i) {
      text[random() % text.size()] = "\"{}[]\\,:x0\xff\x01"[random() % 12];
    }
    const Normalized got(text);
    EXPECT_GE(got.size() + got.batch.rejected.size() + got.batch.empty_blob, 1) << text;
    for (size_t i = 0; i < got.size(); ++i) ParseTree(got.Json(i));
  }
}

TEST(UnwrapperTest, RenamedFieldsHaveNativeNames) {
  EXPECT_EQ(NativeName("userPrincipalName"), "UserId");
  EXPECT_EQ(NativeName("OfficeObjectId"), "ObjectId");
  EXPECT_EQ(NativeName("UserId"), "UserId");
  EXPECT_EQ(NativeName("Whatever"), "");
}

}  // namespace
}  // namespace picket::parser
