#include "cli/rules/rule_list.h"

#include <unistd.h>

#include <iostream>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/exit_status.h"
#include "cli/rules/rule_files.h"
#include "cli/terminal_text.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "detector/log_sources.h"

namespace picket {
namespace {

std::string ListLine(const sigma::RuleInfo& info, std::string_view kind, bool alerts,
                     bool as_json) {
  std::string line;
  if (!as_json) {
    return absl::StrCat(ToAbsl(sigma::LevelName(info.level)), "\t", ToAbsl(kind), "\t",
                        Printable(info.id), "\t", Printable(info.title),
                        alerts ? "" : " (feeds a correlation)", "\n");
  }
  JsonWriter json(&line);
  json.BeginObject().Key("id").Value(info.id).Key("title").Value(info.title);
  json.Key("kind").Value(kind).Key("level").Value(sigma::LevelName(info.level));
  json.Key("alerts").Value(alerts).Key("version").Value(info.version);
  json.Key("tags").BeginArray();
  for (const std::string& tag : info.tags) json.Value(tag);
  json.EndArray().Key("file").Value(info.file).Key("line").Value(info.line).EndObject();
  return (isatty(STDOUT_FILENO) != 0 ? PrintableJson(line) : line) + "\n";
}

}  // namespace

int ListRules(const std::vector<std::string>& paths, bool as_json) {
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
  return faults.empty() ? kExitOk : kExitFaultInData;
}

}  // namespace picket
