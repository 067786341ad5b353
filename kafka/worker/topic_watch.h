#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "kafka/io.h"
#include "kafka/topic_check.h"
#include "kafka/topic_use.h"

namespace picket::kafka {

// Compares the topics of a stage with the configuration at each call of Check. Reports each
// difference once in the log when it appears and once when it is gone, and as the metric
// picket_topic_differences while it exists.
// Threads: One thread calls Check and MayStart. Any thread may call the other functions. Lifetime:
// `clients` and `metrics` must outlive the object. Workers keep one instance while their
// clients are replaced, so that no difference is forgotten. Failure: After a check that was not
// possible, the result of the check before it remains. The same is true for the settings of a topic
// whose settings can no longer be read.
class TopicWatch {
 public:
  TopicWatch(KafkaClients& clients, std::vector<TopicUse> uses, std::string servers,
             Metrics& metrics);

  // Returns FailedPrecondition if a topic makes exactly-once processing impossible. The message
  // lists these topics and how to correct them. Returns another error if the check was not
  // possible.
  absl::Status Check(absl::Duration limit);

  // Replaces the topics that Check looks at.
  void SetUses(std::vector<TopicUse> uses);
  // Returns true if no check has begun since the last call of SetUses.
  bool HasUncheckedUses() const;

  // Returns true if the last check found nothing that a starting service must wait for.
  bool MayStart() const;

  // Returns the first difference that keeps the service from being ready, or an empty string.
  std::string WhyNotReady() const;

 private:
  // The name of a topic, and the setting that differs.
  using Key = std::pair<std::string, std::string>;

  void AddUnreadable(std::vector<TopicDifference>& differences) const;
  void Report(const std::vector<TopicDifference>& differences);
  Gauge& GaugeOf(const Key& key);

  KafkaClients& clients_;
  const std::string servers_;
  Metrics& metrics_;
  std::map<Key, TopicDifference> differences_;  // as found by the last check
  bool has_started_ = false;                    // true after a check that lets the service start
  bool may_start_ = false;
  mutable Mutex mu_;
  std::vector<TopicUse> uses_ ABSL_GUARDED_BY(mu_);
  bool has_unchecked_uses_ ABSL_GUARDED_BY(mu_) = false;
  std::string why_not_ready_ ABSL_GUARDED_BY(mu_);
};

}  // namespace picket::kafka
