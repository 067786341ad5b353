#include "tests/kafka/worker/fault_table.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace picket::kafka {
namespace {

constexpr std::string_view kFaultNames[] = {
    "begin: must abort",
    "begin: fatal",
    "produce: must abort",
    "produce: fenced",
    "flush: must abort",
    "flush: fatal",
    "offsets: must abort",
    "offsets: fatal",
    "commit: must abort",
    "commit: answer lost",
    "commit: request lost",
    "commit: delayed",
    "abort: fatal",
    "producer not created",
    "init: slow",
    "init: fails",
    "committed: no answer",
    "input range: no answer",
    "changelog end: no answer",
    "reader not created",
    "reader not started",
    "changelog not read",
    "seek fails",
    "consumer: fatal",
    "consumer: fenced",
    "late heartbeat",
    "holder of name unknown",
    "poll error",
    "all brokers down",
    "coordinator silent",
    "broker silent",
    "session lost",
    "late join",
    "rebalance",
    "input deleted",
    "input held back",
    "open on changelog",
    "open on input",
    "clock step",
    "stop",
    "kill",
    "stall",
    "stall and replace",
    "others run",
};
static_assert(std::size(kFaultNames) == kFaultCount);

constexpr std::string_view kActivityNames[] = {"stop",    "revoke",  "join",  "undecided",
                                               "recover", "barrier", "ends",  "queued",
                                               "read",    "ready",   "batch", "idle"};
static_assert(std::size(kActivityNames) == kActivityCount);

}  // namespace

std::string_view FaultName(Fault fault) { return kFaultNames[static_cast<size_t>(fault)]; }

std::string_view ActivityName(WorkerActivity activity) {
  return kActivityNames[static_cast<size_t>(activity)];
}

std::string FaultTable::Format() const {
  std::string text = absl::StrFormat("%-26s", "fault \\ worker is in");
  for (const std::string_view name : kActivityNames) {
    absl::StrAppendFormat(&text, "%10s", std::string(name));
  }
  for (int fault = 0; fault < kFaultCount; ++fault) {
    absl::StrAppendFormat(&text, "\n%-26s", std::string(kFaultNames[fault]));
    for (int activity = 0; activity < kActivityCount; ++activity) {
      const int64_t count = counts[fault][activity];
      const bool is_possible =
          IsPossible(static_cast<Fault>(fault), static_cast<WorkerActivity>(activity));
      absl::StrAppendFormat(&text, "%10s",
                            count == 0 && !is_possible ? std::string("-") : absl::StrCat(count));
    }
  }
  absl::StrAppendFormat(&text,
                        "\n%d steps, %d messages came out, %d dead letters, %d gaps, %d partitions "
                        "came back unchanged, %d copies of another log\n",
                        steps, messages, dead_letters, gaps, resumed, discarded_copies);
  return text;
}

bool IsPossible(Fault fault, WorkerActivity activity) {
  using A = WorkerActivity;
  const auto is_one_of = [activity](std::initializer_list<A> activities) {
    return std::find(activities.begin(), activities.end(), activity) != activities.end();
  };
  if (fault <= Fault::kAbortFatal) {
    // A transaction either commits a batch or records attempts. It can commit a batch even while
    // some partition is still being started. kEnds is omitted here, because it ends within one
    // slice unless a query fails.
    return is_one_of({A::kStopping, A::kRevoking, A::kBarrier, A::kQueued, A::kReading, A::kReady,
                      A::kBatchOpen});
  }
  switch (fault) {
    case Fault::kProducerNotCreated:
    case Fault::kInitSlow:
    case Fault::kInitFails:
      return is_one_of({A::kUndecided, A::kRecovering, A::kBarrier, A::kReady, A::kIdle});
    case Fault::kCommittedNotAnswered:
      return is_one_of({A::kUndecided, A::kBarrier});
    case Fault::kRangesNotAnswered:
      return is_one_of({A::kBarrier, A::kEnds, A::kReading, A::kBatchOpen, A::kIdle});
    case Fault::kEndsNotAnswered:
      return is_one_of({A::kRevoking, A::kBarrier, A::kEnds});
    case Fault::kReaderNotCreated:
    case Fault::kReaderNotStarted:
      return is_one_of({A::kBarrier, A::kQueued});
    case Fault::kChangelogNotRead:
      return is_one_of({A::kBarrier, A::kQueued, A::kReading, A::kReady});
    case Fault::kSeekFails:
      return is_one_of({A::kBarrier, A::kQueued, A::kReading, A::kBatchOpen, A::kIdle});
    case Fault::kKill:
    case Fault::kStall:
    case Fault::kStallAndReplace:
    case Fault::kOthersRun:
      return true;
    case Fault::kLateHeartbeat:
    case Fault::kHolderUnknown:
      // The worker is not in its group.
      return activity == A::kJoining;
    default:
      // These faults occur at a poll or between two steps. Neither happens while a worker stops or
      // gives its partitions back.
      return !is_one_of({A::kStopping, A::kRevoking});
  }
}

}  // namespace picket::kafka
