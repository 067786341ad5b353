#include "kafka/worker/cluster_contact.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kBetweenQueries = absl::Seconds(5);
// The interval while something does not work, so that the worker soon notices when it works again.
constexpr absl::Duration kBetweenQueriesInTrouble = absl::Seconds(1);
// The time that a query may take, as a share of the session timeout. A connection that is fast
// enough to keep the membership alive must also be fast enough for a query.
constexpr double kQueryLimitShare = 0.4;
constexpr absl::Duration kBetweenLags = absl::Seconds(1);
// Fewer failed queries in a row are not yet an outage.
constexpr size_t kFailedQueriesInTrouble = 3;
// Queries for this many single partitions must fail before the worker assumes that no partition
// answers. Neighbouring partitions usually have different leaders.
constexpr size_t kPartitionsToTry = 3;
// An error of a partition that ends within this time is not yet an outage.
constexpr absl::Duration kShortError = absl::Seconds(3);
constexpr absl::Duration kRecent = absl::Seconds(60);

}  // namespace

ClusterContact::ClusterContact(const WorkerContext& context, Assignment& assignment)
    : context_(context), assignment_(assignment), next_query_(context.Now() + kBetweenQueries) {}

void ClusterContact::OnJoin() { queried_.clear(); }

void ClusterContact::OnAssigned() {
  is_broker_down_ = false;
  is_broker_refused_ = false;
  error_.clear();
  failed_queries_ = 0;
  last_contact_ = context_.Now();
}

void ClusterContact::OnClientError(const ClientError& error) {
  using Kind = ClientError::Kind;
  error_ = absl::StrCat(context_.kafka.bootstrap_servers, ": ", ToAbsl(error.text));
  error_at_ = context_.Now();
  next_query_ = std::min(next_query_, error_at_ + kBetweenQueriesInTrouble);
  if (error.kind == Kind::kAllBrokersDown || error.kind == Kind::kDisconnected ||
      error.kind == Kind::kUnreachable) {
    // A single lost connection is not yet an outage. A broker that refuses the client is an outage
    // only if the other brokers do not answer either.
    if (error.kind == Kind::kAllBrokersDown) is_broker_down_ = true;
    if (error.kind == Kind::kUnreachable) is_broker_refused_ = true;
    LogWarning("broker_unreachable", {{"worker", context_.name}, {"error", error_}});
    return;
  }
  LogWarning("kafka_client_error",
             {{"worker", context_.name}, {"code", error.name}, {"error", error.text}});
}

void ClusterContact::OnInputError(int32_t number, std::string_view error) {
  if (number < 0) {
    error_ = error;
    error_at_ = context_.Now();
  }
  for (auto& [assigned, partition] : assignment_.partitions) {
    if (number >= 0 && assigned != number) continue;
    if (partition.input_error.empty()) partition.input_error_since = context_.Now();
    partition.input_error = error;
  }
  next_query_ = std::min(next_query_, context_.Now() + kBetweenQueriesInTrouble);
}

void ClusterContact::Poll(InputConsumer& consumer) {
  const MonotonicTime now = context_.Now();
  if (now >= next_lag_) {
    next_lag_ = now + kBetweenLags;
    if (context_.spec.consumes_input) ExportLag(consumer);
  }
  if (!queried_.empty()) {
    const std::optional<InputConsumer::RangeResult> result = consumer.TakeRangeQuery();
    if (!result.has_value()) return;
    OnRanges(*result, consumer);
    const bool is_in_trouble =
        is_broker_down_ || is_broker_refused_ || failed_queries_ > 0 || !InputFault().empty();
    next_query_ = is_in_trouble ? query_began_ + kBetweenQueriesInTrouble : now + kBetweenQueries;
  }
  if (now < next_query_) return;
  queried_ = PartitionsToQuery();
  query_began_ = now;
  consumer.StartRangeQuery(queried_, context_.kafka.session_timeout * kQueryLimitShare);
}

// Exports how many offsets of the input are not processed yet. The end of the partition is the
// larger of the ends that the last fetch and the last query have reported, since a paused partition
// is not fetched.
void ClusterContact::ExportLag(const InputConsumer& consumer) {
  for (auto& [number, partition] : assignment_.partitions) {
    const int64_t end = std::max(consumer.KnownEnd(number), partition.queried_end);
    if (end < 0 || partition.phase == PartitionPhase::kBarrier) continue;
    // The open batch may still be aborted, so its input is not processed yet.
    const int64_t done = partition.touched ? partition.start : partition.next;
    if (!partition.lag.has_value()) partition.lag.emplace(context_.metrics.Lag(number));
    partition.lag->Set(static_cast<double>(std::max<int64_t>(0, end - done)));
  }
}

// Returns all partitions of the worker. A query fails as a whole if one of its partitions has no
// leader, or a leader that does not answer. But the worker can consume as long as one partition
// answers. So after a failed query, the function returns a single partition, and another one each
// time. If the worker has no partitions, it returns one of the first partitions of the topic.
std::vector<int32_t> ClusterContact::PartitionsToQuery() const {
  std::vector<int32_t> numbers;
  for (const auto& [number, partition] : assignment_.partitions) numbers.push_back(number);
  if (numbers.empty()) {
    for (size_t i = 0; i < kPartitionsToTry; ++i) numbers.push_back(static_cast<int32_t>(i));
  } else if (failed_queries_ == 0) {
    return numbers;
  }
  return {numbers[failed_queries_ % numbers.size()]};
}

void ClusterContact::OnRanges(const InputConsumer::RangeResult& ranges, InputConsumer& consumer) {
  const std::vector<int32_t> numbers = std::exchange(queried_, {});
  if (!ranges.ok()) {
    ++failed_queries_;
    query_error_ = ToStd(ranges.status().message());
    return;
  }
  is_broker_down_ = false;
  is_broker_refused_ = false;
  failed_queries_ = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (Partition* const partition = assignment_.Find(numbers[i]); partition != nullptr) {
      partition->queried_end = ranges->at(i).end;
      // A stage without input fetches nothing, so only the query shows that the topic is available.
      if (!context_.spec.consumes_input) partition->input_error.clear();
    }
  }
  ReadFaultyPartitionsAgain(consumer);
}

// Sets the positions of partitions with errors again. The client then reports when it reaches the
// end of such a partition, even if there is no new message. That clears the error.
void ClusterContact::ReadFaultyPartitionsAgain(InputConsumer& consumer) {
  if (!context_.spec.consumes_input) return;
  std::vector<Position> positions;
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.input_error.empty() || partition.phase != PartitionPhase::kLive) continue;
    positions.push_back({number, partition.next});
  }
  if (!positions.empty()) (void)consumer.Seek(positions);
}

std::string ClusterContact::BrokerFault() const {
  const bool is_unreachable = is_broker_down_ || (is_broker_refused_ && NoPartitionAnswers());
  return is_unreachable ? absl::StrCat("broker unreachable: ", error_) : "";
}

// Returns true if the query for all partitions and then queries for single partitions have failed.
bool ClusterContact::NoPartitionAnswers() const {
  const size_t tried = 1 + std::min(assignment_.partitions.size(), kPartitionsToTry);
  return failed_queries_ >= std::max(kFailedQueriesInTrouble, tried);
}

std::string ClusterContact::RecentError() const {
  return context_.Now() - error_at_ < kRecent ? error_ : "";
}

std::string ClusterContact::InputFault() const {
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.input_error.empty() ||
        context_.Now() - partition.input_error_since < kShortError) {
      continue;
    }
    return absl::StrCat("partition ", number, " of ", context_.input_topic,
                        " cannot be read: ", partition.input_error);
  }
  if (NoPartitionAnswers()) {
    return absl::StrCat("worker ", context_.number,
                        " gets no answer about its input: ", query_error_);
  }
  return "";
}

}  // namespace picket::kafka
