#include "kafka/worker/worker_loop.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/client_config.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kIdlePoll = absl::Milliseconds(100);
constexpr absl::Duration kRecoveryPoll = absl::Milliseconds(50);
constexpr absl::Duration kPeriodicWork = absl::Seconds(1);
constexpr absl::Duration kRevokeLimit = absl::Seconds(2);
constexpr absl::Duration kTrialLimit = absl::Seconds(20);
constexpr int kMessagesPerClock = 32;
// The wait of a worker that is not in its group. It has no consumer that it could poll meanwhile.
constexpr absl::Duration kOutsideGroupWait = absl::Milliseconds(100);
// The longest name that Kafka accepts for a group member.
constexpr size_t kLongestName = 249;
// Starting with this attempt at the same offset, messages are first tried in a child process.
constexpr int kAttemptWithTrial = 3;

}  // namespace

WorkerLoop::WorkerLoop(const WorkerOptions& options, int number, std::unique_ptr<Stage> stage,
                       WorkerEnvironment environment, WorkerMetrics& metrics,
                       WorkerReadiness& board, WorkerProgressFile* steps)
    : options_(options),
      stage_(std::move(stage)),
      context_{.kafka = options_.kafka,
               .environment = std::move(environment),
               .stage = *stage_,
               .spec = stage_->spec(),
               .metrics = metrics,
               .steps = steps,
               .number = number,
               .name = MemberName(options_.topics.prefix, stage_->spec().name,
                                  options_.kafka.instance, number),
               .group = GroupId(options_.topics.prefix, stage_->spec().name),
               .input_topic = TopicName(options_.topics.prefix, stage_->spec().input)},
      board_(board),
      starter_(context_, assignment_),
      transactions_(context_, assignment_, batch_),
      contact_(context_, assignment_),
      rejoin_(context_) {}

WorkerLoop::~WorkerLoop() {
  is_stopping_ = true;
  if (consumer_ != nullptr) consumer_->Close();
  transactions_.DropProducer();
}

absl::Status WorkerLoop::Run(const std::stop_token& stop, Begin begin) {
  RETURN_IF_ERROR(Start(begin));
  while (!stop.stop_requested()) RETURN_IF_ERROR(Step());
  Stop();
  return absl::OkStatus();
}

absl::Status WorkerLoop::Start(Begin begin) {
  context_.SetStep(WorkerStep::kStarting);
  if (context_.name.size() > kLongestName) {
    return absl::InvalidArgumentError(
        absl::StrCat("join the group as ", context_.name, ": Kafka accepts at most ", kLongestName,
                     " characters: shorten topics.prefix or kafka.instance"));
  }
  const absl::Status connected = Connect();
  if (connected.ok() || begin == Begin::kReportsErrors) return connected;
  LeaveGroup(connected);
  return absl::OkStatus();
}

absl::Status WorkerLoop::Step() {
  ASSIGN_OR_RETURN(const bool is_in_group, StayInGroup());
  DoPeriodicWork();
  if (!is_in_group) {
    (void)context_.environment.clock.Wait(kOutsideGroupWait, std::stop_token());
    return absl::OkStatus();
  }
  if (HasPartitions() && !transactions_.PrepareProducer()) {
    PollWithoutWork();
    return absl::OkStatus();
  }
  if (transactions_.has_undecided()) {
    transactions_.ResolveUndecided(*consumer_);
    if (transactions_.has_undecided()) {
      PollWithoutWork();
      return absl::OkStatus();
    }
  }
  if (is_recovering_) EndRecovery();
  absl::Duration idle_limit = kIdlePoll;
  if (assignment_.HasPartitionBeforeLive()) {
    context_.SetStep(WorkerStep::kRestoring);
    const MonotonicTime began = context_.Now();
    const bool has_progress = starter_.RunSlice(*consumer_);
    idle_limit = has_progress
                     ? absl::ZeroDuration()
                     : std::max(began + kRecoveryPoll - context_.Now(), absl::ZeroDuration());
    MakeReadyPartitionsLive();
  }
  Consume(idle_limit);
  if (batch_.must_repeat) AbandonBatch();
  if (!context_.spec.consumes_input && context_.Now() >= next_collect_) Collect();
  if (transactions_.is_ready() && IsBatchDue()) CommitBatch(options_.kafka.transaction_timeout);
  if (!batch_.is_open && !transactions_.has_undecided()) stage_->BetweenTransactions();
  return absl::OkStatus();
}

void WorkerLoop::Stop() {
  is_stopping_ = true;
  if (consumer_ != nullptr)
    consumer_->Close();  // calls OnRevoked, which commits the completed work
  consumer_.reset();
  transactions_.DropProducer();
  starter_.ReleaseParked();
  context_.SetStep(WorkerStep::kStopped);
}

WorkerActivity WorkerLoop::activity() const {
  if (is_stopping_) return WorkerActivity::kStopping;
  if (is_revoking_) return WorkerActivity::kRevoking;
  if (!assignment_.is_assigned) return WorkerActivity::kJoining;
  if (transactions_.has_undecided()) return WorkerActivity::kUndecided;
  if (is_recovering_) return WorkerActivity::kRecovering;
  PartitionPhase earliest = PartitionPhase::kLive;
  for (const auto& [number, partition] : assignment_.partitions) {
    earliest = std::min(earliest, partition.phase);
  }
  switch (earliest) {
    case PartitionPhase::kBarrier:
      return WorkerActivity::kBarrier;
    case PartitionPhase::kEnds:
      return WorkerActivity::kEnds;
    case PartitionPhase::kQueued:
      return WorkerActivity::kQueued;
    case PartitionPhase::kReading:
      return WorkerActivity::kReading;
    case PartitionPhase::kReady:
      return WorkerActivity::kReady;
    case PartitionPhase::kLive:
      break;
  }
  return batch_.is_open ? WorkerActivity::kBatchOpen : WorkerActivity::kIdle;
}

absl::Status WorkerLoop::Connect() {
  ASSIGN_OR_RETURN(
      consumer_, context_.clients().MakeConsumer({.group = context_.group,
                                                  .name = context_.name,
                                                  .process = context_.environment.process,
                                                  .input = context_.spec.input,
                                                  .reports_contact = !context_.spec.consumes_input},
                                                 this));
  rejoin_.OnJoin();
  contact_.OnJoin();
  return starter_.Connect();
}

absl::StatusOr<bool> WorkerLoop::StayInGroup() {
  if (consumer_ != nullptr) {
    const absl::Status fatal = consumer_->FatalError();
    if (fatal.ok()) return true;
    LeaveGroup(fatal);
  }
  ASSIGN_OR_RETURN(const bool may_join, rejoin_.MayJoin());
  if (!may_join) return false;
  // The start has shown that the configuration is valid, so an error here is temporary, such as too
  // many open files.
  if (const absl::Status connected = Connect(); !connected.ok()) LeaveGroup(connected);
  return consumer_ != nullptr;
}

// Ends the membership after a fatal error of the consumer. Kafka permits a later member of the same
// name.
void WorkerLoop::LeaveGroup(const absl::Status& error) {
  if (consumer_ != nullptr) consumer_->Close();
  // A consumer with a fatal error does not report that its partitions are lost.
  if (assignment_.is_assigned) OnRevoked(/*lost=*/true);
  consumer_.reset();
  rejoin_.OnLost(error);
}

// Stops accepting input until EndRecovery sets all positions again.
void WorkerLoop::BeginRecovery() {
  if (is_recovering_) return;
  is_recovering_ = true;
  std::vector<int32_t> live;
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.phase == PartitionPhase::kLive) live.push_back(number);
  }
  if (context_.spec.consumes_input) consumer_->Pause(live);
}

// Keeps the group membership alive while nothing can be processed.
void WorkerLoop::PollWithoutWork() {
  BeginRecovery();
  // Drops a message that was already on its way, since EndRecovery sets all positions again.
  (void)consumer_->Poll(kRecoveryPoll);
}

void WorkerLoop::EndRecovery() {
  is_recovering_ = false;
  if (!context_.spec.consumes_input) return;
  std::vector<Position> positions;
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.phase == PartitionPhase::kLive) positions.push_back({number, partition.next});
  }
  ResumeAt(positions);
}

// Continues paused partitions at `positions`.
void WorkerLoop::ResumeAt(const std::vector<Position>& positions) {
  if (positions.empty()) return;
  if (!consumer_->Seek(positions)) {
    ReassignAll();
    return;
  }
  std::vector<int32_t> numbers;
  for (const Position& position : positions) numbers.push_back(position.partition);
  consumer_->Resume(numbers);
  // The client's thread for a broker sleeps for up to a second when it has nothing to fetch.
  // Resuming a partition does not wake the thread, but a request does.
  (void)consumer_->QueryRanges(numbers, absl::Milliseconds(500)).ok();
}

// Resets every touched partition to the offset at which the last decided transaction ended.
void WorkerLoop::Rewind() {
  std::vector<Position> positions;
  for (auto& [number, partition] : assignment_.partitions) {
    if (!partition.touched) continue;
    partition.next = partition.start;
    positions.push_back({number, partition.next});
  }
  if (!context_.spec.consumes_input) return;
  if (!consumer_->Seek(positions)) ReassignAll();
}

void WorkerLoop::ReassignAll() {
  std::vector<Position> positions;
  std::vector<int32_t> live;
  for (const auto& [number, partition] : assignment_.partitions) {
    const bool is_live = partition.phase == PartitionPhase::kLive;
    positions.push_back({number, is_live ? partition.next : partition.input_begin});
    if (is_live) live.push_back(number);
  }
  consumer_->Reassign(positions);
  if (context_.spec.consumes_input) consumer_->Resume(live);
}

// Returns true if the batch contains the maximum number of inputs, or if one more input could make
// the batch too large. The output of that input is assumed to be as large as the largest output so
// far.
bool WorkerLoop::IsBatchFull() const {
  return batch_.inputs >= transactions_.batch_limit() ||
         static_cast<int64_t>(batch_.out.bytes() + batch_.held_bytes + batch_.largest_output) >=
             options_.kafka.batch_bytes;
}

bool WorkerLoop::IsBatchDue() const {
  return batch_.is_open &&
         (IsBatchFull() || context_.Now() - batch_.opened >= options_.kafka.commit_interval);
}

void WorkerLoop::Consume(absl::Duration idle_limit) {
  if (!assignment_.HasPartitionBeforeLive()) context_.SetStep(WorkerStep::kPolling);
  MonotonicTime now = context_.Now();
  MonotonicTime until = now + idle_limit;
  if (batch_.is_open) until = std::min(until, batch_.opened + options_.kafka.commit_interval);
  if (!context_.spec.consumes_input && HasPartitions()) until = std::min(until, next_collect_);
  int count = 0;
  const int64_t epoch = assignment_.epoch;
  while (true) {
    std::optional<ConsumedMessage> message =
        consumer_->Poll(std::max(until - now, absl::ZeroDuration()));
    if (epoch != assignment_.epoch) return;  // a rebalance may have changed everything
    if (!message.has_value()) return;
    const bool was_open = batch_.is_open;
    if (message->error == ConsumedMessage::Error::kNone) {
      Accept(*std::move(message));
    } else {
      HandleEvent(*message);
    }
    if (batch_.must_repeat || IsBatchFull()) return;
    // Reading the clock for every message would be too slow.
    if (++count % kMessagesPerClock != 0 && was_open == batch_.is_open) continue;
    now = context_.Now();
    if (batch_.is_open) until = std::min(until, batch_.opened + options_.kafka.commit_interval);
    if (now >= until) return;
  }
}

void WorkerLoop::Accept(ConsumedMessage consumed) {
  const Message& message = consumed.message;
  Partition* const partition = assignment_.Find(message.partition);
  if (partition == nullptr || partition->phase != PartitionPhase::kLive ||
      message.offset < partition->next) {
    return;
  }
  if (!batch_.is_open) batch_.Open(context_.Now());
  if (!partition->input_error.empty()) partition->input_error.clear();
  ++batch_.inputs;
  partition->touched = true;
  if (partition->begins_trial) {
    partition->begins_trial = false;
    partition->trial_until = message.offset + options_.kafka.batch_messages;
  }
  // Once a message is held, all later messages are held as well. This keeps the messages of each
  // partition in order.
  if (message.offset < partition->trial_until || !batch_.held.empty()) {
    partition->next = message.offset + 1;
    batch_.held_bytes += message.value.size();
    batch_.held.push_back(std::move(consumed));
    return;
  }
  Process(message, *partition);
}

void WorkerLoop::Process(const Message& message, Partition& partition) {
  const size_t first = batch_.out.entries().size();
  const size_t bytes = batch_.out.bytes();
  const auto rejected = partition.rejected.find(message.offset);
  if (rejected != partition.rejected.end()) {
    stage_->Reject(message, rejected->second, batch_.out);
  } else {
    stage_->Process(message, batch_.out);
    if (HasOversizedEntry(batch_.out, first)) {
      partition.rejected[message.offset] = "oversized";
      batch_.must_repeat = true;
      LogWarning("message_oversized", {{"topic", context_.input_topic},
                                       {"partition", message.partition},
                                       {"offset", message.offset},
                                       {"kept_in", "dead-letters"}});
    }
  }
  batch_.largest_output = std::max(batch_.largest_output, batch_.out.bytes() - bytes);
  // The offset must not move back. A held message is processed late, and a gap at later offsets may
  // already have moved the offset forward.
  partition.next = std::max(partition.next, message.offset + 1);
  batch_.last_partition = message.partition;
  batch_.last_offset = message.offset;
}

// Moves the position to the end that the consumer has reached. The offsets before the end that were
// not delivered are markers and aborted messages. They do not count as lag, and the next commit
// covers them.
void WorkerLoop::HandleEnd(const ConsumedMessage& end) {
  Partition* const partition = assignment_.Find(end.message.partition);
  if (partition == nullptr || partition->phase != PartitionPhase::kLive) return;
  partition->input_error.clear();
  partition->next = std::max(partition->next, end.message.offset);
  if (partition->touched || partition->attempts == 0 || partition->next == partition->start) return;
  // There was no message to process, only markers and aborted messages. Without this commit, each
  // start would record another attempt at them, and the third start would begin a trial.
  partition->begins_trial = false;
  partition->touched = true;
  if (!batch_.is_open) batch_.Open(context_.Now());
}

void WorkerLoop::HandleEvent(const ConsumedMessage& event) {
  if (event.error == ConsumedMessage::Error::kEnd) {
    HandleEnd(event);
    return;
  }
  const int32_t number = event.message.partition;
  Partition* const partition = assignment_.Find(number);
  if (event.error != ConsumedMessage::Error::kOutOfRange || partition == nullptr ||
      partition->phase != PartitionPhase::kLive) {
    contact_.OnInputError(number, event.error_text);
    LogWarning("consume_failed",
               {{"worker", context_.name}, {"partition", number}, {"error", event.error_text}});
    return;
  }
  const auto ranges = consumer_->QueryRanges({number}, absl::Seconds(5));
  const OffsetRange* const range = ranges.ok() ? &ranges->front() : nullptr;
  if (range != nullptr && (partition->next < range->begin || partition->next > range->end)) {
    RecordGap(*partition, range->begin);
  }
  // After this error, the library stops following the partition until there is a new assignment.
  ReassignAll();
}

// Records that input from `partition.next` up to `to` was deleted before it was read.
void WorkerLoop::RecordGap(Partition& partition, int64_t to) {
  const int64_t from = partition.next;
  if (!partition.gaps.empty() && partition.gaps.back().to == from) {
    partition.gaps.back().to = to;  // extends the gap, since more input was deleted
  } else {
    partition.gaps.push_back({from, to});
  }
  partition.next = to;
  partition.touched = true;
  batch_.Open(context_.Now());
  LogError("input_gap", {{"topic", context_.input_topic},
                         {"partition", partition.number},
                         {"from", from},
                         {"to", to}});
}

// Collects completed work from a stage without input.
void WorkerLoop::Collect() {
  // The time is set first, because Consume polls until this time even if there is nothing to
  // collect.
  next_collect_ = context_.Now() + options_.kafka.commit_interval;
  if (!transactions_.is_ready() || !HasPartitions()) return;
  const size_t before = batch_.out.bytes();
  stage_->Collect(static_cast<size_t>(options_.kafka.batch_bytes), batch_.out);
  if (batch_.out.empty()) return;
  // If this call collected at least half a batch, more work may be ready.
  if (static_cast<int64_t>(batch_.out.bytes() - before) * 2 >= options_.kafka.batch_bytes) {
    next_collect_ = context_.Now();
  }
  for (const int32_t number : batch_.out.touched()) {
    Partition* const partition = assignment_.Find(number);
    if (partition == nullptr || partition->phase != PartitionPhase::kLive) {
      LogError("collected_for_foreign_partition",
               {{"worker", context_.name}, {"partition", number}});
      stage_->Abort();
      transactions_.ClearBatch();
      if (assignment_.Find(number) == nullptr) stage_->Release(number);
      return;
    }
    partition->touched = true;
  }
  batch_.is_open = true;
  batch_.opened = MonotonicTime::InfinitePast();  // makes the batch due at once
}

// Tries the held messages in a child process, and then processes all of them in this process. A
// message that ended the child process is rejected. Messages are held if several attempts did not
// lead to a commit.
void WorkerLoop::TryHeldMessages() {
  std::vector<ConsumedMessage> held = std::move(batch_.held);
  batch_.held.clear();
  batch_.held_bytes = 0;
  const auto is_rejected = [this](const Message& message) {
    return assignment_.Find(message.partition)->rejected.contains(message.offset);
  };
  while (true) {
    const std::optional<size_t> crashed =
        context_.environment.find_crash(held.size(), kTrialLimit, [&](size_t i) {
          if (is_rejected(held[i].message)) return;
          OutputBatch scratch;
          stage_->Process(held[i].message, scratch);
          stage_->Flush(scratch);
          stage_->Commit();
        });
    if (!crashed.has_value() || *crashed >= held.size() || is_rejected(held[*crashed].message)) {
      break;
    }
    const Message& message = held[*crashed].message;
    assignment_.Find(message.partition)->rejected[message.offset] = "crashed";
    LogError("message_crashes", {{"topic", context_.input_topic},
                                 {"partition", message.partition},
                                 {"offset", message.offset},
                                 {"kept_in", "dead-letters"}});
  }
  for (const ConsumedMessage& consumed : held) {
    Process(consumed.message, *assignment_.Find(consumed.message.partition));
    if (batch_.must_repeat) return;
  }
}

void WorkerLoop::CommitBatch(absl::Duration limit) {
  if (!batch_.held.empty()) TryHeldMessages();
  if (batch_.must_repeat) {
    AbandonBatch();
    return;
  }
  const auto commit = [&] {
    const WorkerReadiness::OpenTransaction open(board_, context_.number, context_.Now());
    return transactions_.CommitBatch(limit);
  };
  switch (commit()) {
    case TransactionRunner::Outcome::kCommitted:
      contact_.OnCommitted();
      break;
    case TransactionRunner::Outcome::kAborted:
      AbandonBatch();
      break;
    case TransactionRunner::Outcome::kUnknown:
      // Recovery is necessary even if the outcome is found at once, because the input must be read
      // again if the batch was not committed.
      if (!is_revoking_) BeginRecovery();
      break;
  }
}

void WorkerLoop::AbandonBatch() {
  stage_->Abort();
  if (!is_revoking_) Rewind();
  transactions_.ClearBatch();
}

void WorkerLoop::MakeReadyPartitionsLive() {
  std::vector<Partition*> ready;
  std::vector<Partition*> to_record;
  for (auto& [number, partition] : assignment_.partitions) {
    if (partition.phase != PartitionPhase::kReady) continue;
    ready.push_back(&partition);
    if (context_.spec.consumes_input && !partition.was_resumed &&
        partition.next < partition.input_end) {
      to_record.push_back(&partition);
    }
  }
  if (ready.empty()) return;
  if (!to_record.empty()) {
    const WorkerReadiness::OpenTransaction open(board_, context_.number, context_.Now());
    if (!transactions_.RecordAttempts(to_record)) return;
    contact_.OnCommitted();
  }

  std::vector<Position> positions;
  for (Partition* const partition : ready) {
    partition->phase = PartitionPhase::kLive;
    if (!context_.spec.consumes_input) continue;
    if (partition->next < partition->input_begin || partition->next > partition->input_end) {
      RecordGap(*partition, partition->input_begin);
    }
    partition->begins_trial = partition->attempts >= kAttemptWithTrial;
    positions.push_back({partition->number, partition->next});
  }
  ResumeAt(positions);
  LogInfo("partitions_live", {{"worker", context_.name}, {"partitions", ready.size()}});
}

void WorkerLoop::OnAssigned(const std::vector<int32_t>& partitions,
                            std::unique_ptr<GroupMetadata> metadata) {
  ++assignment_.epoch;
  assignment_.is_assigned = true;
  assignment_.metadata = std::move(metadata);
  assignment_.partitions.clear();
  contact_.OnAssigned();
  const MonotonicTime now = context_.Now();
  for (const int32_t number : partitions) {
    Partition& partition = assignment_.partitions[number];
    partition.number = number;
    partition.assigned = now;
  }
  context_.metrics.rebalances.Increment();
  LogInfo(
      "partitions_assigned",
      {{"worker", context_.name}, {"epoch", assignment_.epoch}, {"partitions", partitions.size()}});
}

void WorkerLoop::OnRevoked(bool lost) {
  ++assignment_.epoch;
  is_revoking_ = true;
  LogInfo("partitions_revoked",
          {{"worker", context_.name}, {"epoch", assignment_.epoch}, {"lost", lost}});
  // True if the partitions are still owned and the outcome of every transaction is known.
  bool is_intact =
      !lost && !transactions_.has_undecided() && transactions_.is_ready() && !is_recovering_;
  if (is_intact) {
    if (!context_.spec.consumes_input) Collect();
    if (batch_.is_open) CommitBatch(kRevokeLimit);
    is_intact = !transactions_.has_undecided();
  }
  if (batch_.is_open || transactions_.has_undecided()) {
    stage_->Abort();
    transactions_.ForgetUndecided();
  }
  std::vector<const Partition*> to_park;
  for (const auto& [number, partition] : assignment_.partitions) {
    // Before kReading, the stage has no state for the partition.
    if (partition.phase < PartitionPhase::kReading) continue;
    if (partition.phase != PartitionPhase::kReading && is_intact && !is_stopping_) {
      to_park.push_back(&partition);
    } else {
      stage_->Release(number);
    }
  }
  if (!to_park.empty()) starter_.Park(to_park);
  starter_.StopReading();
  assignment_.partitions.clear();
  assignment_.is_assigned = false;
  assignment_.metadata.reset();
  transactions_.ClearBatch();
  is_recovering_ = false;
  is_revoking_ = false;
}

void WorkerLoop::OnClientError(const ClientError& error) { contact_.OnClientError(error); }

void WorkerLoop::OnCoordinatorAnswered(absl::Duration ago) { contact_.OnCoordinatorAnswered(ago); }

void WorkerLoop::DoPeriodicWork() {
  PublishReadiness();
  CheckContact();
  if (consumer_ != nullptr) contact_.Poll(*consumer_);
  const MonotonicTime now = context_.Now();
  if (now < next_periodic_work_) return;
  next_periodic_work_ = now + kPeriodicWork;
  starter_.ReleaseExpired();
  board_.SetObstacle(context_.number,
                     HasPartitions() ? stage_->Obstacle() : std::optional<std::string>());
}

void WorkerLoop::PublishReadiness() { board_.Set(context_.number, WhyNotReady()); }

std::string WorkerLoop::WhyNotReady() const {
  if (consumer_ == nullptr) return rejoin_.Reason();
  if (std::string fault = contact_.BrokerFault(); !fault.empty()) return fault;
  const std::string worker = absl::StrCat("worker ", context_.number);
  // Appends the cause of `what` if it is known.
  const auto because = [](std::string what, const std::string& cause) {
    return cause.empty() ? what : absl::StrCat(what, ": ", cause);
  };
  if (!assignment_.is_assigned) {
    return because(absl::StrCat(worker, " waits for its partitions"), contact_.RecentError());
  }
  if (HasPartitions() && !transactions_.is_ready()) {
    return because(absl::StrCat(worker, " waits for its producer"), transactions_.Fault());
  }
  if (transactions_.has_undecided()) {
    return absl::StrCat(worker, " waits for the outcome of a transaction");
  }
  if (const std::string fault = transactions_.Fault(); HasPartitions() && !fault.empty()) {
    return absl::StrCat("the transactions of ", worker, " fail: ", fault);
  }
  if (!is_in_contact_) {
    return because(absl::StrCat("the group's coordinator does not answer ", worker),
                   contact_.RecentError());
  }
  for (const auto& [number, partition] : assignment_.partitions) {
    if (partition.phase != PartitionPhase::kLive) {
      return because(DescribeProgress(partition), starter_.Fault());
    }
  }
  return contact_.InputFault();
}

void WorkerLoop::CheckContact() {
  if (context_.spec.consumes_input || !assignment_.is_assigned) return;
  const bool is_in_contact = contact_.IsInContact();
  if (is_in_contact == is_in_contact_) return;
  is_in_contact_ = is_in_contact;
  if (is_in_contact) {
    LogInfo("group_contact_found", {{"worker", context_.name}});
  } else {
    LogWarning("group_contact_lost",
               {{"worker", context_.name}, {"broker", contact_.RecentError()}});
  }
  stage_->OnContact(is_in_contact);
}

}  // namespace picket::kafka
