// Usage: toy_worker SERVERS PREFIX PARTITIONS INSTANCE STEP_FILE crash|no
// Runs one worker of the toy stage until SIGTERM.

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <stop_token>
#include <string>
#include <thread>

#include "common/metrics.h"
#include "kafka/worker/librdkafka_clients.h"
#include "kafka/worker/workers.h"
#include "tests/integration/toy_stage.h"
#include "tests/support/kafka/interfering_clients.h"

int main(int argc, char** argv) {
  using namespace picket;         // NOLINT
  using namespace picket::kafka;  // NOLINT
  if (argc != 7) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  WorkerOptions options;
  options.kafka.bootstrap_servers = argv[1];
  options.topics.prefix = argv[2];
  options.topics.partitions = std::atoi(argv[3]);
  options.topics.replication_factor = 1;
  options.kafka.instance = argv[4];
  options.progress_file = argv[5];
  options.kafka.session_timeout = absl::Seconds(6);
  options.kafka.transaction_timeout = absl::Seconds(6);
  ToySwitches switches;
  switches.crashes = std::string(argv[6]) == "crash";

  Metrics metrics;
  SystemClock clock;
  LibrdkafkaClients cluster(options.kafka, options.topics);
  // Makes each call of a transaction slow enough for a test to stop the process during the call.
  InterferingClients clients(
      cluster, [](TransactionCall) { return Interference::kNone; }, absl::Milliseconds(20));
  Workers workers(
      options, [&](int) { return std::make_unique<ToyStage>(&switches); }, metrics, clients, clock);
  std::stop_source stop;
  std::jthread waiter([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.request_stop();
  });
  const absl::Status status = workers.Run(stop.get_token());
  if (!status.ok()) std::fprintf(stderr, "toy_worker: %s\n", status.ToString().c_str());
  // Ends the process without joining `waiter`, which may wait for a signal forever.
  std::_Exit(status.ok() ? 0 : 2);
}
