// Tests the edge cases of the shared test data (tests/support/shared_data.h). Each case consists of
// a description and a record. The outcome must be the one in Checks().

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "absl/strings/escaping.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/parser/record_testing.h"
#include "tests/support/ocsf_schema.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

using Check = std::function<void(const Normalized&)>;

// Checks that there is one event. `expected` maps JSON pointers to the values in that event.
Check Values(std::map<std::string, std::string> expected) {
  return [expected = std::move(expected)](const Normalized& result) {
    ASSERT_EQ(result.size(), 1u);
    for (const auto& [pointer, value] : expected) {
      EXPECT_EQ(result.At(pointer), value) << pointer << " of " << result.Json();
    }
  };
}
Check Counts(size_t events, size_t rejected) {
  return [=](const Normalized& result) {
    EXPECT_EQ(result.size(), events);
    EXPECT_EQ(result.batch.rejected.size(), rejected);
  };
}
Check Rejected(const std::string& reason) {
  return [=](const Normalized& result) {
    EXPECT_EQ(result.size(), 0u);
    ASSERT_EQ(result.batch.rejected.size(), 1u);
    EXPECT_EQ(result.batch.rejected[0].reason, reason);
  };
}

// The src_endpoint of a SharePoint file event whose record has no address.
constexpr char kService[] = R"({"svc_name":"SharePoint"})";
constexpr char kTimeMissing[] = R"(["time_missing"])";

const std::map<std::string, Check>& Checks() {
  static const auto* const checks = new std::map<std::string, Check>{
      {"clientip '192.0.2.10'", Values({{"/src_endpoint", R"({"ip":"192.0.2.10"})"}})},
      {"clientip '192.0.2.10:12345'",
       Values({{"/src_endpoint", R"({"ip":"192.0.2.10","port":12345})"},
               {"/unmapped/ClientIP", "192.0.2.10:12345"}})},
      {"clientip '[192.0.2.10]:12345'",
       Values({{"/src_endpoint", R"({"ip":"192.0.2.10","port":12345})"}})},
      {"clientip '2001:db8::abcd'", Values({{"/src_endpoint", R"({"ip":"2001:db8::abcd"})"}})},
      {"clientip '[2001:db8::abcd]:12345'",
       Values({{"/src_endpoint", R"({"ip":"2001:db8::abcd","port":12345})"}})},
      {"clientip '[2001:db8::abcd]'", Values({{"/src_endpoint", R"({"ip":"2001:db8::abcd"})"}})},
      {"clientip '::ffff:192.0.2.10'", Values({{"/src_endpoint", R"({"ip":"192.0.2.10"})"}})},
      {"clientip '[::ffff:192.0.2.10]:12345'",
       Values({{"/src_endpoint", R"({"ip":"192.0.2.10","port":12345})"}})},
      {"clientip 'localhost'", Values({{"/src_endpoint", R"({"hostname":"localhost"})"}})},
      {"clientip ''", Values({{"/src_endpoint", kService}, {"/metadata/debug", "<none>"}})},
      {"clientip None", Values({{"/src_endpoint", kService}, {"/metadata/debug", "<none>"}})},
      {"clientip '<null>'",
       Values({{"/src_endpoint", kService}, {"/unmapped/ClientIP", "<null>"}})},
      {"clientip '192.0.2.300'", Values({{"/src_endpoint", kService},
                                         {"/unmapped/ClientIP", "192.0.2.300"},
                                         {"/metadata/debug", R"(["ip_unparsed"])"}})},
      {"clientip 'fe80::1%eth0'",
       Values({{"/src_endpoint", R"({"ip":"fe80::1"})"}, {"/unmapped/ClientIP", "fe80::1%eth0"}})},
      {"clientip '192.0.2.10,198.51.100.7'", Values({{"/src_endpoint", R"({"ip":"192.0.2.10"})"},
                                                     {"/observables/0/value", "192.0.2.10"},
                                                     {"/observables/1/value", "198.51.100.7"}})},
      {"clientip 'HOST1 (192.0.2.10)'",
       Values({{"/src_endpoint", R"({"ip":"192.0.2.10","hostname":"HOST1"})"}})},
      {"clientip 0", Values({{"/src_endpoint", kService}, {"/unmapped/ClientIP_text", "0"}})},
      {"time '2026-01-02T03:04:05.1234567Z'", Values({{"/time", "1767323045123"}})},
      {"time '2026-01-02T05:04:05+02:00'", Values({{"/time", "1767323045000"}})},
      {"time '2026-01-02 03:04:05'", Values({{"/time", "1767323045000"}})},
      {"time '1/2/2026 3:04:05 AM'", Values({{"/time", "1767323045000"}})},
      {"time ''", Values({{"/time", "1700000000000"}, {"/metadata/debug", kTimeMissing}})},
      {"time None", Values({{"/time", "1700000000000"}, {"/metadata/debug", kTimeMissing}})},
      {"time '0001-01-01T00:00:00'", Values({{"/time", "1700000000000"},
                                             {"/metadata/original_time", "0001-01-01T00:00:00"},
                                             {"/metadata/debug", kTimeMissing}})},
      {"recordtype 15", Values({{"/unmapped/RecordType", "15"},
                                {"/metadata/type", "AzureActiveDirectoryStsLogon"}})},
      {"recordtype '15'",
       Values({{"/unmapped/RecordType", "15"}, {"/unmapped/RecordType_text", "15"}})},
      {"recordtype 9999", Values({{"/unmapped/RecordType", "9999"}, {"/metadata/type", "<none>"}})},
      {"recordtype -1", Values({{"/unmapped/RecordType", "-1"}})},
      {"recordtype None", Values({{"/unmapped/RecordType", "null"}})},
      {"recordtype Ellipsis", Values({{"/unmapped/RecordType", "<none>"}})},
      {"recordtype 'SharePointFileOperation'",
       Values({{"/unmapped/RecordType", "6"},
               {"/unmapped/RecordType_text", "SharePointFileOperation"},
               {"/metadata/type", "SharePointFileOperation"}})},
      {"recordtype 6.0",
       Values({{"/unmapped/RecordType", "6"}, {"/unmapped/RecordType_text", "6.0"}})},
      {"parameters list",
       Values({{"/api/request/data/parameters",
                R"([{"name":"Identity","value":"a"},)"
                R"({"name":"ForwardingSmtpAddress","value":"smtp:x@evil.example"}])"},
               {"/api/request/data/ForwardingSmtpAddress", "smtp:x@evil.example"},
               {"/severity_id", "3"}})},
      {"parameters duplicate name", Values({{"/api/request/data/parameters",
                                             R"([{"name":"GrantSendOnBehalfTo","value":"a"},)"
                                             R"({"name":"GrantSendOnBehalfTo","value":"b"}])"}})},
      {"parameters object value", Values({{"/api/request/data/parameters/0/value", R"({"x":1})"},
                                          {"/api/request/data/parameters/1/value", R"(["p","q"])"},
                                          {"/api/request/data/parameters/2/value", "5"}})},
      {"parameters object",
       Values({{"/api/request/data/parameters", R"([{"name":"Identity","value":"a"}])"}})},
      {"parameters dotted names",
       Values({{"/api/request/data/parameters",
                R"([{"name":"a.b c","value":"1"},{"name":"","value":"2"}])"}})},
      {"modifiedproperties strings",
       Values({{"/unmapped/ModifiedProperties",
                R"([{"Name":"AttachmentCollection"},{"Name":"Flag"}])"}})},
      {"modifiedproperties json in string",
       Values({{"/unmapped/ModifiedProperties/0/NewValue", "[\r\n  false\r\n]"},
               {"/unmapped/ModifiedProperties/0/OldValue", "[\r\n  true\r\n]"},
               {"/unmapped/decoded",
                R"([{"name":"ModifiedProperties.AccountEnabled.NewValue","value":"false"},)"
                R"({"name":"ModifiedProperties.AccountEnabled.OldValue","value":"true"}])"}})},
      {"modifiedproperties 177 KB value",
       [](const Normalized& result) {
         ASSERT_EQ(result.size(), 1u);
         const std::string value = result.At("/unmapped/ModifiedProperties/0/NewValue");
         EXPECT_GT(value.size(), 150'000u);
         EXPECT_EQ(value, At(ParseTree(result.blob), "/0/ModifiedProperties/0/NewValue"));
         // NewValue is a string with JSON. The keys of that JSON become names in the list
         // `decoded`. They do not become members of `unmapped`.
         EXPECT_EQ(result.At("/unmapped/decoded/0/name"),
                   "ModifiedProperties.S.NewValue.f00000.width");
         EXPECT_EQ(result.At("/unmapped/decoded/7999/name"),
                   "ModifiedProperties.S.NewValue.f03999.hidden");
         EXPECT_LE(simdjson::dom::object(ParseTree(result.Json()).root["unmapped"]).size(), 40u);
       }},
      {"data string with duplicate keys",
       [](const Normalized& result) {
         ASSERT_EQ(result.size(), 1u);
         EXPECT_EQ(result.At("/unmapped/Data"), At(ParseTree(result.blob), "/0/Data"));
         EXPECT_EQ(result.At("/unmapped/decoded"),
                   R"([{"name":"Data.Entities.QueryTime","value":"2024-09-30T06:16:41.7320497Z"},)"
                   R"({"name":"Data.Entities.QueryTime","value":"9/30/2024 6:16:41 AM"}])");
         EXPECT_EQ(result.At("/metadata/debug"), "<none>");
         EXPECT_EQ(result.At("/class_uid"), "2004");
       }},
      {"numbers as strings", Values({{"/unmapped/FileSize", "1e9"},
                                     {"/unmapped/FileSizeBytes", "4096"},
                                     {"/unmapped/FileSizeBytes_text", "4096"},
                                     {"/unmapped/OperationCount", "1"},
                                     {"/unmapped/OperationCount_text", "1.0"},
                                     {"/unmapped/UserType", "0"},
                                     {"/unmapped/UserType_text", "0"},
                                     {"/actor/user/type_id", "1"},
                                     {"/unmapped/Version", "1"},
                                     {"/unmapped/Version_text", "1"},
                                     {"/file/size", "4096"}})},
      {"bool as string",
       Values({{"/unmapped/ExternalAccess", "false"}, {"/unmapped/ExternalAccess_text", "False"}})},
      {"lower-case keys", Values({{"/metadata/event_code", "FileAccessed"},
                                  {"/metadata/original_time", "2026-01-02T03:04:05"},
                                  {"/metadata/tenant_uid", std::string(kTestTenant)},
                                  {"/actor/user/uid_alt", "i:0h.f|membership|1003@live.com"},
                                  {"/unmapped/RecordType", "6"},
                                  {"/unmapped/SiteUrl", "https://contoso.example/sites/a/"},
                                  {"/actor/user/name", "alice@contoso.example"},
                                  {"/src_endpoint/ip", "192.0.2.10"},
                                  {"/file/name", "x.docx"}})},
      {"originatingserver newline",
       [](const Normalized& result) {
         Values({{"/unmapped/OriginatingServer", "EXCH01 (15.20.4129.032)\r\n"},
                 {"/unmapped/decoded/0/name", "OriginatingServer"},
                 {"/unmapped/decoded/0/value", "EXCH01 (15.20.4129.032)"}})(result);
         // If a record has no client address, the server becomes the event's source.
         std::string blob = result.blob;
         const size_t address = blob.find("192.0.2.10");
         ASSERT_NE(address, std::string::npos);
         const Normalized without(blob.erase(address, 10));
         EXPECT_EQ(without.At("/src_endpoint"), R"({"svc_name":"EXCH01"})");
       }},
      {"operation spaces and dash",
       Values({{"/class_uid", "3004"},
               {"/activity_id", "3"},
               {"/metadata/event_code",
                "Update application \xe2\x80\x93 Certificates and secrets management "},
               {"/metadata/labels", R"(["credential_change"])"},
               {"/activity_name", "Update"},
               {"/class_name", "Entity Management"}})},
      {"eventdata xml",
       Values({{"/unmapped/EventData",
                "<Type>1</Type><Permissions granted>Edit &amp; Read</Permissions granted>"}})},
      {"logged in with LogonError",
       Values({{"/status_id", "2"}, {"/status_detail", "FlowTokenExpired"}})},
      {"logged in interrupt 50140", Values({{"/status_id", "1"}, {"/status_code", "50140"}})},
      {"bom",
       [](const Normalized& result) {
         Counts(1, 0)(result);
         EXPECT_EQ(result.At("/metadata/event_code"), "FileAccessed");
       }},
      {"invalid utf8 in one of three",
       [](const Normalized& result) {
         ASSERT_EQ(result.size(), 3u);
         EXPECT_EQ(result.At("/metadata/debug", 0), "<none>");
         EXPECT_EQ(result.At("/metadata/debug", 1), R"(["utf8_repaired"])");
         EXPECT_NE(result.Json(1).find("\xef\xbf\xbd"), std::string::npos);
         EXPECT_EQ(result.At("/metadata/debug", 2), "<none>");
       }},
      {"lone surrogate",
       [](const Normalized& result) {
         Counts(3, 0)(result);
         EXPECT_EQ(result.At("/metadata/debug", 1), R"(["utf8_repaired"])");
         EXPECT_EQ(result.At("/actor/user/name", 1), "\xef\xbf\xbd");
         EXPECT_EQ(result.At("/metadata/original_event_uid", 2), "c");
       }},
      {"truncated blob",
       [](const Normalized& result) {
         Counts(1, 1)(result);
         EXPECT_EQ(result.batch.rejected.at(0).reason, "not_json");
       }},
      {"garbage scalar", Rejected("not_json")},
      {"single object", Counts(1, 0)},
      {"ndjson", Counts(2, 0)},
      {"empty array",
       [](const Normalized& result) {
         EXPECT_TRUE(result.batch.empty_blob);
         Counts(0, 0)(result);
       }},
      {"empty payload",
       [](const Normalized& result) {
         EXPECT_TRUE(result.batch.empty_blob);
         Counts(0, 0)(result);
         EXPECT_TRUE(result.batch.empty_blob);
       }},
      {"null record",
       [](const Normalized& result) {
         Counts(1, 1)(result);
         EXPECT_EQ(result.batch.rejected.at(0).reason, "not_an_object");
       }},
      {"nested arrays", Counts(2, 0)},
      {"error body",
       [](const Normalized& result) {
         Rejected("api_error")(result);
         EXPECT_EQ(result.batch.rejected[0].error, "AF20051: Content has expired");
       }},
      {"deep nesting", Rejected("too_deep")},
      {"one megabyte record",  // accepted, as the limit is 2 MiB
       [](const Normalized& result) {
         Counts(1, 0)(result);
         EXPECT_EQ(result.At("/api/request/data/parameters/0/name"), "P000000");
         EXPECT_EQ(result.At("/api/request/data/parameters/19999"),
                   R"({"name":"P019999","value":"vvvvvvvvvvvvvvvvvvvv"})");
         EXPECT_EQ(result.At("/metadata/debug"), "<none>");
       }},
      {"unknown operation", Values({{"/class_uid", "6003"},
                                    {"/activity_id", "99"},
                                    {"/activity_name", "QuantumWidgetTeleported"},
                                    {"/metadata/event_code", "QuantumWidgetTeleported"}})},
      {"missing everything", Rejected("no_operation")},
      {"wrapped wazuh", Values({{"/metadata/event_code", "FileAccessed"},
                                {"/src_endpoint/ip", "192.0.2.10"},
                                {"/unmapped/wrapper/format", "wazuh"}})},
  };
  return *checks;
}

TEST(EdgeCasesTest, EveryCaseHasTheStatedOutcome) {
  const std::optional<std::string> path = SharedData("o365/edge-cases.ndjson");
  if (!path.has_value()) {
    GTEST_SKIP() << "NOT RUN: the shared data (o365/edge-cases.ndjson) are missing";
  }
  const std::string text = *ReadFile(*path);
  size_t cases = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    const Tree line = ParseTree(text.substr(start, end - start));
    start = end == std::string::npos ? text.size() : end + 1;
    const std::string name = At(line, "/name");
    SCOPED_TRACE(name + ": " + At(line, "/expect"));
    std::string blob;
    ASSERT_TRUE(absl::Base64Unescape(ToAbsl(At(line, "/raw_b64")), &blob));
    const BlobSource source{.content_created = "2023-11-14T22:13:20Z"};
    const Normalized result(blob, source);
    const auto check = Checks().find(name);
    if (check == Checks().end()) {
      ADD_FAILURE() << "no check for this case: " << blob.substr(0, 2000);
      continue;
    }
    check->second(result);
    // Every event must be valid OCSF. Reading record by record (parser/normalizer.h) must give the
    // same events.
    for (size_t i = 0; i < result.size(); ++i) {
      for (const std::string& fault : OcsfSchemas::Get().Validate(result.Json(i))) {
        ADD_FAILURE() << fault << "\n" << result.Json(i);
      }
    }
    const Normalized twin(blob, source, {.record_by_record = true});
    EXPECT_EQ(result.batch.text.view(), twin.batch.text.view());
    EXPECT_EQ(result.batch.rejected.size(), twin.batch.rejected.size());
    ++cases;
  }
  EXPECT_GE(cases, 60u);
}

}  // namespace
}  // namespace picket::parser
