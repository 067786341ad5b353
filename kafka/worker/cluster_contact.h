#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "kafka/io.h"
#include "kafka/worker/partition.h"
#include "kafka/worker/worker_context.h"

namespace picket::kafka {

// Tracks whether the cluster lets a worker consume. It considers the errors that the consumer
// reports, the last answer of the group's coordinator, and the result of a small query every few
// seconds. The query also notices that the cluster works again, so a worker without traffic becomes
// ready by itself. The query runs in the background, so a slow connection does not delay the
// worker.
// Threads: The worker's thread makes all calls. Lifetime: It lives as long as its worker. Failure:
// A query that fails is a result. InputFault describes it.
class ClusterContact {
 public:
  // All arguments must outlive the object.
  ClusterContact(const WorkerContext& context, Assignment& assignment);

  // The worker calls this when it gets a new consumer.
  void OnJoin();
  void OnAssigned();
  void OnCommitted() {
    is_broker_down_ = false;
    is_broker_refused_ = false;
  }
  void OnClientError(const ClientError& error);
  void OnCoordinatorAnswered(absl::Duration ago) { last_contact_ = context_.Now() - ago; }
  // Records that `partition` cannot be read. A negative number stands for every partition. A worker
  // without partitions gets such an error if the group refuses it as a member. RecentError() then
  // returns the error.
  void OnInputError(int32_t partition, std::string_view error);

  // Queries the input and updates the lag, if that is due. Does not wait for answers.
  void Poll(InputConsumer& consumer);

  // Returns true if the group's coordinator has answered within half of the session timeout. The
  // result has a meaning only if the consumer reports contact (MemberSpec::reports_contact).
  bool IsInContact() const {
    return context_.Now() - last_contact_ < context_.kafka.session_timeout / 2;
  }

  // Returns why the brokers as a whole are not available, or an empty string.
  std::string BrokerFault() const;
  // Returns the last error of a client or of the group, if it is recent. Otherwise returns an empty
  // string.
  std::string RecentError() const;
  // Returns why the input cannot be read, or an empty string.
  std::string InputFault() const;

 private:
  void ExportLag(const InputConsumer& consumer);
  std::vector<int32_t> PartitionsToQuery() const;
  void OnRanges(const InputConsumer::RangeResult& ranges, InputConsumer& consumer);
  bool NoPartitionAnswers() const;
  void ReadFaultyPartitionsAgain(InputConsumer& consumer);

  const WorkerContext& context_;
  Assignment& assignment_;

  bool is_broker_down_ = false;     // no broker is connected
  bool is_broker_refused_ = false;  // the client cannot use at least one broker
  std::string error_;               // the last error of the client or the group
  MonotonicTime error_at_ = MonotonicTime::InfinitePast();
  // The time at which the group's coordinator last answered. An assignment counts as an answer.
  MonotonicTime last_contact_ = MonotonicTime::InfinitePast();
  MonotonicTime next_query_;
  MonotonicTime query_began_;
  std::vector<int32_t> queried_;  // the partitions of the query under way, empty if there is none
  MonotonicTime next_lag_ = MonotonicTime::InfinitePast();
  size_t failed_queries_ = 0;  // since the last successful query or assignment
  std::string query_error_;    // the error of the last failed query
};

}  // namespace picket::kafka
