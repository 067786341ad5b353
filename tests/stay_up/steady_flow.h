#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "simulator/cloud.h"
#include "tests/pipeline/exact_contents.h"

namespace picket {

// Publishes small blobs for one tenant after the other, until it is stopped. So every stage always
// has something to commit in each of its partitions, however long the faults take.
// Threads: Any thread may call any method. Lifetime: The destructor stops the flow. `cloud` must
// outlive the object.
class SteadyFlow {
 public:
  // Each tenant gets a blob of one record in each `interval`.
  SteadyFlow(simulator::Cloud& cloud, absl::Duration interval);

  void Stop();
  // Returns the distinct Ids of the published records, by tenant.
  PublishedIds Published() const;

 private:
  void Run(const std::stop_token& stop, absl::Duration interval);

  simulator::Cloud& cloud_;
  mutable Mutex mu_;
  PublishedIds published_ ABSL_GUARDED_BY(mu_);
  std::jthread thread_;
};

}  // namespace picket
