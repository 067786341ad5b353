#include "parser/parser_stage.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "json/json_schema.h"
#include "kafka/output_batch.h"
#include "model/event_schemas.h"
#include "model/operation_rows.h"
#include "tests/parser/record_testing.h"
#include "tests/support/fake_clock.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

constexpr int32_t kPartitions = 24;

std::string Record(const std::string& id, const std::string& operation = "FileDownloaded") {
  return R"({"CreationTime":"2026-03-04T05:06:07","Id":")" + id + R"(","Operation":")" + operation +
         R"(","OrganizationId":")" + std::string(kTestTenant) +
         R"(","RecordType":6,"UserKey":"k","UserType":0,"Workload":"SharePoint","UserId":"a@b.example"})";
}
const char kIdA[] = "aaaaaaaa-0000-4000-8000-000000000001";
const char kIdB[] = "bbbbbbbb-0000-4000-8000-000000000002";

class ParserStageTest : public testing::Test {
 protected:
  ParserStageTest() {
    topics_.partitions = kPartitions;
    stage_ = MakeParserStage({}, topics_, metrics_);
    partition_ = kafka::PartitionOf(kTestTenant, kPartitions);
    stage_->BeginRestore(partition_);
    stage_->EndRestore(partition_);
  }

  // Processes a message. Tests can use the message as `message_` until the next call.
  void Process(std::string value, std::vector<kafka::Header> headers = {}) {
    value_ = std::move(value);
    headers_ = std::move(headers);
    headers_.push_back({"content-id", "c1"});
    message_ = {};
    message_.topic = "o365.raw";
    message_.partition = partition_;
    message_.offset = 41;
    message_.timestamp_ms = 1'772'600'000'000;
    message_.key = kTestTenant;
    message_.value = value_;
    message_.headers = headers_;
    stage_->Process(message_, out_);
  }
  std::vector<kafka::OutputBatch::Entry> On(kafka::Topic topic) const {
    std::vector<kafka::OutputBatch::Entry> entries;
    for (const kafka::OutputBatch::Entry& entry : out_.entries()) {
      if (entry.topic == topic) entries.push_back(entry);
    }
    return entries;
  }
  std::string HeaderOf(const kafka::OutputBatch::Entry& entry, std::string_view name) const {
    for (const kafka::Header& header : out_.HeadersOf(entry)) {
      if (header.name == name) return std::string(header.value);
    }
    return "<none>";
  }
  double Count(const std::string& what) const {
    return metrics_.Sum("picket_parser_" + what + "_total");
  }
  double In() const { return metrics_.Sum("picket_records_in_total", {{"stage", "parser"}}); }
  double Out() const { return metrics_.Sum("picket_records_out_total", {{"stage", "parser"}}); }
  double Duplicates() const {
    return metrics_.Sum("picket_duplicates_total", {{"stage", "parser"}});
  }
  double DeadLetters(const std::string& reason = "") const {
    MetricLabels labels = {{"stage", "parser"}};
    if (!reason.empty()) labels["reason"] = reason;
    return metrics_.Sum("picket_dead_letters_total", labels);
  }

  Metrics metrics_;
  kafka::TopicsConfig topics_;
  std::unique_ptr<kafka::Stage> stage_;
  int32_t partition_ = 0;
  std::string value_;
  std::vector<kafka::Header> headers_;
  kafka::Message message_;
  kafka::OutputBatch out_;
};

TEST_F(ParserStageTest, ABlobBecomesEventsInItsPartition) {
  Process("[" + Record(kIdA) + "," + Record(kIdB) + "]",
          {{"audit-content-type", "Audit.SharePoint"}, {"fetched-at", "2026-03-04T06:00:00Z"}});
  const auto events = On(kafka::Topic::kEvents);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].partition, partition_);
  EXPECT_EQ(events[0].key, std::string(kTestTenant) + "|" + kIdA);
  EXPECT_EQ(HeaderOf(events[0], "tenant"), kTestTenant);
  EXPECT_EQ(HeaderOf(events[0], "class-uid"), "6006");
  EXPECT_EQ(HeaderOf(events[0], "schema"), "ocsf/1.8.0");
  const Tree event = ParseTree(events[0].value);
  EXPECT_EQ(At(event, "/metadata/log_name"), "Audit.SharePoint");
  EXPECT_EQ(At(event, "/metadata/logged_time"), "1772604000000");
}

TEST_F(ParserStageTest, TheHeadersOfAnEventLeadToItsRecord) {
  TenantSettings tenant;
  tenant.tenant_id = kTestTenant;
  tenant.parser.ecs = true;
  stage_ = MakeParserStage({}, topics_, metrics_, {tenant});
  stage_->BeginRestore(partition_);
  stage_->EndRestore(partition_);
  // The second record is a duplicate and the third is a dead letter, so neither has an event.
  Process("[" + Record(kIdA) + "," + Record(kIdA) + ",7," + Record(kIdB) + "]");
  for (const kafka::Topic topic : {kafka::Topic::kEvents, kafka::Topic::kEventsEcs}) {
    const auto events = On(topic);
    ASSERT_EQ(events.size(), 2u);
    for (const auto& event : events) {
      EXPECT_EQ(HeaderOf(event, "raw-offset"), "41");
      EXPECT_EQ(HeaderOf(event, "tenant"), kTestTenant);
      EXPECT_EQ(HeaderOf(event, "class-uid"), "6006");
      EXPECT_EQ(out_.HeadersOf(event).size(), 5u);
    }
    EXPECT_EQ(HeaderOf(events[0], "raw-index"), "0");
    EXPECT_EQ(HeaderOf(events[1], "raw-index"), "3");
  }
  EXPECT_EQ(HeaderOf(On(kafka::Topic::kEvents)[0], "schema"), "ocsf/1.8.0");
  EXPECT_EQ(HeaderOf(On(kafka::Topic::kEventsEcs)[0], "schema"), "ecs/8.17.0");
}

TEST_F(ParserStageTest, ADuplicateIsDroppedAndCountedAndItsIdIsWritten) {
  Process("[" + Record(kIdA) + "," + Record(kIdA) + "]");
  stage_->Flush(out_);
  EXPECT_EQ(On(kafka::Topic::kEvents).size(), 1u);
  ASSERT_EQ(On(kafka::Topic::kSeen).size(), 1u);
  EXPECT_EQ(On(kafka::Topic::kSeen)[0].key, kTestTenant);
  EXPECT_EQ(On(kafka::Topic::kSeen)[0].value.size(), 9u + 20u);
  stage_->Commit();
  out_.Clear();
  Process("[" + Record(kIdA) + "," + Record(kIdB) + "]");
  EXPECT_EQ(On(kafka::Topic::kEvents).size(), 1u);
  stage_->Commit();
  EXPECT_EQ(In(), 4);
  EXPECT_EQ(Out(), 2);
  EXPECT_EQ(Duplicates(), 2);
}

TEST_F(ParserStageTest, AfterAnAbortTheSameMessageGivesTheSameEventsAndIsCountedOnce) {
  Process("[" + Record(kIdA) + "]");
  stage_->Flush(out_);
  std::vector<std::string> first;
  for (const auto& entry : out_.entries()) first.emplace_back(entry.value);
  stage_->Abort();
  out_.Clear();
  Process("[" + Record(kIdA) + "]");
  stage_->Flush(out_);
  std::vector<std::string> second;
  for (const auto& entry : out_.entries()) second.emplace_back(entry.value);
  EXPECT_EQ(first, second);
  stage_->Commit();
  EXPECT_EQ(In(), 1);
  EXPECT_EQ(Out(), 1);
  EXPECT_EQ(Duplicates(), 0);
}

// The second message claims to be from the year 2100. If the stage believed it, all earlier Ids
// would be outside of the duplicate window. The stage therefore compares the time with its clock.
TEST_F(ParserStageTest, AMessageFromTheFarFutureDoesNotShortenTheDuplicateWindow) {
  const FakeClock clock(absl::FromUnixMillis(1'772'600'000'000));
  const auto run = [&](const Clock* bound) {
    stage_ = MakeParserStage({}, topics_, metrics_, {}, {.clock = bound});
    stage_->BeginRestore(partition_);
    stage_->EndRestore(partition_);
    const auto commit = [&] {
      stage_->Flush(out_);
      stage_->Commit();
    };
    out_.Clear();
    Process("[" + Record(kIdA) + "]");
    commit();
    kafka::Message future = message_;
    const std::string value = "[" + Record(kIdB) + "]";
    future.value = value;
    future.timestamp_ms = 4'102'444'800'000;  // 2100-01-01
    stage_->Process(future, out_);
    commit();
    EXPECT_EQ(On(kafka::Topic::kEvents).size(), 2u);
    // Repeats both records, first in the same stage and then in a stage that is restored from the
    // rows of `seen`.
    std::vector<std::string> rows;
    for (const auto& entry : On(kafka::Topic::kSeen)) rows.emplace_back(entry.value);
    out_.Clear();
    Process("[" + Record(kIdA) + "," + Record(kIdB) + "]");
    commit();
    const size_t repeated = On(kafka::Topic::kEvents).size();
    stage_ = MakeParserStage({}, topics_, metrics_, {}, {.clock = bound});
    stage_->BeginRestore(partition_);
    kafka::Message row;
    row.partition = partition_;
    row.key = kTestTenant;
    for (const std::string& bytes : rows) {
      row.value = bytes;
      stage_->RestoreRow(row);
      ++row.offset;
    }
    stage_->EndRestore(partition_);
    out_.Clear();
    Process("[" + Record(kIdA) + "," + Record(kIdB) + "]");
    stage_->Abort();
    return std::pair(repeated, On(kafka::Topic::kEvents).size());
  };
  EXPECT_EQ(run(&clock), (std::pair<size_t, size_t>(0, 0)));
  EXPECT_EQ(Count("future_messages"), 1);
  EXPECT_EQ(run(nullptr), (std::pair<size_t, size_t>(1, 1)));
}

TEST_F(ParserStageTest, ASuccessorThatReadsTheRowsDropsTheSameDuplicates) {
  Process("[" + Record(kIdA) + "]");
  stage_->Flush(out_);
  const std::string row(On(kafka::Topic::kSeen)[0].value);
  stage_->Commit();
  stage_ = MakeParserStage({}, topics_, metrics_);
  stage_->BeginRestore(partition_);
  kafka::Message restored;
  restored.partition = partition_;
  restored.key = kTestTenant;
  restored.value = row;
  stage_->RestoreRow(restored);
  stage_->EndRestore(partition_);
  out_.Clear();
  Process("[" + Record(kIdA) + "]");
  EXPECT_TRUE(On(kafka::Topic::kEvents).empty());
}

TEST_F(ParserStageTest, AnInvalidRecordBecomesADeadLetterAndItsNeighboursBecomeEvents) {
  Process("[null," + Record(kIdA) + ",{\"Id\":nul}]");
  const auto letters = On(kafka::Topic::kDeadLetters);
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].value, "null");
  EXPECT_EQ(HeaderOf(letters[0], "dead-letter-reason"), "not_an_object");
  EXPECT_EQ(HeaderOf(letters[0], "dead-letter-stage"), "parser");
  EXPECT_EQ(HeaderOf(letters[1], "dead-letter-reason"), "not_json");
  EXPECT_EQ(HeaderOf(letters[1], "dead-letter-record"), "2");
  EXPECT_EQ(On(kafka::Topic::kEvents).size(), 1u);
  stage_->Commit();
  EXPECT_EQ(In(), Out() + Duplicates() + DeadLetters());
}

TEST_F(ParserStageTest, DeadLettersAreCountedByReasonAndTheCountersBalance) {
  Process("[null," + Record(kIdA) + "," + Record(kIdA) + ",{\"Id\":nul}, 7]");
  Process("<html>503 Service Unavailable</html>");
  Process("[" + Record(kIdA) + "," + Record(kIdB) + "]");
  stage_->Reject(message_, "oversized", out_);
  stage_->Flush(out_);
  stage_->Commit();
  EXPECT_EQ(In(), 9);
  EXPECT_EQ(Out(), 2);
  EXPECT_EQ(Duplicates(), 2);
  EXPECT_EQ(DeadLetters(), 5);
  EXPECT_EQ(DeadLetters("not_an_object"), 2);
  EXPECT_EQ(DeadLetters("not_json"), 2);
  EXPECT_EQ(DeadLetters("oversized"), 1);
  EXPECT_EQ(On(kafka::Topic::kEvents).size(), Out());
  EXPECT_EQ(On(kafka::Topic::kDeadLetters).size(), DeadLetters());
}

// An event above 6 MiB is written without `unmapped`, and its record is also written to
// `dead-letters`. Both together are counted as one record.
TEST_F(ParserStageTest, AnEventWithoutUnmappedIsCountedOnce) {
  std::string texts = "\"\"";
  while (texts.size() < 650u << 10) texts += ",\"\"";
  const std::string record =
      R"({"Id":"0f0e7a10-7c55-4e1b-9b8a-1f6f3c2d4e5f","CreationTime":"2026-03-04T05:06:07",)"
      R"("Operation":"UserLoggedIn","Workload":"AzureActiveDirectory","UserId":")" +
      std::string(1300 << 10, 'a') + R"(@fabrikam.example","Members":{"a":[)" + texts + "]}}";
  for (int time = 0; time < 2; ++time) Process(record);
  stage_->Flush(out_);
  stage_->Commit();
  EXPECT_EQ(In(), 2);
  EXPECT_EQ(Out(), 1);
  EXPECT_EQ(Duplicates(), 1);
  EXPECT_EQ(DeadLetters(), 0);
  EXPECT_EQ(Count("cut_events"), 1);
  EXPECT_EQ(On(kafka::Topic::kEvents).size(), 1u);
  ASSERT_EQ(On(kafka::Topic::kDeadLetters).size(), 1u);
  EXPECT_EQ(On(kafka::Topic::kDeadLetters)[0].value, record);
}

TEST_F(ParserStageTest, AShortenedWindowIsReportedOnCoverageInTheNextTransaction) {
  ParserConfig config;
  // The config has no folder for Ids on disk. Therefore, the stage forgets Ids that exceed this
  // memory budget.
  config.duplicate_budget_bytes = 2000;
  stage_ = MakeParserStage(config, topics_, metrics_);
  stage_->BeginRestore(partition_);
  stage_->EndRestore(partition_);
  std::string blob;
  for (int i = 0; i < 200; ++i) {
    std::string id = kIdA;
    id.replace(id.size() - 3, 3, std::to_string(100 + i));
    blob += (blob.empty() ? "[" : ",") + Record(id);
  }
  Process(blob + "]");
  stage_->Flush(out_);
  EXPECT_TRUE(On(kafka::Topic::kCoverage).empty());
  stage_->Commit();
  EXPECT_GT(metrics_.Sum("picket_parser_seen_forgotten_total"), 0);
  // An abort must not lose the report, so the next transaction contains the report again.
  for (const bool commit : {false, true}) {
    out_.Clear();
    Process("[" + Record(kIdB) + "]");
    stage_->Flush(out_);
    ASSERT_EQ(On(kafka::Topic::kCoverage).size(), 1u);
    const auto row = On(kafka::Topic::kCoverage)[0];
    EXPECT_EQ(row.partition, partition_);
    EXPECT_EQ(row.key, "partition|o365.seen|" + std::to_string(partition_) +
                           "|duplicate_window|2026-03-04T04:00:00Z");
    const Tree tree = ParseTree(row.value);
    EXPECT_EQ(At(tree, "/kind"), "duplicate_window");
    EXPECT_EQ(At(tree, "/reason"), "memory_budget");
    EXPECT_EQ(At(tree, "/from"), "2026-03-04T04:00:00Z");
    EXPECT_EQ(At(tree, "/to"), "2026-03-04T05:00:00Z");
    commit ? stage_->Commit() : stage_->Abort();
  }
  out_.Clear();
  Process("[" + Record(kIdB) + "]");
  stage_->Flush(out_);
  EXPECT_TRUE(On(kafka::Topic::kCoverage).empty()) << "reported once";
}

TEST_F(ParserStageTest, ARowOfSeenInAnotherTenantsPartitionIsIgnored) {
  Process("[" + Record(kIdA) + "]");
  stage_->Flush(out_);
  const std::string value(On(kafka::Topic::kSeen)[0].value);
  for (const std::string key : {"contoso", "00000000-0000-4000-8000-00000000000f"}) {
    kafka::Message row;
    row.partition = partition_;
    row.key = key;
    row.value = value;
    stage_->RestoreRow(row);
  }
  const MetricLabels labels = {{"stage", "parser"}, {"topic", "o365.seen"}};
  EXPECT_EQ(metrics_.Sum("picket_unreadable_rows_total", labels), 1);
  EXPECT_EQ(metrics_.Sum("picket_foreign_rows_total", labels), 1);
}

TEST_F(ParserStageTest, AMessageThatIsNotJsonIsOneDeadLetter) {
  Process("<html>503 Service Unavailable</html>");
  ASSERT_EQ(On(kafka::Topic::kDeadLetters).size(), 1u);
  EXPECT_EQ(HeaderOf(On(kafka::Topic::kDeadLetters)[0], "dead-letter-record"), "-1");
  stage_->Commit();
  EXPECT_EQ(In(), 1);
  EXPECT_EQ(DeadLetters(), 1);
}

TEST_F(ParserStageTest, AnEmptyBlobIsCountedAndHasNoRecord) {
  Process("[]");
  Process("");
  stage_->Commit();
  EXPECT_TRUE(out_.entries().empty());
  EXPECT_EQ(In(), 0);
  EXPECT_EQ(Count("empty_blobs"), 2);
}

TEST_F(ParserStageTest, AMessageInTheWrongPartitionIsForwardedOnce) {
  partition_ = (partition_ + 1) % kPartitions;
  Process("[" + Record(kIdA) + "]");
  ASSERT_EQ(out_.entries().size(), 1u);
  const auto moved = On(kafka::Topic::kRaw);
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].partition, kafka::PartitionOf(kTestTenant, kPartitions));
  EXPECT_EQ(HeaderOf(moved[0], "moved"), "1");
  EXPECT_EQ(HeaderOf(moved[0], "content-id"), "c1");
  out_.Clear();
  Process("[" + Record(kIdA) + "]", {{"moved", "1"}});
  EXPECT_TRUE(On(kafka::Topic::kRaw).empty());
  EXPECT_EQ(On(kafka::Topic::kDeadLetters).size(), 1u);
  stage_->Commit();
  EXPECT_EQ(Count("moved_messages"), 1);
}

TEST_F(ParserStageTest, AMessageWithoutATenantIsADeadLetter) {
  message_ = {};
  message_.topic = "o365.raw";
  message_.key = "contoso";
  const std::string blob = "[" + Record(kIdA) + "]";
  message_.value = blob;
  stage_->Process(message_, out_);
  ASSERT_EQ(On(kafka::Topic::kDeadLetters).size(), 1u);
  EXPECT_EQ(HeaderOf(On(kafka::Topic::kDeadLetters)[0], "dead-letter-reason"), "no_tenant");
}

TEST_F(ParserStageTest, ADeadLetterPutBackIntoRawKeepsTheNewReasonFindable) {
  Process("[null]", {{"dead-letter-reason", "too_deep"}, {"dead-letter-stage", "parser"}});
  ASSERT_EQ(On(kafka::Topic::kDeadLetters).size(), 1u);
  const kafka::OutputBatch::Entry letter = On(kafka::Topic::kDeadLetters)[0];
  std::vector<std::string> reasons;
  for (const kafka::Header& header : out_.HeadersOf(letter)) {
    if (header.name == "dead-letter-reason") reasons.emplace_back(header.value);
  }
  EXPECT_EQ(reasons, std::vector<std::string>{"not_an_object"});
  EXPECT_EQ(HeaderOf(letter, "previous-dead-letter-reason"), "too_deep");
}

TEST_F(ParserStageTest, RecordsWithoutATimeGetTheTimeOfTheirMessage) {
  std::string record = Record(kIdA);
  record.replace(record.find("2026-03-04T05:06:07"), 19, "");
  Process("[" + record + "]");
  const Tree event = ParseTree(On(kafka::Topic::kEvents)[0].value);
  EXPECT_EQ(At(event, "/time"), "1772600000000");
  EXPECT_EQ(At(event, "/metadata/debug"), R"(["time_missing"])");
}

TEST_F(ParserStageTest, TheRealRecordsGive5373EventsAnd4235Duplicates) {
  const std::optional<std::string> path = SharedData("o365/real-audit-records.ndjson.gz");
  if (!path.has_value()) {
    GTEST_SKIP() << "NOT RUN: the shared data (o365/real-audit-records.ndjson.gz) are missing";
  }
  const std::vector<std::string> records = ReadRecords(*path);
  for (size_t i = 0; i < records.size(); i += 100) {
    std::string blob = "[";
    for (size_t j = i; j < std::min(records.size(), i + 100); ++j) {
      if (j > i) blob += ",";
      blob += records[j];
    }
    Process(blob + "]");
    stage_->Flush(out_);
    stage_->Commit();
    out_.Clear();
  }
  EXPECT_EQ(In(), 9608);
  EXPECT_EQ(Out(), 5373);
  EXPECT_EQ(Duplicates(), 4235);
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(ParserStageTest, TenantsWithEcsGetEachEventInBothSchemas) {
  Process("[" + Record(kIdA) + "]");
  EXPECT_TRUE(On(kafka::Topic::kEventsEcs).empty());
  TenantSettings tenant;
  tenant.tenant_id = kTestTenant;
  tenant.parser.ecs = true;
  stage_ = MakeParserStage({}, topics_, metrics_, {tenant});
  stage_->BeginRestore(partition_);
  stage_->EndRestore(partition_);
  out_.Clear();
  Process("[" + Record(kIdA) + "," + Record(kIdB) + "," + Record(kIdA) + "]");
  const auto events = On(kafka::Topic::kEvents);
  const auto ecs = On(kafka::Topic::kEventsEcs);
  ASSERT_EQ(ecs.size(), 2u);  // the third record is a duplicate
  ASSERT_EQ(events.size(), 2u);
  for (size_t i = 0; i < ecs.size(); ++i) {
    EXPECT_EQ(ecs[i].key, events[i].key);
    EXPECT_EQ(HeaderOf(ecs[i], "tenant"), kTestTenant);
    EXPECT_EQ(HeaderOf(ecs[i], "class-uid"), "6006");
    EXPECT_EQ(HeaderOf(ecs[i], "schema"), "ecs/8.17.0");
    EXPECT_EQ(HeaderOf(events[i], "schema"), "ocsf/1.8.0");
    const Tree event = ParseTree(ecs[i].value);
    EXPECT_EQ(At(event, "/event/action"), "FileDownloaded");
    EXPECT_EQ(At(event, "/user/id"), "a@b.example");
  }
}

TEST_F(ParserStageTest, ChangedSettingsOfATenantComeIntoForceBetweenTransactions) {
  auto tenants = std::make_shared<ParserTenantHandover>(std::make_shared<const ParserTenants>());
  stage_ = MakeParserStage({}, topics_, metrics_, {}, {.tenants = tenants});
  stage_->BeginRestore(partition_);
  stage_->EndRestore(partition_);
  TenantSettings tenant;
  tenant.tenant_id = kTestTenant;
  tenant.parser.ecs = true;
  tenant.parser.mask = {{.field = "UserId", .how = "drop"}};
  Process("[" + Record(kIdA) + "]");
  tenants->Set(*MakeParserTenants({tenant}, ""));
  Process("[" + Record(kIdB) + "]");
  ASSERT_EQ(On(kafka::Topic::kEvents).size(), 2u);
  EXPECT_NE(On(kafka::Topic::kEvents)[1].value.find("a@b.example"), std::string::npos);
  EXPECT_TRUE(On(kafka::Topic::kEventsEcs).empty());
  stage_->Commit();
  out_.Clear();

  stage_->BetweenTransactions();
  Process("[" + Record("cccccccc-0000-4000-8000-000000000003") + "]");
  ASSERT_EQ(On(kafka::Topic::kEvents).size(), 1u);
  EXPECT_EQ(On(kafka::Topic::kEvents)[0].value.find("a@b.example"), std::string::npos);
  EXPECT_EQ(On(kafka::Topic::kEventsEcs).size(), 1u);
}

// Returns a schema for every class in the mapping. `file_hosting` is the schema of the class 6006
// (File Hosting). The schemas of all other classes accept any event.
std::shared_ptr<const EventSchemas> Schemas(const std::string& file_hosting) {
  std::map<int64_t, JsonSchema> classes;
  for (const MappingRow& row : MappingRows()) {
    auto schema = JsonSchema::Parse(row.class_uid == 6006 ? file_hosting : "{}");
    EXPECT_TRUE(schema.ok()) << schema.status().ToString();
    classes.emplace(row.class_uid, *std::move(schema));
  }
  return std::make_shared<const EventSchemas>(std::move(classes));
}

constexpr char kRefusesTheUser[] =
    R"({"properties":{"actor":{"properties":{"user":{"properties":{"name":{"const":"nobody"}}}}}}})";

TEST_F(ParserStageTest, AnEventThatViolatesItsSchemaIsCountedAndStillProduced) {
  ParserConfig config;
  config.check_one_in = 1;
  stage_ = MakeParserStage(config, topics_, metrics_, {}, {.schemas = Schemas(kRefusesTheUser)});
  stage_->BeginRestore(partition_);
  stage_->EndRestore(partition_);
  testing::internal::CaptureStderr();
  Process("[" + Record(kIdA) + "," + Record(kIdB, "Set-Mailbox") + "," + Record(kIdA) + "]");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(On(kafka::Topic::kEvents).size(), 2u);
  EXPECT_EQ(Count("invalid_events"), 0);  // events are counted at the commit
  stage_->Abort();
  Process("[" + Record(kIdA) + "," + Record(kIdB, "Set-Mailbox") + "," + Record(kIdA) + "]");
  stage_->Commit();
  EXPECT_EQ(Count("checked_events"), 2);  // the third record is a duplicate
  EXPECT_EQ(Count("invalid_events"), 1);
  EXPECT_NE(metrics_.Render().find("invalid_events_total{class_uid=\"6006\"} 1"),
            std::string::npos);
  // The log line contains the path and the violation, but no part of the record.
  EXPECT_NE(log.find("event_schema_violation tenant=" + std::string(kTestTenant)),
            std::string::npos)
      << log;
  EXPECT_NE(
      log.find("class_uid=6006 path=actor.user.name fault=\"is not one of the allowed values\""),
      std::string::npos)
      << log;
  EXPECT_EQ(log.find("a@b.example"), std::string::npos) << log;
}

TEST_F(ParserStageTest, AShareOfTheEventsIsChecked) {
  ParserConfig config;
  config.check_one_in = 20;
  stage_ = MakeParserStage(config, topics_, metrics_, {}, {.schemas = Schemas("{}")});
  stage_->BeginRestore(partition_);
  stage_->EndRestore(partition_);
  std::string blob;
  for (int i = 0; i < 8000; ++i) {
    std::string id = kIdA;
    id.replace(id.size() - 4, 4, std::to_string(1000 + i));
    blob += (blob.empty() ? "[" : ",") + Record(id);
  }
  Process(blob + "]");
  stage_->Commit();
  EXPECT_NEAR(Count("checked_events"), 400, 60);
  EXPECT_EQ(Count("invalid_events"), 0);
}

TEST_F(ParserStageTest, WithoutSchemasNothingIsChecked) {
  Process("[" + Record(kIdA) + "]");
  stage_->Commit();
  EXPECT_EQ(Out(), 1);
  EXPECT_EQ(Count("checked_events"), 0);
}

}  // namespace
}  // namespace picket::parser
