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
  kLateHeartbeat,   // fenced by a late heartbeat of the same process, after the session was lost
  kHolderUnknown,   // the coordinator does not answer who has the name
  // Events that hit a process during a poll or, for kStop, between two steps.
  kPollError,
  kBrokersDown,
  kCoordinatorSilent,
  kBrokerSilent,
  kSessionLost,
  kLateJoin,  // the last join of a killed predecessor arrives
  kRebalance,
  kInputDeleted,
  kInputHeldBack,
  kOpenOnChangelog,  // another producer leaves a transaction open for a time
  kOpenOnInput,
  kClockStep,
  kStop,
  // Faults at any call.
  kKill,
  kStall,            // SIGSTOP for longer than the session timeout
  kStallAndReplace,  // SIGSTOP, and a second process of the same name starts
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

// Returns true if the fault can hit a worker during this activity. Rare coincidences do not count.
bool IsPossible(Fault fault, WorkerActivity activity);

}  // namespace picket::kafka
