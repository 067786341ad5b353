#include "cli/rules/rule_match.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/rule_files.h"
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

// Matches JSON lines without normalising them. Reading, matching and writing are separate steps, so
// that --stats can report the time of matching alone.
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

}  // namespace

int MatchEvents(const MatchOptions& options) {
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
