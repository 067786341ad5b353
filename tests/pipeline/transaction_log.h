#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/config.h"
#include "kafka/message.h"

namespace picket {

struct TransactionCounts {
  int committed = 0;
  int aborted = 0;
};

// The end of a transaction, as an entry of __transaction_state reports it.
struct TransactionEnd {
  std::string id;
  bool is_commit = false;  // false if the transaction was aborted
};
// Returns nothing if the entry does not report the end of a transaction.
std::optional<TransactionEnd> ReadTransactionEnd(const kafka::Message& entry);

// Counts the committed and aborted transactions of each transactional id. Reads the topic
// __transaction_state, in which the broker logs all transactions. The log is complete as long as
// all entries are in the active segment, which is not compacted. The tests are short enough to meet
// this condition.
absl::StatusOr<std::map<std::string, TransactionCounts>> ReadTransactionLog(
    const kafka::KafkaConfig& config);

// Returns the sum of the counts of all ids that begin with `prefix`.
TransactionCounts Sum(const std::map<std::string, TransactionCounts>& counts,
                      std::string_view prefix);

}  // namespace picket
