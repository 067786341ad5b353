#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/rules/rule_corpus.h"
#include "cli/rules/rule_coverage.h"
#include "cli/rules/rule_explain.h"
#include "cli/rules/rule_files.h"
#include "cli/rules/rule_publish.h"
#include "cli/rules/rule_tests.h"
#include "common/error.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "detector/audit_sources.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "detector/tenant_files.h"
#include "model/field_names.h"
#include "sigma/sigma_document.h"

namespace picket {
namespace {

using detector::Matcher;
using detector::RuleSet;

constexpr size_t kReadBytes = 16 << 20;

struct CheckOptions {
  std::vector<std::string> paths;
  std::string tenants;   // folder of tenants' files, or one file; empty: none
  std::string defaults;  // file; empty: none
  bool is_strict = false;
};

// What loads but is better written another way, or waits for events that never come.
std::vector<sigma::RuleFault> WarningsOf(const std::vector<sigma::RuleFile>& files) {
  std::vector<sigma::RuleFault> warnings, told_already;
  for (const sigma::RuleFile& file : files) {
    for (sigma::RuleFault& warning : sigma::LintSigma(file)) warnings.push_back(std::move(warning));
    for (const auto& document : sigma::ReadSigma(file, told_already)) {
      std::string why = detector::NoAuditEvents(document.logsource);
      if (why.empty()) continue;
      warnings.push_back({file.path, document.position.line, document.position.column,
                          std::move(why), sigma::RuleFault::Severity::kWarning});
    }
  }
  return warnings;
}

int Check(const CheckOptions& options) {
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = ReadRules(options.paths, faults);
  const auto base = detector::CompileBaseRules(files, ResolveFieldName, faults);
  const std::vector<sigma::RuleFault> warnings = WarningsOf(files);
  PrintFaults(faults);
  PrintFaults(warnings);
  std::fprintf(stderr, "%zu rules and %zu correlations in %zu files, %zu faults, %zu warnings\n",
               base->set->rules().size(), base->set->correlations().size(), files.size(),
               faults.size(), warnings.size());

  detector::TenantFiles tenants(options.tenants, options.defaults);
  tenants.Look();
  detector::TenantBinder binder(ResolveFieldName);
  std::vector<std::string> tenant_faults;
  const auto active = detector::BindTenants(base, tenants, binder, tenant_faults);
  for (const std::string& fault : tenant_faults) std::fprintf(stderr, "%s\n", fault.c_str());
  for (const std::string& line : detector::RulesWithoutList(*active)) {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  if (!options.tenants.empty() || !options.defaults.empty()) {
    std::fprintf(stderr, "%zu tenants with settings, %zu faults in them\n", active->tenants.size(),
                 tenant_faults.size());
  }
  const bool is_clean = warnings.empty() || !options.is_strict;
  return faults.empty() && tenant_faults.empty() && is_clean ? 0 : 1;
}

std::string ListLine(const sigma::RuleInfo& info, std::string_view kind, bool alerts,
                     bool as_json) {
  std::string line;
  if (!as_json) {
    return absl::StrCat(ToAbsl(sigma::LevelName(info.level)), "\t", ToAbsl(kind), "\t", info.id,
                        "\t", info.title, alerts ? "" : " (feeds a correlation)", "\n");
  }
  JsonWriter json(&line);
  json.BeginObject().Key("id").Value(info.id).Key("title").Value(info.title);
  json.Key("kind").Value(kind).Key("level").Value(sigma::LevelName(info.level));
  json.Key("alerts").Value(alerts).Key("version").Value(info.version);
  json.Key("tags").BeginArray();
  for (const std::string& tag : info.tags) json.Value(tag);
  json.EndArray().Key("file").Value(info.file).Key("line").Value(info.line).EndObject();
  return line + "\n";
}

int List(const std::vector<std::string>& paths, bool as_json) {
  std::vector<sigma::RuleFault> faults;
  const auto rules = detector::CompileForAuditEvents(ReadRules(paths, faults), faults);
  PrintFaults(faults);
  for (const auto& rule : rules->rules()) {
    std::cout << ListLine(rule.info, "event", rule.alerts, as_json);
  }
  for (const auto& rule : rules->correlations()) {
    const bool is_count = rule.type == sigma::CorrelationType::kEventCount;
    std::cout << ListLine(rule.info, is_count ? "event_count" : "value_count", true, as_json);
  }
  std::cout.flush();
  return faults.empty() ? 0 : 1;
}

int Test(const std::string& path, const std::string& corpus) {
  if (path.empty() && corpus.empty()) {
    std::fprintf(stderr, "rules test: give a folder of rules, a corpus, or both\n");
    return 2;
  }
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> rules =
      ReadRules(path.empty() ? std::vector<std::string>() : std::vector<std::string>{path}, faults);
  const RuleTestReport report = corpus.empty()
                                    ? RunRuleTests(rules, ReadRuleTestFiles(path, faults))
                                    : RunRuleCorpus(rules, corpus);
  PrintFaults(faults);
  PrintFaults(report.failures);
  std::fprintf(stderr, "%d rule files, %d tests, %d passed\n", report.rules, report.tests,
               report.passed);
  return faults.empty() && report.failures.empty() ? 0 : 1;
}

int Coverage(const std::vector<std::string>& paths, bool as_json) {
  std::vector<sigma::RuleFault> faults;
  const RuleCoverage coverage = CoverageOf(ReadRules(paths, faults), faults);
  PrintFaults(faults);
  const std::string text = as_json ? CoverageJson(coverage) : CoverageText(coverage);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return faults.empty() && coverage.never.empty() ? 0 : 1;
}

struct MatchOptions {
  std::vector<std::string> rules;
  std::string events = "-";
  std::string stats;
  bool route = false;
};

// Matches JSON lines as they are; reading, matching and writing take turns, so that each can be timed.
class LineMatcher {
 public:
  LineMatcher(std::shared_ptr<const RuleSet> rules, bool route)
      : rules_(std::move(rules)), matcher_(rules_, {.route = route}) {}

  void Run(std::istream& in) {
    std::string text, rest;
    while (in) {
      text = rest;
      const size_t begin = text.size();
      text.resize(begin + kReadBytes);
      in.read(text.data() + begin, kReadBytes);
      text.resize(begin + static_cast<size_t>(in.gcount()));
      const size_t end = in ? text.rfind('\n') + 1 : text.size();
      rest = text.substr(end);
      Match(std::string_view(text).substr(0, end));
      Write();
    }
  }

  int64_t events() const { return events_; }
  int64_t matches() const { return matches_; }
  int64_t bad_lines() const { return bad_lines_; }
  double seconds() const { return seconds_; }

 private:
  void Match(std::string_view text) {
    const auto start = std::chrono::steady_clock::now();
    while (!text.empty()) {
      const size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      const int64_t number = line_++;
      if (TrimBlanks(line).empty()) continue;
      ++events_;
      for (const uint32_t rule : matcher_.Match(line)) found_.emplace_back(number, rule);
      if (!matcher_.ok()) ++bad_lines_;
    }
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  void Write() {
    out_.clear();
    for (const auto& [line, rule] : found_) {
      const sigma::RuleInfo& info = rules_->rules()[rule].info;
      JsonWriter json(&out_);
      json.BeginObject().Key("event").Value(line).Key("rule_id").Value(info.id);
      json.Key("title").Value(info.title).EndObject();
      out_ += '\n';
    }
    matches_ += static_cast<int64_t>(found_.size());
    found_.clear();
    std::fwrite(out_.data(), 1, out_.size(), stdout);
  }

  const std::shared_ptr<const RuleSet> rules_;
  Matcher matcher_;
  std::vector<std::pair<int64_t, uint32_t>> found_;
  std::string out_;
  int64_t line_ = 0, events_ = 0, matches_ = 0, bad_lines_ = 0;
  double seconds_ = 0;
};

int Match(const MatchOptions& options) {
  std::vector<sigma::RuleFault> faults;
  const auto start = std::chrono::steady_clock::now();
  const auto rules =
      RuleSet::Compile(ReadRules(options.rules, faults), detector::LiteralFieldName, faults);
  const double load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  PrintFaults(faults);
  LineMatcher matcher(rules, options.route);
  if (options.events == "-") {
    std::ios::sync_with_stdio(false);
    matcher.Run(std::cin);
  } else {
    std::ifstream file(options.events, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s: %s\n", options.events.c_str(), ErrnoText(errno).c_str());
      return 2;
    }
    matcher.Run(file);
  }
  std::fflush(stdout);
  if (matcher.bad_lines() > 0) {
    std::fprintf(stderr, "%s: %lld lines are no JSON objects\n", options.events.c_str(),
                 static_cast<long long>(matcher.bad_lines()));
  }
  if (!options.stats.empty()) {
    std::string text;
    JsonWriter json(&text);
    json.BeginObject().Key("rules").Value(rules->rules().size());
    json.Key("events").Value(matcher.events()).Key("matches").Value(matcher.matches());
    json.Key("load_seconds").Value(load_seconds);
    json.Key("match_seconds").Value(matcher.seconds()).EndObject();
    if (const absl::Status status = WriteFile(options.stats, text + "\n"); !status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(ToStd(status.message())).c_str());
      return 2;
    }
  }
  return faults.empty() && matcher.bad_lines() == 0 ? 0 : 1;
}

}  // namespace

void AddRules(CLI::App& app, int& exit_status) {
  CLI::App* const rules = app.add_subcommand("rules", "Work with Sigma rules");
  rules->require_subcommand(1);

  // Options live as long as the application: the callbacks hold them.
  const auto paths = std::make_shared<std::vector<std::string>>();
  const auto checked = std::make_shared<CheckOptions>();
  CLI::App* const check = rules->add_subcommand("check", "Say everything that is wrong with rules");
  check
      ->add_option("PATH", checked->paths,
                   "Files or folders of rules; the built-in pack when none is given")
      ->check(CLI::ExistingPath);
  check
      ->add_option("--tenants", checked->tenants,
                   "A tenant's file or a folder of them: say what is wrong with their settings too")
      ->check(CLI::ExistingPath);
  check
      ->add_option("--tenant-defaults", checked->defaults,
                   "The file of settings for every tenant (detector.defaults_file)")
      ->check(CLI::ExistingFile);
  check->add_flag("--strict", checked->is_strict, "Fail on warnings, too");
  check->callback([checked, &exit_status] { exit_status = Check(*checked); });

  const auto format = std::make_shared<std::string>("text");
  CLI::App* const list = rules->add_subcommand("list", "List rules");
  list->add_option("PATH", *paths,
                   "Files or folders of rules; the built-in pack when none is given")
      ->check(CLI::ExistingPath);
  list->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}));
  list->callback([paths, format, &exit_status] { exit_status = List(*paths, *format == "json"); });

  const auto folder = std::make_shared<std::string>();
  CLI::App* const test = rules->add_subcommand("test", "Run the tests that stand beside rules");
  test->add_option("PATH", *folder, "A folder of rules, or one rule")->check(CLI::ExistingPath);
  const auto corpus = std::make_shared<std::string>();
  test->add_option(
          "--corpus", *corpus,
          "Instead of the tests beside the rules: a file of JSON lines, each an event, its "
          "rule and what is expected (rules/README.md)")
      ->check(CLI::ExistingFile);
  test->callback([folder, corpus, &exit_status] { exit_status = Test(*folder, *corpus); });

  CLI::App* const coverage = rules->add_subcommand(
      "coverage", "What rules cover: ATT&CK, operations; and which can never match");
  coverage
      ->add_option("PATH", *paths,
                   "Files or folders of rules; the built-in pack when none is given")
      ->check(CLI::ExistingPath);
  coverage->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}));
  coverage->callback(
      [paths, format, &exit_status] { exit_status = Coverage(*paths, *format == "json"); });

  const auto why = std::make_shared<ExplainOptions>();
  CLI::App* const explain = rules->add_subcommand(
      "explain", "Say which parts of a rule an event meets, which not, and what the event has");
  explain->add_option("RULE", why->rule, "A rule file, or the id, name or title of a rule")
      ->required();
  explain
      ->add_option("EVENT", why->event,
                   "File of JSON lines, - for standard input: an audit record, a normalised event "
                   "or any object")
      ->required();
  explain->add_option("--rules", why->rules, "Where the rule is; the built-in pack by default")
      ->check(CLI::ExistingPath);
  explain->add_option("--line", why->line, "Which line of the file, from 0")->capture_default_str();
  explain->add_flag("--as-is", why->as_is, "Do not normalise; fields by their literal names");
  explain->callback([why, &exit_status] { exit_status = ExplainToPeople(*why); });

  const auto publication = std::make_shared<PublishOptions>();
  CLI::App* const publish = rules->add_subcommand(
      "publish", "Put rules on the topic `rules`, all at once; refused when anything is wrong");
  publish->add_option("PATH", publication->paths, "Files or folders of rules")
      ->required()
      ->check(CLI::ExistingPath);
  publish->add_option("--config", publication->config_file, "The configuration file, picket.yaml")
      ->required();
  publish->add_flag("--prune", publication->prune, "Take away what is in none of the files");
  publish->add_flag("--dry-run", publication->dry_run, "Say what would be done and do nothing");
  publish->callback([publication, &exit_status] { exit_status = PublishRules(*publication); });

  const auto options = std::make_shared<MatchOptions>();
  CLI::App* const match = rules->add_subcommand(
      "match", "Match events, one JSON object a line, as they are; print one line a match");
  match->add_option("--rules", options->rules, "Files or folders; the built-in pack by default")
      ->check(CLI::ExistingPath);
  match->add_option("--events", options->events, "File of events, - for standard input")
      ->capture_default_str();
  match->add_flag("--route", options->route,
                  "Only rules that the event's product, service and category do not contradict");
  match->add_option("--stats", options->stats, "Write counts and times to this file, as JSON");
  match->callback([options, &exit_status] { exit_status = Match(*options); });
}

}  // namespace picket
