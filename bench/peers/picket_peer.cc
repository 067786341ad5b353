// Runs Picket's matcher for bench/peers/run. Reads commands from standard input, and answers each
// command with one line. The commands and their answers are:
//
//   rules FOLDER COPIES                       -> rules SECONDS
//   measure SETTING MODE LANE SECONDS         -> events matches events_per_second
//   matches SETTING LANE OUTPUT               -> events matches
//
// `matches` writes a line "event<TAB>rule id" to OUTPUT for each match.
//
// LANE is a file with one event per line. SETTING is `default` or `route`. MODE is one of these:
//
//   match   matches parsed events
//   hot     like `match`, but parses 256 events at a time, so that they are still in the CPU cache
//   json    parses and matches events
//   parse   only parses events

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kHotEvents = 256;

double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

class Session {
 public:
  std::string Load(const std::string& folder, int copies) {
    const auto begin = Clock::now();
    std::vector<sigma::RuleFault> faults;
    const std::vector<sigma::RuleFile> once = sigma::ReadRuleFiles(folder, faults);
    std::vector<sigma::RuleFile> files = once;
    for (int copy = 1; copy < copies; ++copy) {
      for (sigma::RuleFile file : once) {
        const size_t at = file.text.find("\nid: ");
        if (at == std::string::npos) continue;
        file.text.insert(at + 5, absl::StrCat("copy", copy, "-"));
        files.push_back(std::move(file));
      }
    }
    rules_ = RuleSet::Compile(files, LiteralFieldName, faults);
    const double seconds = SecondsSince(begin);
    for (const sigma::RuleFault& fault : faults) {
      std::fprintf(stderr, "picket left out: %s\n", fault.ToString().c_str());
    }
    matchers_.clear();
    lanes_.clear();
    return absl::StrCat(rules_->rules().size(), " ", seconds);
  }

  std::string Measure(const std::string& setting, const std::string& mode, const std::string& path,
                      double seconds) {
    Matcher& matcher = MatcherOf(setting);
    Lane& lane = LaneOf(path, matcher);
    double spent = 0;
    const size_t matches = Pass(mode, matcher, lane, spent);
    size_t passes = 0;
    for (spent = 0; spent < seconds; ++passes) {
      PICKET_CHECK(Pass(mode, matcher, lane, spent) == matches);
    }
    const double rate = static_cast<double>(passes * lane.lines.size()) / spent;
    return absl::StrCat(lane.lines.size(), " ", matches, " ", static_cast<int64_t>(rate));
  }

  std::string Matches(const std::string& setting, const std::string& path,
                      const std::string& output) {
    Matcher& matcher = MatcherOf(setting);
    const Lane& lane = LaneOf(path, matcher);
    std::ofstream out(output);
    size_t matches = 0;
    for (size_t i = 0; i < lane.lines.size(); ++i) {
      for (const uint32_t rule : matcher.Match(lane.lines[i])) {
        out << i << '\t' << rules_->rules()[rule].info.id << '\n';
        ++matches;
      }
      PICKET_CHECK(matcher.ok());
    }
    return absl::StrCat(lane.lines.size(), " ", matches);
  }

 private:
  struct Lane {
    std::vector<std::string> lines;
    std::vector<ParsedEvent> parsed;
  };

  Matcher& MatcherOf(const std::string& setting) {
    PICKET_CHECK(setting == "default" || setting == "route");
    std::unique_ptr<Matcher>& matcher = matchers_[setting];
    if (matcher == nullptr) {
      matcher = std::make_unique<Matcher>(rules_, MatcherOptions{.route = setting == "route"});
    }
    return *matcher;
  }

  Lane& LaneOf(const std::string& path, Matcher& matcher) {
    Lane& lane = lanes_[path];
    if (!lane.lines.empty()) return lane;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      if (!line.empty()) lane.lines.push_back(line);
    }
    PICKET_CHECK(!lane.lines.empty());
    lane.parsed.resize(lane.lines.size());
    for (size_t i = 0; i < lane.lines.size(); ++i) {
      PICKET_CHECK(matcher.Parse(lane.lines[i], lane.parsed[i]));
    }
    return lane;
  }

  // Processes all events of the lane once, and returns the number of matches. Adds the measured
  // seconds to `spent`.
  size_t Pass(const std::string& mode, Matcher& matcher, Lane& lane, double& spent) {
    size_t matches = 0;
    auto begin = Clock::now();
    if (mode == "match") {
      for (const ParsedEvent& event : lane.parsed) matches += matcher.MatchParsed(event).size();
    } else if (mode == "json") {
      for (const std::string& line : lane.lines) matches += matcher.Match(line).size();
    } else if (mode == "parse") {
      for (const std::string& line : lane.lines) PICKET_CHECK(matcher.Parse(line, hot_[0]));
    } else {
      PICKET_CHECK(mode == "hot");
      for (size_t first = 0; first < lane.lines.size(); first += kHotEvents) {
        const size_t count = std::min(kHotEvents, lane.lines.size() - first);
        for (size_t i = 0; i < count; ++i) matcher.Parse(lane.lines[first + i], hot_[i]);
        begin = Clock::now();
        for (size_t i = 0; i < count; ++i) matches += matcher.MatchParsed(hot_[i]).size();
        spent += SecondsSince(begin);
      }
      return matches;
    }
    spent += SecondsSince(begin);
    return matches;
  }

  std::shared_ptr<const RuleSet> rules_;
  std::map<std::string, std::unique_ptr<Matcher>> matchers_;
  std::map<std::string, Lane> lanes_;
  std::vector<ParsedEvent> hot_ = std::vector<ParsedEvent>(kHotEvents);
};

int Run() {
  Session session;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command, a, b, c;
    double seconds = 0;
    words >> command >> a >> b;
    std::string answer;
    if (command == "rules") {
      answer = session.Load(a, std::stoi(b));
    } else if (command == "measure" && words >> c >> seconds) {
      answer = session.Measure(a, b, c, seconds);
    } else if (command == "matches" && words >> c) {
      answer = session.Matches(a, b, c);
    } else {
      std::fprintf(stderr, "unknown command: %s\n", line.c_str());
      return 2;
    }
    std::cout << answer << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace picket::detector

int main() { return picket::detector::Run(); }
