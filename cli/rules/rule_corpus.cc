#include "cli/rules/rule_corpus.h"

#include <simdjson.h>

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "detector/log_sources.h"
#include "detector/matching/matcher.h"
#include "parser/normalizer.h"
#include "sigma/rule_names.h"

namespace picket {
namespace {

using detector::Matcher;
using detector::RuleSet;

// Maximum length of a line, in bytes. A longer line is reported as a failure.
constexpr size_t kLongestLine = 16 << 20;

// Compiled rules and their matcher.
struct Matching {
  std::shared_ptr<const RuleSet> rules;
  std::unique_ptr<Matcher> matcher;

  // Compiles the rules. If `is_audit` is true, the rules are compiled for normalised audit events,
  // so their field names may be Microsoft, OCSF or ECS names. Otherwise, field names are taken
  // literally.
  static Matching Of(const std::vector<sigma::RuleFile>& files, bool is_audit,
                     std::vector<sigma::RuleFault>& faults) {
    Matching made;
    made.rules = is_audit ? detector::CompileForAuditEvents(files, faults)
                          : RuleSet::Compile(files, detector::LiteralFieldName, faults);
    made.matcher = std::make_unique<Matcher>(made.rules);
    return made;
  }

  // Returns the indexes of the rules that have this id, name, title or file name.
  std::set<uint32_t> Find(std::string_view name) const {
    std::set<uint32_t> found;
    for (uint32_t i = 0; i < rules->rules().size(); ++i) {
      if (sigma::IsCalled(rules->rules()[i].info, name)) found.insert(i);
    }
    return found;
  }
};

class Corpus {
 public:
  Corpus(const std::vector<sigma::RuleFile>& rules, std::string path, RuleTestReport& report)
      : files_(rules), path_(std::move(path)), report_(report), normalizer_({}, metrics_) {
    literal_ = Matching::Of(files_, false, report_.failures);
    std::vector<sigma::RuleFault> reported_already;
    mapped_ = Matching::Of(files_, true, reported_already);
  }

  void RunLine(std::string_view line, int number) {
    line_ = number;
    ++report_.tests;
    if (const std::string problem = Run(line); problem.empty()) {
      ++report_.passed;
    } else {
      report_.failures.push_back({path_, line_, 1, problem});
    }
  }

 private:
  // Returns the reason why the line fails, or an empty string if it passes.
  std::string Run(std::string_view line) {
    simdjson::dom::object object;
    if (json_.parse(line).get_object().get(object) != simdjson::SUCCESS) {
      return "the line is not a JSON object";
    }
    bool expected = false;
    if (object["expected"].get(expected) != simdjson::SUCCESS) {
      return "'expected' must be true or false";
    }
    simdjson::dom::element event, record;
    const bool has_event = object["event"].get(event) == simdjson::SUCCESS;
    const bool has_record = object["record"].get(record) == simdjson::SUCCESS;
    if (has_event == has_record) return "give either 'event' or 'record'";
    std::string_view yaml, name;
    const bool has_yaml = object["rule_yaml"].get(yaml) == simdjson::SUCCESS;
    const bool has_name = object["rule"].get(name) == simdjson::SUCCESS;
    if (has_yaml == has_name) return "give either 'rule_yaml' or 'rule'";

    std::string text;
    if (has_event) {
      text = simdjson::minify(event);
    } else if (std::string problem = Normalize(simdjson::minify(record), &text); !problem.empty()) {
      return problem;
    }
    Matching own;
    std::set<uint32_t> wanted;
    const Matching* matching = has_event ? &literal_ : &mapped_;
    if (has_yaml) {
      std::vector<sigma::RuleFault> faults;
      own =
          Matching::Of({{absl::StrCat(path_, ":", line_), std::string(yaml)}}, !has_event, faults);
      if (!faults.empty()) return absl::StrCat("the rule does not load: ", faults[0].message);
      for (uint32_t i = 0; i < own.rules->rules().size(); ++i) wanted.insert(i);
      matching = &own;
    } else {
      wanted = matching->Find(name);
      if (wanted.empty())
        return absl::StrCat("no rule has the id, name, title or file name '", ToAbsl(name), "'");
    }
    bool matches = false;
    for (const uint32_t rule : matching->matcher->Match(text)) matches |= wanted.contains(rule);
    if (!matching->matcher->ok()) return "the event is not a JSON object";
    if (matches == expected) return "";
    std::string_view label;
    if (object["test"].get(label) != simdjson::SUCCESS) {
      if (object["name"].get(label) != simdjson::SUCCESS) label = has_name ? name : "";
    }
    return absl::StrCat(label.empty() ? "" : absl::StrCat("'", ToAbsl(label), "': "),
                        expected ? "expected a match, got none" : "expected no match, got one");
  }

  // Returns the reason why the record is rejected, or an empty string if it is accepted.
  std::string Normalize(const std::string& record, std::string* event) {
    batch_.Clear();
    normalizer_.Normalize({}, record, batch_);
    if (batch_.events.size() == 1) {
      *event = batch_.Json(batch_.events[0]);
      return "";
    }
    return absl::StrCat("the record is rejected: ",
                        batch_.rejected.empty() ? "no event" : batch_.rejected[0].error);
  }

  const std::vector<sigma::RuleFile>& files_;
  const std::string path_;
  RuleTestReport& report_;
  Metrics metrics_;
  parser::Normalizer normalizer_;
  parser::NormalizedBatch batch_;
  simdjson::dom::parser json_;
  Matching literal_, mapped_;
  int line_ = 0;
};

}  // namespace

RuleTestReport RunRuleCorpus(const std::vector<sigma::RuleFile>& rules, const std::string& path) {
  RuleTestReport report;
  report.rules = static_cast<int>(rules.size());
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    report.failures.push_back({path, 0, 0, ErrnoText(errno)});
    return report;
  }
  Corpus corpus(rules, path, report);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (TrimBlanks(line).empty()) continue;
    if (line.size() > kLongestLine) {
      ++report.tests;
      report.failures.push_back({path, number, 1, "the line is longer than 16 MiB"});
      continue;
    }
    corpus.RunLine(line, number);
  }
  if (report.tests == 0) report.failures.push_back({path, 0, 0, "the file contains no test"});
  return report;
}

}  // namespace picket
