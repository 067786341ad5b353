#include "tests/stay_up/transaction_watch.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/strings.h"
#include "kafka/topic_reader.h"
#include "tests/pipeline/transaction_log.h"

namespace picket {
namespace {

// The entries of one partition are in order of time, but those of different partitions are not.
constexpr absl::Duration kMaxDisorder = absl::Minutes(2);

// Returns true if the transactional id belongs to a worker of the stage and the process. The id
// ends with the stage, the name of the process and the worker's number.
bool BelongsTo(const std::string& id, const std::string& stage, const std::string& instance) {
  if (!absl::StrContains(id, stage)) return false;
  if (instance.empty()) return true;
  const std::string process = id.substr(0, id.rfind('-'));
  return absl::EndsWith(process, absl::StrCat("-", instance)) ||
         absl::EndsWith(process, absl::StrCat(".", instance));
}

}  // namespace

TransactionWatch::TransactionWatch(const kafka::KafkaConfig& config, std::string prefix)
    : config_(config), prefix_(std::move(prefix)) {
  config_.properties["log_level"] = "0";  // brokers that do not answer are part of the test
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void TransactionWatch::Run(const std::stop_token& stop) {
  std::unique_ptr<kafka::TopicReader> reader;
  while (!stop.stop_requested()) {
    if (reader == nullptr) {
      // The broker creates the topic for the first transaction.
      auto opened = kafka::TopicReader::Open(config_, "__transaction_state",
                                             kafka::TopicReader::Isolation::kReadUncommitted);
      if (opened.ok()) {
        reader = *std::move(opened);
      } else {
        absl::SleepFor(absl::Milliseconds(200));
      }
      continue;
    }
    reader->Poll(absl::Milliseconds(100), [&](const kafka::Message& row) {
      const std::optional<TransactionEnd> end = ReadTransactionEnd(row);
      if (!end.has_value() || !absl::StrContains(end->id, prefix_)) return;
      MutexLock lock(mu_);
      if (end->is_commit) {
        commits_.push_back({end->id, absl::FromUnixMillis(row.timestamp_ms)});
      } else {
        ++aborted_;
      }
    });
  }
}

std::optional<absl::Time> TransactionWatch::FirstCommit(const std::string& stage,
                                                        const std::string& instance,
                                                        absl::Time after) const {
  MutexLock lock(mu_);
  std::optional<absl::Time> first;
  for (auto it = commits_.rbegin(); it != commits_.rend(); ++it) {
    const Commit& commit = *it;
    if (commit.time < after - kMaxDisorder) break;
    if (commit.time <= after || (first.has_value() && commit.time >= *first)) continue;
    if (BelongsTo(commit.id, stage, instance)) first = commit.time;
  }
  return first;
}

absl::Duration TransactionWatch::LongestPause(const std::string& stage, absl::Time begin,
                                              absl::Time end) const {
  MutexLock lock(mu_);
  std::vector<absl::Time> times = {begin, end};
  for (const Commit& commit : commits_) {
    if (commit.time > begin && commit.time < end && BelongsTo(commit.id, stage, "")) {
      times.push_back(commit.time);
    }
  }
  std::sort(times.begin(), times.end());
  absl::Duration longest;
  for (size_t i = 1; i < times.size(); ++i) longest = std::max(longest, times[i] - times[i - 1]);
  return longest;
}

int TransactionWatch::committed() const {
  MutexLock lock(mu_);
  return static_cast<int>(commits_.size());
}

int TransactionWatch::aborted() const {
  MutexLock lock(mu_);
  return aborted_;
}

}  // namespace picket
