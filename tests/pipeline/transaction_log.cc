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

std::optional<TransactionEnd> ReadTransactionEnd(const kafka::Message& entry) {
  if (entry.key.size() < 4 || entry.value.size() <= kStateOffset) return std::nullopt;
  const char state = entry.value[kStateOffset];
  if (state != kCompleteCommit && state != kCompleteAbort) return std::nullopt;
  return TransactionEnd{std::string(entry.key.substr(4)), state == kCompleteCommit};
}

absl::StatusOr<std::map<std::string, TransactionCounts>> ReadTransactionLog(
    const kafka::KafkaConfig& config) {
  ASSIGN_OR_RETURN(const auto reader,
                   kafka::TopicReader::Open(config, "__transaction_state",
                                            kafka::TopicReader::Isolation::kReadUncommitted));
  std::map<std::string, TransactionCounts> counts;
  RETURN_IF_ERROR(reader->ReadToEnd(absl::Seconds(30), [&](const kafka::Message& row) {
    const std::optional<TransactionEnd> end = ReadTransactionEnd(row);
    if (!end.has_value()) return;
    TransactionCounts& of_id = counts[end->id];
    ++(end->is_commit ? of_id.committed : of_id.aborted);
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
