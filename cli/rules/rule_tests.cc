#include "cli/rules/rule_tests.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/record_editing.h"
#include "cli/rules/rule_corpus.h"
#include "cli/rules/rule_files.h"
#include "cli/rules/rule_test_file.h"
#include "common/metrics.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "detector/detector.h"
#include "detector/log_sources.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/normalizer.h"

namespace picket {
namespace {

constexpr std::string_view kFirstTime = "2026-03-02T09:00:00";
constexpr std::string_view kOrganization = "00000000-0000-0000-0000-0000000000aa";
constexpr size_t kMaxRecords = 100'000;  // maximum number of records that a test creates

// Returns a GUID that depends only on the arguments.
std::string GuidOf(std::string_view name, size_t position) {
  std::string hex = HexPrefix(Sha256Of({name, absl::StrCat(position)}), 32);
  for (const size_t dash : {8, 13, 18, 23}) hex.insert(dash, "-");
  return hex;
}

// Returns the record's CreationTime, or `otherwise` if the record has no valid CreationTime.
absl::CivilSecond TimeOf(const sigma::YamlNode& record, absl::CivilSecond otherwise) {
  const sigma::YamlNode* const time = record.Find("CreationTime");
  absl::CivilSecond parsed;
  if (time == nullptr ||
      !absl::ParseCivilTime(ToAbsl(std::string_view(time->text).substr(0, 19)), &parsed)) {
    return otherwise;
  }
  return parsed;
}

// Returns the records of a test as JSON, in order of arrival.
std::vector<std::string> RecordsOf(const RuleTest& test) {
  absl::CivilSecond first;
  absl::ParseCivilTime(ToAbsl(kFirstTime), &first);
  std::vector<std::string> records;
  for (int repetition = 0; repetition < test.repeat; ++repetition) {
    for (size_t i = 0; i < test.events.size(); ++i) {
      if (records.size() == kMaxRecords) return records;
      sigma::YamlNode record = test.events[i];
      const absl::CivilSecond time =
          TimeOf(record, first + static_cast<int64_t>(i)) + int64_t{repetition} * test.step_secs;
      for (const auto& [path, values] : test.each) {
        sigma::YamlNode value = values[repetition % values.size()];
        if (value.IsScalar() && value.type == sigma::YamlNode::Type::kText) {
          value.text = absl::StrReplaceAll(value.text, {{"{n}", absl::StrCat(repetition + 1)}});
        }
        SetField(record, path, value);
      }
      FindOrAdd(record, "CreationTime") = TextNode(absl::FormatCivilTime(time));
      if (record.Find("Id") == nullptr) {
        FindOrAdd(record, "Id") = TextNode(GuidOf(test.name, records.size()));
      }
      if (record.Find("OrganizationId") == nullptr) {
        FindOrAdd(record, "OrganizationId") = TextNode(kOrganization);
      }
      if (record.Find("Version") == nullptr) FindOrAdd(record, "Version") = NumberNode("1");
      records.push_back(ToJson(record));
    }
  }
  if (test.is_reversed) std::reverse(records.begin(), records.end());
  const size_t different = records.size();
  for (int delivery = 1; delivery < test.deliveries; ++delivery) {
    for (size_t i = 0; i < different && records.size() < kMaxRecords; ++i) {
      records.push_back(records[i]);
    }
  }
  return records;
}

// Runs the test. Returns the reason why the test fails, or an empty string if it passes.
std::string Run(const RuleTest& test, const std::shared_ptr<const detector::RuleSet>& rules) {
  Metrics metrics;
  parser::Normalizer normalizer({}, metrics);
  detector::Detector detector(rules, {.allowed_lateness = absl::InfiniteDuration()}, metrics);
  parser::DuplicateWindow seen({}, metrics);
  parser::NormalizedBatch batch;
  int alerts = 0;
  const auto count = [&alerts](const detector::Alert&) { ++alerts; };
  for (const std::string& record : RecordsOf(test)) {
    batch.Clear();
    normalizer.Normalize({}, record, batch);
    if (batch.events.size() != 1) {
      return absl::StrCat(
          "the record is rejected: ", batch.rejected.empty() ? "no event" : batch.rejected[0].error,
          ": ", record.substr(0, 200));
    }
    const parser::NormalizedBatch::Event& event = batch.events[0];
    if (!seen.Insert(/*partition=*/0, batch.Tenant(event), event.id, event.hour,
                     absl::UnixEpoch())) {
      continue;  // a duplicate, for example because `deliveries` of the test is more than 1
    }
    const detector::EventSource source{batch.Tenant(event), "", 0, 0};
    if (!detector.Process(source, batch.Json(event), count))
      return "the event is not a JSON object";
  }
  detector.Finish(count);
  if (test.alerts.has_value() && *test.alerts != alerts) {
    return absl::StrCat("expected ", Counted(static_cast<uint64_t>(*test.alerts), "alert"),
                        ", got ", alerts);
  }
  if (!test.alerts.has_value() && test.matches != (alerts > 0)) {
    return test.matches ? "expected an alert, got none"
                        : absl::StrCat("expected no alert, got ", alerts);
  }
  return "";
}

bool IsTestFile(std::string_view path) { return LowerAscii(path).ends_with(".test.yml"); }

std::string TestPathOf(std::string_view rule_path) {
  return absl::StrCat(ToAbsl(rule_path.substr(0, rule_path.rfind('.'))), ".test.yml");
}

}  // namespace

std::vector<sigma::RuleFile> ReadRuleTestFiles(const std::string& path,
                                               std::vector<sigma::RuleFault>& faults) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    fs::recursive_directory_iterator it(path, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (IsTestFile(it->path().string())) paths.push_back(it->path().string());
    }
    if (error) faults.push_back({path, 0, 0, error.message()});
    std::sort(paths.begin(), paths.end());
  } else {
    paths.push_back(IsTestFile(path) ? path : TestPathOf(path));
    // RunRuleTests reports a rule without tests.
    if (!fs::exists(paths[0], error)) return {};
  }
  return sigma::ReadRuleFilesAt(paths, faults);
}

RuleTestReport RunRuleTests(const std::vector<sigma::RuleFile>& rules,
                            const std::vector<sigma::RuleFile>& tests) {
  RuleTestReport report;
  std::map<std::string, const sigma::RuleFile*> test_of_path;
  for (const sigma::RuleFile& file : tests) test_of_path[file.path] = &file;
  for (const sigma::RuleFile& rule : rules) {
    const auto found = test_of_path.find(TestPathOf(rule.path));
    if (found == test_of_path.end()) {
      report.failures.push_back(
          {rule.path, 1, 1, absl::StrCat("the rule has no tests: write ", TestPathOf(rule.path))});
      continue;
    }
    const sigma::RuleFile& file = *found->second;
    test_of_path.erase(found);
    ++report.rules;
    const auto compiled = detector::CompileForAuditEvents({rule}, report.failures);
    const std::vector<RuleTest> cases = ReadRuleTests(file, report.failures);
    bool has_match = false, has_near_miss = false;
    // The tests of a rule must include a near miss. A near miss expects no alert, its base test
    // expects an alert, and only a single field of both tests differs. `nearest` is the test that
    // differs from its base test in the fewest fields. `fields` are these fields.
    const RuleTest* nearest = nullptr;
    std::set<std::string> fields;
    for (const RuleTest& test : cases) {
      has_match |= test.ExpectsAlert();
      if (!test.ExpectsAlert() && test.base != nullptr && test.base->ExpectsAlert()) {
        std::set<std::string> differences = test.Differences();
        has_near_miss |= differences.size() == 1;
        if (nearest == nullptr || differences.size() < fields.size()) {
          nearest = &test;
          fields = std::move(differences);
        }
      }
      ++report.tests;
      const std::string problem = Run(test, compiled);
      if (problem.empty()) {
        ++report.passed;
      } else {
        report.failures.push_back(
            {file.path, test.line, test.column, absl::StrCat("'", test.name, "': ", problem)});
      }
    }
    if (!has_match) {
      report.failures.push_back({file.path, 1, 1, "no test expects a match"});
    } else if (!has_near_miss) {
      std::string message =
          "no test that expects no match differs in one field from a test that expects one";
      if (nearest != nullptr) {
        absl::StrAppend(&message, ": the nearest, '", nearest->name, "', differs in ",
                        absl::StrJoin(fields, ", "));
      }
      report.failures.push_back({file.path, nearest == nullptr ? 1 : nearest->line,
                                 nearest == nullptr ? 1 : nearest->column, std::move(message)});
    }
  }
  for (const auto& [path, file] : test_of_path) {
    report.failures.push_back({path, 1, 1, "there is no rule file next to these tests"});
  }
  return report;
}

int TestRules(const std::string& path, const std::string& corpus) {
  if (path.empty() && corpus.empty()) {
    std::fprintf(stderr, "picket rules test: name a folder of rules, a corpus, or both\n");
    return kExitWrongUsage;
  }
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> rules =
      ReadRules(path.empty() ? std::vector<std::string>() : std::vector<std::string>{path}, faults);
  const RuleTestReport report = corpus.empty()
                                    ? RunRuleTests(rules, ReadRuleTestFiles(path, faults))
                                    : RunRuleCorpus(rules, corpus);
  PrintFaults(faults);
  PrintFaults(report.failures);
  std::fprintf(stderr, "%s, %s, %d passed\n",
               Counted(static_cast<uint64_t>(report.rules), "rule file").c_str(),
               Counted(static_cast<uint64_t>(report.tests), "test").c_str(), report.passed);
  return faults.empty() && report.failures.empty() ? kExitOk : kExitFaultInData;
}

}  // namespace picket
