// Processes a simulated day with the parser and the shipped detection pack, without Kafka. The day
// contains ordinary work and stories of attacks. Each story declares the alerts that it expects, so
// the expectations do not depend on the rules. Ordinary work must raise no alert.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "detector/detector.h"
#include "detector/log_sources.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "parser/normalizer.h"
#include "rules/embedded_rules.h"
#include "simdjson.h"
#include "simulator/attack_behaviours.h"
#include "simulator/workday.h"
#include "tests/support/ocsf_schema.h"

namespace picket::simulator {
namespace {

constexpr uint64_t kSeeds = 6;

class PackTest : public testing::Test {
 protected:
  void SetUp() override {
    WorkdayOptions options;
    options.records = 2'500;
    options.campaigns = 3;
    options.end = absl::FromUnixSeconds(1'700'000'000);
    tenant_ = InventTenants(1, 11)[0];
    day_ = SimulateWorkday(tenant_, options);
  }
  // Returns the event that the parser creates from a record.
  std::string Event(const AuditRecord& record) {
    parser::BlobSource source;
    source.tenant = tenant_.id;
    source.content_type = record.content_type;
    normalizer_.Normalize(source, record.json, batch_);
    EXPECT_TRUE(batch_.rejected.empty()) << record.json;
    EXPECT_EQ(batch_.events.size(), 1u);
    return batch_.events.empty() ? "{}" : std::string(batch_.Json(batch_.events[0]));
  }

  Tenant tenant_;
  Workday day_;
  Metrics metrics_;
  parser::Normalizer normalizer_{{}, metrics_};
  parser::NormalizedBatch batch_;
};

TEST_F(PackTest, EveryKindOfSimulatedRecordBecomesAValidEvent) {
  std::map<std::string, int> faults;
  std::map<std::string, int> seen;
  int validated = 0;
  for (const AuditRecord& record : day_.records) {
    // Validation takes milliseconds, so the test validates only twenty records of each operation.
    const size_t at = record.json.find("\"Operation\":");
    if (++seen[record.json.substr(at, record.json.find(',', at) - at)] > 20) continue;
    const std::string event = Event(record);
    ++validated;
    for (const std::string& fault : OcsfSchemas::Get().Validate(event)) {
      if (faults[fault]++ == 0 && faults.size() <= 5) ADD_FAILURE() << fault << "\n" << event;
    }
  }
  EXPECT_GT(validated, 500);
  std::printf("simulated day: %d events of %zu operations validated\n", validated, seen.size());
}

// Returns the rule files of the pack. In `changed_file`, replaces `from` with `to`. Leaves that
// file out if `from` is empty.
std::vector<sigma::RuleFile> Pack(std::string_view changed_file = "", std::string_view from = "",
                                  std::string_view to = "") {
  std::vector<sigma::RuleFile> files;
  for (const EmbeddedRule& rule : EmbeddedRules()) {
    if (rule.file.ends_with(".test.yml")) continue;
    std::string text(rule.text);
    if (rule.file == changed_file) {
      if (from.empty()) continue;
      const size_t at = text.find(from);
      EXPECT_NE(at, std::string::npos) << changed_file << " does not contain '" << from << "'";
      if (at != std::string::npos) text.replace(at, from.size(), to);
    }
    files.push_back({std::string(rule.file), std::move(text)});
  }
  return files;
}

// One key for each alert: the rule id, the tenant and the user, separated by blanks. A password
// spray affects many users, so its key has no user.
using AlertKeys = std::multiset<std::string>;

AlertKeys Expected(const std::vector<ExpectedAlert>& expected) {
  AlertKeys keys;
  for (const ExpectedAlert& alert : expected) {
    keys.insert(absl::StrCat(alert.rule_id, " ", alert.tenant, " ", alert.user));
  }
  return keys;
}

AlertKeys Raised(const std::vector<std::string>& events, const std::string& tenant,
                 const std::vector<sigma::RuleFile>& files) {
  std::vector<sigma::RuleFault> faults;
  const auto rules = detector::CompileForAuditEvents(files, faults);
  for (const sigma::RuleFault& fault : faults) ADD_FAILURE() << fault.ToString();
  Metrics metrics;
  detector::Detector detector(rules, {}, metrics);
  AlertKeys keys;
  const auto on_alert = [&keys](const detector::Alert& alert) {
    const bool spray = alert.rule_id == "c5cf094b-983c-44bf-a075-19ac2a1026fb";
    keys.insert(absl::StrCat(ToAbsl(alert.rule_id), " ", ToAbsl(alert.tenant), " ",
                             ToAbsl(spray ? std::string_view() : alert.user)));
  };
  detector::EventSource source;
  source.tenant = tenant;
  for (const std::string& event : events) {
    ++source.offset;
    EXPECT_TRUE(detector.Process(source, event, on_alert));
  }
  return keys;
}

std::vector<std::string> Difference(const AlertKeys& a, const AlertKeys& b) {
  std::vector<std::string> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

TEST_F(PackTest, EachRuleIsTriggeredByAStoryAndEachBehaviourIsARuleOfThePack) {
  std::vector<sigma::RuleFault> faults;
  const auto rules = detector::CompileForAuditEvents(Pack(), faults);
  for (const sigma::RuleFault& fault : faults) ADD_FAILURE() << fault.ToString();
  std::map<std::string, sigma::RuleInfo> pack;  // indexed by rule id
  for (const detector::DetectionRule& rule : rules->rules()) {
    if (rule.alerts) pack[rule.info.id] = rule.info;
  }
  for (const detector::CorrelationRule& rule : rules->correlations())
    pack[rule.info.id] = rule.info;

  constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
  std::set<std::string> triggered;
  for (const ExpectedAlert& alert : day_.expected) triggered.insert(alert.rule_id);
  for (const auto& [id, info] : pack) {
    EXPECT_TRUE(triggered.contains(id))
        << info.file << ": no story of the simulator triggers '" << info.title
        << "': add an act to simulator/*_stories.cc and a row to simulator/attack_behaviours.cc";
  }
  for (const Behaviour& behaviour : Behaviours()) {
    const auto found = pack.find(std::string(behaviour.rule_id));
    if (found == pack.end()) {
      ADD_FAILURE() << behaviour.name << ": no rule of the pack has the id " << behaviour.rule_id;
      continue;
    }
    EXPECT_EQ(std::string(behaviour.name) + ".yml", found->second.file);
    EXPECT_EQ(behaviour.level, kLevels[static_cast<size_t>(found->second.level)]) << behaviour.name;
    std::string technique = "attack." + LowerAscii(behaviour.technique);
    EXPECT_THAT(found->second.tags, testing::Contains(technique)) << behaviour.name;
  }
}

TEST_F(PackTest, ThePackRaisesExactlyTheExpectedAlertsAndAChangedRuleIsDetected) {
  std::vector<std::string> events;
  for (const AuditRecord& record : day_.records) events.push_back(Event(record));
  const AlertKeys expected = Expected(day_.expected);
  const AlertKeys raised = Raised(events, tenant_.id, Pack());
  EXPECT_THAT(Difference(expected, raised), testing::IsEmpty()) << "missing";
  EXPECT_THAT(Difference(raised, expected), testing::IsEmpty()) << "unexpected";

  // Without one of its rules, the pack must miss an expected alert.
  std::set<std::string> raised_ids;
  for (const std::string& key : raised) raised_ids.insert(key.substr(0, key.find(' ')));
  EXPECT_EQ(raised_ids.size(), Behaviours().size());
  for (const char* file : {"mass_download.yml", "dlp_rule_matched.yml", "guest_invited.yml"}) {
    EXPECT_THAT(Difference(expected, Raised(events, tenant_.id, Pack(file))),
                testing::Not(testing::IsEmpty()))
        << "without " << file;
  }
  // The test must notice a changed threshold. With half the threshold, a legitimate user raises an
  // alert. With a threshold that is higher by one, the alert of each of the three campaigns is
  // missing.
  struct Change {
    const char* file;
    const char* from;
    const char* halved;
    const char* raised;
  };
  for (const Change& change : {Change{"mass_download.yml", "gte: 50", "gte: 25", "gte: 51"},
                               Change{"password_guessing.yml", "gte: 10", "gte: 5", "gte: 11"},
                               Change{"password_spray.yml", "gte: 10", "gte: 5", "gte: 11"}}) {
    const AlertKeys half =
        Raised(events, tenant_.id, Pack(change.file, change.from, change.halved));
    EXPECT_THAT(Difference(half, expected), testing::Not(testing::IsEmpty())) << change.file;
    const AlertKeys more =
        Raised(events, tenant_.id, Pack(change.file, change.from, change.raised));
    EXPECT_THAT(Difference(expected, more), testing::SizeIs(3)) << change.file;
  }
}

TEST_F(PackTest, AnAlertOfEachRuleIsAValidFindingWithTheContentsOfTheRule) {
  std::vector<sigma::RuleFault> faults;
  const auto base = detector::CompileRulePack(Pack(), ResolveFieldName, faults);
  detector::Detector detector(detector::ForEveryTenant(base), {}, metrics_);
  std::map<std::string, std::string> alerts;  // the first alert of each rule, by rule id
  for (const AuditRecord& record : day_.records) {
    detector.Process(
        {.tenant = tenant_.id, .topic = "o365.events"}, Event(record),
        [&alerts](const detector::Alert& alert) { alerts.emplace(alert.rule_id, alert.json); });
  }
  simdjson::dom::parser parser;
  int checked = 0;
  for (detector::RuleNumber rule = 0; rule < base->size(); ++rule) {
    const sigma::RuleInfo& info = base->info(rule);
    const bool alerts_itself = rule >= base->set->rules().size() || base->set->rules()[rule].alerts;
    if (!alerts_itself) continue;
    ASSERT_TRUE(alerts.contains(info.id)) << info.file;
    const std::string& json = alerts[info.id];
    EXPECT_THAT(OcsfSchemas::Get().Validate(json), testing::IsEmpty()) << json;
    const simdjson::dom::element alert = parser.parse(json);
    EXPECT_EQ(std::string_view(alert["metadata"]["tenant_uid"]), tenant_.id);
    EXPECT_EQ(std::string_view(alert["metadata"]["product"]["feature"]["version"]), base->version);
    EXPECT_EQ(int64_t(alert["severity_id"]), static_cast<int64_t>(info.level) + 1) << info.file;
    const simdjson::dom::element finding = alert["finding_info"];
    EXPECT_EQ(std::string_view(finding["title"]), info.title);
    EXPECT_EQ(std::string_view(finding["analytic"]["uid"]), info.id);
    EXPECT_EQ(std::string_view(finding["analytic"]["version"]), info.version);
    EXPECT_FALSE(std::string_view(finding["attacks"].at(0)["tactic"]["name"]).empty());
    EXPECT_FALSE(std::string_view(finding["attacks"].at(0)["tactic"]["uid"]).empty());
    EXPECT_FALSE(std::string_view(finding["attacks"].at(0)["technique"]["name"]).empty());
    EXPECT_FALSE(std::string_view(finding["related_events"].at(0)["uid"]).empty());
    EXPECT_NE(json.find("\"event\":{"), std::string::npos) << info.file;
    ++checked;
  }
  EXPECT_EQ(static_cast<size_t>(checked), Behaviours().size());
}

TEST_F(PackTest, TheExpectationsHoldForEverySeedAndPace) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WorkdayOptions options;
    options.seed = seed;
    options.records = 1'500;
    options.end = absl::FromUnixSeconds(1'700'000'000);
    if (seed % 2 == 0) {  // a compressed day, as Feed::GenerateLive simulates it
      options.length = absl::Minutes(4);
      options.story_scale = 1.0 / 30;
      options.usual_delay = absl::Seconds(10);
      options.near_misses = false;
    }
    const Workday day = SimulateWorkday(tenant_, options);
    std::vector<std::string> events;
    for (const AuditRecord& record : day.records) events.push_back(Event(record));
    EXPECT_EQ(Raised(events, tenant_.id, Pack()), Expected(day.expected)) << "seed " << seed;
    // The fetcher retrieves blobs in parallel, and later if there was an outage. Therefore, the
    // same alerts are expected for any order of the events.
    Random random(seed);
    for (size_t i = events.size(); i > 1; --i) std::swap(events[i - 1], events[random.Below(i)]);
    EXPECT_EQ(Raised(events, tenant_.id, Pack()), Expected(day.expected))
        << "shuffled, seed " << seed;
  }
}

TEST_F(PackTest, RulesOnOneEventMatchTheDeclaredRecordsAndBaseRulesMatchTheCountedOnes) {
  std::vector<sigma::RuleFault> faults;
  const auto rules = detector::CompileForAuditEvents(Pack(), faults);
  for (const sigma::RuleFault& fault : faults) ADD_FAILURE() << fault.ToString();

  std::set<std::string> alerts;  // elements "<rule id> <record Id>"
  // A base rule raises no alerts, because a correlation counts its matches. The map contains the
  // Ids of the records that match a base rule, by the rule's name.
  std::map<std::string, std::set<std::string>> feeding;
  detector::Matcher matcher(rules);
  for (const AuditRecord& record : day_.records) {
    for (const uint32_t index : matcher.Match(Event(record))) {
      const detector::DetectionRule& rule = rules->rules()[index];
      if (rule.alerts) {
        alerts.insert(absl::StrCat(rule.info.id, " ", record.id));
      } else {
        feeding[rule.info.name].insert(record.id);
      }
    }
    EXPECT_TRUE(matcher.ok());
  }

  std::set<std::string> expected;
  int counted = 0;
  for (const ExpectedAlert& alert : day_.expected) {
    if (alert.record_ids.size() == 1) {
      expected.insert(absl::StrCat(alert.rule_id, " ", alert.record_ids[0]));
      continue;
    }
    ++counted;
    const std::string base = alert.rule == "mass_download"    ? "file_downloaded"
                             : alert.rule == "password_spray" ? "spray_sign_in_failed"
                                                              : "guessing_sign_in_failed";
    for (const std::string& id : alert.record_ids) {
      EXPECT_TRUE(feeding[base].contains(id)) << alert.rule << " misses " << id;
    }
  }
  EXPECT_EQ(alerts, expected);
  EXPECT_EQ(counted, 3 * 4);
}

}  // namespace
}  // namespace picket::simulator
