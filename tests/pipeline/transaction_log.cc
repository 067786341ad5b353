#include "tests/pipeline/transaction_log.h"

#include "absl/strings/match.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/topic_reader.h"

namespace picket {
namespace {

// The layout of Kafka's TransactionLogKey and TransactionLogValue. The key contains a 16-bit
// version, a 16-bit length and the id. The value contains a 16-bit version, the producer id (8
// bytes), the epoch (2 bytes), the timeout (4 bytes) and the state (1 byte).
constexpr size_t kStateOffset = 2 + 8 + 2 + 4;
constexpr char kCompleteCommit = 4;
constexpr char kCompleteAbort = 5;

}  // namespace

absl::StatusOr<std::map<std::string, TransactionCounts>> ReadTransactionLog(
    const kafka::KafkaConfig& config) {
  ASSIGN_OR_RETURN(const auto reader,
                   kafka::TopicReader::Open(config, "__transaction_state",
                                            kafka::TopicReader::Isolation::kReadUncommitted));
  std::map<std::string, TransactionCounts> counts;
  RETURN_IF_ERROR(reader->ReadToEnd(absl::Seconds(30), [&](const kafka::Message& row) {
    if (row.key.size() < 4 || row.value.size() <= kStateOffset) return;
    TransactionCounts& of_id = counts[std::string(row.key.substr(4))];
    if (row.value[kStateOffset] == kCompleteCommit) ++of_id.committed;
    if (row.value[kStateOffset] == kCompleteAbort) ++of_id.aborted;
  }));
  return counts;
}

TransactionCounts Sum(const std::map<std::string, TransactionCounts>& counts,
                      std::string_view prefix) {
  TransactionCounts sum;
  for (const auto& [id, of_id] : counts) {
    if (!absl::StartsWith(id, ToAbsl(prefix))) continue;
    sum.committed += of_id.committed;
    sum.aborted += of_id.aborted;
  }
  return sum;
}

}  // namespace picket
