// Reads the same two records from each form in which people have them, and expects the same events.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "parser/input/audit_file.h"
#include "parser/mapping/remarks.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kTime = "2026-03-02T08:07:13";
constexpr int64_t kTimeMs = 1772438833000;
constexpr std::string_view kParameters =
    R"([{"Name":"Name","Value":"a, \"b\"; c|d"},{"Name":"ForwardTo","Value":"x@mail.example"}])";

std::string Id(int i) { return absl::StrCat("aaaaaaaa-0000-4000-8000-00000000000", i); }

std::string Record(int i) {
  return absl::StrCat(R"({"CreationTime":")", ToAbsl(kTime), R"(","Id":")", Id(i),
                      R"(","Operation":"New-InboxRule",)",
                      R"("OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)",
                      R"("RecordType":1,"UserType":2,"Workload":"Exchange",)",
                      R"("UserId":"ada@contoso.example","ObjectId":"EURPR01\\ada\\Hide",)",
                      R"("Parameters":)", ToAbsl(kParameters), "}");
}

std::string JsonText(std::string_view text) {
  std::string out = "\"";
  AppendJsonEscaped(out, text);
  return out + "\"";
}

std::string Quoted(const std::string& cell) {
  return "\"" + absl::StrReplaceAll(cell, {{"\"", "\"\""}}) + "\"";
}
std::string WithBackslashes(const std::string& cell) {
  return "\"" + absl::StrReplaceAll(cell, {{"\\", "\\\\"}, {"\"", "\\\""}}) + "\"";
}

using Row = std::vector<std::string>;
std::string Csv(const std::vector<Row>& rows, const std::string& delimiter = ",",
                const std::string& line_end = "\r\n",
                std::string (*quote)(const std::string&) = Quoted) {
  std::string text;
  for (const Row& row : rows) {
    absl::StrAppend(
        &text,
        absl::StrJoin(row, delimiter,
                      [&](std::string* out, const std::string& cell) { out->append(quote(cell)); }),
        line_end);
  }
  return text;
}

const Row kSearchHeader = {"RecordType", "CreationDate", "UserIds", "Operations", "AuditData"};
Row SearchRow(int i) {
  return {"ExchangeAdmin", "3/2/2026 8:07:13 AM", "ada@contoso.example", "New-InboxRule",
          Record(i)};
}
std::vector<Row> SearchRows() { return {SearchRow(1), SearchRow(2)}; }
std::vector<Row> SearchTable() { return {kSearchHeader, SearchRow(1), SearchRow(2)}; }

struct Events {
  std::vector<std::string> ids;
  std::vector<int64_t> times;
  std::vector<std::string> forwards;  // the parameter ForwardTo
  std::vector<std::string> debug;     // the remarks
  std::vector<std::string> rejected;
  DateOrderFindings dates;
  absl::Status status;
};

class ExportFormsTest : public testing::Test {
 protected:
  ExportFormsTest()
      : path_((std::filesystem::path(testing::TempDir()) /
               absl::StrCat("export_forms_test.", getpid()))
                  .string()) {}
  ~ExportFormsTest() override { std::filesystem::remove(path_); }

  Events Read(std::string_view text) const {
    EXPECT_TRUE(WriteFile(path_, text).ok());
    Events events;
    absl::StatusOr<std::unique_ptr<AuditFile>> file = AuditFile::Open(path_);
    events.status = file.status();
    if (!file.ok()) return events;
    Metrics metrics;
    Normalizer normalizer({}, metrics);
    NormalizedBatch batch;
    AuditBlob blob;
    while (true) {
      const absl::StatusOr<bool> more = (*file)->Next(&blob);
      events.status = more.status();
      if (!more.ok() || !*more) break;
      if (!blob.damage.empty()) {
        events.rejected.push_back(blob.text);
        continue;
      }
      normalizer.Normalize({.date_order = blob.date_order}, blob.text, batch);
      for (const NormalizedBatch::Rejected& one : batch.rejected) {
        events.rejected.emplace_back(one.bytes);
      }
      for (const NormalizedBatch::Event& event : batch.events) {
        const Tree tree = ParseTree(batch.Json(event));
        events.ids.push_back(At(tree, "/metadata/original_event_uid"));
        events.times.push_back(event.time_ms);
        events.forwards.push_back(At(tree, "/api/request/data/ForwardTo"));
        events.debug.push_back(At(tree, "/metadata/debug"));
        EXPECT_EQ(At(tree, "/metadata/tenant_uid"), "8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42");
        EXPECT_EQ(At(tree, "/actor/user/name"), "ada@contoso.example");
        EXPECT_EQ(At(tree, "/metadata/type"), "ExchangeAdmin");
      }
    }
    events.dates = (*file)->dates();
    return events;
  }

  void ExpectBoth(const std::string& name, std::string_view text) const {
    const Events events = Read(text);
    EXPECT_TRUE(events.status.ok()) << name << ": " << events.status;
    EXPECT_THAT(events.ids, ElementsAre(Id(1), Id(2))) << name;
    EXPECT_THAT(events.times, ElementsAre(kTimeMs, kTimeMs)) << name;
    EXPECT_THAT(events.forwards, ElementsAre("x@mail.example", "x@mail.example")) << name;
    EXPECT_THAT(events.debug, ElementsAre("<none>", "<none>")) << name;
    EXPECT_THAT(events.rejected, IsEmpty()) << name;
  }

  const std::string path_;
};

TEST_F(ExportFormsTest, ReadsEachDialectOfCsv) {
  for (const std::string delimiter : {",", ";", "\t", "|"}) {
    for (const std::string line_end : {"\n", "\r\n", "\r"}) {
      for (const auto quote : {Quoted, WithBackslashes}) {
        const std::string name =
            absl::StrCat("'", delimiter, "' ", line_end.size(), quote == Quoted ? "" : " \\");
        const std::string table = Csv(SearchTable(), delimiter, line_end, quote);
        ExpectBoth(name, table);
        ExpectBoth(name + " no header", Csv(SearchRows(), delimiter, line_end, quote));
        ExpectBoth(name + " sep=", absl::StrCat("sep=", delimiter, line_end, table));
        ExpectBoth(name + " quoted sep=", absl::StrCat("\"sep=", delimiter, "\"", line_end, table));
        ExpectBoth(name + " titles", absl::StrCat("\xef\xbb\xbf", "Report, by Ada", line_end,
                                                  line_end, "2 March", line_end, table));
        ExpectBoth(name + " #TYPE",
                   absl::StrCat("#TYPE Selected.X", line_end, "sep=", delimiter, line_end, table));
        ExpectBoth(name + " no last line end", table.substr(0, table.size() - line_end.size()));
      }
    }
  }
  // Excel for Mac ends rows with CR, but lines inside a cell with LF.
  std::vector<Row> lines = SearchTable();
  for (Row& row : lines) row.back() = absl::StrReplaceAll(row.back(), {{"\":", "\":\n"}});
  ExpectBoth("line breaks in cells", Csv(lines, ",", "\r"));
}

TEST_F(ExportFormsTest, ADialectIsFoundEvenIfTheFirstRowIsLong) {
  std::vector<Row> rows = SearchTable();
  rows[0].insert(rows[0].begin(), "Note");
  for (size_t i = 1; i < rows.size(); ++i)
    rows[i].insert(rows[i].begin(), std::string(20'000, 'x'));
  ExpectBoth("long", Csv(rows, ";", "\n", WithBackslashes));
}

TEST_F(ExportFormsTest, ReadsOtherColumnsWithTheRecord) {
  for (const std::string name :
       {"RawEventData", "_raw", "event.original", "message", "o365audit"}) {
    ExpectBoth(name, Csv({{"Timestamp", name, "ActionType"},
                          {"2026-03-02", Record(1), "x"},
                          {"2026-03-02", Record(2), "x"}}));
    ExpectBoth(name + " beside fields", Csv({{"CreationTime", "Operation", name},
                                             {std::string(kTime), "New-InboxRule", Record(1)},
                                             {std::string(kTime), "New-InboxRule", Record(2)}}));
  }
}

const Row kFields = {"CreationTime", "Id",       "Operation", "OrganizationId", "RecordType",
                     "UserType",     "Workload", "UserId",    "ObjectId"};
Row FieldRow(int i, std::string_view time = kTime) {
  return {std::string(time),
          Id(i),
          "New-InboxRule",
          "8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",
          "1",
          "2",
          "Exchange",
          "ada@contoso.example",
          "EURPR01\\ada\\Hide"};
}
Row With(Row row, const Row& more) {
  row.insert(row.end(), more.begin(), more.end());
  return row;
}

TEST_F(ExportFormsTest, RestoresFlattenedExports) {
  ExpectBoth("list in JSON",
             Csv({With(kFields, {"Parameters"}), With(FieldRow(1), {std::string(kParameters)}),
                  With(FieldRow(2), {std::string(kParameters)})}));
  const Row pairs = {"a", "x@mail.example"};
  for (const std::string prefix : {"Param_", "Parameters."}) {
    ExpectBoth(prefix, Csv({With(kFields, {prefix + "Name", prefix + "ForwardTo"}),
                            With(FieldRow(1), pairs), With(FieldRow(2), pairs)}));
  }
  const std::string python =
      "[{'Name': 'Name', 'Value': \"it's\"}, "
      "{'Name': 'ForwardTo', 'Value': 'x@mail.example', 'X': None}]";
  ExpectBoth("pandas", Csv({With(kFields, {"Parameters"}), With(FieldRow(1), {python}),
                            With(FieldRow(2), {python})}));
  Row prefixed = With(kFields, {"Parameters"});
  for (std::string& name : prefixed) name = "AuditData." + name;
  ExpectBoth("prefix", Csv({prefixed, With(FieldRow(1), {std::string(kParameters)}),
                            With(FieldRow(2), {std::string(kParameters)})}));
  std::string hawk;
  for (int i = 1; i <= 2; ++i) {
    std::string record = Record(i);
    record.resize(record.find("\"Parameters\""));
    absl::StrAppend(&hawk, record, R"("ParameterString":"Name=a | ForwardTo=x@mail.example",)",
                    R"("Param_Name":"a","Param_ForwardTo":"x@mail.example"})", "\n");
  }
  ExpectBoth("JSON with Param_", hawk);
}

TEST_F(ExportFormsTest, ANestedColumnBecomesAMemberOfItsObject) {
  const Events events = Read(Csv(
      {With(kFields, {"Item.Subject", "Item.SizeInBytes"}), With(FieldRow(1), {"Hello", "4096"})}));
  ASSERT_EQ(events.ids.size(), 1u);
  Metrics metrics;
  const Normalized event(
      R"({"picket.row":{"CreationTime":"2026-03-02T08:07:13","Id":"1",)"
      R"("Operation":"Send","Item.Subject":"Hello","Item.SizeInBytes":"4096"}})");
  ASSERT_EQ(event.size(), 1u);
  EXPECT_THAT(event.Json(), HasSubstr("Hello"));
  EXPECT_THAT(event.Json(), testing::Not(HasSubstr("Item.Subject")));
  EXPECT_EQ(event.At("/unmapped/Item/SizeInBytes_text"), "<none>");
}

TEST_F(ExportFormsTest, NestingThatPowerShellLostIsReported) {
  const std::string pair = "@{Name=ForwardTo; Value=x@mail.example}";
  const auto record = [](const std::string& parameters) {
    std::string text = Record(1);
    text.resize(text.find("\"Parameters\""));
    return absl::StrCat(text, "\"Parameters\":", parameters, "}");
  };
  for (const std::string& parameters :
       {JsonText(pair), JsonText("@{Name=Name; Value=.} " + pair), "[" + JsonText(pair) + "]",
        "[" + JsonText("@{Value=; b; Name=Name}") + "," + JsonText(pair) + "]"}) {
    const Events events = Read(record(parameters));
    EXPECT_THAT(events.forwards, ElementsAre("x@mail.example")) << parameters;
    EXPECT_THAT(events.debug, ElementsAre(R"(["lost_nesting"])")) << parameters;
    EXPECT_THAT(events.ids, ElementsAre(Id(1)));
  }
  // These cannot be read, or have several meanings.
  for (const std::string& parameters :
       {JsonText("System.Object[]"), std::string(R"(["System.Object","System.Object"])"),
        JsonText("@{Name=ForwardTo; Value=x; Name=y}"), JsonText("@{Name=ForwardTo; Value=x"),
        JsonText("System.Collections.Hashtable")}) {
    const Events events = Read(record(parameters));
    EXPECT_THAT(events.forwards, ElementsAre("<none>")) << parameters;
    EXPECT_THAT(events.debug, ElementsAre(R"(["lost_nesting"])")) << parameters;
  }
  EXPECT_THAT(Read(record(JsonText("-Name x"))).debug, ElementsAre("<none>"));
  // If the record itself is lost, the columns beside it are left.
  const Events row = Read(
      absl::StrCat(R"([{"RecordType":"ExchangeAdmin","CreationDate":"2026-03-02T08:07:13Z",)",
                   R"("UserIds":"ada@contoso.example","Operations":"New-InboxRule","Identity":")",
                   Id(1), R"(","OrganizationId":"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",)",
                   R"("AuditData":"@{CreationTime=x; Id=y}"}])"));
  EXPECT_THAT(row.ids, ElementsAre(Id(1)));
  EXPECT_THAT(row.debug, ElementsAre(R"(["lost_nesting"])"));
}

TEST_F(ExportFormsTest, ReadsEachWrapper) {
  const auto lines = [](const std::string& before, bool as_text, const std::string& after) {
    std::string text;
    for (int i = 1; i <= 2; ++i) {
      absl::StrAppend(&text, before, as_text ? JsonText(Record(i)) : Record(i), after, "\n");
    }
    return text;
  };
  for (const std::string name :
       {"o365audit", "RawEventData", "full_message", "short_message", "_raw", "message", "log",
        "body", "record", "content", "raw", "anything"}) {
    for (const bool as_text : {false, true}) {
      ExpectBoth(name, lines("{\"host\":\"h\",\"" + name + "\":", as_text, ",\"z\":1}"));
    }
  }
  ExpectBoth("event.original",
             lines(R"({"@timestamp":"x","ecs":{"version":"8"},"event":{"original":)", true,
                   R"(},"o365":{"audit":{"a":1}}})"));
  ExpectBoth("Event Hub", lines(R"({"records":[{"category":"x","properties":{"RawEventData":)",
                                false, R"(,"ReportId":"1"}}]})"));
  ExpectBoth("Graph PowerShell",
             lines(R"({"AuditData":{"AdditionalProperties":)", false,
                   R"(},"AuditLogRecordType":"exchangeAdmin","Operation":"New-InboxRule",)"
                   R"("CreatedDateTime":"2026-03-02T08:07:13Z","UserType":"Admin"})"));
  ExpectBoth("Fluent Bit", lines("[1772438833.5,{\"log\":", true, "}]"));
  ExpectBoth("Fluent Bit 2", lines("[[1772438833.5,{}],{\"log\":", true, "}]"));
  ExpectBoth("Fluentd file", lines("2026-03-02T08:07:13+00:00\to365\t", false, ""));
  ExpectBoth("Fluentd file 2", lines("2026-03-02T08:07:13+00:00\to365\t{\"log\":", true, "}"));
  ExpectBoth("syslog", lines("<14>Mar  2 08:07:13 host picket[1]: ", false, ""));
  const std::string both = absl::StrCat("[", Record(1), ",", Record(2), "]");
  for (const std::string name : {"message", "log", "records", "_raw", "body"}) {
    ExpectBoth(name + " list", absl::StrCat("{\"", name, "\":", both, "}\n"));
    ExpectBoth(name + " list as text",
               absl::StrCat("{\"a\":1,\"", name, "\":", JsonText(both), "}\n"));
  }
  ExpectBoth("Elasticsearch",
             absl::StrCat(R"({"took":1,"hits":{"total":2,"hits":[{"_source":)", Record(1),
                          R"(},{"_source":{"event":{"original":)", JsonText(Record(2)), "}}}]}}"));
}

TEST_F(ExportFormsTest, ReadsTheTablesOfLogAnalytics) {
  const auto row = [](int i) {
    return absl::StrCat(R"(["2026-03-02T08:07:13Z","Exchange","New-InboxRule",")", Id(i),
                        R"(","ada@contoso.example","ExchangeAdmin",)", JsonText(kParameters),
                        R"(,"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42",null])");
  };
  const std::string columns =
      R"([{"name":"TimeGenerated","type":"datetime"},{"name":"OfficeWorkload"},{"name":"Operation"},)"
      R"({"name":"OfficeId"},{"name":"UserId"},{"name":"RecordType"},{"name":"Parameters"},)"
      R"({"name":"OrganizationId"},{"name":"ClientIP"}])";
  const auto table = [&](const std::string& rows) {
    return absl::StrCat(
        R"({"tables":[{"name":"Statistics","columns":[{"name":"x"}],"rows":[[1]]},)",
        R"({"name":"PrimaryResult","columns":)", columns, ",\"rows\":[", rows, "]}]}");
  };
  ExpectBoth("tables", table(row(1) + "," + row(2)));
  ExpectBoth("tables", table(" \n " + row(1) + " ,\n\n" + row(2) + "\n"));
  ExpectBoth("Data Explorer",
             absl::StrCat(R"({"Tables":[{"TableName":"T","Columns":[{"ColumnName":"Timestamp"},)",
                          R"({"ColumnName":"RawEventData"}],"Rows":[["x",)", Record(1), "],[\"x\",",
                          JsonText(Record(2)), "]]}]}"));
  EXPECT_THAT(Read(table("")).ids, IsEmpty());
  EXPECT_TRUE(Read(table("")).status.ok());
  // A damaged row costs only itself.
  for (const std::string& damaged : {std::string("[1,2]"), row(3).substr(0, 60), row(3).substr(1),
                                     std::string("[nul]"), row(3).insert(20, "\"")}) {
    const Events events = Read(table(row(1) + "," + damaged + "," + row(2)));
    EXPECT_THAT(events.ids, ElementsAre(Id(1), Id(2))) << damaged;
    EXPECT_FALSE(events.rejected.empty()) << damaged;
  }
  const std::string whole = table(row(1) + "," + row(2));
  EXPECT_EQ(Read(whole.substr(0, whole.size() - 40)).status.code(), absl::StatusCode::kDataLoss);
}

TEST_F(ExportFormsTest, ARecordThatIsCutOffHidesNoNeighbour) {
  const auto graph = [](int i) {
    return absl::StrCat(R"({"id":")", Id(i), R"(","createdDateTime":"2026-03-02T08:07:13Z",)",
                        R"("operation":"New-InboxRule","units":["",""],"auditData":)", Record(i),
                        "}");
  };
  const auto list = [](const std::string& a, const std::string& cut, const std::string& b,
                       const std::string& between) {
    return absl::StrCat(a, between, cut, between, b);
  };
  const std::string native_cut = Record(3).substr(0, Record(3).find("},{") + 1);
  const std::string graph_cut = graph(3).substr(0, graph(3).find("\"\"]"));
  const std::string search_cut = absl::StrCat(R"({"Operations":"x","L":["a","b"],"AuditData":)",
                                              JsonText(Record(3)), ",\"M\":[{");
  const auto search = [](int i) {
    return absl::StrCat(R"({"Operations":"x","CreationDate":"x","AuditData":)", JsonText(Record(i)),
                        "}");
  };
  for (const std::string between : {",", ", ", ",\n", ""}) {
    if (between.empty()) continue;
    for (const std::string& records : {list(Record(1), native_cut, Record(2), between),
                                       list(graph(1), graph_cut, graph(2), between),
                                       list(search(1), search_cut, search(2), between)}) {
      for (const std::string& text :
           {"[" + records + "]", R"({"value":[)" + records + "]}",
            R"({"records":[)" + records + "],\"z\":1}", R"([{"value":[)" + records + "]}]",
            R"({"message":)" + JsonText("[" + records + "]") + "}\n",
            R"({"value":[)" + records + "]}\n{\"value\":[]}"}) {
        const Events events = Read(text);
        EXPECT_THAT(events.ids, ElementsAre(Id(1), Id(2))) << text;
        EXPECT_FALSE(events.rejected.empty()) << text;
      }
    }
  }
  // No comma separates the cut record from the next one.
  EXPECT_THAT(Read(R"({"value":[)" + graph(1) + "," + graph_cut + graph(2) + "]}").ids,
              ElementsAre(Id(1), Id(2)));
}

TEST_F(ExportFormsTest, ReadsTimesInEachFormat) {
  const auto time_of = [&](const std::string& time) {
    const Events events =
        Read(absl::StrReplaceAll(Record(1), {{absl::StrCat("\"", ToAbsl(kTime), "\""), time}}));
    EXPECT_EQ(events.times.size(), 1u) << time;
    return events.times.empty() ? -1 : events.times[0];
  };
  for (const std::string time :
       {"1772438833", "1772438833000", "\"1772438833\"", "\"1772438833000\"", "1772438833000000",
        "1772438833.0", "\"\\/Date(1772438833000)\\/\"", "\"/Date(1772438833000+0100)/\"",
        "\"3/2/2026 8:07:13 AM\"", "\"3\\/2\\/2026, 8:07:13.000 AM\"", "\"02.03.2026 08:07:13\"",
        "\"2. 3. 2026 8:07:13\"", "\"2026/03/02 08:07:13\"", "\"3/2/26 8:07:13 a.m.\""}) {
    EXPECT_EQ(time_of(time), kTimeMs) << time;
  }
  EXPECT_EQ(time_of("1772438833.25"), kTimeMs + 250);
  EXPECT_EQ(time_of("\"3/2/2026 8:07\""), kTimeMs - 13'000);
  EXPECT_EQ(time_of("\"13/2/2026 8:07:13 PM\""), 1771013233000);
}

TEST_F(ExportFormsTest, TheFirstDateWithOneMeaningDecidesForTheFile) {
  const auto times = [&](const std::vector<std::string>& written) {
    std::vector<Row> rows = {kFields};
    for (const std::string& time : written) rows.push_back(FieldRow(1, time));
    const Events as_csv = Read(Csv(rows));
    std::string json = "[";
    for (const std::string& time : written) {
      absl::StrAppend(&json, json.size() > 1 ? "," : "",
                      absl::StrReplaceAll(Record(1), {{ToAbsl(kTime), time}}));
    }
    EXPECT_EQ(Read(json + "]").times, as_csv.times);
    return as_csv;
  };
  const int64_t third_of_february = 1770106033000;
  const Events day_first =
      times({"02/03/2026 08:07:13", "3/02/2026 8:07:13 am", "2026-03-02T08:07:13",
             "25/03/2026 08:07:13", "02/03/2026 08:07:13"});
  EXPECT_THAT(day_first.times,
              ElementsAre(kTimeMs, third_of_february, kTimeMs, 1774426033000, kTimeMs));
  EXPECT_FALSE(day_first.dates.is_doubtful());
  const Events month_first = times({"03/02/2026 08:07:13", "3/25/2026 8:07:13 AM"});
  EXPECT_THAT(month_first.times, ElementsAre(kTimeMs, 1774426033000));
  EXPECT_FALSE(month_first.dates.is_doubtful());
  const Events undecided = times({"03/02/2026 08:07:13", "02/03/2026 08:07:13"});
  EXPECT_THAT(undecided.times, ElementsAre(kTimeMs, third_of_february));
  EXPECT_TRUE(undecided.dates.is_doubtful());
  EXPECT_EQ(undecided.dates.undecided, 2u);
  // Each date is read with the only meaning that it has.
  const Events both = times({"3/25/2026 8:07:13 AM", "25/03/2026 08:07:13", "03/02/2026 08:07:13"});
  EXPECT_THAT(both.times, ElementsAre(1774426033000, 1774426033000, kTimeMs));
  EXPECT_TRUE(both.dates.is_doubtful());
  // 3/3 is the same in both orders.
  EXPECT_FALSE(times({"03/03/2026 08:07:13"}).dates.is_doubtful());
  // Columns beside AuditData do not matter.
  EXPECT_FALSE(Read(Csv(SearchTable())).dates.is_doubtful());
}

TEST_F(ExportFormsTest, ManyUndecidedDatesAreKeptInOrder) {
  std::vector<Row> rows = {kFields};
  for (int i = 0; i < 20'000; ++i) rows.push_back(FieldRow(i % 10, "02/03/2026 08:07:13"));
  rows.push_back(FieldRow(1, "25/03/2026 08:07:13"));
  const Events events = Read(Csv(rows));
  ASSERT_EQ(events.times.size(), 20'001u);
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_EQ(events.times[i], kTimeMs);
    ASSERT_EQ(events.ids[i], Id(i % 10));
  }
}

TEST_F(ExportFormsTest, ARecordWithoutATimeDoesNotGetTheTimeOfItsNeighbour) {
  const std::string without = absl::StrReplaceAll(Record(2), {{ToAbsl(kTime), "soon"}});
  const Events events = Read(Record(1) + "\n" + without + "\n" + Record(3) + "\n");
  EXPECT_THAT(events.times, ElementsAre(kTimeMs, 0, kTimeMs));
  EXPECT_THAT(events.debug, ElementsAre("<none>", R"(["time_missing"])", "<none>"));
}

TEST_F(ExportFormsTest, ExportsWithoutRecordsHaveNone) {
  for (const std::string text :
       {"", "[]", "[ ]\n[]", R"({"value":[]})", R"({"@odata.context":"x","value":[],"y":1})",
        "CreationDate,AuditData\n", "CreationDate,AuditData", "sep=;\r\nA;AuditData\r\n\r\n"}) {
    const Events events = Read(text);
    EXPECT_TRUE(events.status.ok()) << text << ": " << events.status;
    EXPECT_THAT(events.ids, IsEmpty());
    EXPECT_THAT(events.rejected, IsEmpty());
  }
  for (const std::string text :
       {"[,,]", "[}", "[", "]", "}", "[]]", "sep=;", "#TYPE x", "\x01\x02"}) {
    const Events events = Read(text);
    EXPECT_FALSE(events.status.ok() && events.rejected.empty()) << text;
  }
}

TEST_F(ExportFormsTest, OtherExportsAreNamed) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {R"([{"id":"1","createdDateTime":"x","appDisplayName":"a","ipAddress":"b"}])",
       "an Entra sign-in export"},
      {R"({"value":[{"appDisplayName":"a","conditionalAccessStatus":"b"}]})",
       "an Entra sign-in export"},
      {"[\n  {\n    \"appDisplayName\": \"a\",\n    \"clientAppUsed\": \"b\"\n  }\n]",
       "an Entra sign-in export"},
      {R"({"records":[{"category":"SignInLogs","properties":{"appDisplayName":"a","ipAddress":"b"}}]})",
       "an Entra sign-in export"},
      {"Date (UTC),Request ID,User agent,Correlation ID,User,Username\n1,2,3,4,5,6\n",
       "an Entra sign-in export"},
      {R"([{"activityDisplayName":"Add user","initiatedBy":{},"targetResources":[]}])",
       "an Entra audit log export"},
      {R"({"class_uid":6003,"time":1,"metadata":{}})", "normalised events (OCSF)"},
      {R"({"ocsf":{},"ecs":{}})", "normalised events"},
      {R"({"@timestamp":"x","ecs":{"version":"8"},"event":{"action":"y"}})",
       "normalised events (ECS)"},
      {R"({"Timestamp":"x","ActionType":"y"})", "without RawEventData"},
      {std::string("\x04\x22\x4d\x18....", 8), "an LZ4 stream"},
      {"Rar!\x1a\x07\x01", "a RAR archive"},
      {std::string(600, '\0'), "zero bytes"},
      {"\x01\x02\x03\x8b\xff stuff", "binary or compressed data of an unknown kind"},
      {"%PDF-1.7", "a PDF document"},
      {"<!DOCTYPE html><html></html>", "a web page"},
      {"Received,SenderAddress,RecipientAddress\n1,2,3\n", "a message trace"}};
  for (const auto& [text, what] : files) {
    const Events events = Read(text);
    EXPECT_EQ(events.status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(events.status.message()), HasSubstr(what)) << text;
    EXPECT_THAT(std::string(events.status.message()),
                HasSubstr("not an export of the unified audit log"));
  }
  // One record of the audit log is enough.
  const Events mixed = Read(R"([{"appDisplayName":"a","ipAddress":"b"},)" + Record(1) + "]");
  EXPECT_THAT(mixed.ids, ElementsAre(Id(1)));
  EXPECT_EQ(mixed.rejected.size(), 1u);
}

}  // namespace
}  // namespace picket::parser
