#pragma once

#include <cstdint>
#include <string>

#include "tests/kafka/worker/fault_table.h"

namespace picket::kafka {

struct SimulationOptions {
  uint64_t seed = 1;
  bool has_trace = false;  // if true, every call is printed to standard output
  // Simulates a wiring error outside kafka/worker/: the ends of the changelogs come from a
  // read_committed client.
  bool has_committed_ends = false;
  // Simulates another wiring error: the committed offsets come from a read_uncommitted client,
  // which does not wait for open transactions.
  bool has_no_barrier = false;
};

// Runs workers on a model of Kafka with faults that are drawn from the seed, and then without
// faults until everything is processed. Compares the topics with the contents that the model
// requires. Returns the first difference, or an empty string. The same seed always gives the same
// run.
std::string Simulate(const SimulationOptions& options, FaultTable& table);

// The default number of seeds. It is large enough for every possible fault to occur in every
// activity.
inline constexpr uint64_t kDefaultSeeds = 20'000;

// The options --seeds N, --first N and --trace (with --seed N), and the environment variable
// PICKET_SIMULATION_SEEDS.
struct SimulationArguments {
  uint64_t first = 1;
  uint64_t seeds = kDefaultSeeds;
  bool has_trace = false;
  bool has_committed_ends = false;
  bool has_no_barrier = false;
  bool expects_failure = false;  // true for runs with a planted bug
};
SimulationArguments ParseSimulationArguments(int argc, char** argv);

}  // namespace picket::kafka
