#include "cli/rules/rule_match.h"

#include <simdjson.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/rule_files.h"
#include "cli/terminal_text.h"
#include "common/error.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "detector/log_sources.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"

namespace picket {
namespace {

using detector::Matcher;
using detector::RuleSet;

constexpr size_t kReadBytes = 16 << 20;

// Returns true if a line is an event of Picket's normaliser.
bool IsNormalisedEvent(std::string_view line, simdjson::dom::parser& parser) {
  // This search is faster than parsing the JSON, and most lines that are not such events fail it.
  constexpr std::string_view kMark = "\"picket-mapping\"";
  if (line.find(kMark) == std::string_view::npos) return false;
  simdjson::dom::object event;
  if (parser.parse(line).get_object().get(event) != simdjson::SUCCESS) return false;
  return event["class_uid"].error() == simdjson::SUCCESS &&
         event["metadata"]["transformation_info_list"].error() == simdjson::SUCCESS;
}

// Matches JSON lines without normalising them. Reading, matching and writing are separate steps, so
// that --stats can report the time of matching alone.
class LineMatcher {
 public:
  // `literal` is used for events of any origin, and `audit` for events of Picket's normaliser. If
  // `audit` is null, all events are matched with `literal`.
  LineMatcher(const std::shared_ptr<const RuleSet>& literal,
              const std::shared_ptr<const RuleSet>& audit, bool route)
      : matcher_(literal, {.route = route}) {
    if (audit != nullptr) audit_matcher_.emplace(audit);
  }

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
      const bool is_audit = audit_matcher_.has_value() && IsNormalisedEvent(line, parser_);
      Matcher& matcher = is_audit ? *audit_matcher_ : matcher_;
      for (const uint32_t rule : matcher.Match(line)) {
        found_.emplace_back(number, &matcher.rule_set().rules()[rule].info);
      }
      if (!matcher.ok()) ++bad_lines_;
    }
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  void Write() {
    out_.clear();
    for (const auto& [line, info] : found_) {
      JsonWriter json(&out_);
      json.BeginObject().Key("event").Value(line).Key("rule_id").Value(info->id);
      json.Key("title").Value(info->title).EndObject();
      out_ += '\n';
    }
    matches_ += static_cast<int64_t>(found_.size());
    found_.clear();
    if (isatty(STDOUT_FILENO) != 0) out_ = PrintableJson(out_);
    std::fwrite(out_.data(), 1, out_.size(), stdout);
  }

  Matcher matcher_;
  std::optional<Matcher> audit_matcher_;
  simdjson::dom::parser parser_;
  std::vector<std::pair<int64_t, const sigma::RuleInfo*>> found_;
  std::string out_;
  int64_t line_ = 0, events_ = 0, matches_ = 0, bad_lines_ = 0;
  double seconds_ = 0;
};

}  // namespace

int MatchEvents(const MatchOptions& options) {
  std::vector<sigma::RuleFault> faults;
  const auto start = std::chrono::steady_clock::now();
  const std::vector<sigma::RuleFile> files = ReadRules(options.rules, faults);
  const auto rules = RuleSet::Compile(files, detector::LiteralFieldName, faults);
  const double load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  PrintFaults(faults);
  std::vector<sigma::RuleFault> reported_already;
  const auto audit_rules =
      options.as_is ? nullptr : detector::CompileForAuditEvents(files, reported_already);
  LineMatcher matcher(rules, audit_rules, options.route);
  if (options.events == "-") {
    std::ios::sync_with_stdio(false);
    matcher.Run(std::cin);
  } else {
    std::ifstream file(options.events, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s: %s\n", options.events.c_str(), ErrnoText(errno).c_str());
      return kExitWrongUsage;
    }
    matcher.Run(file);
  }
  std::fflush(stdout);
  if (matcher.bad_lines() > 0) {
    const auto bad_lines = static_cast<uint64_t>(matcher.bad_lines());
    std::fprintf(stderr, "%s: %s not JSON objects\n", options.events.c_str(),
                 Counted(bad_lines, "line is", "lines are").c_str());
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
      return kExitWrongUsage;
    }
  }
  return faults.empty() && matcher.bad_lines() == 0 ? kExitOk : kExitFaultInData;
}

}  // namespace picket
