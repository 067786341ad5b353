#include "tests/kafka/worker/simulation.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "kafka/client_config.h"
#include "tests/kafka/worker/counting_stage.h"
#include "tests/kafka/worker/fake_clients.h"
#include "tests/kafka/worker/log_model.h"
#include "tests/kafka/worker/outcome_check.h"

namespace picket::kafka {
namespace {

struct ProcessKilled {};

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kSessionTimeout = 2 * kSecond;
constexpr int64_t kTransactionTimeout = 3 * kSecond;
constexpr int kMaxProcesses = 5;
// A process may end because of a rival, that is, another process with the same name, only if the
// rival was running within this period before the end.
constexpr int64_t kProofOfLife = 2 * kSessionTimeout;

struct CallFault {
  Fault fault;
  Call call;
  Failure failure;
};
constexpr CallFault kCallFaults[] = {
    {Fault::kBeginMustAbort, Call::kBegin, Failure::kMustAbort},
    {Fault::kBeginFatal, Call::kBegin, Failure::kFatal},
    {Fault::kProduceMustAbort, Call::kProduce, Failure::kMustAbort},
    {Fault::kProduceFenced, Call::kProduce, Failure::kFenced},
    {Fault::kFlushMustAbort, Call::kFlush, Failure::kMustAbort},
    {Fault::kFlushFatal, Call::kFlush, Failure::kFatal},
    {Fault::kOffsetsMustAbort, Call::kSendOffsets, Failure::kMustAbort},
    {Fault::kOffsetsFatal, Call::kSendOffsets, Failure::kFatal},
    {Fault::kCommitMustAbort, Call::kCommit, Failure::kMustAbort},
    {Fault::kCommitNotAnswered, Call::kCommit, Failure::kCommitNotAnswered},
    {Fault::kCommitLost, Call::kCommit, Failure::kCommitLost},
    {Fault::kCommitDelayed, Call::kCommit, Failure::kCommitDelayed},
    {Fault::kAbortFatal, Call::kAbort, Failure::kFatal},
    {Fault::kProducerNotCreated, Call::kMakeProducer, Failure::kError},
    {Fault::kInitSlow, Call::kInit, Failure::kNoAnswer},
    {Fault::kInitFails, Call::kInit, Failure::kError},
    {Fault::kCommittedNotAnswered, Call::kCommitted, Failure::kNoAnswer},
    {Fault::kRangesNotAnswered, Call::kQueryRanges, Failure::kNoAnswer},
    {Fault::kEndsNotAnswered, Call::kQueryEnds, Failure::kNoAnswer},
    {Fault::kReaderNotCreated, Call::kMakeReader, Failure::kError},
    {Fault::kReaderNotStarted, Call::kStartReader, Failure::kError},
    {Fault::kChangelogNotRead, Call::kReadChangelog, Failure::kError},
    {Fault::kSeekFails, Call::kSeek, Failure::kError},
    {Fault::kConsumerFatal, Call::kPoll, Failure::kFatal},
    {Fault::kConsumerFenced, Call::kPoll, Failure::kFenced},
    {Fault::kLateHeartbeat, Call::kRejoin, Failure::kFenced},
    {Fault::kHolderUnknown, Call::kRollCall, Failure::kNoAnswer},
};

WorkerMetrics& SharedMetrics() {
  static auto* const metrics = new Metrics;
  static auto* const worker_metrics = new WorkerMetrics(*metrics, "toy", Topic::kRaw, "");
  return *worker_metrics;
}

class Simulation {
 public:
  Simulation(const SimulationOptions& options, FaultTable& table)
      : options_(options),
        table_(table),
        random_(options.seed * 0x9E3779B97F4A7C15u),
        model_(Below(2) + 2, kSessionTimeout, kTransactionTimeout) {}

  std::string Run();

 private:
  struct Process {
    std::string name;
    WorkerOptions options;
    FakeProcess fake;
    CountingDisk disk;
    WorkerReadiness board{1};
    std::unique_ptr<FakeClients> clients;
    CountingStage* stage = nullptr;
    std::unique_ptr<WorkerLoop> loop;  // null if the process is not running
    bool is_busy = false;              // true while one of its calls is running
    bool is_stopped = false;           // true while stopped by SIGSTOP
    bool has_faults = true;
    int64_t restart_at = 0;
    ProcessId id;
    std::optional<ProcessId> predecessor;  // the process of this name that was killed last
    int64_t last_alive = -kProofOfLife;    // the last time at which the process was running
    // The time at which the simulation has removed another process of this name.
    int64_t rival_removed = -kProofOfLife;
    int64_t silent_until = 0;
  };

  // Random numbers.
  uint64_t Next() { return random_(); }
  int Below(int limit) { return static_cast<int>(Next() % static_cast<uint64_t>(limit)); }
  bool Chance(double probability) {
    return static_cast<double>(Next() >> 11) * 0x1.0p-53 < probability;
  }

  // Faults.
  void DrawFaults();
  bool Draws(Fault fault, Process& process) {
    double rate = rates_[static_cast<size_t>(fault)];
    if (rate == 0) return false;
    // Raises the rate during rare activities, so that faults hit them often enough.
    if (IsRare(ActivityOf(process))) rate *= 5;
    if (!Chance(rate)) return false;
    Count(fault, process);
    return true;
  }
  static std::string MemberOf(const Process& process) {
    return MemberName("", "toy", process.name, 0);
  }
  // Returns true if another process of this name has run within the last kProofOfLife.
  bool HasRival(const Process& process) const {
    if (clock_.micros() - process.rival_removed < kProofOfLife) return true;
    return std::any_of(processes_.begin(), processes_.end(), [&](const auto& other) {
      return other.get() != &process && other->name == process.name &&
             clock_.micros() - other->last_alive < kProofOfLife;
    });
  }
  static WorkerActivity ActivityOf(const Process& process) {
    return process.loop == nullptr ? WorkerActivity::kJoining : process.loop->activity();
  }
  static bool IsRare(WorkerActivity activity) {
    return activity == WorkerActivity::kStopping || activity == WorkerActivity::kRevoking ||
           activity == WorkerActivity::kUndecided || activity == WorkerActivity::kQueued;
  }
  void Count(Fault fault, Process& process) {
    const WorkerActivity activity = ActivityOf(process);
    ++table_.counts[static_cast<size_t>(fault)][static_cast<size_t>(activity)];
    Trace(process, absl::StrCat("FAULT ", ToAbsl(FaultName(fault)), " while ",
                                ToAbsl(ActivityName(activity))));
  }
  Failure Decide(Process& process, Call call);
  void DisturbPoll(Process& process);
  void Stall(Process& process, int64_t duration);
  void RunOthers(int steps);

  // Processes.
  Process& AddProcess(const std::string& name);
  void StartProcess(Process& process);
  void EndProcess(Process& process, bool is_killed);
  void StopGracefully(Process& process);
  void StepProcess(Process& process);
  template <typename Action>
  void Guard(Process& process, Action action);
  void Pass(int64_t micros) {
    clock_.Advance(micros);
    Tick();
  }
  void Tick();
  void StepSomebody();

  // The environment of the processes.
  void SendInput();
  void DeleteInput(int32_t partition);
  void OpenForeign(Topic topic, int32_t partition);
  void EndForeign(bool all);
  bool IsDone();

  // The checks of the result.
  std::string Check();
  void Trace(const Process& process, const std::string& what) {
    if (!options_.has_trace) return;
    std::printf("%10.4f %s%s %s\n", static_cast<double>(clock_.micros()) / kSecond,
                process.name.c_str(), process.is_stopped ? " (stopped)" : "", what.c_str());
  }

  const SimulationOptions options_;
  FaultTable& table_;
  std::mt19937_64 random_;
  SimulatedClock clock_;
  LogModel model_;
  std::array<double, kFaultCount> rates_{};
  std::vector<std::unique_ptr<Process>> processes_;
  int depth_ = 0;
  bool has_faults_ = true;
  CountingOptions stage_options_;
  bool has_copies_ = false;
  int messages_per_partition_ = 0;
  int64_t batch_messages_ = 8;
  absl::Duration commit_interval_;
  std::vector<std::string> values_;  // values that messages can have
  std::map<int32_t, int> sent_;
  std::string failure_;

  struct Foreign {
    int64_t transaction;
    int64_t ends_at;
    bool commit;
  };
  std::vector<Foreign> foreign_;
  int foreign_count_ = 0;
  int64_t foreign_member_until_ = 0;
};

void Simulation::DrawFaults() {
  // Each seed has only a few faults. Each of these faults is frequent enough to occur during
  // several activities and together with the others.
  const int active = 2 + Below(6);
  for (int i = 0; i < active; ++i) {
    const auto fault = static_cast<Fault>(Below(kFaultCount));
    double rate = 0;
    switch (fault) {
      case Fault::kKill:
      case Fault::kStall:
      case Fault::kStallAndReplace:
        rate = 0.003;
        break;
      case Fault::kOthersRun:
        rate = 0.02;
        break;
      case Fault::kConsumerFatal:
      case Fault::kConsumerFenced:
      case Fault::kCoordinatorSilent:
      case Fault::kBrokerSilent:
      case Fault::kSessionLost:
      case Fault::kRebalance:
      case Fault::kStop:
        rate = 0.02;
        break;
      case Fault::kLateJoin:
        rate = 0.1;  // rare otherwise, because it needs a predecessor that was killed
        break;
      case Fault::kPollError:
      case Fault::kBrokersDown:
      case Fault::kInputDeleted:
      case Fault::kInputHeldBack:
      case Fault::kOpenOnChangelog:
      case Fault::kOpenOnInput:
      case Fault::kClockStep:
        rate = 0.03;
        break;
      default:
        rate = 0.2;
    }
    rates_[static_cast<size_t>(fault)] = rate * (1 + Below(3));
  }
  // The following faults are possible with every seed. Without them, partitions would be assigned
  // only once, so most of the other faults would hit only an idle worker.
  for (const Fault fault : {Fault::kRebalance, Fault::kStop, Fault::kKill}) {
    double& rate = rates_[static_cast<size_t>(fault)];
    rate = std::max(rate, fault == Fault::kKill ? 0.0005 : 0.004);
  }
}

Failure Simulation::Decide(Process& process, Call call) {
  if (options_.has_trace && call != Call::kPoll && call != Call::kReadChangelog) {
    Trace(process, absl::StrCat("call ", static_cast<int>(call)));
  }
  if (!has_faults_ || !process.has_faults) return Failure::kNone;
  Tick();
  if (Draws(Fault::kKill, process)) throw ProcessKilled();
  if (depth_ == 0) {
    if (Draws(Fault::kStall, process)) Stall(process, kSessionTimeout + Below(2 * kSecond));
    if (static_cast<int>(processes_.size()) < kMaxProcesses &&
        Draws(Fault::kStallAndReplace, process)) {
      AddProcess(process.name);
      Stall(process, Below(3 * kSecond));
    }
    if (Draws(Fault::kOthersRun, process)) {
      ++depth_;
      RunOthers(1 + Below(8));
      --depth_;
    }
  }
  if (call == Call::kPoll) DisturbPoll(process);
  for (const CallFault& fault : kCallFaults) {
    if (fault.call == call && Draws(fault.fault, process)) return fault.failure;
  }
  return Failure::kNone;
}

void Simulation::DisturbPoll(Process& process) {
  const auto partition = static_cast<int32_t>(Below(model_.partitions()));
  if (Draws(Fault::kPollError, process)) process.fake.poll_errors[partition] = "simulated";
  if (Draws(Fault::kBrokersDown, process)) {
    process.fake.client_error =
        ClientError{Chance(0.5) ? ClientError::Kind::kAllBrokersDown : ClientError::Kind::kTimedOut,
                    "_SIMULATED", "simulated"};
  }
  if (process.fake.coordinator_silent_since < 0) {
    if (Draws(Fault::kCoordinatorSilent, process)) {
      process.fake.coordinator_silent_since = clock_.micros();
    }
  } else if (Chance(0.1)) {
    process.fake.coordinator_silent_since = -1;
  }
  if (!process.fake.is_broker_silent && Draws(Fault::kBrokerSilent, process)) {
    process.fake.is_broker_silent = true;
    process.silent_until = clock_.micros() + Below(4 * kSecond);
  }
  if (Draws(Fault::kSessionLost, process)) model_.Leave(MemberOf(process));
  // A predecessor that was killed has sent a join, which arrives only now. It takes the name, but
  // sends no heartbeats.
  if (process.predecessor.has_value() && Draws(Fault::kLateJoin, process)) {
    model_.Join(MemberOf(process), clock_.micros());
    process.predecessor.reset();
  }
  if (foreign_member_until_ == 0) {
    if (Draws(Fault::kRebalance, process)) {
      model_.Join("foreign", clock_.micros());
      foreign_member_until_ = clock_.micros() + Below(kSecond);
    }
  }
  if (Draws(Fault::kInputDeleted, process)) DeleteInput(partition);
  if (Draws(Fault::kInputHeldBack, process)) {
    LogModel::Log& log = model_.log(stage_options_.input, partition);
    process.fake.visible_end[partition] = log.begin + Below(static_cast<int>(log.end()) + 1);
  } else if (!process.fake.visible_end.empty() && Chance(0.1)) {
    process.fake.visible_end.clear();
  }
  if (Draws(Fault::kOpenOnChangelog, process)) OpenForeign(Topic::kSeen, partition);
  if (stage_options_.consumes_input && Draws(Fault::kOpenOnInput, process)) {
    OpenForeign(Topic::kRaw, partition);
  }
  if (Draws(Fault::kClockStep, process)) {
    clock_.StepTimeOfDay((Chance(0.5) ? 1 : -1) * 100 * kSecond);
  }
}

void Simulation::Stall(Process& process, int64_t duration) {
  process.is_stopped = true;
  ++depth_;
  const int64_t until = clock_.micros() + duration;
  for (int i = 0; i < 200 && clock_.micros() < until; ++i) RunOthers(1);
  if (clock_.micros() < until) Pass(until - clock_.micros());
  --depth_;
  process.is_stopped = false;
}

void Simulation::RunOthers(int steps) {
  for (int i = 0; i < steps; ++i) StepSomebody();
}

Simulation::Process& Simulation::AddProcess(const std::string& name) {
  processes_.push_back(std::make_unique<Process>());
  Process& process = *processes_.back();
  process.name = name;
  process.options.kafka.instance = name;
  process.options.kafka.session_timeout = absl::Microseconds(kSessionTimeout);
  process.options.kafka.transaction_timeout = absl::Microseconds(kTransactionTimeout);
  process.options.kafka.batch_messages = batch_messages_;
  process.options.kafka.commit_interval = commit_interval_;
  process.options.topics.prefix = "";
  process.options.topics.partitions = model_.partitions();
  return process;
}

void Simulation::StartProcess(Process& process) {
  process.fake = {};
  process.has_faults = true;
  process.id = {clock_.micros(), Next()};
  process.clients = std::make_unique<FakeClients>(
      model_, clock_, process.fake, [this, &process](Call call) { return Decide(process, call); });
  process.clients->reports_committed_ends = options_.has_committed_ends;
  process.clients->ignores_pending_offsets = options_.has_no_barrier;
  if (has_copies_ && has_faults_ && !process.disk.copies.empty() && Chance(0.1)) {
    // Makes the copy look as if it came from the log of another installation, with other counts.
    process.disk.copies.begin()->second.value = "of another log";
    for (auto& [key, count] : process.disk.copies.begin()->second.counts) count += 1000;
  }
  CountingOptions stage_options = stage_options_;
  if (has_copies_) stage_options.disk = &process.disk;
  auto stage = std::make_unique<CountingStage>(stage_options);
  process.stage = stage.get();
  // Runs the trial in this process instead of a child process, and undoes its changes afterwards.
  const CrashFinder find_crash = [&process](size_t count, absl::Duration,
                                            const std::function<void(size_t)>& step) {
    const CountingStage::State state = process.stage->Save();
    std::optional<size_t> crashed;
    for (size_t i = 0; i < count && !crashed.has_value(); ++i) {
      try {
        step(i);
      } catch (const SimulatedCrash&) {
        crashed = i;
      }
    }
    process.stage->Restore(state);
    return crashed;
  };
  Guard(process, [&] {
    process.loop = std::make_unique<WorkerLoop>(
        process.options, 0, std::move(stage),
        WorkerEnvironment{*process.clients, clock_, find_crash, process.id, Next()},
        SharedMetrics(), process.board, nullptr);
    return process.loop->Start();
  });
}

void Simulation::EndProcess(Process& process, bool is_killed) {
  Trace(process, is_killed ? "KILLED" : "ended");
  table_.resumed += process.stage->resumed;
  table_.discarded_copies += process.stage->discarded_copies;
  if (is_killed) process.predecessor = process.id;
  process.fake.is_dead = is_killed;
  process.has_faults = false;
  process.loop.reset();
  process.fake.is_dead = true;
  process.restart_at = clock_.micros() + Below(static_cast<int>(kSecond));
}

// Runs `action` of a process. A kill, a crash or an error status ends the process.
template <typename Action>
void Simulation::Guard(Process& process, Action action) {
  process.is_busy = true;
  bool is_killed = true;
  absl::Status status;
  try {
    status = action();
    is_killed = false;
  } catch (const ProcessKilled&) {
  } catch (const SimulatedCrash&) {
    Trace(process, "CRASH");
  } catch (const std::exception& broken) {
    if (failure_.empty()) failure_ = absl::StrCat("stage contract: ", broken.what());
  }
  process.is_busy = false;
  if (is_killed || !status.ok()) {
    if (!status.ok()) Trace(process, status.ToString());
    // A worker may end by itself only if another process uses its name.
    if (!status.ok() && failure_.empty() &&
        !(absl::IsFailedPrecondition(status) && HasRival(process))) {
      failure_ = absl::StrCat("a worker ended: ", status.ToString());
    }
    EndProcess(process, is_killed);
  }
}

void Simulation::StopGracefully(Process& process) {
  Guard(process, [&] {
    process.loop->Stop();
    return absl::OkStatus();
  });
  if (process.loop != nullptr) EndProcess(process, false);
}

void Simulation::StepProcess(Process& process) {
  ++table_.steps;
  if (process.loop == nullptr) {
    if (!has_faults_ || clock_.micros() >= process.restart_at) StartProcess(process);
    return;
  }
  if (has_faults_ && Draws(Fault::kStop, process)) {
    StopGracefully(process);
    return;
  }
  Guard(process, [&] { return process.loop->Step(); });
}

void Simulation::Tick() {
  const int64_t now = clock_.micros();
  for (const auto& process : processes_) {
    if (process->loop == nullptr || process->is_stopped) continue;
    process->last_alive = now;
    // The client's own thread sends heartbeats even while the worker is busy.
    if (process->fake.member != 0) model_.Heartbeat(MemberOf(*process), process->fake.member, now);
    if (process->fake.is_broker_silent && now >= process->silent_until) {
      process->fake.is_broker_silent = false;
    }
  }
  if (foreign_member_until_ != 0) {
    if (const LogModel::Member* const member = model_.FindMember("foreign")) {
      model_.Heartbeat("foreign", member->id, now);
      if (model_.is_rebalancing() && !member->has_joined) model_.JoinRebalance("foreign");
    }
    if (now >= foreign_member_until_) {
      model_.Leave("foreign");
      foreign_member_until_ = 0;
    }
  }
  EndForeign(false);
  model_.Tick(now, Chance(0.5));
}

void Simulation::StepSomebody() {
  std::vector<Process*> ready;
  for (const auto& process : processes_) {
    if (!process->is_busy && !process->is_stopped) ready.push_back(process.get());
  }
  if (has_faults_ || depth_ == 0) SendInput();
  if (ready.empty()) {
    Pass(100'000);
    return;
  }
  StepProcess(*ready[static_cast<size_t>(Below(static_cast<int>(ready.size())))]);
  Pass(1'000);
}

void Simulation::SendInput() {
  if (!stage_options_.consumes_input) return;
  for (int32_t partition = 0; partition < model_.partitions(); ++partition) {
    int& sent = sent_[partition];
    if (sent >= messages_per_partition_ || (has_faults_ && !Chance(0.3))) continue;
    const int count = has_faults_ ? 1 + Below(3) : messages_per_partition_ - sent;
    for (int i = 0; i < count && sent < messages_per_partition_; ++i, ++sent) {
      LogModel::Entry entry;
      entry.key = absl::StrCat("k", Below(3));
      entry.value = values_[static_cast<size_t>(Below(static_cast<int>(values_.size())))];
      model_.Append(0, Topic::kRaw, partition, entry);
    }
  }
}

// Deletes some of the oldest input, whether it has been read or not.
void Simulation::DeleteInput(int32_t partition) {
  if (!stage_options_.consumes_input) return;
  LogModel::Log& log = model_.log(Topic::kRaw, partition);
  const auto left = static_cast<int>(log.end() - log.begin);
  if (left > 0) log.begin += 1 + Below(left);
}

void Simulation::OpenForeign(Topic topic, int32_t partition) {
  const std::string name = absl::StrCat("foreign-", ++foreign_count_);
  model_.InitProducer(name, false);
  const int64_t transaction = model_.Begin(name, clock_.micros());
  LogModel::Entry entry;
  // On the input topic, the entry is an ordinary message. On the changelog, the entry has a key
  // that no input message has, so it does not affect the counts.
  entry.key = topic == Topic::kRaw ? "k0" : "foreign";
  entry.value = topic == Topic::kRaw ? "a" : "1";
  model_.Append(transaction, topic, partition, entry);
  foreign_.push_back({transaction, clock_.micros() + Below(2 * kSecond), Chance(0.5)});
}

void Simulation::EndForeign(bool all) {
  std::erase_if(foreign_, [&](const Foreign& foreign) {
    if (!all && clock_.micros() < foreign.ends_at) return false;
    if (model_.IsOpen(foreign.transaction)) model_.End(foreign.transaction, foreign.commit);
    return true;
  });
}

bool Simulation::IsDone() {
  if (model_.open_transactions() > 0 || model_.is_rebalancing()) return false;
  for (const auto& process : processes_) {
    if (process->loop == nullptr || process->loop->activity() != WorkerActivity::kIdle)
      return false;
    if (!process->board.At(clock_.MonotonicNow()).ready) return false;
  }
  for (int32_t partition = 0; partition < model_.partitions(); ++partition) {
    if (!stage_options_.consumes_input) {
      if (static_cast<int64_t>(model_.Committed(Topic::kEvents, partition).size()) <
          stage_options_.pieces) {
        return false;
      }
      continue;
    }
    const auto input = model_.Committed(Topic::kRaw, partition);
    // Markers and aborted messages after the last committed message need not be covered by the
    // committed offset.
    const int64_t needed = input.empty() ? 0 : input.back().first + 1;
    const auto committed = model_.CommittedOffset(partition);
    if (needed > 0 && (!committed.has_value() || committed->offset < needed)) return false;
  }
  return true;
}

std::string Simulation::Run() {
  DrawFaults();
  batch_messages_ = 1 + Below(12);
  // The interval is either shorter than a poll or longer. If it is longer, a batch is open between
  // two steps.
  commit_interval_ = absl::Milliseconds(Chance(0.5) ? 50 : 400);
  messages_per_partition_ = 4 + Below(12);
  stage_options_.has_total = Chance(0.4);
  has_copies_ = Chance(0.4);
  if (Chance(0.15)) {
    stage_options_.consumes_input = false;
    stage_options_.input = Topic::kLedger;
    stage_options_.has_total = false;
    stage_options_.pieces = 4 + Below(8);
  }
  values_ = {"a", "b", "c", "d", "e", "f", "g", "h"};
  if (Chance(0.15)) values_.push_back("big");
  if (Chance(0.15)) values_.push_back("refused");
  if (Chance(0.15)) values_.insert(values_.end(), 6, "wide");
  if (Chance(0.1)) values_.push_back("huge");
  if (Chance(0.1)) values_.push_back("crash");

  const int names = 1 + Below(3);
  for (int i = 0; i < names; ++i) AddProcess(std::string(1, static_cast<char>('a' + i)));
  const int steps = 60 + Below(120);
  for (int i = 0; i < steps && failure_.empty(); ++i) StepSomebody();

  // From here on there are no more faults, and everything must be completed.
  has_faults_ = false;
  Pass(0);
  EndForeign(true);
  std::set<std::string> names_kept;
  for (auto at = processes_.begin(); at != processes_.end();) {
    Process& process = **at;
    process.fake.visible_end.clear();
    process.fake.is_broker_silent = false;
    process.fake.coordinator_silent_since = -1;
    if (names_kept.insert(process.name).second) {
      ++at;
      continue;
    }
    for (const auto& kept : processes_) {
      if (kept->name == process.name) kept->rival_removed = clock_.micros();
    }
    if (process.loop != nullptr) EndProcess(process, true);
    at = processes_.erase(at);
  }
  bool is_done = false;
  for (int i = 0; i < 3000 && failure_.empty() && !is_done; ++i) {
    StepSomebody();
    is_done = IsDone();
  }
  if (!failure_.empty()) return failure_;
  if (!is_done) {
    std::string waiting;
    for (const auto& process : processes_) {
      absl::StrAppend(&waiting, " ", process->name, ": ",
                      process->loop == nullptr ? "not running"
                                               : ToAbsl(ActivityName(process->loop->activity())),
                      ", ", process->board.At(clock_.MonotonicNow()).reason, ";");
    }
    return absl::StrCat("it does not come to an end:", waiting,
                        " open transactions: ", model_.open_transactions());
  }
  for (const auto& process : processes_) {
    if (process->loop != nullptr) StopGracefully(*process);
  }
  if (!failure_.empty()) return failure_;
  return Check();
}

std::string Simulation::Check() {
  if (model_.open_transactions() != 0) return "a transaction is still open";
  for (int32_t partition = 0; partition < model_.partitions(); ++partition) {
    const std::string difference = CheckPartition(model_, stage_options_, partition, table_);
    if (options_.has_trace) PrintTopics(model_, partition);
    if (!difference.empty()) return absl::StrCat("partition ", partition, ": ", difference);
  }
  return "";
}

}  // namespace

std::string Simulate(const SimulationOptions& options, FaultTable& table) {
  return Simulation(options, table).Run();
}

SimulationArguments ParseSimulationArguments(int argc, char** argv) {
  SimulationArguments arguments;
  const auto number = [](const char* text, uint64_t& value) {
    const std::string_view digits(text);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      std::fprintf(stderr, "not a number: %s\n", text);
      std::exit(2);
    }
  };
  if (const char* const seeds = std::getenv("PICKET_SIMULATION_SEEDS"); seeds != nullptr) {
    number(seeds, arguments.seeds);
  }
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument == "--trace") arguments.has_trace = true;
    if (argument == "--committed-ends") arguments.has_committed_ends = true;
    if (argument == "--no-barrier") arguments.has_no_barrier = true;
    if (argument == "--expect-failure") arguments.expects_failure = true;
    if (i + 1 >= argc) continue;
    if (argument == "--seeds") number(argv[i + 1], arguments.seeds);
    if (argument == "--first") number(argv[i + 1], arguments.first);
    if (argument == "--seed") {
      number(argv[i + 1], arguments.first);
      arguments.seeds = 1;
    }
  }
  return arguments;
}

}  // namespace picket::kafka
