#include "detector/detector.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "detector/log_sources.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sigma/attack.h"
#include "simdjson.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/support/ocsf_schema.h"
#include "tests/support/shared_data.h"

namespace picket::detector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kTenant = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";

constexpr std::string_view kRules = R"(title: Inbox rule forwards outside
id: 00000000-0000-0000-0000-000000000001
description: Mail leaves.
tags: [attack.collection, attack.t1114.003]
logsource: {product: m365}
detection:
  selection:
    Operation: New-InboxRule
    To|contains: '@'
  condition: selection
level: high
---
title: Failed sign-in
id: 00000000-0000-0000-0000-000000000002
name: failed
logsource: {product: m365}
detection:
  selection: {Operation: UserLoginFailed}
  condition: selection
---
title: Spray
id: 00000000-0000-0000-0000-000000000003
tags: [attack.credential-access, attack.t1110.003]
correlation:
  type: value_count
  rules: [failed]
  group-by: [ClientIP]
  timespan: 5m
  condition: {field: UserId, gte: 3}
level: critical
)";

// A copy of an alert. The views in an Alert are invalid after the callback, so the copy owns its
// strings.
struct Raised {
  explicit Raised(const Alert& alert)
      : id(alert.id),
        tenant(alert.tenant),
        rule(alert.rule_id),
        title(alert.title),
        user(alert.user),
        technique(alert.technique),
        level(alert.level),
        time(alert.time_ms),
        json(alert.json) {}
  std::string id, tenant, rule, title, user, technique;
  sigma::Level level;
  int64_t time;
  std::string json;
};

struct Bench {
  explicit Bench(std::string_view rules, DetectorOptions options = {})
      : compiled(CompileText(rules)), detector(compiled.rules, options, metrics) {
    EXPECT_EQ(Faults(compiled.faults), "");
  }
  bool Process(std::string_view json) {
    EventSource source;
    source.tenant = kTenant;
    source.topic = "o365.events";
    source.partition = 8;
    source.offset = 77;
    return detector.Process(source, json, [this](const Alert& a) { alerts.emplace_back(a); });
  }
  void Finish() {
    detector.Finish([this](const Alert& a) { alerts.emplace_back(a); });
  }
  std::vector<std::string> Rules() const {
    std::vector<std::string> ids;
    for (const Raised& alert : alerts) ids.push_back(alert.rule.substr(35));
    return ids;
  }

  CompiledText compiled;
  Metrics metrics;
  Detector detector;
  std::vector<Raised> alerts;
};

std::string InboxRule(std::string_view uid, std::string_view to = "mallory@example.net") {
  return absl::StrCat(R"({"time":1767607200000,"class_uid":6003,"metadata":{"uid":")", ToAbsl(uid),
                      R"("},"Operation":"New-InboxRule","To":")", ToAbsl(to),
                      R"(","actor":{"user":{"name":"adele@contoso.com","type_id":1}},)"
                      R"("src_endpoint":{"ip":"203.0.113.24"},)"
                      R"("resources":[{"name":"adele\\Reports","type":"Inbox rule"}]})");
}

std::string FailedLogin(int n, std::string_view user, std::string_view ip = "198.51.100.7") {
  return absl::StrCat(R"({"time":)", 1767607200000 + n * 1000, R"(,"metadata":{"uid":"e)", n,
                      R"("},"Operation":"UserLoginFailed","UserId":")", ToAbsl(user),
                      R"(","ClientIP":")", ToAbsl(ip), R"(","actor":{"user":{"name":")",
                      ToAbsl(user), R"("}}})");
}

TEST(DetectorTest, AMatchingEventRaisesAValidFinding) {
  Bench bench(kRules);
  ASSERT_TRUE(bench.Process(InboxRule("u1")));
  ASSERT_EQ(bench.alerts.size(), 1u);
  const Raised& alert = bench.alerts[0];
  EXPECT_THAT(OcsfSchemas::Get().Validate(alert.json), IsEmpty()) << alert.json;
  EXPECT_EQ(alert.tenant, kTenant);
  EXPECT_EQ(alert.user, "adele@contoso.com");
  EXPECT_EQ(alert.technique, "T1114.003");
  EXPECT_EQ(alert.level, sigma::Level::kHigh);
  EXPECT_EQ(alert.time, 1767607200000);
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(alert.json);
  const auto text = [&json](const char* pointer) {
    return std::string_view(json.at_pointer(pointer));
  };
  EXPECT_EQ(text("/finding_info/uid"), alert.id);
  EXPECT_EQ(text("/metadata/uid"), alert.id);
  EXPECT_EQ(text("/metadata/tenant_uid"), kTenant);
  EXPECT_EQ(text("/finding_info/analytic/uid"), "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(text("/finding_info/attacks/0/sub_technique/name"), "Email Forwarding Rule");
  EXPECT_EQ(text("/finding_info/attacks/0/tactic/uid"), "TA0009");
  EXPECT_EQ(text("/evidences/0/actor/user/name"), "adele@contoso.com");
  EXPECT_EQ(text("/evidences/0/src_endpoint/ip"), "203.0.113.24");
  EXPECT_EQ(text("/evidences/0/data/event/metadata/uid"), "u1");
  EXPECT_EQ(text("/resources/0/name"), "adele\\Reports");
  EXPECT_EQ(int64_t(json.at_pointer("/severity_id")), 4);
  std::map<std::string_view, std::string_view> matched;
  for (const simdjson::dom::element field :
       simdjson::dom::array(json.at_pointer("/evidences/0/data/matched"))) {
    matched[field["name"]] = field["value"];
  }
  EXPECT_EQ(matched["To"], "mallory@example.net");
  EXPECT_EQ(matched["Operation"], "New-InboxRule");
}

TEST(DetectorTest, TheSameInputGivesTheSameBytes) {
  Bench a(kRules), b(kRules);
  for (Bench* bench : {&a, &b}) {
    bench->Process(InboxRule("u1"));
    for (int n = 0; n < 5; ++n) bench->Process(FailedLogin(n, absl::StrCat("user", n)));
  }
  ASSERT_EQ(a.alerts.size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(a.alerts[i].json, b.alerts[i].json);
}

TEST(DetectorTest, TheIdDependsOnTenantRuleVersionAndEventOnly) {
  Bench bench(kRules);
  bench.Process(InboxRule("u1"));
  bench.Process(InboxRule("u1", "another@example.net"));
  bench.Process(InboxRule("u2"));
  std::string changed(kRules);
  changed.replace(changed.find("'@'"), 3, "'.'");
  Bench other(changed);
  other.Process(InboxRule("u1"));
  std::string commented = "# a comment\n" + std::string(kRules);
  Bench same(commented);
  same.Process(InboxRule("u1"));
  EXPECT_EQ(bench.alerts[0].id, bench.alerts[1].id);
  EXPECT_NE(bench.alerts[0].id, bench.alerts[2].id);
  EXPECT_NE(bench.alerts[0].id, other.alerts[0].id);
  EXPECT_EQ(bench.alerts[0].id, same.alerts[0].id);
  EXPECT_EQ(bench.alerts[0].id.size(), 32u);
}

TEST(DetectorTest, ACorrelationRaisesOneValidFindingAndItsBaseRuleNone) {
  Bench bench(kRules);
  for (int n = 0; n < 9; ++n) bench.Process(FailedLogin(n, absl::StrCat("user", n)));
  ASSERT_EQ(bench.alerts.size(), 1u);
  const Raised& alert = bench.alerts[0];
  EXPECT_EQ(alert.rule, "00000000-0000-0000-0000-000000000003");
  EXPECT_EQ(alert.user, "user2");
  EXPECT_THAT(OcsfSchemas::Get().Validate(alert.json), IsEmpty()) << alert.json;
  EXPECT_THAT(alert.json, HasSubstr(R"("group":{"ClientIP":"198.51.100.7"})"));
  EXPECT_THAT(alert.json, HasSubstr(R"("values":["user0","user1","user2"])"));
  EXPECT_THAT(alert.json, HasSubstr(R"("fired_by":"e2")"));
  EXPECT_THAT(alert.json,
              HasSubstr(R"("related_events":[{"uid":"e0","first_seen_time":1767607200000},)"
                        R"({"uid":"e1","first_seen_time":1767607201000},)"
                        R"({"uid":"e2","first_seen_time":1767607202000}])"));
  EXPECT_THAT(alert.json, HasSubstr("3 different values within 5m, ClientIP=198.51.100.7"));
}

TEST(DetectorTest, A5AnEventWithoutAGroupFieldIsSkippedAndCounted) {
  Bench bench(kRules);
  for (int n = 0; n < 9; ++n) {
    bench.Process(absl::StrCat(R"({"time":)", n, R"(,"Operation":"UserLoginFailed","UserId":"u)", n,
                               R"("})"));
  }
  EXPECT_THAT(bench.alerts, IsEmpty());
  bench.detector.Commit();
  EXPECT_EQ(bench.metrics.Sum("picket_correlation_skipped_events_total"), 9);
}

TEST(DetectorTest, AnEventThatMatchesTwoRulesOfACorrelationCountsOnce) {
  Bench bench(R"(title: A
id: 00000000-0000-0000-0000-000000000001
logsource: {product: m365}
detection: {selection: {x|contains: a}, condition: selection}
---
title: B
id: 00000000-0000-0000-0000-000000000002
logsource: {product: m365}
detection: {selection: {x|contains: b}, condition: selection}
---
title: C
id: 00000000-0000-0000-0000-000000000003
correlation:
  type: event_count
  rules: [00000000-0000-0000-0000-000000000001, 00000000-0000-0000-0000-000000000002]
  timespan: 1m
  condition: {gte: 2}
)");
  bench.Process(R"({"time":1,"x":"ab"})");
  EXPECT_THAT(bench.Rules(), Not(testing::Contains("3")));
  bench.Process(R"({"time":2,"x":"a"})");
  EXPECT_THAT(bench.Rules(), testing::Contains("3"));
}

TEST(DetectorTest, AnEventAboveTheSizeLimitIsReferencedNotEmbedded) {
  Bench bench(kRules);
  std::string event = InboxRule("big");
  event.insert(event.size() - 1, absl::StrCat(R"(,"filler":")", std::string(1 << 20, 'x'), "\""));
  ASSERT_TRUE(bench.Process(event));
  ASSERT_EQ(bench.alerts.size(), 1u);
  EXPECT_LT(bench.alerts[0].json.size(), 10'000u);
  EXPECT_THAT(
      bench.alerts[0].json,
      HasSubstr(R"("event_ref":{"uid":"big","topic":"o365.events","partition":8,"offset":77})"));
  EXPECT_THAT(OcsfSchemas::Get().Validate(bench.alerts[0].json), IsEmpty());
}

TEST(DetectorTest, AnEventThatIsNotAnObjectIsRefused) {
  Bench bench(kRules);
  for (const std::string_view text : {"", "[]", "1", "{", R"({"a":)", "\"x\"", "nul"}) {
    EXPECT_FALSE(bench.Process(text)) << text;
  }
}

TEST(DetectorTest, UnusualEventsAreEvaluatedLikeOthers) {
  Bench bench(kRules);
  EXPECT_TRUE(bench.Process("{}"));
  EXPECT_TRUE(
      bench.Process(R"({"time":"soon","metadata":7,"Operation":"New-InboxRule","To":"a@b"})"));
  EXPECT_TRUE(
      bench.Process(R"( {"time" : null , "Operation":["New-InboxRule"],"To":"a@b","actor":"x"} )"));
  ASSERT_EQ(bench.alerts.size(), 2u);
  for (const Raised& alert : bench.alerts) {
    EXPECT_THAT(OcsfSchemas::Get().Validate(alert.json), IsEmpty()) << alert.json;
  }
}

TEST(DetectorTest, StateIsRestoredFromRows) {
  std::vector<std::pair<std::string, std::string>> rows;
  {
    Bench bench(kRules);
    bench.Process(FailedLogin(0, "user0"));
    bench.Process(FailedLogin(1, "user1"));
    bench.detector.Flush([&rows](int32_t partition, const StateRow& row) {
      EXPECT_EQ(partition, 8);
      rows.emplace_back(row.key, row.value);
    });
    bench.detector.Commit();
  }
  for (const auto& [key, value] : rows) EXPECT_EQ(key.substr(0, 36), kTenant);
  Bench bench(kRules);
  bench.detector.BeginRestore(8);
  for (const auto& [key, value] : rows) bench.detector.RestoreRow(8, {key, value});
  bench.detector.EndRestore(8);
  bench.Process(FailedLogin(2, "user2"));
  EXPECT_THAT(bench.Rules(), ElementsAre("3"));
}

TEST(DetectorTest, SwappedRulesApplyFromTheNextEventOn) {
  Bench bench(kRules);
  bench.Process(FailedLogin(0, "user0"));
  bench.Process(FailedLogin(1, "user1"));
  bench.detector.Commit();
  std::string changed(kRules);
  changed.replace(changed.find("New-InboxRule"), 13, "Set-InboxRule");
  const CompiledText compiled = CompileText(changed);
  bench.detector.SwapRules(ForEveryTenant(RulePackOf(compiled.rules)));
  bench.Process(InboxRule("u1"));
  bench.Process(FailedLogin(2, "user2"));
  EXPECT_THAT(bench.Rules(), ElementsAre("3")) << "the window of the unchanged correlation is kept";
}

// Runs correlation scenarios that other engines publish. Some engines raise an alert for every
// further event, or have options that Picket does not support. For such a scenario, the test
// expects one alert per episode instead.
TEST(DetectorTest, CorrelationScenariosInOrderAndShuffled) {
  const std::optional<std::string> path = SharedData("sigma/conformance-correlation.jsonl");
  if (!path) GTEST_SKIP() << "NOT TESTED: the shared data with the scenarios is missing";
  std::ifstream file(*path);
  std::string line;
  simdjson::dom::parser parser;
  int checked = 0;
  int shuffled = 0;
  while (std::getline(file, line)) {
    const simdjson::dom::element scenario = parser.parse(line);
    bool counts = true;
    for (const std::string_view type : simdjson::dom::array(scenario["types"])) {
      counts = counts && (type == "event_count" || type == "value_count");
    }
    if (!counts) continue;
    const std::string name{std::string_view(scenario["test"])};
    const bool has_options = simdjson::dom::array(scenario["config"]).size() != 0;
    std::vector<std::string> events;
    for (const simdjson::dom::element step : simdjson::dom::array(scenario["steps"])) {
      std::string event = simdjson::minify(step["event"]);
      event.insert(1, absl::StrCat("\"time\":", int64_t(step["ts"]) * 1000,
                                   ",\"metadata\":{\"uid\":\"s", events.size(), "\"},"));
      events.push_back(event);
    }
    std::vector<sigma::RuleFault> faults;
    const auto rules = RuleSet::Compile(
        {{name, std::string(std::string_view(scenario["rules_yaml"]))}}, LiteralFieldName, faults);
    ASSERT_EQ(Faults(faults), "") << name;
    std::set<std::string> base;
    for (const DetectionRule& rule : rules->rules()) base.insert(rule.info.id);

    const auto run = [&](const std::vector<std::string>& order) {
      Metrics metrics;
      Detector detector(rules, {}, metrics);
      std::vector<int> by_step;
      for (const std::string& event : order) {
        int fired = 0;
        EventSource source;
        source.tenant = kTenant;
        EXPECT_TRUE(detector.Process(source, event, [&](const Alert& alert) {
          fired += base.count(std::string(alert.rule_id)) == 0 ? 1 : 0;
        }));
        by_step.push_back(fired);
      }
      return by_step;
    };
    const std::vector<int> fired = run(events);
    bool open = false;
    for (const simdjson::dom::element expect : simdjson::dom::array(scenario["expect"])) {
      if (std::string_view(expect["what"]) != "correlations") continue;
      const auto step = static_cast<size_t>(int64_t(expect["step"]));
      const int64_t value = expect["value"];
      for (size_t i = 0; i < step; ++i) open = open || fired[i] > 0;
      const bool other_group = name == "test_suppression_per_group_key" && step == 5;
      if (value > 0 && open && !other_group) {
        EXPECT_TRUE(has_options || name == "test_no_suppression_fires_every_event") << name;
        EXPECT_EQ(fired[step], 0) << name << ": an open episode raises no further alert";
      } else {
        EXPECT_EQ(fired[step], value) << name << " step " << step;
      }
      ++checked;
    }
    const int total = std::accumulate(fired.begin(), fired.end(), 0);
    std::mt19937 random(1);
    for (int trial = 0; trial < 20; ++trial) {
      std::shuffle(events.begin(), events.end(), random);
      const std::vector<int> again = run(events);
      EXPECT_EQ(std::accumulate(again.begin(), again.end(), 0), total) << name << " shuffled";
      ++shuffled;
    }
  }
  EXPECT_GT(checked, 20);
  EXPECT_GT(shuffled, 200);
}

TEST(DetectionPackTest, LoadsWithoutFaultsAndUsesKnownAttackTechniques) {
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = sigma::ReadRuleFiles("rules", faults);
  const auto rules = CompileForAuditEvents(files, faults);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_EQ(files.size(), 79u);
  size_t alerting = rules->correlations().size();
  const auto check = [](const sigma::RuleInfo& info) {
    const sigma::AttackTags tags = sigma::ReadAttackTags(info.tags);
    EXPECT_EQ(tags.techniques.size(), 1u) << info.file;
    EXPECT_THAT(tags.tactics, Not(IsEmpty())) << info.file;
    for (const std::string& technique : tags.techniques) {
      EXPECT_NE(sigma::TechniqueName(technique), "") << technique;
      EXPECT_NE(sigma::TechniqueName(technique.substr(0, 5)), "") << technique;
    }
    EXPECT_NE(info.description, "") << info.file;
    EXPECT_THAT(info.references, Not(IsEmpty())) << info.file;
    EXPECT_THAT(info.false_positives, Not(IsEmpty())) << info.file;
  };
  for (const DetectionRule& rule : rules->rules()) {
    if (!rule.alerts) continue;
    ++alerting;
    check(rule.info);
  }
  for (const CorrelationRule& rule : rules->correlations()) check(rule.info);
  EXPECT_EQ(alerting, files.size());
}

}  // namespace
}  // namespace picket::detector
