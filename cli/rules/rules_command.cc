// Defines `picket rules` and its sub-commands check, list, test, coverage, explain, match and
// publish.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/rule_check.h"
#include "cli/rules/rule_corpus.h"
#include "cli/rules/rule_coverage.h"
#include "cli/rules/rule_explain.h"
#include "cli/rules/rule_files.h"
#include "cli/rules/rule_list.h"
#include "cli/rules/rule_match.h"
#include "cli/rules/rule_publish.h"
#include "cli/rules/rule_tests.h"

namespace picket {
namespace {

constexpr char kRulePathsHelp[] = "Files or folders of rules; the built-in rules if none is given";

// CLI11 fills in the options and calls the callback only after these functions have returned.
// Therefore, each callback shares the ownership of its options through a shared_ptr.

void AddCheck(CLI::App& rules, int& exit_status) {
  CLI::App* const command =
      rules.add_subcommand("check", "Report everything that is wrong with rules");
  const auto options = std::make_shared<CheckOptions>();
  command->add_option("PATH", options->paths, kRulePathsHelp)->check(CLI::ExistingPath);
  command
      ->add_option("--tenants", options->tenants,
                   "A tenant's file, or a folder of them: check these tenants' settings as well")
      ->check(CLI::ExistingPath);
  command
      ->add_option("--tenant-defaults", options->defaults,
                   "The file of settings for every tenant (detector.defaults_file)")
      ->check(CLI::ExistingFile);
  command->add_flag("--strict", options->is_strict, "Fail on warnings as well");
  command->callback([options, &exit_status] { exit_status = CheckRules(*options); });
}

void AddList(CLI::App& rules, int& exit_status) {
  CLI::App* const command = rules.add_subcommand("list", "List rules");
  const auto paths = std::make_shared<std::vector<std::string>>();
  const auto format = std::make_shared<std::string>("text");
  command->add_option("PATH", *paths, kRulePathsHelp)->check(CLI::ExistingPath);
  command->add_option("--format", *format, "Format of the output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback(
      [paths, format, &exit_status] { exit_status = ListRules(*paths, *format == "json"); });
}

void AddTest(CLI::App& rules, int& exit_status) {
  CLI::App* const command =
      rules.add_subcommand("test", "Run the tests that are stored next to rules");
  const auto path = std::make_shared<std::string>();
  const auto corpus = std::make_shared<std::string>();
  command->add_option("PATH", *path, "A folder of rules, or one rule")->check(CLI::ExistingPath);
  command
      ->add_option("--corpus", *corpus,
                   "Instead of these tests, run a file of JSON lines; each line has an event, a "
                   "rule and the expected result (rules/README.md)")
      ->check(CLI::ExistingFile);
  command->callback([path, corpus, &exit_status] { exit_status = TestRules(*path, *corpus); });
}

void AddCoverage(CLI::App& rules, int& exit_status) {
  CLI::App* const command = rules.add_subcommand("coverage",
                                                 "List the ATT&CK techniques and the operations "
                                                 "that rules cover, and the rules that can never "
                                                 "match");
  const auto paths = std::make_shared<std::vector<std::string>>();
  const auto format = std::make_shared<std::string>("text");
  command->add_option("PATH", *paths, kRulePathsHelp)->check(CLI::ExistingPath);
  command->add_option("--format", *format, "Format of the output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback(
      [paths, format, &exit_status] { exit_status = PrintCoverage(*paths, *format == "json"); });
}

void AddExplain(CLI::App& rules, int& exit_status) {
  CLI::App* const command = rules.add_subcommand(
      "explain",
      "Print which parts of a rule match an event, which do not, and what the event contains");
  const auto options = std::make_shared<ExplainOptions>();
  command
      ->add_option("RULE", options->rule,
                   "A rule file, or the id, name, title or file name of a rule")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("EVENT", options->event,
                   "File of JSON lines, or - for standard input; a line is an audit record, a "
                   "normalised event or any other object")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--rules", options->rules,
                   "Where to look for the rule; in the built-in rules by default")
      ->check(CLI::ExistingPath);
  command->add_option("--line", options->line, "Number of the line in the file, from 0")
      ->capture_default_str();
  command->add_flag("--as-is", options->as_is,
                    "Do not normalise the event; take field names literally");
  command->callback([options, &exit_status] { exit_status = ExplainRule(*options); });
}

void AddPublish(CLI::App& rules, int& exit_status) {
  CLI::App* const command = rules.add_subcommand(
      "publish", "Write rules to the topic `rules`: all of them, or none if one has a fault");
  const auto options = std::make_shared<PublishOptions>();
  command->add_option("PATH", options->paths, "Files or folders of rules")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("--config", options->config_file, kConfigOptionHelp)->type_name("FILE");
  command->add_flag("--prune", options->prune, "Remove rules that are in none of the files");
  command->add_flag("--dry-run", options->dry_run, "Print what would be done, and do nothing");
  command->callback([options, &exit_status] { exit_status = PublishRules(*options); });
}

void AddMatch(CLI::App& rules, int& exit_status) {
  CLI::App* const command = rules.add_subcommand(
      "match", "Match events without normalising them, and print one line for each match");
  const auto options = std::make_shared<MatchOptions>();
  command
      ->add_option("--rules", options->rules,
                   "Files or folders of rules; the built-in rules by default")
      ->check(CLI::ExistingPath);
  command
      ->add_option("--events", options->events,
                   "File of events, one JSON object on each line, or - for standard input")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_flag("--as-is", options->as_is,
                    "Take field names literally, in normalised events too");
  command->add_flag("--route", options->route,
                    "Evaluate only rules whose product, service and category fit the event");
  command->add_option("--stats", options->stats, "Write counts and times to this file, as JSON")
      ->type_name("FILE");
  command->callback([options, &exit_status] { exit_status = MatchEvents(*options); });
}

}  // namespace

void AddRules(CLI::App& app, int& exit_status) {
  CLI::App* const rules =
      app.add_subcommand("rules", "Check, test, explain and publish Sigma rules");
  rules->require_subcommand(1);
  AddCheck(*rules, exit_status);
  AddList(*rules, exit_status);
  AddTest(*rules, exit_status);
  AddCoverage(*rules, exit_status);
  AddExplain(*rules, exit_status);
  AddMatch(*rules, exit_status);
  AddPublish(*rules, exit_status);
  // The group is the heading in the list of commands. It is set last, because sub-commands that are
  // added later would inherit it.
  rules->group(kRuleCommands);
}

}  // namespace picket
