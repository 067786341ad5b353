#include "detector/detector_stage.h"

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/strings.h"
#include "detector/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sigma/sigma_testing.h"

namespace picket::detector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// This tenant belongs to partition 8 of 24.
constexpr std::string_view kTenant = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";

constexpr std::string_view kRules = R"(title: Forward
id: 00000000-0000-0000-0000-000000000001
logsource: {product: m365}
detection: {selection: {Operation: New-InboxRule}, condition: selection}
---
title: Download
id: 00000000-0000-0000-0000-000000000002
logsource: {product: m365}
detection: {selection: {Operation: FileDownloaded}, condition: selection}
---
title: Mass download
id: 00000000-0000-0000-0000-000000000003
correlation:
  type: event_count
  rules: [00000000-0000-0000-0000-000000000002]
  group-by: [UserId]
  timespan: 10m
  condition: {gte: 3}
)";

struct Bench {
  Bench()
      : rules(ForEveryTenant(RulePackOf(CompileText(kRules).rules))),
        stage(MakeDetectorStage(DetectorConfig(), kafka::TopicsConfig(), rules, metrics)) {
    stage->BeginRestore(8);
  }

  kafka::Message Message(std::string_view value) {
    kafka::Message message;
    message.topic = "o365.events";
    message.partition = 8;
    message.offset = ++offset;
    message.timestamp_ms = 1767607200000;
    message.key = "ce58a858-12c6-4de5-9620-2a6b24a71ad4|x";
    message.value = value;
    message.headers = headers;
    return message;
  }
  void Process(std::string_view value) { stage->Process(Message(value), out); }
  void Download(int n) {
    Process(absl::StrCat(R"({"time":)", n, R"(000,"metadata":{"uid":"e)", n,
                         R"("},"Operation":"FileDownloaded","UserId":"adele"})"));
  }

  // Returns the messages of a topic as pairs of key and value.
  std::vector<std::pair<std::string, std::string>> On(kafka::Topic topic) const {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& entry : out.entries()) {
      if (entry.topic == topic)
        found.emplace_back(entry.key, entry.is_tombstone ? "(none)" : entry.value);
    }
    return found;
  }

  std::vector<kafka::Header> headers = {{"tenant", kTenant}};
  Metrics metrics;
  RuleHandover rules;
  std::unique_ptr<kafka::Stage> stage;
  kafka::OutputBatch out;
  int64_t offset = 0;
};

TEST(DetectorStageTest, NamesItsTopics) {
  Bench bench;
  EXPECT_EQ(bench.stage->spec().name, "detector");
  EXPECT_EQ(bench.stage->spec().input, kafka::Topic::kEvents);
  EXPECT_EQ(bench.stage->spec().changelogs, std::vector<kafka::Topic>{kafka::Topic::kState});
}

TEST(DetectorStageTest, AnAlertIsWrittenToThePartitionOfItsTenantWithItsIdAsKey) {
  Bench bench;
  bench.stage->EndRestore(8);
  bench.Process(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
  ASSERT_EQ(bench.out.entries().size(), 1u);
  const kafka::OutputBatch::Entry& entry = bench.out.entries()[0];
  EXPECT_EQ(entry.topic, kafka::Topic::kAlerts);
  EXPECT_EQ(entry.partition, 8);
  EXPECT_EQ(entry.key.size(), 32u);
  EXPECT_NE(entry.value.find(absl::StrCat("\"uid\":\"", ToAbsl(entry.key), "\"")),
            std::string_view::npos);
  ASSERT_EQ(bench.out.HeadersOf(entry).size(), 2u);
  EXPECT_EQ(bench.out.HeadersOf(entry)[0].name, "tenant");
  EXPECT_EQ(bench.out.HeadersOf(entry)[0].value, kTenant);
  EXPECT_EQ(bench.out.HeadersOf(entry)[1].name, "schema");
}

TEST(DetectorStageTest, AnAlertSaysWhereTheRecordIs) {
  Bench bench;
  bench.stage->EndRestore(8);
  bench.headers = {{"tenant", kTenant}, {"raw-offset", "90071992547409931"}, {"raw-index", "12"}};
  bench.Process(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
  ASSERT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
  EXPECT_THAT(
      bench.On(kafka::Topic::kAlerts)[0].second,
      HasSubstr(R"("partition":8,"offset":1,"raw_offset":90071992547409931,"raw_index":12)"));
}

TEST(DetectorStageTest, AnAlertLeavesOutAPlaceThatIsNotKnown) {
  for (const auto& [offset, index] :
       std::vector<std::pair<const char*, const char*>>{{"", "1"},
                                                        {"5", ""},
                                                        {"five", "1"},
                                                        {"5", "1x"},
                                                        {"-5", "1"},
                                                        {"5", "-1"},
                                                        {"5 ", "1"},
                                                        {"99999999999999999999", "1"}}) {
    Bench bench;
    bench.stage->EndRestore(8);
    bench.headers = {{"tenant", kTenant}, {"raw-offset", offset}, {"raw-index", index}};
    bench.Process(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
    ASSERT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
    EXPECT_THAT(bench.On(kafka::Topic::kAlerts)[0].second, Not(HasSubstr("raw_")));
  }
}

TEST(DetectorStageTest, TheAlertOfACorrelationHasTheTimeAndThePlaceOfEachEvent) {
  Bench bench;
  bench.stage->EndRestore(8);
  for (int n = 1; n <= 3; ++n) {
    const std::string index = absl::StrCat(n * 10);
    bench.headers = {{"tenant", kTenant}, {"raw-offset", "7"}, {"raw-index", index}};
    bench.Download(n);
  }
  const auto alerts = bench.On(kafka::Topic::kAlerts);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_THAT(alerts[0].second,
              HasSubstr(R"("related_events":[{"uid":"e1","first_seen_time":1000},)"
                        R"({"uid":"e2","first_seen_time":2000},)"
                        R"({"uid":"e3","first_seen_time":3000}])"));
  EXPECT_THAT(
      alerts[0].second,
      HasSubstr(R"("events":[{"uid":"e1","time":1000,"partition":8,"offset":1,"raw_offset":7,)"
                R"("raw_index":10},)"));
  EXPECT_THAT(alerts[0].second, HasSubstr(R"({"uid":"e3","time":3000,"partition":8,"offset":3,)"
                                          R"("raw_offset":7,"raw_index":30}])"));
}

TEST(DetectorStageTest, IfThereIsNoHeaderTheKeyNamesTheTenant) {
  Bench bench;
  bench.stage->EndRestore(8);
  bench.headers.clear();
  bench.Process(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
  ASSERT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
  bench.out.Clear();
  kafka::Message message = bench.Message(R"({"Operation":"New-InboxRule"})");
  message.key = "nobody";
  bench.stage->Process(message, bench.out);
  EXPECT_THAT(bench.On(kafka::Topic::kAlerts), IsEmpty());
  ASSERT_EQ(bench.On(kafka::Topic::kDeadLetters).size(), 1u);
}

TEST(DetectorStageTest, AnEventWithAnotherKeyNamesItsTenantInAHeader) {
  Bench bench;
  bench.stage->EndRestore(8);
  kafka::Message message =
      bench.Message(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
  for (const std::string_view key : {"", "x", "0123456789"}) {
    message.key = key;
    bench.stage->Process(message, bench.out);
    ASSERT_EQ(bench.out.entries().size(), 1u) << key;
    EXPECT_EQ(bench.out.HeadersOf(bench.out.entries()[0])[0].value, kTenant);
    bench.out.Clear();
  }
  // The last event has neither a key nor a tenant header. It must become a dead letter, and not get
  // the tenant of the event before it.
  bench.headers.clear();
  message = bench.Message(R"({"Operation":"New-InboxRule"})");
  message.key = "";
  bench.stage->Process(message, bench.out);
  EXPECT_EQ(bench.On(kafka::Topic::kDeadLetters).size(), 1u);
}

TEST(DetectorStageTest, AnEventThatIsNotAnObjectBecomesADeadLetterAndTheRestIsProcessed) {
  Bench bench;
  bench.stage->EndRestore(8);
  bench.Process("[not an event]");
  bench.Process(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
  const auto dead = bench.On(kafka::Topic::kDeadLetters);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].second, "[not an event]");
  EXPECT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
  EXPECT_EQ(bench.metrics.Sum("picket_dead_letters_total"), 0) << "not committed yet";
  bench.stage->Commit();
  EXPECT_EQ(bench.metrics.Sum("picket_dead_letters_total",
                              {{"stage", "detector"}, {"reason", "not_an_object"}}),
            1);
}

TEST(DetectorStageTest, AWindowSurvivesARestartThroughItsRows) {
  std::vector<std::pair<std::string, std::string>> rows;
  {
    Bench bench;
    bench.stage->EndRestore(8);
    bench.Download(1);
    bench.Download(2);
    bench.stage->Flush(bench.out);
    bench.stage->Commit();
    rows = bench.On(kafka::Topic::kState);
    EXPECT_EQ(rows.size(), 3u);
  }
  Bench bench;
  for (const auto& [key, value] : rows) {
    kafka::Message row;
    row.partition = 8;
    row.key = key;
    row.value = value;
    bench.stage->RestoreRow(row);
  }
  bench.stage->EndRestore(8);
  bench.Download(3);
  EXPECT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
}

TEST(DetectorStageTest, AnAbortedTransactionChangesNoWindow) {
  Bench bench;
  bench.stage->EndRestore(8);
  for (int round = 0; round < 5; ++round) {
    bench.Download(1);
    bench.Download(2);
    bench.stage->Flush(bench.out);
    bench.stage->Abort();
  }
  EXPECT_THAT(bench.On(kafka::Topic::kAlerts), IsEmpty());
}

TEST(DetectorStageTest, RowsOfATenantOfAnotherPartitionAreSkippedAndCounted) {
  Bench bench;
  kafka::Message row;
  row.partition = 8;
  row.key = "0873ee4d-d342-44f2-8961-74c442a2fad2|watermark";
  row.value = "\x01\x02";
  ASSERT_NE(kafka::PartitionOf("0873ee4d-d342-44f2-8961-74c442a2fad2", 24), 8);
  bench.stage->RestoreRow(row);
  bench.stage->EndRestore(8);
  const MetricLabels labels = {{"stage", "detector"}, {"topic", "o365.state"}};
  EXPECT_EQ(bench.metrics.Sum("picket_foreign_rows_total", labels), 1);
  EXPECT_EQ(bench.metrics.Sum("picket_unreadable_rows_total", labels), 0);
}

TEST(DetectorStageTest, RowsThatCannotBeDecodedAreSkippedAndCounted) {
  Bench bench;
  kafka::Message row;
  row.partition = 8;
  const std::string key = absl::StrCat(ToAbsl(kTenant), "|watermark");
  row.key = key;
  row.value = "\xff\xff";  // an incomplete varint
  bench.stage->RestoreRow(row);
  bench.stage->EndRestore(8);
  EXPECT_EQ(bench.metrics.Sum("picket_unreadable_rows_total"), 1);
}

// Aborted transactions must not be counted. Only two of the five transactions are committed.
TEST(DetectorStageTest, CountersIncludeCommittedTransactionsOnlyAndBalance) {
  Bench bench;
  bench.stage->EndRestore(8);
  for (const bool commits : {false, false, true, false, true}) {
    bench.Process(R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})");
    bench.Process(R"({"time":2,"metadata":{"uid":"v"},"Operation":"UserLoggedIn"})");
    bench.Process("[not an event]");
    kafka::Message message = bench.Message("{}");
    message.key = "nobody";
    message.headers = {};
    bench.stage->Process(message, bench.out);
    bench.stage->Reject(bench.Message("{}"), "crashed", bench.out);
    bench.stage->Flush(bench.out);
    commits ? bench.stage->Commit() : bench.stage->Abort();
    bench.out.Clear();
  }
  const auto sum = [&](const char* name, MetricLabels labels = {}) {
    return bench.metrics.Sum(name, labels);
  };
  EXPECT_EQ(sum("picket_records_in_total", {{"stage", "detector"}}), 10);
  EXPECT_EQ(sum("picket_records_out_total", {{"stage", "detector"}}), 4);
  for (const char* reason : {"not_an_object", "no_tenant", "crashed"}) {
    EXPECT_EQ(sum("picket_dead_letters_total", {{"stage", "detector"}, {"reason", reason}}), 2)
        << reason;
  }
  EXPECT_EQ(sum("picket_alerts_total"), 2);
  EXPECT_EQ(sum("picket_rule_matches_total"), 2);
}

TEST(DetectorConfigTest, ReadsItsOptions) {
  DetectorConfig config;
  const auto describe = [&config](ConfigVisitor& v) {
    v.Section("detector", "The detector.",
              [&config](ConfigVisitor& section) { Describe(section, config); });
  };
  EXPECT_THAT(ReadConfig("picket.yaml", "detector:\n  allowed_lateness_secs: 3600\n", describe),
              IsEmpty());
  EXPECT_EQ(config.allowed_lateness, absl::Hours(1));
  EXPECT_THAT(ReadConfig("picket.yaml", "detector:\n  allowed_lateness_secs: 1\n", describe),
              ElementsAre(testing::HasSubstr("picket.yaml:2")));
}

std::string OneRule(int n) {
  return absl::StrCat("title: Rule ", n, "\nid: rule-", n,
                      "\nlogsource: {product: m365}\n"
                      "detection: {s: {Operation: New-InboxRule}, condition: s}\n");
}

TEST(DetectorStageTest, NewRulesAreUsedFromTheNextTransactionOn) {
  Bench bench;
  bench.stage->EndRestore(8);
  bench.rules.Set(ForEveryTenant(RulePackOf(CompileText(OneRule(7)).rules)));
  constexpr std::string_view kEvent =
      R"({"time":1,"metadata":{"uid":"u"},"Operation":"New-InboxRule"})";
  bench.Process(kEvent);
  bench.stage->Flush(bench.out);
  bench.stage->Commit();
  ASSERT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
  EXPECT_NE(bench.On(kafka::Topic::kAlerts)[0].second.find("-000000000001"), std::string::npos);
  bench.stage->BetweenTransactions();
  bench.out.Clear();
  bench.Process(kEvent);
  ASSERT_EQ(bench.On(kafka::Topic::kAlerts).size(), 1u);
  EXPECT_NE(bench.On(kafka::Topic::kAlerts)[0].second.find("rule-7"), std::string::npos);
}

TEST(DetectorStageTest, UnderLoadEveryEventIsEvaluatedOnExactlyOneSetAndWindowsAreKept) {
  Bench bench;
  bench.stage->EndRestore(8);
  // Each set consists of kRules, but its first rule has another id. The rule id in an alert shows
  // which set the detector used.
  const auto rules = [](int n) {
    std::string text(kRules);
    text.replace(text.find("-000000000001"), 13, absl::StrCat("-", absl::Dec(n, absl::kZeroPad12)));
    return ForEveryTenant(RulePackOf(CompileText(text).rules));
  };
  std::atomic<bool> done = false;
  std::jthread changes([&] {
    for (int n = 100; !done; ++n) bench.rules.Set(rules(n));
  });
  std::set<std::string> sets;
  int downloads = 0, many = 0;
  // On a busy machine, the thread `changes` may start late. The loop therefore continues until two
  // sets have been used.
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  for (int batch = 0; batch < 300 || (sets.size() < 2 && absl::Now() < deadline); ++batch) {
    bench.out.Clear();
    for (int i = 0; i < 10; ++i) {
      bench.Process(absl::StrCat(R"({"time":1000,"metadata":{"uid":"u)", batch, "-", i,
                                 R"("},"Operation":"New-InboxRule"})"));
    }
    if (batch % 100 == 0 && batch < 300) bench.Download(++downloads);
    bench.stage->Flush(bench.out);
    std::set<std::string> sets_of_batch;
    int alerts = 0;
    for (const auto& [key, value] : bench.On(kafka::Topic::kAlerts)) {
      const size_t at = value.find("\"event_code\":\"") + 14;
      const std::string rule = value.substr(at, 36);
      if (rule.ends_with("003")) {
        ++many;
        continue;
      }
      ++alerts;
      sets_of_batch.insert(rule);
    }
    ASSERT_EQ(alerts, 10) << "an event was evaluated on no set or on more than one";
    ASSERT_EQ(sets_of_batch.size(), 1u) << "two sets in one transaction";
    sets.insert(*sets_of_batch.begin());
    bench.stage->Commit();
    bench.stage->BetweenTransactions();
  }
  done = true;
  EXPECT_GT(sets.size(), 1u);
  EXPECT_EQ(many, 1) << "the window of the unchanged correlation is kept across sets";
}

}  // namespace
}  // namespace picket::detector
