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

namespace picket::kafka {
namespace {

struct ProcessKilled {};

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kSessionTimeout = 2 * kSecond;
constexpr int64_t kTransactionTimeout = 3 * kSecond;
constexpr int kMaxProcesses = 5;

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
};

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
    "poll error",
    "all brokers down",
    "coordinator silent",
    "broker silent",
    "session lost",
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
  std::string CheckPartition(int32_t partition);
  void PrintTopics(int32_t partition);
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
  if (Draws(Fault::kSessionLost, process)) {
    model_.Leave(MemberName("toy", process.name, 0));
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
        WorkerEnvironment{*process.clients, clock_, find_crash, Next()}, SharedMetrics(),
        process.board, nullptr);
    return process.loop->Start();
  });
}

void Simulation::EndProcess(Process& process, bool is_killed) {
  Trace(process, is_killed ? "KILLED" : "ended");
  table_.resumed += process.stage->resumed;
  table_.discarded_copies += process.stage->discarded_copies;
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
    // A worker may end by itself only if another worker uses its name or seems to do so.
    if (!status.ok() && !absl::IsFailedPrecondition(status) && failure_.empty()) {
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
    const std::string instance = MemberName("toy", process->name, 0);
    // The client's own thread sends heartbeats even while the worker is busy. If two processes use
    // the same member name, the model knows only the newer member. Then the heartbeats of both
    // processes keep this member alive.
    if (const LogModel::Member* const member = model_.FindMember(instance)) {
      model_.Heartbeat(instance, member->id, now);
    }
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
    if (!process->board.Now().ready) return false;
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
                      ", ", process->board.Now().reason, ";");
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
    const std::string difference = CheckPartition(partition);
    if (options_.has_trace) PrintTopics(partition);
    if (!difference.empty()) return absl::StrCat("partition ", partition, ": ", difference);
  }
  return "";
}

void Simulation::PrintTopics(int32_t partition) {
  for (const Topic topic : {Topic::kRaw, Topic::kEvents, Topic::kSeen, Topic::kCoverage}) {
    std::printf("%s %d:", std::string(Topics()[static_cast<size_t>(topic)].name).c_str(),
                partition);
    for (const auto& [offset, entry] : model_.Committed(topic, partition)) {
      std::printf(" [%d %s=%s T%d]", static_cast<int>(offset), entry->key.c_str(),
                  entry->value.c_str(), static_cast<int>(entry->transaction));
    }
    std::printf("\n");
  }
}

// Computes the required contents of the topics from the input alone, one message after the other,
// and compares them with the actual contents.
std::string Simulation::CheckPartition(int32_t partition) {
  std::vector<std::pair<std::string, std::string>> events;
  std::map<std::string, int64_t> counts;
  int64_t total = 0;

  // Reads the committed gaps and dead letters.
  struct Gap {
    int64_t from;
    int64_t to;
  };
  std::vector<Gap> gaps;
  for (const auto& [offset, entry] : model_.Committed(Topic::kCoverage, partition)) {
    Gap gap{-1, -1};
    std::sscanf(entry->value.c_str() + entry->value.find("\"from\":"), "\"from\":%ld,\"to\":%ld",
                &gap.from, &gap.to);
    if (gap.from < 0 || gap.to <= gap.from) return absl::StrCat("bad gap row ", entry->value);
    if (gap.to > model_.log(Topic::kRaw, partition).begin) {
      return absl::StrCat("a gap row for input that is not deleted: ", entry->value);
    }
    for (const Gap& other : gaps) {
      if (gap.from < other.to && other.from < gap.to) return "two gap rows overlap";
    }
    gaps.push_back(gap);
    ++table_.gaps;
  }
  std::map<int64_t, std::string> dead;  // reasons of the dead letters, indexed by offset
  for (const auto& [offset, entry] : model_.Committed(Topic::kDeadLetters, partition)) {
    std::map<std::string, std::string> headers(entry->headers.begin(), entry->headers.end());
    const int64_t of = std::stoll(headers["dead-letter-offset"]);
    if (!dead.emplace(of, headers["dead-letter-reason"]).second)
      return "two dead letters of one message";
    ++table_.dead_letters;
  }

  if (!stage_options_.consumes_input) {
    for (int64_t i = 1; i <= stage_options_.pieces; ++i) {
      events.emplace_back("piece", absl::StrCat(i));
    }
    counts["piece"] = stage_options_.pieces;
  }
  for (const auto& [offset, entry] : model_.Committed(Topic::kRaw, partition)) {
    const int64_t at = offset;
    const bool is_gone = std::any_of(
        gaps.begin(), gaps.end(), [at](const Gap& gap) { return gap.from <= at && at < gap.to; });
    const auto letter = dead.find(offset);
    if (is_gone) {
      if (letter != dead.end()) return absl::StrCat("offset ", offset, " is gap and dead letter");
      continue;
    }
    const std::string& value = entry->value;
    const bool is_oversized = value == "big" || value == "refused" || value == "huge";
    const std::string reason = is_oversized ? "oversized" : value == "crash" ? "crashed" : "";
    if (letter != dead.end() && letter->second != reason) {
      return absl::StrCat("offset ", offset, " (", value, ") is a dead letter: ", letter->second);
    }
    if (!reason.empty()) {
      if (letter == dead.end()) return absl::StrCat("offset ", offset, " is no dead letter");
      dead.erase(letter);
      continue;
    }
    ++total;
    events.emplace_back(entry->key, absl::StrCat(++counts[entry->key], " ",
                                                 stage_options_.has_total ? total : 0, " ", value));
  }
  if (!dead.empty()) return absl::StrCat("a dead letter of nothing, offset ", dead.begin()->first);

  const auto committed = model_.Committed(Topic::kEvents, partition);
  table_.messages += static_cast<int64_t>(committed.size());
  for (size_t i = 0; i < std::max(events.size(), committed.size()); ++i) {
    const std::string expected =
        i < events.size() ? absl::StrCat(events[i].first, " → ", events[i].second) : "nothing";
    const std::string found = i < committed.size() ? absl::StrCat(committed[i].second->key, " → ",
                                                                  committed[i].second->value)
                                                   : "nothing";
    if (expected != found) {
      return absl::StrCat("event ", i, " is '", found, "' instead of '", expected, "'");
    }
  }

  std::map<std::string, int64_t> state;
  for (const auto& [offset, entry] : model_.Committed(Topic::kSeen, partition)) {
    if (entry->key != "foreign") state[entry->key] = std::stoll(entry->value);
  }
  if (state != counts) return "the state's rows are not the state";
  if (stage_options_.has_total && total > 0) {
    const auto rows = model_.Committed(Topic::kState, partition);
    if (rows.empty() || std::stoll(rows.back().second->value) != total) {
      return "the second changelog's rows are not the state";
    }
  }
  return "";
}

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
    // some partition is still being started. (kEnds is omitted here and below, because it ends
    // within one slice unless a query fails.)
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
    default:
      // These faults occur only at a poll or between two steps. A worker that stops or gives its
      // partitions back does not poll, and it is not between two steps.
      return !is_one_of({A::kStopping, A::kRevoking});
  }
}

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
