// The simulated day seen through the parser and the shipped detection pack, without Kafka: each act of a story looks to the
// rules as its author meant it, and ordinary work does not. Expectations stay the stories' own; nothing here feeds back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "detector/rule_set.h"
#include "model/field_names.h"
#include "parser/normalizer.h"
#include "rules/embedded_rules.h"
#include "simulator/workday.h"
#include "tests/support/ocsf_schema.h"

namespace picket::simulator {
namespace {

class PackTest : public testing::Test {
 protected:
  void SetUp() override {
    WorkdayOptions options;
    options.records = 6'000;
    options.campaigns = 3;
    options.end = absl::FromUnixSeconds(1'700'000'000);
    tenant_ = InventTenants(1, 11)[0];
    day_ = SimulateWorkday(tenant_, options);
  }
  // The event of a record, as the parser writes it.
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
    // A schema takes milliseconds: so many of each operation do.
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

TEST_F(PackTest, TheRulesOnOneEventFindWhatTheStoriesDeclareAndTheBaseRulesTheCountedRecords) {
  std::vector<detector::RuleFile> files;
  for (const EmbeddedRule& rule : EmbeddedRules()) {
    if (rule.file.ends_with(".test.yml")) continue;
    files.push_back({std::string(rule.file), std::string(rule.text)});
  }
  std::vector<detector::RuleFault> faults;
  const auto rules = detector::RuleSet::Compile(files, ResolveFieldName, faults);
  for (const detector::RuleFault& fault : faults) ADD_FAILURE() << fault.ToString();

  std::set<std::string> alerts;                          // rule, record
  std::map<std::string, std::set<std::string>> feeding;  // base rule → records
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
