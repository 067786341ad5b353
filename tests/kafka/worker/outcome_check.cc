#include "tests/kafka/worker/outcome_check.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace picket::kafka {

void PrintTopics(LogModel& model, int32_t partition) {
  for (const Topic topic : {Topic::kRaw, Topic::kEvents, Topic::kSeen, Topic::kCoverage}) {
    std::printf("%s %d:", std::string(Topics()[static_cast<size_t>(topic)].name).c_str(),
                partition);
    for (const auto& [offset, entry] : model.Committed(topic, partition)) {
      std::printf(" [%d %s=%s T%d]", static_cast<int>(offset), entry->key.c_str(),
                  entry->value.c_str(), static_cast<int>(entry->transaction));
    }
    std::printf("\n");
  }
}

std::string CheckPartition(LogModel& model, const CountingOptions& stage, int32_t partition,
                           FaultTable& table) {
  std::vector<std::pair<std::string, std::string>> events;
  std::map<std::string, int64_t> counts;
  int64_t total = 0;

  // Reads the committed gaps and dead letters.
  struct Gap {
    int64_t from;
    int64_t to;
  };
  std::vector<Gap> gaps;
  for (const auto& [offset, entry] : model.Committed(Topic::kCoverage, partition)) {
    Gap gap{-1, -1};
    std::sscanf(entry->value.c_str() + entry->value.find("\"from\":"), "\"from\":%ld,\"to\":%ld",
                &gap.from, &gap.to);
    if (gap.from < 0 || gap.to <= gap.from) return absl::StrCat("bad gap row ", entry->value);
    if (gap.to > model.log(Topic::kRaw, partition).begin) {
      return absl::StrCat("a gap row for input that is not deleted: ", entry->value);
    }
    for (const Gap& other : gaps) {
      if (gap.from < other.to && other.from < gap.to) return "two gap rows overlap";
    }
    gaps.push_back(gap);
    ++table.gaps;
  }
  std::map<int64_t, std::string> dead;  // reasons of the dead letters, indexed by offset
  for (const auto& [offset, entry] : model.Committed(Topic::kDeadLetters, partition)) {
    std::map<std::string, std::string> headers(entry->headers.begin(), entry->headers.end());
    const int64_t of = std::stoll(headers["dead-letter-offset"]);
    if (!dead.emplace(of, headers["dead-letter-reason"]).second)
      return "two dead letters of one message";
    ++table.dead_letters;
  }

  if (!stage.consumes_input) {
    for (int64_t i = 1; i <= stage.pieces; ++i) {
      events.emplace_back("piece", absl::StrCat(i));
    }
    counts["piece"] = stage.pieces;
  }
  for (const auto& [offset, entry] : model.Committed(Topic::kRaw, partition)) {
    const int64_t at = offset;
    const bool is_gone = std::any_of(
        gaps.begin(), gaps.end(), [at](const Gap& gap) { return gap.from <= at && at < gap.to; });
    const auto letter = dead.find(offset);
    if (is_gone) {
      if (letter != dead.end()) return absl::StrCat("offset ", offset, " is gap and dead letter");
      continue;
    }
    const std::string& value = entry->value;
    const bool is_oversized = value == "big" || value == "refused" || value == "huge";
    const std::string reason = is_oversized ? "oversized" : value == "crash" ? "crashed" : "";
    if (letter != dead.end() && letter->second != reason) {
      return absl::StrCat("offset ", offset, " (", value, ") is a dead letter: ", letter->second);
    }
    if (!reason.empty()) {
      if (letter == dead.end()) return absl::StrCat("offset ", offset, " is no dead letter");
      dead.erase(letter);
      continue;
    }
    ++total;
    events.emplace_back(entry->key, absl::StrCat(++counts[entry->key], " ",
                                                 stage.has_total ? total : 0, " ", value));
  }
  if (!dead.empty()) return absl::StrCat("a dead letter of nothing, offset ", dead.begin()->first);

  const auto committed = model.Committed(Topic::kEvents, partition);
  table.messages += static_cast<int64_t>(committed.size());
  for (size_t i = 0; i < std::max(events.size(), committed.size()); ++i) {
    const std::string expected =
        i < events.size() ? absl::StrCat(events[i].first, " → ", events[i].second) : "nothing";
    const std::string found = i < committed.size() ? absl::StrCat(committed[i].second->key, " → ",
                                                                  committed[i].second->value)
                                                   : "nothing";
    if (expected != found) {
      return absl::StrCat("event ", i, " is '", found, "' instead of '", expected, "'");
    }
  }

  std::map<std::string, int64_t> state;
  for (const auto& [offset, entry] : model.Committed(Topic::kSeen, partition)) {
    if (entry->key != "foreign") state[entry->key] = std::stoll(entry->value);
  }
  if (state != counts) return "the state's rows are not the state";
  if (stage.has_total && total > 0) {
    const auto rows = model.Committed(Topic::kState, partition);
    if (rows.empty() || std::stoll(rows.back().second->value) != total) {
      return "the second changelog's rows are not the state";
    }
  }
  return "";
}

}  // namespace picket::kafka
