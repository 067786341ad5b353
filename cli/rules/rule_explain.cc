#include "cli/rules/rule_explain.h"

#include <simdjson.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/exit_status.h"
#include "cli/rules/rule_files.h"
#include "cli/terminal_text.h"
#include "common/error.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "detector/explain.h"
#include "detector/log_sources.h"
#include "model/field_names.h"
#include "parser/normalizer.h"
#include "sigma/rule_names.h"

namespace picket {
namespace {

using detector::Explanation;

int Refuse(const std::string& message) {
  std::fprintf(stderr, "picket rules explain: %s\n", Printable(message).c_str());
  return kExitWrongUsage;
}

// Returns the line `number` of the file, counted from 0. Blank lines are counted too, so that the
// line numbers in the output of `picket rules match` can be used. Returns NotFound if the line is
// blank or does not exist.
absl::StatusOr<std::string> ReadLine(const std::string& path, int64_t number) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return absl::NotFoundError(absl::StrCat(path, ": ", ErrnoText(errno)));
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string line;
  for (int64_t i = 0; std::getline(in, line); ++i) {
    if (i == number && !TrimBlanks(line).empty()) return line;
  }
  return absl::NotFoundError(absl::StrCat(path, ": there is no event in line ", number,
                                          " (lines are counted from 0; each has one event)"));
}

struct Event {
  std::string json;
  bool is_audit = true;
};

// Reads the event from a line. An audit record is normalised. A normalised event stays unchanged,
// and rules may use the Microsoft and ECS names of its fields. Any other JSON stays unchanged, and
// field names are taken literally. If `as_is` is true, every line is treated like other JSON.
absl::StatusOr<Event> ReadEvent(const std::string& line, bool as_is) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line).get_object().get(object) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("the event is not a JSON object");
  }
  const auto has = [&object](std::string_view key) {
    return object[key].error() == simdjson::SUCCESS;
  };
  if (!as_is && has("class_uid") && has("metadata")) return Event{line};
  if (as_is || !has("Operation") || !has("Workload")) {
    return Event{line, false};
  }
  Metrics metrics;
  parser::Normalizer normalizer({}, metrics);
  parser::NormalizedBatch batch;
  normalizer.Normalize({}, line, batch);
  if (batch.events.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the audit record is rejected: ",
                     batch.rejected.empty() ? "no event" : batch.rejected[0].error));
  }
  return Event{std::string(batch.Json(batch.events[0]))};
}

void Print(const sigma::SigmaDocument& rule, const Explanation& explanation) {
  std::string text = absl::StrCat(Printable(rule.info.title),
                                  explanation.matches ? " matches" : " does not match", "\n");
  for (const Explanation::Part& part : explanation.parts) {
    absl::StrAppend(&text, part.holds ? "  yes  " : "  no   ",
                    std::string(2 * static_cast<size_t>(part.depth), ' '), Printable(part.text),
                    part.why.empty() ? "" : absl::StrCat("    — ", Printable(part.why)), "\n");
  }
  for (const std::string& filter : explanation.filtered_by) {
    absl::StrAppend(&text, "  no   the filter '", Printable(filter), "' excludes this event\n");
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

int ExplainRule(const ExplainOptions& options) {
  const absl::StatusOr<std::string> line = ReadLine(options.event, options.line);
  if (!line.ok()) return Refuse(std::string(line.status().message()));
  const absl::StatusOr<Event> event = ReadEvent(*line, options.as_is);
  if (!event.ok()) {
    return Refuse(absl::StrCat(options.event, ": ", event.status().message()));
  }

  std::vector<sigma::RuleFault> faults;
  std::vector<std::string> paths = options.rules;
  const bool is_file = std::filesystem::exists(options.rule);
  if (is_file) paths.push_back(options.rule);
  std::vector<sigma::SigmaDocument> rules, filters;
  for (const sigma::RuleFile& file : ReadRules(paths, faults)) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      if (document.kind == sigma::SigmaDocument::Kind::kFilter) {
        filters.push_back(std::move(document));
        continue;
      }
      if (event->is_audit) detector::RouteToAuditEvents(document);
      if (is_file ? file.path == options.rule : sigma::IsCalled(document.info, options.rule)) {
        rules.push_back(std::move(document));
      }
    }
  }
  PrintFaults(faults);
  if (rules.empty()) {
    if (is_file) return kExitFaultInData;  // the errors of the file have already been printed
    return Refuse(absl::StrCat("no rule is called '", options.rule,
                               "': give a file, or the id, name, title or file name of a rule"));
  }
  bool all_match = true;
  for (const sigma::SigmaDocument& rule : rules) {
    if (rule.kind == sigma::SigmaDocument::Kind::kCorrelation) {
      std::vector<std::string> bases;
      for (const auto& [base, position] : rule.correlation.rules) bases.push_back(base);
      std::printf("%s is a correlation: it counts the matches of %s; explain those rules instead\n",
                  Printable(rule.info.title).c_str(),
                  Printable(absl::StrJoin(bases, ", ")).c_str());
      all_match &= rules.size() > 1;
      continue;
    }
    const absl::StatusOr<Explanation> explanation =
        event->is_audit
            ? detector::ExplainRule(rule, filters, ResolveFieldName, event->json)
            : detector::ExplainRule(rule, filters, detector::LiteralFieldName, event->json);
    if (!explanation.ok()) return Refuse(std::string(explanation.status().message()));
    Print(rule, *explanation);
    all_match &= explanation->matches;
  }
  return all_match ? kExitOk : kExitFaultInData;
}

}  // namespace picket
