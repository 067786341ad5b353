#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "tests/stay_up/transaction_watch.h"

namespace picket {

// Measures the time from the end of each fault to the next commit of a process that had to recover
// from the fault.
// Threads: Any thread may call any method. Lifetime: `watch` must outlive this object.
class Recoveries {
 public:
  explicit Recoveries(const TransactionWatch& watch) : watch_(watch) {}

  // Records that a fault of this kind ends now. The process `instance` of the stage ("parser") must
  // recover from the fault. If `instance` is empty, any process of the stage may recover.
  void FaultEnded(const std::string& kind, const std::string& stage, const std::string& instance);
  // Returns one line for each fault from which no process has recovered yet.
  std::vector<std::string> Pending();
  // Prints the number of faults of each kind and the distribution of the times.
  void Print();

 private:
  struct Fault {
    std::string kind;
    std::string stage;
    std::string instance;
    absl::Time end;
  };
  void Update() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const TransactionWatch& watch_;
  Mutex mu_;
  std::vector<Fault> pending_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::vector<absl::Duration>> times_ ABSL_GUARDED_BY(mu_);  // by kind
};

}  // namespace picket
