#pragma once

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "kafka/config.h"

namespace picket {

// Follows the topic __transaction_state on a separate thread, and records when the broker committed
// each transaction of the services of one pipeline.
// Threads: Any thread may call any method. Lifetime: The destructor stops the thread. Failure:
// While no broker answers, the watch waits, and it reads the entries later.
class TransactionWatch {
 public:
  // Records the transactions whose id contains `prefix`, the prefix of the pipeline's topics.
  TransactionWatch(const kafka::KafkaConfig& config, std::string prefix);

  // Returns when the first transaction after `after` was committed by a worker of the stage
  // ("parser") and, unless `instance` is empty, of the process of this name. Returns nothing if
  // there has been none.
  std::optional<absl::Time> FirstCommit(const std::string& stage, const std::string& instance,
                                        absl::Time after) const;
  // Returns the longest time between two successive commits of the stage, from `begin` to `end`.
  absl::Duration LongestPause(const std::string& stage, absl::Time begin, absl::Time end) const;
  int committed() const;
  int aborted() const;

 private:
  struct Commit {
    std::string id;
    absl::Time time;
  };
  void Run(const std::stop_token& stop);

  kafka::KafkaConfig config_;
  const std::string prefix_;
  mutable Mutex mu_;
  std::vector<Commit> commits_ ABSL_GUARDED_BY(mu_);
  int aborted_ ABSL_GUARDED_BY(mu_) = 0;
  std::jthread thread_;
};

}  // namespace picket
