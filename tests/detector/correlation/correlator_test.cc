#include "detector/correlation/correlator.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace picket::detector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kTenant = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";
constexpr std::string_view kOther = "0873ee4d-d342-44f2-8961-74c442a2fad2";

CorrelationRule Rule(sigma::CorrelationType type, absl::Duration timespan,
                     std::vector<sigma::CountCondition> conditions, std::string id = "r1") {
  CorrelationRule rule;
  rule.info.id = std::move(id);
  rule.info.version = "v1";
  rule.type = type;
  rule.timespan = timespan;
  rule.conditions = std::move(conditions);
  return rule;
}

CorrelationRule EventCount(int64_t least, absl::Duration timespan = absl::Minutes(5)) {
  return Rule(sigma::CorrelationType::kEventCount, timespan,
              {{sigma::Comparison::kGreaterEqual, least}});
}

CorrelationRule ValueCount(int64_t least, absl::Duration timespan = absl::Minutes(5)) {
  return Rule(sigma::CorrelationType::kValueCount, timespan,
              {{sigma::Comparison::kGreaterEqual, least}}, "r2");
}

// Returns one line that describes a hit.
std::string Line(const CorrelationHit& hit) {
  std::string line = absl::StrCat(hit.correlation, " ", ToAbsl(hit.tenant.substr(0, 2)), " ");
  for (const std::string& value : hit.group_values) absl::StrAppend(&line, value, ",");
  absl::StrAppend(&line, " n=", hit.count, " [", hit.window_start_ms, ",", hit.window_end_ms,
                  "] by ", ToAbsl(hit.uid), " of");
  for (const RelatedEvent& event : hit.events) absl::StrAppend(&line, " ", ToAbsl(event.uid));
  for (const std::string_view value : hit.values) absl::StrAppend(&line, " v=", ToAbsl(value));
  return line;
}

using Rows = std::map<std::string, std::string>;

// A correlator, and the rows of the topic `state` from which the correlator is restored.
struct Bench {
  explicit Bench(std::vector<CorrelationRule> rules, CorrelatorOptions options = {})
      : rules(std::move(rules)), options(options) {
    Restart();
  }

  // Replaces the correlator with a new one that is restored from the rows, as after a crash.
  void Restart() {
    correlator.reset();  // the correlator uses the metrics, so it is destroyed first
    metrics = std::make_unique<Metrics>();
    correlator = std::make_unique<Correlator>(MakeCorrelations(rules, {}), options, *metrics);
    correlator->BeginRestore(0);
    for (const auto& [key, value] : rows) correlator->RestoreRow(0, key, value);
    unreadable_rows = correlator->EndRestore(0);
    open.clear();
  }

  void Add(int64_t time, std::string_view group, std::string_view value = "",
           std::string_view tenant = kTenant, uint32_t rule = 0) {
    const std::string uid = absl::StrCat("e", ++next);
    AddAs(uid, time, group, value, tenant, rule);
  }

  void AddAs(const std::string& uid, int64_t time, std::string_view group, std::string_view value,
             std::string_view tenant = kTenant, uint32_t rule = 0) {
    CorrelatedEvent event;
    event.tenant = tenant;
    event.time_ms = time;
    event.arrival_ms = arrival;
    event.uid = uid;
    const auto sink = [this](const CorrelationHit& hit) { open.push_back(Line(hit)); };
    std::vector<std::string_view> groups;
    if (!group.empty()) groups.push_back(group);
    correlator->Add(rule, event, groups, value, sink);
    correlator->Advance(event, sink);
  }

  void Advance(int64_t time, std::string_view tenant = kTenant) {
    CorrelatedEvent event;
    event.tenant = tenant;
    event.time_ms = time;
    event.arrival_ms = arrival;
    correlator->Advance(event, [this](const CorrelationHit& hit) { open.push_back(Line(hit)); });
  }

  void Commit() {
    written = 0;
    correlator->Flush([this](int32_t, std::string_view key, std::string_view value) {
      ++written;
      if (value.empty()) {
        rows.erase(std::string(key));
      } else {
        rows[std::string(key)] = std::string(value);
      }
    });
    correlator->Commit();
    alerts.insert(alerts.end(), open.begin(), open.end());
    open.clear();
  }

  void Abort() {
    correlator->Flush([](int32_t, std::string_view, std::string_view) {});
    correlator->Abort();
    open.clear();
  }

  std::vector<std::string> Alerts() {
    Commit();
    return alerts;
  }

  std::vector<CorrelationRule> rules;
  CorrelatorOptions options;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<Correlator> correlator;
  int64_t unreadable_rows = 0;  // the count from the most recent restart
  Rows rows;
  std::vector<std::string> alerts;
  std::vector<std::string> open;  // alerts of the open transaction
  int64_t arrival = 0;
  int next = 0;
  int written = 0;
};

int64_t Min(double minutes) { return static_cast<int64_t>(minutes * 60'000); }

TEST(CorrelatorTest, TheEventThatReachesTheCountFires) {
  Bench bench({EventCount(3)});
  for (const int minute : {0, 1, 2}) bench.Add(Min(minute), "adele");
  EXPECT_THAT(bench.Alerts(), ElementsAre("0 ce adele, n=3 [0,120000] by e3 of e1 e2 e3"));
}

TEST(CorrelatorTest, A6AnEventOneTimespanBeforeIsStillInTheWindow) {
  Bench bench({EventCount(2)});
  bench.Add(0, "adele");
  bench.Add(Min(5), "adele");
  bench.Add(0, "megan");
  bench.Add(Min(5) + 1, "megan");
  EXPECT_THAT(bench.Alerts(), ElementsAre("0 ce adele, n=2 [0,300000] by e2 of e1 e2"));
}

TEST(CorrelatorTest, ALateEventCompletesAWindowThatHasPassed) {
  Bench bench({EventCount(3)});
  for (const int minute : {0, 2, 60}) bench.Add(Min(minute), "adele");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Add(Min(1), "adele");
  EXPECT_THAT(bench.Alerts(), ElementsAre("0 ce adele, n=3 [0,120000] by e4 of e1 e2 e4"));
}

TEST(CorrelatorTest, A9FurtherEventsOfAnEpisodeAreSilent) {
  Bench bench({EventCount(2)});
  for (double minute = 0; minute < 60; minute += 4) bench.Add(Min(minute), "adele");
  EXPECT_EQ(bench.Alerts().size(), 1u);
  // The episode has ended, because more than a timespan has passed without an event. The next two
  // events reach the count again.
  bench.Add(Min(70), "adele");
  EXPECT_EQ(bench.Alerts().size(), 1u);
  bench.Add(Min(71), "adele");
  EXPECT_EQ(bench.Alerts().size(), 2u);
}

TEST(CorrelatorTest, TwoEpisodesAreTwoAlertsInAnyOrderOfArrival) {
  std::vector<int64_t> times;
  for (int i = 0; i < 10; ++i) times.insert(times.end(), {Min(i * 0.1), Min(30 + i * 0.1)});
  std::mt19937 random(3);
  for (int trial = 0; trial < 50; ++trial) {
    std::shuffle(times.begin(), times.end(), random);
    Bench bench({EventCount(10)});
    for (const int64_t time : times) bench.Add(time, "adele");
    EXPECT_EQ(bench.Alerts().size(), 2u);
  }
}

TEST(CorrelatorTest, TenantsWithTheSameUserNameShareNothing) {
  Bench bench({EventCount(2)});
  bench.Add(0, "adele", "", kTenant);
  bench.Add(0, "adele", "", kOther);
  EXPECT_THAT(bench.Alerts(), IsEmpty());
}

TEST(CorrelatorTest, GroupsAreComparedWithoutRegardToCase) {
  Bench bench({EventCount(2)});
  bench.Add(0, "A.Thulile@contoso.com");
  bench.Add(1, "a.thulile@contoso.com");
  EXPECT_THAT(bench.Alerts(), ElementsAre("0 ce A.Thulile@contoso.com, n=2 [0,1] by e2 of e1 e2"));
}

TEST(CorrelatorTest, WithoutGroupByATenantIsOneGroup) {
  Bench bench({EventCount(2)});
  bench.Add(0, "");
  bench.Add(1, "", "", kOther);
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Add(1, "");
  EXPECT_EQ(bench.Alerts().size(), 1u);
}

TEST(CorrelatorTest, DistinctValuesCountAndRepeatedOnesDoNot) {
  Bench bench({ValueCount(3)});
  bench.Add(0, "1.2.3.4", "adele");
  bench.Add(1, "1.2.3.4", "ADELE");
  bench.Add(2, "1.2.3.4", "megan");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Add(3, "1.2.3.4", "alex");
  EXPECT_THAT(bench.Alerts(),
              ElementsAre("0 ce 1.2.3.4, n=3 [0,3] by e4 of e1 e2 e3 e4 v=adele v=ADELE "
                          "v=megan v=alex"));
}

TEST(CorrelatorTest, ValueCountsDoNotReachBeyondTheTimespan) {
  Bench bench({ValueCount(3)});
  bench.Add(0, "a", "1");
  bench.Add(Min(3), "a", "2");
  bench.Add(Min(5) + 1, "a", "3");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
}

TEST(CorrelatorTest, A8FewerThanIsDecidedWhenEventTimePassesTheWindow) {
  Bench bench({Rule(sigma::CorrelationType::kEventCount, absl::Minutes(5),
                    {{sigma::Comparison::kLess, 3}})});
  bench.Add(0, "adele");
  bench.Add(Min(1), "adele");
  bench.Advance(Min(5));
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Advance(Min(5) + 1);
  EXPECT_THAT(bench.Alerts(), ElementsAre("0 ce adele, n=2 [0,60000] by e1 of e1 e2"));
}

TEST(CorrelatorTest, FewerThanDoesNotHoldIfALateEventFillsTheWindowInTime) {
  Bench bench({Rule(sigma::CorrelationType::kEventCount, absl::Minutes(5),
                    {{sigma::Comparison::kLess, 3}})});
  bench.Add(0, "adele");
  bench.Add(Min(4), "adele");
  bench.Add(Min(2), "adele");
  bench.Advance(Min(30));
  EXPECT_THAT(bench.Alerts(), IsEmpty());
}

TEST(CorrelatorTest, AConjunctionWithAnUpperBoundWaitsForTheWindow) {
  Bench bench({Rule(sigma::CorrelationType::kEventCount, absl::Minutes(5),
                    {{sigma::Comparison::kGreaterEqual, 2}, {sigma::Comparison::kLess, 4}})});
  for (const int second : {0, 1, 2}) bench.Add(second * 1000, "three");
  for (const int second : {0, 1, 2, 3}) bench.Add(second * 1000, "four");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Advance(Min(6));
  EXPECT_THAT(bench.Alerts(), ElementsAre(testing::HasSubstr("three, n=3")));
}

TEST(CorrelatorTest, InReplayOpenWindowsAreDecidedAtTheEndOfInput) {
  CorrelatorOptions options;
  options.allowed_lateness = absl::InfiniteDuration();
  Bench bench({Rule(sigma::CorrelationType::kEventCount, absl::Minutes(5),
                    {{sigma::Comparison::kEqual, 2}})},
              options);
  bench.Add(Min(100), "adele");
  bench.Add(0, "megan");
  bench.Add(Min(101), "adele");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.correlator->Finish(
      [&bench](const CorrelationHit& hit) { bench.open.push_back(Line(hit)); });
  EXPECT_THAT(bench.Alerts(), ElementsAre("0 ce adele, n=2 [6000000,6060000] by e1 of e1 e3"));
}

TEST(CorrelatorTest, AnEventBeyondTheAllowedLatenessIsIgnoredAndCounted) {
  Bench bench({EventCount(2)});
  bench.Add(Min(0), "adele");
  bench.Add(Min(60 * 24 * 9), "megan");
  bench.Add(Min(1), "adele");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Commit();
  EXPECT_EQ(bench.metrics->Sum("picket_correlation_late_events_total"), 1);
}

TEST(CorrelatorTest, ATimeInTheFarFutureDecidesNoOtherWindow) {
  Bench bench({Rule(sigma::CorrelationType::kEventCount, absl::Minutes(5),
                    {{sigma::Comparison::kLess, 3}})});
  bench.arrival = Min(10);
  bench.Add(0, "adele");
  bench.Add(Min(60 * 24 * 365), "megan");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Commit();
  EXPECT_EQ(bench.metrics->Sum("picket_correlation_future_events_total"), 1);
  bench.Advance(Min(11));
  EXPECT_THAT(bench.Alerts(), ElementsAre(testing::HasSubstr("adele, n=1")));
}

TEST(CorrelatorTest, AnAbortLeavesNoTrace) {
  Bench bench({EventCount(3), ValueCount(3)});
  bench.Add(0, "adele");
  bench.Add(0, "adele", "x", kTenant, 1);
  bench.Commit();
  const Rows before = bench.rows;
  for (int i = 1; i < 9; ++i) {
    bench.Add(i, "adele");
    bench.Add(i, "adele", absl::StrCat(i), kTenant, 1);
    bench.Add(i, "new");
  }
  EXPECT_EQ(bench.open.size(), 3u);
  bench.Abort();
  EXPECT_EQ(bench.correlator->groups(), 2);
  bench.Add(1, "adele");
  bench.Add(1, "adele", "y", kTenant, 1);
  EXPECT_THAT(bench.Alerts(), IsEmpty());
  bench.Add(2, "adele");
  bench.Add(2, "adele", "z", kTenant, 1);
  EXPECT_EQ(bench.Alerts().size(), 2u);
}

TEST(CorrelatorTest, OnlyTouchedBucketsAreWritten) {
  Bench bench({EventCount(1000, absl::Hours(1))});
  for (int minute = 0; minute < 60; ++minute) bench.Add(Min(minute), "adele");
  bench.Commit();
  EXPECT_GT(bench.written, 50);
  bench.Add(Min(60), "adele");
  bench.Commit();
  // One row each for the new event's bucket, the head of its group, and the tenant's watermark
  // (detector/correlation/correlator.h).
  EXPECT_EQ(bench.written, 3);
}

TEST(CorrelatorTest, OldRowsGetTombstones) {
  CorrelatorOptions options;
  options.allowed_lateness = absl::Minutes(10);
  Bench bench({EventCount(1000)}, options);
  for (int minute = 0; minute < 300; ++minute) {
    bench.Add(Min(minute), "adele");
    bench.Commit();
  }
  EXPECT_LT(bench.rows.size(), 25u);
  bench.Advance(Min(1000));
  bench.Commit();
  EXPECT_EQ(bench.rows.size(), 1u) << "nothing but the tenant's event time is left";
  EXPECT_EQ(bench.correlator->groups(), 0);
}

TEST(CorrelatorTest, AGroupRespectsItsCapAndCountsEvictions) {
  CorrelatorOptions options;
  options.group_cap = 100;
  Bench bench({EventCount(10'000, absl::Hours(10))}, options);
  for (int second = 0; second < 20'000; ++second) {
    bench.Add(second * 1000, "adele");
    if (second % 10 == 9) bench.Commit();
  }
  EXPECT_LT(bench.rows.size(), 70u);
  EXPECT_GT(bench.metrics->Sum("picket_correlation_evictions_total"), 10'000);
}

TEST(CorrelatorTest, ATenantRespectsItsCapAndOthersAreNotAffected) {
  CorrelatorOptions options;
  options.tenant_cap = 100;
  Bench bench({EventCount(3)}, options);
  bench.Add(0, "quiet", "", kOther);
  for (int i = 0; i < 5000; ++i) {
    bench.Add(i, absl::StrCat("user", i));
    if (i % 10 == 9) bench.Commit();
  }
  EXPECT_LE(bench.correlator->groups(), 111);
  EXPECT_GT(bench.metrics->Sum("picket_correlation_evictions_total"), 4800);
  bench.Add(1, "quiet", "", kOther);
  bench.Add(2, "quiet", "", kOther);
  EXPECT_EQ(bench.Alerts().size(), 1u);
}

// The rows were recorded from version 0.1.0. A newer detector must continue the windows in them.
TEST(CorrelatorTest, RowsOfVersion010AreRestored) {
  const std::string ann =
      absl::StrCat(ToAbsl(kTenant), "|b528da465c1d716e|f1c26a35fb118a7835dcc112f7aa3454|");
  const std::string bob =
      absl::StrCat(ToAbsl(kTenant), "|d708e72731b6afd9|1d05cbfe7306616635466873f74df7ff|");
  const std::map<std::string, std::string> recorded = {
      {ann + "1699999998885", "01db0801"},
      {ann + "1700000059816", "01b80101"},
      {ann + "head",
       "01c0c9b2fef962ffffffffffffffffff010103616e6e000280a0abfef96202653100c0c9b2fef96202653200"},
      {bob + "1699999998885.0", "017d53cd6f634c5bb8db0800"},
      {bob + "1700000087938.0", "01760d60270dc279b98e1000"},
      {bob + "head",
       "01a09eb6fef962ffffffffffffffffff010103626f62000280a0abfef9620265330161a09eb6fef96202653401"
       "62"},
      {absl::StrCat(ToAbsl(kTenant), "|watermark"), "01a09eb6fef962"},
  };
  Bench bench({EventCount(3), ValueCount(3)});
  for (const auto& [key, hex] : recorded) bench.rows[key] = absl::HexStringToBytes(hex);
  bench.Restart();
  bench.next = 4;
  bench.Add(1'700'000'120'000, "ann");
  bench.Add(1'700'000'120'000, "bob", "c", kTenant, 1);
  EXPECT_THAT(
      bench.Alerts(),
      ElementsAre("0 ce ann, n=3 [1700000000000,1700000120000] by e5 of e1 e2 e5",
                  "1 ce bob, n=3 [1700000000000,1700000120000] by e6 of e3 e4 e6 v=a v=b v=c"));
}

// Detectors of version 0.1 read heads of version 1 only. They run beside newer detectors while a
// cluster is upgraded, before any parser gives places to events.
TEST(CorrelatorTest, AHeadWithoutPlacesKeepsItsVersion) {
  Bench bench({EventCount(9)});
  bench.Add(1, "adele");
  bench.Commit();
  int heads = 0;
  for (const auto& [key, value] : bench.rows) {
    if (key.find("|head") == std::string::npos) continue;
    ++heads;
    EXPECT_EQ(value.front(), 1);
  }
  EXPECT_EQ(heads, 1);
}

TEST(CorrelatorTest, PlacesOfEventsSurviveARestartAndAnAbort) {
  Bench bench({EventCount(3)});
  std::vector<std::string> places;
  const auto add = [&](int64_t time, EventPlace place) {
    CorrelatedEvent event;
    event.tenant = kTenant;
    event.time_ms = time;
    const std::string uid = absl::StrCat("u", time);
    event.uid = uid;
    event.place = place;
    bench.correlator->Add(0, event, {"adele"}, "", [&](const CorrelationHit& hit) {
      for (const RelatedEvent& one : hit.events) {
        places.push_back(absl::StrCat(ToAbsl(one.uid), "@", one.time_ms, " ", one.place.offset, "/",
                                      one.place.raw_offset, "/", one.place.raw_index));
      }
    });
  };
  add(1, {.offset = int64_t{1} << 60, .raw_offset = 0, .raw_index = 0});
  bench.Commit();
  bench.Restart();
  EXPECT_EQ(bench.unreadable_rows, 0);
  add(2, {});
  bench.Abort();
  add(3, {});
  bench.Commit();
  bench.Restart();
  add(4, {.offset = 9, .raw_offset = 8, .raw_index = 7});
  EXPECT_THAT(places, ElementsAre("u1@1 1152921504606846976/0/0", "u3@3 -1/-1/-1", "u4@4 9/8/7"));
}

TEST(CorrelatorTest, InvalidRowsAreCountedAndTheOthersAreRestored) {
  Bench bench({EventCount(2)});
  bench.Add(0, "adele");
  bench.Add(0, "megan");
  bench.Commit();
  for (auto& [key, value] : bench.rows) {
    if (key.find("|head") != std::string::npos) {
      value = "?";
      break;
    }
  }
  bench.rows["no bars at all"] = "x";
  bench.Restart();
  EXPECT_EQ(bench.correlator->groups(), 1);
  EXPECT_GE(bench.unreadable_rows, 2);
}

TEST(CorrelatorTest, WindowsSurviveASwapOfRulesAndResumeIfTheirRuleReturns) {
  const CorrelationRule first = EventCount(3);
  CorrelationRule second = EventCount(3);
  second.info.id = "r9";
  Bench bench({first, second});
  for (const uint32_t rule : {0u, 1u}) {
    bench.Add(0, "adele", "", kTenant, rule);
    bench.Add(1, "adele", "", kTenant, rule);
  }
  bench.Commit();
  bench.rules = {second};
  bench.correlator->SwapRules(MakeCorrelations(bench.rules, {}));
  EXPECT_EQ(bench.correlator->groups(), 1);
  bench.Add(2, "adele");
  EXPECT_EQ(bench.Alerts().size(), 1u);
  // The detector restarts without the first rule. Later, the first rule is loaded again, and its
  // windows must still be there.
  bench.Restart();
  bench.rules = {first, second};
  bench.correlator->SwapRules(MakeCorrelations(bench.rules, {}));
  bench.Add(2, "adele");
  EXPECT_EQ(bench.Alerts().size(), 2u);
  // A changed rule starts with empty windows.
  bench.rules[0].info.version = "v2";
  bench.correlator->SwapRules(MakeCorrelations(bench.rules, {}));
  bench.Add(3, "adele");
  EXPECT_EQ(bench.Alerts().size(), 2u);
}

TEST(CorrelatorTest, ReleasingAPartitionDropsItsWindows) {
  Bench bench({EventCount(2)});
  bench.Add(0, "adele");
  bench.correlator->Release(0);
  EXPECT_EQ(bench.correlator->groups(), 0);
  bench.Add(1, "adele");
  EXPECT_THAT(bench.Alerts(), IsEmpty());
}

// Adds the same random events to three correlators, which must raise the same alerts. The first
// correlator runs without interruption. For the second correlator, some transactions are aborted
// and repeated. The third correlator is also restarted at random times.
TEST(CorrelatorTest, AbortsAndRestartsChangeNoAlert) {
  struct Input {
    int64_t time;
    std::string group;
    std::string value;
    uint32_t rule;
    std::string_view tenant;
  };
  size_t alerts = 0;
  int aborts = 0;
  int restarts = 0;
  for (uint32_t trial = 0; trial < 60; ++trial) {
    std::mt19937 random(trial);
    std::vector<CorrelationRule> rules = {
        EventCount(4, absl::Seconds(20)), ValueCount(4, absl::Minutes(3)),
        Rule(sigma::CorrelationType::kEventCount, absl::Seconds(30),
             {{sigma::Comparison::kLess, 3}}, "r3"),
        Rule(sigma::CorrelationType::kEventCount, absl::Seconds(40),
             {{sigma::Comparison::kGreater, 3}, {sigma::Comparison::kNotEqual, 6}}, "r4"),
        Rule(sigma::CorrelationType::kValueCount, absl::Seconds(50),
             {{sigma::Comparison::kEqual, 2}}, "r5")};
    CorrelatorOptions options;
    options.allowed_lateness = absl::Seconds(60 + random() % 600);
    std::vector<Input> inputs;
    int64_t now = 0;
    for (int i = 0; i < 400; ++i) {
      now += static_cast<int64_t>(random() % 9000);
      if (random() % 50 == 0) now += 400'000;
      int64_t time = now;
      if (random() % 4 == 0) time -= static_cast<int64_t>(random() % 200'000);
      if (random() % 40 == 0) time -= 900'000;  // usually more than the allowed lateness
      if (random() % 2 == 0) time = time / 1000 * 1000;
      inputs.push_back({time, absl::StrCat("g", random() % 3), absl::StrCat("v", random() % 7),
                        static_cast<uint32_t>(random() % rules.size()),
                        random() % 5 == 0 ? kOther : kTenant});
    }
    const auto feed = [&inputs](Bench& bench, size_t i) {
      const Input& input = inputs[i];
      bench.AddAs(absl::StrCat("e", i), input.time, input.group, input.value, input.tenant,
                  input.rule);
    };
    Bench straight(rules, options);
    for (size_t i = 0; i < inputs.size(); ++i) feed(straight, i);
    const std::vector<std::string> expected = straight.Alerts();
    alerts += expected.size();

    for (const bool dies : {false, true}) {
      Bench bench(rules, options);
      size_t committed = 0;
      while (committed < inputs.size()) {
        const size_t end = std::min(inputs.size(), committed + 1 + random() % 25);
        for (size_t i = committed; i < end; ++i) feed(bench, i);
        switch (random() % 6) {
          case 0:
            bench.Abort();
            ++aborts;
            continue;
          case 1:
            if (dies) {
              bench.Restart();
              ++restarts;
              continue;
            }
            break;
          default:
            break;
        }
        bench.Commit();
        committed = end;
        if (dies && random() % 4 == 0) {
          bench.Restart();
          ++restarts;
        }
      }
      for (size_t i = 0; i < std::min(expected.size(), bench.alerts.size()); ++i) {
        ASSERT_EQ(bench.alerts[i], expected[i])
            << "trial " << trial << (dies ? " with restarts" : "") << " alert " << i;
      }
      ASSERT_EQ(bench.alerts, expected) << "trial " << trial << (dies ? " with restarts" : "");
      // The rows must contain all groups that the correlator has in memory.
      Bench after(rules, options);
      after.rows = bench.rows;
      after.Restart();
      EXPECT_EQ(after.correlator->groups(), bench.correlator->groups());
    }
  }
  EXPECT_GT(alerts, 300u);
  EXPECT_GT(aborts, 100);
  EXPECT_GT(restarts, 100);
}

}  // namespace
}  // namespace picket::detector
