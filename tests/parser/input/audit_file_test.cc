#include "parser/input/audit_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <functional>
#include <random>

#include "common/file.h"
#include "common/strings.h"
#include "parser/input/record_cutter.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Gzip(std::string_view text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string CsvField(std::string_view text) {
  std::string field = "\"";
  for (const char c : text) field.append(c == '"' ? 2 : 1, c);
  return field + "\"";
}

// Everything that a test has read from a file.
struct Contents {
  std::string records;  // the records of all batches as one list, without brackets
  std::vector<std::string> alone;
  std::vector<std::string> damaged;  // "damage: bytes", with all parts joined
  std::vector<std::string> errors;
  absl::Status status;
  size_t batches = 0;
  size_t largest = 0;
};

class AuditFileTest : public testing::Test {
 protected:
  AuditFileTest()
      : path_(
            (std::filesystem::path(testing::TempDir()) / absl::StrCat("audit_file_test.", getpid()))
                .string()) {}
  ~AuditFileTest() override { std::filesystem::remove(path_); }

  Contents Read(std::string_view text) {
    EXPECT_TRUE(WriteFile(path_, text).ok());
    return ReadPath(path_);
  }

  static Contents ReadPath(const std::string& path) {
    Contents contents;
    absl::StatusOr<std::unique_ptr<AuditFile>> file = AuditFile::Open(path);
    if (!file.ok()) {
      contents.status = file.status();
      return contents;
    }
    AuditBlob blob;
    while (true) {
      const absl::StatusOr<bool> more = (*file)->Next(&blob);
      contents.status = more.status();
      if (!more.ok() || !*more) break;
      contents.largest = std::max(contents.largest, blob.text.size());
      if (!blob.damage.empty()) {
        if (blob.part <= 1) {
          contents.damaged.push_back(absl::StrCat(ToAbsl(blob.damage), ": ", blob.text));
          contents.errors.push_back(blob.error);
        } else {
          contents.damaged.back() += blob.text;
        }
      } else if (blob.text.size() > 1 && blob.text.substr(0, 2) == "[{") {
        ++contents.batches;
        if (!contents.records.empty()) contents.records.push_back(',');
        contents.records.append(blob.text, 1, blob.text.size() - 2);
      } else {
        contents.alone.push_back(blob.text);
      }
    }
    EXPECT_LE((*file)->bytes_read(), (*file)->size());
    return contents;
  }

  const std::string path_;
};

TEST_F(AuditFileTest, ReadsJsonLines) {
  const Contents contents =
      Read("\n{\"a\":1}\r\n\n  {\"b\":\"}\\\"{\"} \n{\"c\":[{}]},\n{\"d\":4}");
  EXPECT_TRUE(contents.status.ok()) << contents.status;
  EXPECT_EQ(contents.records, R"({"a":1},{"b":"}\"{"},{"c":[{}]},{"d":4})");
  EXPECT_THAT(contents.damaged, IsEmpty());
}

TEST_F(AuditFileTest, ReadsAnArrayInAnyLayout) {
  EXPECT_EQ(Read(R"([{"a":1},{"b":[1,"]"]}])").records, R"({"a":1},{"b":[1,"]"]})");
  EXPECT_EQ(Read("[\n  {\"a\":1},\n  {\"b\":2}\n]\n").records, R"({"a":1},{"b":2})");
  EXPECT_EQ(Read("\xef\xbb\xbf [ {\"a\":\n1}\n,{} ] ").records, "{\"a\":\n1},{}");
  EXPECT_TRUE(Read("[]").status.ok());
  EXPECT_EQ(Read("[]").records, "");
}

TEST_F(AuditFileTest, ReadsContentBlobsOneAfterTheOtherAndPrettyPrintedObjects) {
  EXPECT_EQ(Read("[{\"a\":1}]\n[{\"b\":2},{\"c\":3}]\n").records, R"({"a":1},{"b":2},{"c":3})");
  EXPECT_EQ(Read("{\n  \"a\": {\n    \"b\": 1\n  }\n}\n{\n \"c\": 2\n}").records,
            "{\n  \"a\": {\n    \"b\": 1\n  }\n},{\n \"c\": 2\n}");
}

TEST_F(AuditFileTest, ReturnsAValueThatIsNotAnObjectByItself) {
  const Contents lines = Read("{\"a\":1}\nnull\n[{\"b\":2}]\nhello\n{\"c\":3}\n");
  EXPECT_EQ(lines.records, R"({"a":1},{"b":2},{"c":3})");
  EXPECT_THAT(lines.alone, ElementsAre("null", "hello"));
  const Contents array = Read(R"([null,{"a":1},[{"x":1}], "text",nul])");
  EXPECT_EQ(array.records, R"({"a":1},{"x":1})");
  EXPECT_THAT(array.alone, ElementsAre("null", "\"text\"", "nul"));
}

TEST_F(AuditFileTest, ADamagedLineCostsOnlyItself) {
  const Contents contents =
      Read("{\"a\":1}\n{\"b\":\"x\n{\"c\":3}\n{\"d\":[4}\n{\"e\":[}\n{\"f\":6}\n");
  EXPECT_EQ(contents.records, R"({"a":1},{"c":3},{"f":6})");
  EXPECT_THAT(contents.damaged,
              ElementsAre("not_json: {\"b\":\"x", "not_json: {\"d\":[4}", "not_json: {\"e\":[}"));
  EXPECT_THAT(contents.errors[0], HasSubstr("line 2 is not JSON"));
  EXPECT_TRUE(contents.status.ok());
  EXPECT_EQ(Read("garbage\n{\"a\":1}\n").records, "{\"a\":1}");
}

TEST_F(AuditFileTest, ADamagedElementCostsOnlyItselfIfTheLayoutShowsTheNextOne) {
  const Contents one_a_line = Read("[{\"a\":1},\n{\"b\":\"x},\n{\"c\":3}\n]");
  EXPECT_EQ(one_a_line.records, R"({"a":1},{"c":3})");
  EXPECT_THAT(one_a_line.damaged, ElementsAre("not_json: {\"b\":\"x},"));
  EXPECT_TRUE(one_a_line.status.ok()) << one_a_line.status;

  const Contents indented = Read(
      "[\n  {\n    \"P\": [\n      {\"N\": \"x},\n      {\"N\": \"y\"}\n    ]\n  },\n  {\n    "
      "\"b\": 1\n  }\n]");
  EXPECT_EQ(indented.records, "{\n    \"b\": 1\n  }");
  EXPECT_EQ(indented.damaged.size(), 1);

  const Contents brackets = Read(R"([{"a":[1},{"b":2},{"c":3]})");
  EXPECT_EQ(brackets.records, R"({"b":2})");
  EXPECT_THAT(brackets.damaged, ElementsAre("not_json: {\"a\":[1}", "not_json: {\"c\":3"));
}

// The whole file is one line. After a damaged record, the reader therefore cannot search for a line
// break. It must recognise the beginning of the next record by its content.
TEST_F(AuditFileTest, ADamagedElementInALongLineCostsOnlyItself) {
  const auto record = [](size_t i) {
    return absl::StrCat(
        R"({"CreationTime":"2026-03-04T05:06:07","Id":")", i,
        R"(","Operation":"FileAccessed","List":[{"Name":"a","Value":"b"},{"x":[]}],"T":")",
        std::string(i * 37 % 900, 'x'), R"("})");
  };
  const std::vector<std::pair<const char*, std::function<std::string(std::string)>>> damages = {
      {"a line break in a string", [](std::string r) { return r.insert(20, "\n"); }},
      {"no closing brace", [](std::string r) { return r.substr(0, r.size() - 1); }},
      {"no opening brace", [](std::string r) { return r.substr(1); }},
      {"a missing quote", [](std::string r) { return r.erase(r.find("\"Id"), 1); }},
      {"a missing quote in a list", [](std::string r) { return r.erase(r.find("\":[]"), 1); }},
      {"an additional quote", [](std::string r) { return r.insert(r.find("File"), "\""); }},
      {"a backslash before a quote",
       [](std::string r) { return r.insert(r.find("\",\"Op"), "\\"); }},
      {"cut off", [](std::string r) { return r.substr(0, 70); }},
      {"an open bracket", [](std::string r) { return r.insert(r.find("\"2026"), "["); }}};
  for (const size_t count : {size_t{20}, size_t{20'000}}) {  // below and above kLargestInputRecord
    for (const auto& [name, damage] : damages) {
      for (const char* between : {",", ", "}) {
        std::string text = "[";
        std::string expected;
        for (size_t i = 0; i < count; ++i) {
          if (i > 0) text += between;
          text += i == 10 ? damage(record(i)) : record(i);
          if (i != 10) absl::StrAppend(&expected, i == 0 ? "" : ",", record(i));
        }
        const Contents contents = Read(text + "]");
        EXPECT_TRUE(contents.records == expected) << name << ", " << count << " records";
        ASSERT_EQ(contents.damaged.size(), 1u) << name;
        EXPECT_LE(contents.damaged[0].size(), record(10).size() + 20) << name;
        EXPECT_THAT(contents.alone, IsEmpty()) << name;
        EXPECT_TRUE(contents.status.ok()) << name << ": " << contents.status;
      }
    }
  }
}

TEST_F(AuditFileTest, RecordsThatShareALineAreReturnedTogetherAndConcatenatedFilesAreRead) {
  const Contents contents =
      Read("{\"a\":1}\n{\"b\":2}{\"c\":3}\n{\"d\":4} xyz\n\xef\xbb\xbf{\"e\":5}\n");
  EXPECT_EQ(contents.records, R"({"a":1},{"e":5})");
  EXPECT_THAT(contents.alone, ElementsAre("{\"b\":2}{\"c\":3}", "{\"d\":4} xyz"));
  EXPECT_THAT(contents.damaged, IsEmpty());
}

TEST_F(AuditFileTest, AnArrayThatIsCutOffReturnsItsWholeRecordsAndAnError) {
  const Contents contents = Read(R"([{"a":1},{"b":"xy)");
  EXPECT_EQ(contents.records, R"({"a":1})");
  EXPECT_THAT(contents.damaged, ElementsAre("not_json: {\"b\":\"xy"));
  EXPECT_EQ(contents.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Read(R"([{"a":1})").status.code(), absl::StatusCode::kDataLoss);
}

TEST_F(AuditFileTest, ReadsTheAuditDataColumnOfACsv) {
  const std::string record = R"({"Id":"1","Note":"a ""quoted"", text"})";
  for (const std::string line_break : {"\n", "\r\n"}) {
    const Contents contents =
        Read(absl::StrCat("\xef\xbb\xbf", "CreationDate,\"auditdata\",UserIds", line_break,
                          "2026-01-02,", CsvField(record), ",\"x\ny, z\"", line_break, line_break,
                          "2026-01-02,", CsvField("{\n\"b\":\n2}"), ",", line_break,
                          "CreationDate,AuditData,UserIds", line_break, "2026-01-02,{},end"));
    EXPECT_EQ(contents.records,
              absl::StrCat(R"({"CreationDate":"2026-01-02","AuditData":)", record,
                           R"(,"UserIds":"x\ny, z"},{"CreationDate":"2026-01-02","AuditData":)",
                           "{\n\"b\":\n2}},", R"({"CreationDate":"2026-01-02","AuditData":{},)",
                           R"("UserIds":"end"})"));
    EXPECT_THAT(contents.damaged, IsEmpty());
    EXPECT_TRUE(contents.status.ok()) << contents.status;
  }
  EXPECT_EQ(Read("#TYPE Deserialized.Object\nA;AuditData\n;\"{\"\"a\"\":1}\";x").records,
            R"({"AuditData":{"a":1},"column 3":"x"})");
  EXPECT_EQ(Read("AuditData\n\"{\"\"a\"\":1}\"").records, "{\"a\":1}");
}

TEST_F(AuditFileTest, ReadsTheRowsOfOfficeActivity) {
  const std::string header = "TimeGenerated [UTC],OfficeWorkload,Operation,UserId\n";
  const Contents contents =
      Read(absl::StrCat(header, "\"3/2/2026, 8:07:13.000 AM\",Exchange,Send,\n", header,
                        "x,SharePoint,FileAccessed,\"a \"\"b\"\"\"\n"));
  EXPECT_EQ(contents.records,
            R"({"TimeGenerated [UTC]":"3/2/2026, 8:07:13.000 AM","OfficeWorkload":"Exchange",)"
            R"("Operation":"Send"},{"TimeGenerated [UTC]":"x","OfficeWorkload":"SharePoint",)"
            R"("Operation":"FileAccessed","UserId":"a \"b\""})");
  EXPECT_TRUE(contents.status.ok()) << contents.status;
}

TEST_F(AuditFileTest, ReadsTheRecordsInTheEnvelopeOfAGraphResponse) {
  const std::string_view records = R"({"a":1},{"value":[2]},{"c":"]}"})";
  for (const std::string& text :
       {absl::StrCat(R"({"@odata.context":"x{","value":[)", ToAbsl(records),
                     R"(],"@odata.nextLink":"y]","n":[{}]})"),
        absl::StrCat("{\n  \"value\" : [\n  ", ToAbsl(records), "\n] }\n")}) {
    EXPECT_EQ(Read(text).records, records);
    EXPECT_EQ(Read(text + "\n" + text).records,
              absl::StrCat(ToAbsl(records), ",", ToAbsl(records)));
    EXPECT_TRUE(Read(text).status.ok());
  }
  EXPECT_EQ(Read("{\"value\":[{\"a\":1},{\"b\"").status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Read("{\"value\":[{\"a\":1},{\"b\"").records, "{\"a\":1}");
  EXPECT_THAT(Read("{\"value\":[]}").records, IsEmpty());
  // The object with the list `value` may be larger than the limit for one record.
  std::string large = "{\"@odata.count\":9,\"value\":[{\"a\":1}";
  for (int i = 0; i < 20; ++i)
    absl::StrAppend(&large, ",{\"x\":\"", std::string(1 << 20, 'x'), "\"}");
  const Contents contents = Read(large + "],\"z\":\"" + std::string(1 << 20, 'z') + "\"}");
  EXPECT_THAT(contents.damaged, IsEmpty());
  EXPECT_TRUE(contents.status.ok());
  EXPECT_GT(contents.records.size(), 20u << 20);
  EXPECT_LE(contents.largest, kLargestInputRecord);
}

TEST_F(AuditFileTest, ADamagedRowCostsOnlyItself) {
  const Contents contents = Read(
      "Date,AuditData\n"
      "1,\"{\"\"a\"\":1}\n"  // the quote is never closed
      "2,\"{\"\"b\"\":2}\"\n"
      "3\n"  // the column is missing
      "4,\n"
      "5,\"{\"\"c\"\":\"\n"  // not JSON
      "6,{\"d\":4}\n"        // not quoted, but complete
      "7,\"{}\"x\n"
      "8,\"{\"\"e\"\":5}\n");  // the quote is never closed, and the file ends
  EXPECT_EQ(contents.records,
            R"({"Date":"2","AuditData":{"b":2}},{"Date":"6","AuditData":{"d":4}})");
  EXPECT_THAT(contents.damaged, ElementsAre("not_json: 1,\"{\"\"a\"\":1}", "no_audit_data: 3",
                                            "no_audit_data: 4,", "not_json: 5,\"{\"\"c\"\":\"",
                                            "not_json: 7,\"{}\"x", "not_json: 8,\"{\"\"e\"\":5}"));
  EXPECT_THAT(contents.errors[0], HasSubstr("the row at line 2"));
  EXPECT_THAT(contents.errors[5], HasSubstr("the row at line 9"));
}

TEST_F(AuditFileTest, ReadsGzipOfSeveralMembersAndReportsDamage) {
  const std::string first = Gzip("{\"a\":1}\n{\"b\"");
  const std::string second = Gzip(":2}\n{\"c\":3}\n");
  const std::string both = R"({"a":1},{"b":2},{"c":3})";
  EXPECT_EQ(Read(first + second).records, both);
  EXPECT_EQ(Read(first + second + std::string(1000, '\0')).records, both);
  EXPECT_TRUE(Read(first + second + std::string(1000, '\0')).status.ok());

  const Contents cut = Read(first + second.substr(0, second.size() - 4));
  EXPECT_EQ(cut.records, both);
  EXPECT_EQ(cut.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(cut.status.message()), HasSubstr("cut off"));

  const Contents garbage = Read(first + second + "garbage");
  EXPECT_EQ(garbage.records, both);
  EXPECT_THAT(std::string(garbage.status.message()), HasSubstr("damaged"));
}

TEST_F(AuditFileTest, RejectsOtherFilesAndSaysWhatIsExpected) {
  for (const auto& [text, message] :
       {std::pair<std::string, std::string>{"Name,Value\n1,2\n", "expected audit records"},
        {"%PDF-1.7\n", "is a PDF document"},
        {"PK\x03\x04zip", "is an archive"}}) {
    const Contents contents = Read(text);
    EXPECT_EQ(contents.status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(contents.status.message()), HasSubstr(message));
  }
  EXPECT_EQ(ReadPath("/nowhere/x.json").status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadPath(testing::TempDir()).status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Read("").status.ok());
  EXPECT_TRUE(Read(" \n\n").status.ok());
}

TEST_F(AuditFileTest, ARecordAboveTheLimitIsReturnedInPartsAndItsNeighboursAreKept) {
  const std::string huge = "{\"x\":\"" + std::string(10 << 20, 'y') + "\\\"\"}";
  const std::string medium = "{\"m\":\"" + std::string(3 << 20, 'z') + "\"}";
  for (const std::string& text :
       {absl::StrCat("{\"a\":1}\n", huge, "\n", medium, "\n{\"b\":2}\n"),
        absl::StrCat("[{\"a\":1},", huge, ",", medium, ",{\"b\":2}]"),
        absl::StrCat("AuditData\n{\"a\":1}\n", CsvField(huge), "\n", medium, "\n{\"b\":2}\n")}) {
    const Contents contents = Read(text);
    EXPECT_TRUE(contents.status.ok());
    EXPECT_EQ(contents.records, absl::StrCat("{\"a\":1},", medium, ",{\"b\":2}"));
    ASSERT_EQ(contents.damaged.size(), 1);
    EXPECT_THAT(contents.errors[0], HasSubstr("larger than 4 MiB"));
    const std::string bytes(TrimBlanks(contents.damaged[0]));
    EXPECT_TRUE(bytes == "too_large: " + huge || bytes == "too_large: " + CsvField(huge));
    EXPECT_LE(contents.largest, kLargestInputRecord + (512 << 10));
  }
}

TEST_F(AuditFileTest, ADamagedRecordAboveTheLimitEndsAtTheNextRecord) {
  const std::string huge =
      "{\"x\":\"y\n" + std::string(6 << 20, 'y') + "\n" + std::string(6 << 20, 'y');
  const Contents contents = Read("[{\"a\":1},\n" + huge + "\n{\"b\":2}]");
  EXPECT_EQ(contents.records, R"({"a":1},{"b":2})");
  ASSERT_EQ(contents.damaged.size(), 1);
  EXPECT_EQ(TrimBlanks(contents.damaged[0]), "too_large: " + huge);
}

// Record sizes vary, so that reads and batches end at many different positions.
TEST_F(AuditFileTest, EveryFormOfFileReturnsTheSameRecords) {
  std::mt19937 random(7);
  const std::string_view pieces[] = {"a", "\\\"", "\\\\", "{", "}", "[",
                                     "]", ",",    "\\n",  "ü", ": "};
  std::vector<std::string> records;
  std::string expected;
  for (int i = 0; i < 6000; ++i) {
    std::string text;
    const size_t size = i % 500 == 0 ? 300'000 : random() % 900;
    while (text.size() < size) text += pieces[random() % std::size(pieces)];
    records.push_back(
        absl::StrCat("{\"Id\":", i, ",\"Text\":\"", text, "\",\"List\":[{\"", text, "\":[]}]}"));
    absl::StrAppend(&expected, i == 0 ? "" : ",", records.back());
  }
  std::string lines, array = "[", pretty = "[\n", csv = "AuditData\r\n", graph = "{\"value\":[";
  for (const std::string& record : records) {
    absl::StrAppend(&lines, record, "\n");
    absl::StrAppend(&array, array.size() > 1 ? "," : "", record);
    absl::StrAppend(&pretty, pretty.size() > 2 ? ",\n  " : "  ", record);
    absl::StrAppend(&csv, CsvField(record), "\r\n");
    absl::StrAppend(&graph, graph.back() == '[' ? "" : ",", record);
  }
  array += "]";
  pretty += "\n]\n";
  graph += "],\"@odata.nextLink\":\"x\"}";
  for (const std::string* text : {&lines, &array, &pretty, &csv, &graph}) {
    for (const std::string& bytes : {*text, Gzip(*text)}) {
      const Contents contents = Read(bytes);
      EXPECT_TRUE(contents.status.ok()) << contents.status;
      EXPECT_TRUE(contents.records == expected);
      EXPECT_THAT(contents.damaged, IsEmpty());
      EXPECT_LE(contents.largest, AuditFile::kBatchBytes + 10);
      EXPECT_GT(contents.batches, 4);
    }
  }
}

// No bytes are lost. Bytes that are missing in `records` are in `damaged` or `alone`.
TEST_F(AuditFileTest, AChangedByteCostsAtMostOneRecord) {
  std::mt19937 random(11);
  std::string lines;
  for (int i = 0; i < 50; ++i) absl::StrAppend(&lines, "{\"Id\":", i, ",\"T\":[\"x\",{}]}\n");
  for (int round = 0; round < 300; ++round) {
    std::string text = lines;
    text[random() % text.size()] = "\"{}[]\\,x"[random() % 8];
    const Contents contents = Read(text);
    size_t bytes = contents.records.size();
    for (const std::string& damaged : contents.damaged) bytes += damaged.size();
    for (const std::string& alone : contents.alone) bytes += alone.size();
    EXPECT_GE(bytes + 10, lines.size()) << text;
    EXPECT_LE(contents.damaged.size() + contents.alone.size(), 1) << text;
  }
}

TEST_F(AuditFileTest, ReadsTheRealRecords) {
  const std::optional<std::string> path = SharedData("o365/real-audit-records.ndjson.gz");
  if (!path.has_value())
    GTEST_SKIP() << "THE SHARED RECORDS ARE MISSING: not tested with real records";
  const Contents contents = ReadPath(*path);
  EXPECT_TRUE(contents.status.ok()) << contents.status;
  EXPECT_THAT(contents.damaged, IsEmpty());
  EXPECT_THAT(contents.alone, IsEmpty());
  // Every record begins with its CreationTime.
  size_t count = 0;
  for (size_t at = 0; (at = contents.records.find("{\"CreationTime\":", at)) != std::string::npos;
       ++at) {
    ++count;
  }
  EXPECT_EQ(count, 9608);
}

}  // namespace
}  // namespace picket::parser
