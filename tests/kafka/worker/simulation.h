#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kafka/worker/worker_loop.h"

namespace picket::kafka {

// Everything that can go wrong in the simulation.
enum class Fault : uint8_t {
  // Calls of a transaction.
  kBeginMustAbort,
  kBeginFatal,
  kProduceMustAbort,
  kProduceFenced,
  kFlushMustAbort,
  kFlushFatal,
  kOffsetsMustAbort,
  kOffsetsFatal,
  kCommitMustAbort,
  kCommitNotAnswered,
  kCommitLost,
  kCommitDelayed,
  kAbortFatal,
  // Other calls.
  kProducerNotCreated,
  kInitSlow,
  kInitFails,
  kCommittedNotAnswered,
  kRangesNotAnswered,
  kEndsNotAnswered,
  kReaderNotCreated,
  kReaderNotStarted,
  kChangelogNotRead,
  kSeekFails,
  kConsumerFatal,
  kConsumerFenced,  // by its own heartbeat: no other process has the name
  // What happens around a process, at one of its polls.
  kPollError,
  kBrokersDown,
  kCoordinatorSilent,
  kBrokerSilent,
  kSessionLost,
  kRebalance,
  kInputDeleted,
  kInputHeldBack,
  kOpenOnChangelog,  // a foreign transaction
  kOpenOnInput,
  kClockStep,
  kStop,
  // At any call.
  kKill,
  kStall,            // SIGSTOP, longer than the session
  kStallAndReplace,  // and a second process of the same name is started meanwhile
  kOthersRun,        // the other workers get on while this call takes its time
};
inline constexpr int kFaultCount = static_cast<int>(Fault::kOthersRun) + 1;
inline constexpr int kActivityCount = static_cast<int>(WorkerActivity::kIdle) + 1;
std::string_view FaultName(Fault fault);
std::string_view ActivityName(WorkerActivity activity);

// How often each fault hit a worker that was doing what.
struct FaultTable {
  std::array<std::array<int64_t, kActivityCount>, kFaultCount> counts{};
  int64_t steps = 0;
  int64_t messages = 0;  // that came out of the simulated clusters
  int64_t dead_letters = 0;
  int64_t gaps = 0;
  int64_t resumed = 0;           // partitions that came back unchanged
  int64_t discarded_copies = 0;  // that belonged to another log

  int64_t At(Fault fault, WorkerActivity activity) const {
    return counts[static_cast<size_t>(fault)][static_cast<size_t>(activity)];
  }
  std::string Format() const;
};

// Whether the fault can hit a worker that is doing this, other than by a rare coincidence.
bool IsPossible(Fault fault, WorkerActivity activity);

struct SimulationOptions {
  uint64_t seed = 1;
  bool has_trace = false;  // every call to standard output
  // A fault of the wiring outside kafka/worker/: the changelogs' ends come from a read_committed
  // client.
  bool has_committed_ends = false;
  // Another one: the committed offsets come from a read_uncommitted client, which does not wait for
  // open transactions.
  bool has_no_barrier = false;
};

// Runs workers on a model of Kafka with the faults that the seed draws, then without faults until
// everything is processed, and compares the topics with what the model says they must contain.
// Returns the first difference, or an empty string. The same seed always does the same.
std::string Simulate(const SimulationOptions& options, FaultTable& table);

// Enough for every possible fault in every activity to occur.
inline constexpr uint64_t kDefaultSeeds = 20'000;

// Parses --seeds N, --first N and --trace (with --seed N) and the environment variable
// PICKET_SIMULATION_SEEDS.
struct SimulationArguments {
  uint64_t first = 1;
  uint64_t seeds = kDefaultSeeds;
  bool has_trace = false;
  bool has_committed_ends = false;
  bool has_no_barrier = false;
  bool expects_failure = false;  // for planted bugs
};
SimulationArguments ParseSimulationArguments(int argc, char** argv);

}  // namespace picket::kafka
