#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/config.h"

namespace picket {

struct TransactionCounts {
  int committed = 0;
  int aborted = 0;
};

// How the transactions of each transactional id ended, from the broker's own log (topic __transaction_state). Compaction
// has not touched it as long as its active segment holds everything, which is so for the length of a test.
absl::StatusOr<std::map<std::string, TransactionCounts>> ReadTransactionLog(
    const kafka::KafkaConfig& config);

// Over the ids that begin with `prefix`.
TransactionCounts Sum(const std::map<std::string, TransactionCounts>& counts,
                      std::string_view prefix);

}  // namespace picket
