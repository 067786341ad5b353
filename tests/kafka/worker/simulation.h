#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kafka/worker/worker_loop.h"

namespace picket::kafka {

// The faults that the simulation can inject.
enum class Fault : uint8_t {
  // Faults in the calls of a transaction.
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
  // Faults in other calls.
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
  kConsumerFenced,  // fenced although no other process has the name
  // Events that hit a process during a poll.
  kPollError,
  kBrokersDown,
  kCoordinatorSilent,
  kBrokerSilent,
  kSessionLost,
  kRebalance,
  kInputDeleted,
  kInputHeldBack,
  kOpenOnChangelog,  // another producer has an open transaction on a changelog
  kOpenOnInput,
  kClockStep,
  kStop,
  // Faults at any call.
  kKill,
  kStall,            // SIGSTOP for longer than the session timeout
  kStallAndReplace,  // SIGSTOP; a second process of the same name then starts
  kOthersRun,        // the other workers run during this call
};
inline constexpr int kFaultCount = static_cast<int>(Fault::kOthersRun) + 1;
inline constexpr int kActivityCount = static_cast<int>(WorkerActivity::kIdle) + 1;
std::string_view FaultName(Fault fault);
std::string_view ActivityName(WorkerActivity activity);

// The number of times that each fault hit a worker during each activity.
struct FaultTable {
  std::array<std::array<int64_t, kActivityCount>, kFaultCount> counts{};
  int64_t steps = 0;
  int64_t messages = 0;  // committed events in the simulated clusters
  int64_t dead_letters = 0;
  int64_t gaps = 0;
  int64_t resumed = 0;           // partitions whose parked state was resumed
  int64_t discarded_copies = 0;  // copies that belonged to another log

  int64_t At(Fault fault, WorkerActivity activity) const {
    return counts[static_cast<size_t>(fault)][static_cast<size_t>(activity)];
  }
  std::string Format() const;
};

// Returns true if a run of kDefaultSeeds seeds is expected to inject the fault into a worker during
// this activity. Combinations that are possible but very rare are not expected.
bool IsPossible(Fault fault, WorkerActivity activity);

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
