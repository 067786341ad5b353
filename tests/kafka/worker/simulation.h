#pragma once

#include <cstdint>
#include <string>

#include "tests/kafka/worker/fault_table.h"

namespace picket::kafka {

struct SimulationOptions {
  uint64_t seed = 1;
  bool has_trace = false;  // if true, every call is printed to standard output
  // Sets FakeClients::reports_committed_ends, to show that the simulation detects this mistake in
  // the clients.
  bool has_committed_ends = false;
  // Sets FakeClients::ignores_pending_offsets, to show that the simulation also detects this other
  // mistake in the clients.
  bool has_no_barrier = false;
};

// Runs workers on a model of Kafka with faults that are drawn from the seed, and then without
// faults until everything is processed. Compares the topics with the contents that the model
// requires. Returns the first difference, or an empty string. The same seed always gives the same
// run.
std::string Simulate(const SimulationOptions& options, FaultTable& table);

// The default number of seeds. It is large enough for each fault to occur in every activity for
// which IsPossible returns true.
inline constexpr uint64_t kDefaultSeeds = 20'000;

// The command-line options of the programs that run the simulation. The environment variable
// PICKET_SIMULATION_SEEDS replaces the default number of seeds.
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
