// Tests `picket normalize` and `picket replay` by running them as programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/cli/command.h"
#include "tests/support/maxmind_writer.h"
#include "tests/support/ocsf_schema.h"
#include "tests/support/shared_data.h"

namespace picket {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSamples[] = "tests/data/records/samples.ndjson";
constexpr int kSampleCount = 61;

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

int64_t Count(const std::string& json, std::string_view key) {
  simdjson::dom::parser parser;
  int64_t value = -1;
  EXPECT_EQ(parser.parse(json)[key].get(value), simdjson::SUCCESS) << key << " in " << json;
  return value;
}

std::string Text(const std::string& json, std::string_view key) {
  simdjson::dom::parser parser;
  std::string_view value;
  EXPECT_EQ(parser.parse(json)[key].get(value), simdjson::SUCCESS) << key << " in " << json;
  return std::string(value);
}

std::vector<std::string> Keys(const std::string& json) {
  simdjson::dom::parser parser;
  std::vector<std::string> keys;
  for (const auto field : parser.parse(json).get_object()) keys.emplace_back(field.key);
  return keys;
}

std::string Record(int i, std::string_view tenant = "8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42") {
  char id[40];
  std::snprintf(id, sizeof(id), "%08x-0000-4000-8000-000000000000", i);
  return absl::StrCat(
      "{\"CreationTime\":\"2026-03-02T08:00:00\",\"Id\":\"", id,
      "\",\"Operation\":\"FileAccessed\",\"OrganizationId\":\"", ToAbsl(tenant),
      "\",\"RecordType\":6,\"Workload\":\"SharePoint\",\"UserId\":\"a@b.example\"}");
}

class AuditCommandsTest : public testing::Test {
 protected:
  AuditCommandsTest()
      : folder_((std::filesystem::path(testing::TempDir()) /
                 absl::StrCat("audit_commands_test.", getpid()))
                    .string()) {
    std::filesystem::create_directories(folder_);
  }
  ~AuditCommandsTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Write(const std::string& name, std::string_view text) const {
    EXPECT_TRUE(WriteFile(Path(name), text).ok());
    return Path(name);
  }
  std::string Read(const std::string& name) const { return ReadFile(Path(name)).value_or(""); }

  const std::string folder_;
};

TEST_F(AuditCommandsTest, EveryDuplicateIsFoundEvenIfMemoryHasNoRoomForAllIds) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppendFormat(
        &lines,
        R"({"CreationTime":"2026-03-04T%02d:06:07","Id":"aaaaaaaa-0000-4000-8000-%012d",)"
        R"("Operation":"FileDownloaded","RecordType":6,"UserKey":"k","UserType":0,)"
        R"("Workload":"SharePoint","UserId":"a@b.example"})"
        "\n",
        i % 24, i);
  }
  const std::string file = Write("many.json", lines);
  const std::vector<std::string> command = {
      "normalize", file, file, "--stats", Path("stats"), "--duplicate-budget-bytes", "9000"};
  const CommandResult exact = RunPicket(command);
  EXPECT_EQ(Lines(exact.out).size(), 3000u);
  EXPECT_EQ(Count(Read("stats"), "duplicates"), 3000);
  EXPECT_THAT(exact.err, testing::Not(HasSubstr("memory was not enough")));
}

TEST_F(AuditCommandsTest, NormalizePrintsOneValidEventOnEachLine) {
  const CommandResult result = RunPicket({"normalize", kSamples, "--stats", Path("stats")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  const std::vector<std::string> events = Lines(result.out);
  EXPECT_EQ(events.size(), kSampleCount);
  for (const std::string& event : events) {
    EXPECT_THAT(OcsfSchemas::Get().Validate(event), IsEmpty()) << event;
  }
  EXPECT_THAT(result.err, HasSubstr("61 records: 61 events, 0 duplicates, 0 dead letters"));
  EXPECT_THAT(Keys(Read("stats")),
              testing::ElementsAre("records", "events", "duplicates", "dead_letters", "seconds"));
}

TEST_F(AuditCommandsTest, EveryInputFormatGivesTheSameEvents) {
  const std::string lines = ReadFile(kSamples).value();
  std::string array = "[", csv = "AuditData\n", rows = "CreationDate,UserIds,AuditData\n";
  std::string graph = "{\"@odata.context\":\"x\",\n\"value\":[", wazuh;
  for (const std::string& record : Lines(lines)) {
    absl::StrAppend(&array, array.size() > 1 ? "," : "", record);
    std::string field;
    for (const char c : record) field.append(c == '"' ? 2 : 1, c);
    absl::StrAppend(&csv, "\"", field, "\"\n");
    absl::StrAppend(&rows, "2026-03-02,,\"", field, "\"\n");
    absl::StrAppend(&graph, graph.back() == '[' ? "" : ",", "{\"id\":\"\",\"auditData\":", record,
                    "}");
    absl::StrAppend(&wazuh, "{\"integration\":\"office365\",\"office365\":", record, "}\n");
  }
  array += "]";
  graph += "]}";
  const std::string expected = RunPicket({"normalize", kSamples}).out;
  EXPECT_EQ(RunPicket({"normalize", "-"}, lines).out, expected);
  EXPECT_EQ(RunPicket({"normalize", Write("array.json", array)}).out, expected);
  EXPECT_EQ(RunPicket({"normalize", Write("search.csv", csv)}).out, expected);

  // In rows.csv, graph.json and wazuh.json, each record is part of a CSV row or of a JSON object
  // that also has other fields. The event keeps the other fields under `wrapper`. The record itself
  // is unchanged, so it is a duplicate of a record in the samples.
  const CommandResult all =
      RunPicket({"normalize", kSamples, Write("rows.csv", rows), Write("graph.json", graph),
                 Write("wazuh.json", wazuh), "--stats", Path("stats")});
  EXPECT_EQ(all.out, expected);
  EXPECT_EQ(Count(Read("stats"), "duplicates"), 3 * kSampleCount);
  for (const std::string name : {"rows.csv", "graph.json", "wazuh.json"}) {
    const std::vector<std::string> events = Lines(RunPicket({"normalize", Path(name)}).out);
    ASSERT_EQ(events.size(), kSampleCount) << name;
    for (const std::string& event : events) {
      EXPECT_THAT(event, HasSubstr("\"wrapper\":{\"format\":"));
      EXPECT_THAT(OcsfSchemas::Get().Validate(event), IsEmpty()) << event;
    }
  }
}

TEST_F(AuditCommandsTest, ADuplicateIsDroppedUnlessDuplicatesAreKept) {
  const std::string text = absl::StrCat(Record(1), "\n", Record(2), "\n", Record(1), "\n");
  const std::string one = Write("one.json", text);
  const CommandResult once = RunPicket({"normalize", one, one, "--stats", Path("stats")});
  EXPECT_EQ(Lines(once.out).size(), 2);
  EXPECT_EQ(Count(Read("stats"), "records"), 6);
  EXPECT_EQ(Count(Read("stats"), "duplicates"), 4);
  EXPECT_EQ(Lines(RunPicket({"normalize", one, one, "--keep-duplicates"}).out).size(), 6);
  // A record of another tenant with the same Id is not a duplicate.
  const std::string other = Record(1, "11111111-2b7d-4a35-9a51-0d6a3f1c7e42");
  EXPECT_EQ(Lines(RunPicket({"normalize", "-"}, Record(1) + "\n" + other).out).size(), 2);
}

TEST_F(AuditCommandsTest, InputThatIsNotARecordBecomesADeadLetterAndTheRestIsNormalised) {
  const std::string text = absl::StrCat(Record(1), "\n{\"Id\":\"cut\n", "null\n", Record(2), "\n",
                                        "{\"Id\":nul}\n", "{\"x\":\"\xff\"\n", Record(3), "\n");
  const CommandResult result =
      RunPicket({"normalize", "-", "--dead-letters", Path("dead"), "--stats", Path("stats")}, text);
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(Lines(result.out).size(), 3);
  EXPECT_EQ(Count(Read("stats"), "records"), 7);
  EXPECT_EQ(Count(Read("stats"), "events"), 3);
  EXPECT_EQ(Count(Read("stats"), "dead_letters"), 4);
  const std::vector<std::string> dead = Lines(Read("dead"));
  ASSERT_EQ(dead.size(), 4);
  EXPECT_EQ(Text(dead[0], "file"), "standard input");
  EXPECT_EQ(Count(dead[0], "record"), 2);
  for (size_t i = 0; i < 3; ++i) {  // at `offset`, the input must contain `bytes`
    const std::string bytes = Text(dead[i], "bytes");
    EXPECT_EQ(text.substr(Count(dead[i], "offset"), bytes.size()), bytes);
  }
  EXPECT_EQ(Text(dead[0], "reason"), "not_json");
  EXPECT_EQ(Text(dead[0], "bytes"), "{\"Id\":\"cut");
  EXPECT_EQ(Text(dead[1], "bytes"), "null");
  EXPECT_EQ(Count(dead[2], "record"), 5);
  EXPECT_EQ(Text(dead[2], "bytes"), "{\"Id\":nul}");
  EXPECT_EQ(Text(dead[3], "bytes_base64"), "eyJ4Ijoi/yI=");
}

TEST_F(AuditCommandsTest, ARecordWithoutATenantGetsTheGivenTenant) {
  std::string record = Record(1);
  record.replace(record.find("OrganizationId"), 14, "Organisation");
  EXPECT_THAT(RunPicket({"normalize", "-"}, record).out,
              HasSubstr("00000000-0000-0000-0000-000000000000"));
  const std::string named = "22222222-2b7d-4a35-9a51-0d6a3f1c7e42";
  const CommandResult result =
      RunPicket({"normalize", "-", "--tenant", "22222222-2B7D-4A35-9A51-0D6A3F1C7E42"},
                record + "\n" + Record(2));
  ASSERT_EQ(Lines(result.out).size(), 2);
  EXPECT_THAT(Lines(result.out)[0], HasSubstr("\"tenant_uid\":\"" + named + "\""));
  EXPECT_THAT(Lines(result.out)[1],
              HasSubstr("\"tenant_uid\":\"8c1f6a0e-2b7d-4a35-9a51-0d6a3f1c7e42\""));
  const CommandResult wrong = RunPicket({"normalize", "-", "--tenant", "contoso"}, record);
  EXPECT_EQ(wrong.exit_status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("'contoso' is not a GUID"));
}

TEST_F(AuditCommandsTest, AFileThatCannotBeReadDoesNotStopTheOthers) {
  const std::string good = Write("good.json", Record(1));
  const std::string foreign = Write("foreign.csv", "Name,Value\n1,2\n");
  const CommandResult result = RunPicket({"normalize", Path("missing"), foreign, good});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(Lines(result.out).size(), 1);
  EXPECT_THAT(result.err, HasSubstr("cannot read " + Path("missing") + ": No such file"));
  EXPECT_THAT(result.err, HasSubstr("foreign.csv: the beginning is neither JSON nor a CSV header"));

  const CommandResult cut = RunPicket({"normalize", "-"}, "[" + Record(1) + "," + Record(2));
  EXPECT_EQ(cut.exit_status, 1);
  EXPECT_EQ(Lines(cut.out).size(), 2);
  EXPECT_THAT(cut.err, HasSubstr("standard input is cut off"));
}

TEST_F(AuditCommandsTest, WithoutAReadableFileThereIsOnlyTheError) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"normalize"}, {"replay"}, {"replay", "--format", "json"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back(Path("missing"));
    const CommandResult result = RunPicket(arguments);
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "cannot read " + Path("missing") + ": No such file or directory\n");
  }
}

TEST_F(AuditCommandsTest, NumbersInSummariesHaveTheRightPlural) {
  const CommandResult one = RunPicket({"replay", "-"}, Record(1));
  EXPECT_THAT(one.err, HasSubstr("1 record: 1 event, 0 duplicates, 0 dead letters in"));
  EXPECT_THAT(one.err, HasSubstr("; 0 alerts\n"));
}

TEST_F(AuditCommandsTest, EventsArePrintedInEitherSchemaOrInBoth) {
  const std::vector<std::string> ocsf = Lines(RunPicket({"normalize", kSamples}).out);
  const std::vector<std::string> ecs = Lines(RunPicket({"normalize", kSamples, "--to", "ecs"}).out);
  const std::vector<std::string> both =
      Lines(RunPicket({"normalize", kSamples, "--to", "both"}).out);
  ASSERT_EQ(ocsf.size(), kSampleCount);
  ASSERT_EQ(ecs.size(), kSampleCount);
  ASSERT_EQ(both.size(), kSampleCount);
  for (int i = 0; i < kSampleCount; ++i) {
    EXPECT_EQ(both[i], absl::StrCat("{\"ocsf\":", ocsf[i], ",\"ecs\":", ecs[i], "}"));
    EXPECT_THAT(ecs[i], HasSubstr("\"@timestamp\":"));
  }
}

TEST_F(AuditCommandsTest, RawDataIsTheRecordItself) {
  const CommandResult result = RunPicket({"normalize", "-", "--raw-data"}, Record(1));
  EXPECT_EQ(Text(Lines(result.out).at(0), "raw_data"), Record(1));
}

TEST_F(AuditCommandsTest, BesideShowsWhereEachFieldWent) {
  std::string record = Record(1);
  record.insert(record.size() - 1, ",\"SupportTicketId\":\"\",\"Evil\":\"\x1b[2J\"");
  record.replace(record.find('\x1b'), 1, "\\u001b");
  const CommandResult result = RunPicket({"normalize", "-", "--beside"}, record);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("FileAccessed  2026-03-02T08:00:00  ->  File Hosting"));
  EXPECT_THAT(result.out, testing::ContainsRegex(
                              "-> UserId +a@b.example +actor.user.name, actor.user.email_addr"));
  EXPECT_THAT(result.out, testing::ContainsRegex("\\.  SupportTicketId +\"\" +unmapped.Support"));
  EXPECT_THAT(result.out, testing::ContainsRegex("\\+  class_uid +6006"));
  EXPECT_THAT(result.out, HasSubstr(R"(\x1b[2J)"));
  EXPECT_THAT(result.out, testing::Not(HasSubstr("\x1b")));  // no colours in a file
  EXPECT_THAT(result.out, testing::Not(HasSubstr("!  ")));
  EXPECT_THAT(result.out, testing::Not(HasSubstr("raw_data_size")));
}

TEST_F(AuditCommandsTest, BesideFindsEveryFieldOfTheSamples) {
  const CommandResult text = RunPicket({"normalize", kSamples, "--beside"});
  EXPECT_THAT(text.out, testing::Not(HasSubstr("\n  !  ")));
  const std::vector<std::string> records = Lines(ReadFile(kSamples).value());
  const std::vector<std::string> events = Lines(RunPicket({"normalize", kSamples}).out);
  const std::vector<std::string> pairs =
      Lines(RunPicket({"normalize", kSamples, "--beside", "--format", "json"}).out);
  ASSERT_EQ(pairs.size(), kSampleCount);
  for (int i = 0; i < kSampleCount; ++i) {
    EXPECT_THAT(pairs[i], testing::StartsWith(absl::StrCat("{\"record\":", records[i],
                                                           ",\"event\":", events[i], ",")));
    EXPECT_THAT(Keys(pairs[i]), testing::ElementsAre("record", "event", "fields"));
    EXPECT_THAT(pairs[i], testing::Not(HasSubstr("\"to\":[]")));
  }
}

TEST_F(AuditCommandsTest, AReaderThatClosesThePipeEndsTheCommandQuietly) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&text, Record(i), "\n");
  const std::string input = Write("many.json", text + "no record\n");
  for (const std::string command : {"normalize", "replay --format json"}) {
    const std::string line = absl::StrCat(
        PICKET_BINARY, " ", command, " ", input, " --dead-letters ", Path("dead"), " 2> ",
        Path("err"), " | head -c 10 > ", Path("out"), "; echo ${PIPESTATUS[0]} > ", Path("status"));
    ASSERT_EQ(std::system(("bash -c '" + line + "'").c_str()), 0);
    if (command == "normalize") {
      EXPECT_EQ(Read("status"), "0\n");
      EXPECT_EQ(Read("err"), "");
      EXPECT_EQ(Read("out").size(), 10);
    }
  }
}

TEST_F(AuditCommandsTest, TheProgressBarIsDrawnOnlyOnATerminal) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) absl::StrAppend(&text, Record(i), "\n");
  const std::string input = Write("many.json", text);
  // The bar appears after one second, so the command must run longer than a second. Therefore, the
  // reader of the command's output first sleeps, and the command has to wait when the pipe is full.
  const std::string run = absl::StrCat("(", PICKET_BINARY, " normalize ", input,
                                       ") | (sleep 1.2; cat > ", Path("out"), ")");
  ASSERT_EQ(std::system(
                absl::StrCat("script -qec \"", run, "\" ", Path("tty"), " > /dev/null < /dev/null")
                    .c_str()),
            0);
  const std::string tty = Read("tty");
  EXPECT_THAT(tty,
              testing::ContainsRegex("\\[#*\\.+\\] +[0-9]+ %  [0-9]+:[0-9][0-9] left  [0-9]+ MB"));
  EXPECT_THAT(tty, HasSubstr("records/s"));
  const size_t last_bar = tty.rfind("records/s");
  EXPECT_THAT(tty.substr(last_bar), HasSubstr("\r\x1b[K"));
  ASSERT_EQ(std::system(absl::StrCat("(", run, ") 2> ", Path("err")).c_str()), 0);
  EXPECT_THAT(Read("err"), testing::Not(HasSubstr("records/s")));
  EXPECT_THAT(Read("err"), HasSubstr("50,000 records"));
}

TEST_F(AuditCommandsTest, PlacesOfAddressesComeFromTheGivenDatabases) {
  MaxMindWriter city({.type = "Test-City"});
  city.Add("203.0.113.0/24", R"({"country":{"iso_code":"PT"}})");
  MaxMindWriter asn({.type = "Test-ASN"});
  asn.Add("203.0.113.0/24", R"({"autonomous_system_number":64500})");
  const std::vector<std::string> command = {"normalize", "--geo", Write("city.mmdb", city.File()),
                                            kSamples,    "--geo", Write("asn.mmdb", asn.File())};
  const CommandResult result = RunPicket(command);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(R"("location":{"country":"PT"},"autonomous_system":)"
                                    R"({"number":64500})"));
  const CommandResult wrong = RunPicket({"normalize", kSamples, "--geo", kSamples});
  EXPECT_EQ(wrong.exit_status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("samples.ndjson: not a MaxMind database: it has no metadata"));
}

TEST_F(AuditCommandsTest, WrongUsageIsExitStatusTwo) {
  EXPECT_EQ(RunPicket({"normalize"}).exit_status, 2);
  EXPECT_EQ(RunPicket({"normalize", "-", "--to", "xml"}).exit_status, 2);
  EXPECT_EQ(RunPicket({"normalize", "-", "--beside", "--to", "ecs"}).exit_status, 2);
  EXPECT_EQ(RunPicket({"normalize", "-", "--format", "json"}).exit_status, 2);
  EXPECT_EQ(RunPicket({"normalize", "--help"}).exit_status, 0);
  EXPECT_THAT(RunPicket({"normalize", "--help"}).out, HasSubstr("Exit status: 0 success"));
  EXPECT_EQ(RunPicket({"replay", "-", "--format", "xml"}).exit_status, 2);
  EXPECT_EQ(RunPicket({"normalize", "-", "--dead-letters", "/nowhere/dead"}, "").exit_status, 2);
  const CommandResult rules = RunPicket({"replay", kSamples, "--rules", "/nowhere/rules"});
  EXPECT_EQ(rules.exit_status, 2);
  EXPECT_THAT(rules.err, HasSubstr("/nowhere/rules"));
}

constexpr char kRule[] =
    "title: A file is read\n"
    "id: 7d1a8f30-4f6b-4d6e-9c55-0a1b2c3d4e5f\n"
    "status: test\n"
    "logsource: {product: m365, service: audit}\n"
    "detection:\n"
    "  selection: {Operation: FileAccessed}\n"
    "  condition: selection\n"
    "level: low\n"
    "tags: [attack.collection, attack.t1213.002]\n";

TEST_F(AuditCommandsTest, ReplayPrintsEachAlertOnALineAndASummaryByRule) {
  const std::string rule = Write("read.yml", kRule);
  const std::string input =
      Write("in.json", Record(1) + "\n" + Record(2) + "\n" + Record(2) + "\n");
  const CommandResult text =
      RunPicket({"replay", input, "--rules", rule, "--stats", Path("stats")});
  EXPECT_EQ(text.exit_status, 0) << text.err;
  EXPECT_THAT(Lines(text.out),
              testing::ElementsAre(HasSubstr("A file is read"), HasSubstr("2026-03-02T08:00:00Z")));
  EXPECT_THAT(Lines(text.out)[0], HasSubstr("low"));
  EXPECT_THAT(Lines(text.out)[0], HasSubstr("T1213.002"));
  EXPECT_THAT(Lines(text.out)[0], HasSubstr("a@b.example"));
  EXPECT_THAT(text.err, HasSubstr("       2  low            A file is read (7d1a8f30-"));
  EXPECT_THAT(text.err, HasSubstr("3 records: 2 events, 1 duplicate, 0 dead letters"));
  EXPECT_THAT(Keys(Read("stats")), testing::ElementsAre("records", "events", "duplicates",
                                                        "dead_letters", "alerts", "seconds"));
  EXPECT_EQ(Count(Read("stats"), "alerts"), 2);

  const CommandResult json = RunPicket({"replay", input, "--rules", rule, "--format", "json"});
  ASSERT_EQ(Lines(json.out).size(), 2);
  for (const std::string& alert : Lines(json.out)) {
    EXPECT_EQ(Count(alert, "class_uid"), 2004);
    EXPECT_THAT(OcsfSchemas::Get().Validate(alert), IsEmpty()) << alert;
  }
}

TEST_F(AuditCommandsTest, ARuleWithAFaultIsReportedAndTheOthersRun) {
  std::filesystem::create_directories(Path("rules"));
  Write("rules/good.yml", kRule);
  std::string bad = kRule;
  bad.replace(bad.find("Operation:"), 10, "Operation|contain:");
  Write("rules/bad.yml", bad);
  const CommandResult result = RunPicket({"replay", "-", "--rules", Path("rules")}, Record(1));
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(Lines(result.out).size(), 1);
  EXPECT_THAT(result.err, HasSubstr("rules/bad.yml:6"));
  EXPECT_THAT(result.err, HasSubstr("contain"));
}

TEST_F(AuditCommandsTest, ReplayIsDeterministic) {
  const CommandResult first = RunPicket({"replay", kSamples, "--format", "json"});
  EXPECT_EQ(first.exit_status, 0) << first.err;
  EXPECT_EQ(first.out, RunPicket({"replay", kSamples, "--format", "json"}).out);
}

TEST_F(AuditCommandsTest, ReplayFindsTheAttacksInTheRealRecords) {
  const std::optional<std::string> path = SharedData("o365/real-audit-records.ndjson.gz");
  if (!path.has_value())
    GTEST_SKIP() << "THE SHARED RECORDS ARE MISSING: replay was not tried on them";
  const CommandResult result =
      RunPicket({"replay", *path, "--format", "json", "--stats", Path("stats")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  const std::string stats = Read("stats");
  EXPECT_EQ(Count(stats, "records"), 9608);
  EXPECT_EQ(Count(stats, "events"), 5373);
  EXPECT_EQ(Count(stats, "duplicates"), 9608 - 5373);
  EXPECT_EQ(Count(stats, "dead_letters"), 0);
  EXPECT_GT(Count(stats, "alerts"), 0);
  const std::vector<std::string> alerts = Lines(result.out);
  EXPECT_EQ(static_cast<int64_t>(alerts.size()), Count(stats, "alerts"));
  for (const std::string& alert : alerts) {
    EXPECT_THAT(OcsfSchemas::Get().Validate(alert), IsEmpty()) << alert;
  }
  std::printf("%s%s%zu alerts validated\n", result.err.c_str(), stats.c_str(), alerts.size());
}

TEST_F(AuditCommandsTest, AFolderIsReadWithTheFilesBelowIt) {
  std::filesystem::create_directories(Path("export/sub"));
  Write("export/a.json", "[" + Record(1) + "," + Record(2) + "]");
  Write("export/sub/b.json", Record(3) + "\n");
  Write("export/.DS_Store", "x");
  const CommandResult result =
      RunPicket({"normalize", Path("export"), "--dead-letters", Path("dead")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(Lines(result.out).size(), 3u);
  EXPECT_THAT(result.err, HasSubstr("3 records: 3 events"));
  // A file that is no export is named, and the others are read.
  Write("export/notes.txt", "hello\n");
  Write("export/sub/c.json", Record(4) + "\n{\"cut\n");
  const CommandResult mixed =
      RunPicket({"normalize", Path("export"), "--dead-letters", Path("dead")});
  EXPECT_EQ(mixed.exit_status, 2);
  EXPECT_EQ(Lines(mixed.out).size(), 4u);
  EXPECT_THAT(mixed.err, HasSubstr("export/notes.txt"));
  EXPECT_EQ(Text(Read("dead"), "file"), Path("export/sub/c.json"));
}

TEST_F(AuditCommandsTest, NoFileWithBytesAndWithoutRecordsIsASuccess) {
  for (const std::string text : {"[,]", "]", "[", "#TYPE x\n", "sep=;\n", "word", "null"}) {
    EXPECT_NE(RunPicket({"normalize", "-"}, text).exit_status, 0) << text;
  }
  for (const std::string text : {"", "[]", "{\"value\":[]}", "CreationDate,AuditData\n"}) {
    const CommandResult result = RunPicket({"normalize", "-"}, text);
    EXPECT_EQ(result.exit_status, 0) << text << result.err;
    EXPECT_THAT(result.err, HasSubstr("0 records: 0 events"));
  }
  const CommandResult foreign = RunPicket(
      {"replay", "-"}, R"([{"createdDateTime":"x","appDisplayName":"a","ipAddress":"b"}])");
  EXPECT_EQ(foreign.exit_status, 2);
  EXPECT_EQ(foreign.err,
            "standard input is an Entra sign-in export, not an export of the unified audit log\n");
}

TEST_F(AuditCommandsTest, TheSummaryCountsRecordsWithoutTimeAndDoubtfulTimes) {
  const auto with_time = [](int i, const std::string& time) {
    std::string record = Record(i);
    return record.replace(record.find("2026-03-02T08:00:00"), 19, time) + "\n";
  };
  const CommandResult result = RunPicket(
      {"normalize", "-", "--stats", Path("stats")},
      with_time(1, "2026-03-02T08:00:00") + with_time(2, "") + with_time(3, "2/3/2026 8:07"));
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("1 event has no readable time"));
  EXPECT_THAT(result.err, HasSubstr("1 time such as 3/2/2026 could have the day or the month"));
  EXPECT_EQ(Count(Read("stats"), "without_time"), 1);
  EXPECT_EQ(Count(Read("stats"), "doubtful_times"), 1);
  const CommandResult decided =
      RunPicket({"normalize", "-"}, with_time(3, "2/3/2026 8:07") + with_time(4, "13/3/2026 8:07"));
  EXPECT_THAT(decided.err, testing::Not(HasSubstr("could have")));
  EXPECT_EQ(Count(Lines(decided.out)[0], "time"), 1772438820000);
}

TEST_F(AuditCommandsTest, TheSummaryCountsRecordsThatLostNestingInPowerShell) {
  std::string record = Record(1);
  record.insert(record.size() - 1, R"(,"Parameters":["@{Name=Identity; Value=x}"])");
  const CommandResult result = RunPicket({"normalize", "-", "--stats", Path("stats")}, record);
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err, HasSubstr("1 record lost lists or objects in PowerShell"));
  EXPECT_EQ(Count(Read("stats"), "lost_nesting"), 1);
}

}  // namespace
}  // namespace picket
