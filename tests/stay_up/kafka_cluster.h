#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace picket {

// A Kafka cluster for one test, started with deploy/kafka/start. The test can stall and restart its
// brokers.
// Threads: One thread at a time uses it. Lifetime: The destructor stops the brokers and removes
// their data. A guard process does the same if the test program ends in any other way. Failure:
// error() describes why the cluster could not be started. Afterwards, an error of a broker's
// process aborts the program.
class KafkaCluster {
 public:
  // `brokers` is 1 or 3.
  explicit KafkaCluster(int brokers);
  ~KafkaCluster();
  KafkaCluster(const KafkaCluster&) = delete;
  KafkaCluster& operator=(const KafkaCluster&) = delete;

  // Returns an empty string if the cluster runs, otherwise why it could not be started.
  const std::string& error() const { return error_; }
  const std::string& bootstrap() const { return bootstrap_; }
  // Returns the ports of the brokers for clients.
  std::vector<int> Ports() const;
  int brokers() const { return brokers_; }

  // Stops the process of a broker with SIGSTOP. `broker` counts from 1.
  void Stall(int broker);
  void Resume(int broker);
  // Stops a broker with SIGTERM, and starts it again. Waits until the broker answers.
  void Restart(int broker);
  // Stops a broker with SIGTERM.
  void Stop(int broker);
  // Starts the brokers that do not run, and waits until they answer.
  void Start();
  // Waits until every copy of every partition is in sync. Returns false after `timeout`.
  bool WaitUntilInSync(absl::Duration timeout) const;

 private:
  pid_t PidOf(int broker) const;
  bool RunStart();
  bool IsInSync() const;

  const int brokers_;
  std::string data_;
  std::string bootstrap_;
  std::string error_;
  std::FILE* guard_ = nullptr;
};

}  // namespace picket
