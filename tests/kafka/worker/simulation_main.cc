// Runs the simulation of the worker as a program:
//     kafka_simulation_run [--seeds N] [--first N] [--seed N --trace] [--expect-failure]
//                          [--committed-ends] [--no-barrier]
// The exit status is 1 if a seed fails. With --expect-failure, it is 1 if no seed fails.

#include <chrono>
#include <cstdio>

#include "common/log.h"
#include "tests/kafka/worker/simulation.h"

int main(int argc, char** argv) {
  using namespace picket;         // NOLINT
  using namespace picket::kafka;  // NOLINT
  const SimulationArguments arguments = ParseSimulationArguments(argc, argv);
  ConfigureLog(arguments.has_trace ? LogLevel::kDebug : LogLevel::kError, LogFormat::kText);
  const auto began = std::chrono::steady_clock::now();
  FaultTable table;
  int failures = 0;
  for (uint64_t i = 0; i < arguments.seeds; ++i) {
    SimulationOptions options;
    options.seed = arguments.first + i;
    options.has_trace = arguments.has_trace;
    options.has_committed_ends = arguments.has_committed_ends;
    options.has_no_barrier = arguments.has_no_barrier;
    const std::string failure = Simulate(options, table);
    if (failure.empty()) continue;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed), failure.c_str());
    if (arguments.expects_failure) {
      std::printf("found after %llu seeds\n", static_cast<unsigned long long>(i + 1));
      return 0;
    }
    if (++failures == 10) break;
  }
  if (arguments.expects_failure) {
    std::printf("no seed of %llu found it\n", static_cast<unsigned long long>(arguments.seeds));
    return 1;
  }
  std::printf("%s%.1f s\n", table.Format().c_str(),
              std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return failures > 0 ? 1 : 0;
}
