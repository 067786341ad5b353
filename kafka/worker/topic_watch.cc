#include "kafka/worker/topic_watch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/log.h"
#include "common/status_macros.h"

namespace picket::kafka {

TopicWatch::TopicWatch(KafkaClients& clients, std::vector<TopicUse> uses, std::string servers,
                       Metrics& metrics)
    : clients_(clients), servers_(std::move(servers)), metrics_(metrics), uses_(std::move(uses)) {}

void TopicWatch::SetUses(std::vector<TopicUse> uses) {
  MutexLock lock(mu_);
  uses_ = std::move(uses);
  has_unchecked_uses_ = true;
}

bool TopicWatch::HasUncheckedUses() const {
  MutexLock lock(mu_);
  return has_unchecked_uses_;
}

absl::Status TopicWatch::Check(absl::Duration limit) {
  std::vector<TopicUse> uses;
  {
    MutexLock lock(mu_);
    uses = uses_;
    has_unchecked_uses_ = false;
  }
  ASSIGN_OR_RETURN(std::vector<TopicDifference> differences, clients_.CheckTopics(uses, limit));
  AddUnreadable(differences);
  Report(differences);
  std::vector<TopicDifference> fatal;
  std::string waits;  // why a starting service waits
  std::string blocks;
  for (const TopicDifference& difference : differences) {
    if (difference.severity == Severity::kFatal) fatal.push_back(difference);
    const bool is_blocking = difference.severity == Severity::kBlocks;
    if (is_blocking && blocks.empty()) blocks = difference.ToString();
    if ((is_blocking || difference.blocks_start) && waits.empty()) waits = difference.ToString();
  }
  may_start_ = waits.empty() && fatal.empty();
  has_started_ = has_started_ || may_start_;
  {
    MutexLock lock(mu_);
    why_not_ready_ = has_started_ ? blocks : waits;
  }
  if (fatal.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the topics at ", servers_, " do not fit:\n  ",
                                                    absl::StrJoin(DifferenceLines(fatal), "\n  ")));
}

bool TopicWatch::MayStart() const { return may_start_; }

std::string TopicWatch::WhyNotReady() const {
  MutexLock lock(mu_);
  return why_not_ready_;
}

Gauge& TopicWatch::GaugeOf(const Key& key) {
  return metrics_.GetGauge("picket_topic_differences",
                           {{"topic", key.first}, {"setting", key.second}});
}

// Adds the known differences of settings that can no longer be read, because our user has lost the
// right to read them or to see the topic. Nothing shows that they are gone.
void TopicWatch::AddUnreadable(std::vector<TopicDifference>& differences) const {
  std::set<std::string> unreadable;  // topics
  for (const TopicDifference& difference : differences) {
    if (difference.hides_settings) unreadable.insert(difference.topic_name);
  }
  for (const auto& [key, known] : differences_) {
    if (known.is_setting && unreadable.contains(key.first)) differences.push_back(known);
  }
}

void TopicWatch::Report(const std::vector<TopicDifference>& differences) {
  std::map<Key, TopicDifference> now;
  for (const TopicDifference& difference : differences) {
    const Key key{difference.topic_name, difference.setting};
    now[key] = difference;
    const auto known = differences_.find(key);
    if (known != differences_.end() && known->second.what == difference.what) continue;
    GaugeOf(key).Set(1);
    LogWarning("topic_differs", {{"topic", difference.topic_name},
                                 {"difference", difference.what},
                                 {"repair", difference.repair}});
  }
  for (const auto& [key, difference] : differences_) {
    if (now.contains(key)) continue;
    GaugeOf(key).Set(0);
    LogInfo("topic_difference_gone", {{"topic", key.first}, {"setting", key.second}});
  }
  differences_ = std::move(now);
}

}  // namespace picket::kafka
