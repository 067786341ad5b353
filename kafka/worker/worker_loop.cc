#include "kafka/worker/worker_loop.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kIdlePoll = absl::Milliseconds(100);
constexpr absl::Duration kRecoveryPoll = absl::Milliseconds(50);
constexpr absl::Duration kInitSlice = absl::Milliseconds(200);
constexpr absl::Duration kHousekeeping = absl::Seconds(1);
constexpr absl::Duration kContactInterval = absl::Milliseconds(500);
constexpr int kMessagesPerClock = 32;
// librdkafka tries a join again at once after an answer did not come; a slow broker may take some time to fence it.
constexpr absl::Duration kFencedByOurselves = absl::Seconds(30);
constexpr absl::Duration kFencedByPredecessor = absl::Seconds(60);

}  // namespace

WorkerLoop::WorkerLoop(const WorkerOptions& options, int number, std::unique_ptr<Stage> stage,
                       WorkerMetrics& metrics, WorkerBoard& board, StepFile* steps)
    : options_(options),
      number_(number),
      stage_(std::move(stage)),
      spec_(stage_->spec()),
      input_topic_(TopicName(options.topics.prefix, spec_.input)),
      changelog_topic_(spec_.changelog.has_value()
                           ? TopicName(options.topics.prefix, *spec_.changelog)
                           : std::string()),
      group_(GroupId(options.topics.prefix, spec_.name)),
      name_(MemberName(spec_.name, options.kafka.instance, number)),
      metrics_(metrics),
      board_(board),
      steps_(steps),
      batch_limit_(options.kafka.batch_messages) {
  std::random_device random;
  const uint64_t nonce = (uint64_t{random()} << 32) | random();
  batch_name_prefix_ = absl::StrCat(absl::Hex(nonce, absl::kZeroPad16));
}

WorkerLoop::~WorkerLoop() {
  stopping_ = true;
  if (consumer_ != nullptr) consumer_->Close();
  DropProducer();
}

absl::Status WorkerLoop::Run(std::stop_token stop) {
  stop_ = std::move(stop);
  SetStep(WorkerStep::kStarting);
  fenced_grace_from_ = absl::Now();
  RETURN_IF_ERROR(Connect());
  while (!stop_.stop_requested()) {
    RETURN_IF_ERROR(CheckConsumer());
    Housekeeping();
    if (!partitions_.empty() && !EnsureProducer()) {
      PollWithoutWork();
      continue;
    }
    if (!undecided_.empty()) {
      ResolveUndecided();
      if (!undecided_.empty()) {
        PollWithoutWork();
        continue;
      }
    }
    if (recovering_) EndRecovery();
    StartSlice();
    Consume();
    if (spoilt_) AbandonBatch();
    if (!spec_.consumes_input && absl::Now() >= next_collect_) Collect();
    if (producer_ready_ && IsBatchDue(absl::Now())) {
      CommitBatch(options_.kafka.transaction_timeout);
    }
    if (!batch_open_ && undecided_.empty()) stage_->BetweenTransactions();
  }
  stopping_ = true;
  consumer_->Close();  // OnRevoked commits what is complete
  consumer_.reset();
  DropProducer();
  for (const auto& [number, parked] : parked_) stage_->Release(number);
  parked_.clear();
  SetStep(WorkerStep::kStopped);
  return absl::OkStatus();
}

absl::Status WorkerLoop::Connect() {
  ASSIGN_OR_RETURN(
      Conf conf, GroupConsumerConf(options_.kafka, group_, name_,
                                   spec_.consumes_input ? absl::ZeroDuration() : kContactInterval));
  ASSIGN_OR_RETURN(consumer_, GroupConsumer::Make(std::move(conf), input_topic_, this));
  ASSIGN_OR_RETURN(conf, UncommittedConf(options_.kafka, group_));
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  ASSIGN_OR_RETURN(uncommitted_, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  return absl::OkStatus();
}

absl::Status WorkerLoop::CheckConsumer() {
  absl::Status fatal = consumer_->FatalError();
  if (fatal.ok()) return fatal;
  if (absl::IsAlreadyExists(fatal)) {
    // The name may have been taken by a join of our own: one whose answer was lost, or one that a predecessor sent just
    // before it was killed and that a slow broker came to only now. So joining again is allowed once after each lost
    // answer and once soon after the start; of two processes that really share the name, one is left without soon.
    const absl::Time now = absl::Now();
    const bool may_be_ourselves =
        now - answer_lost_ < kFencedByOurselves || now - fenced_grace_from_ < kFencedByPredecessor;
    answer_lost_ = absl::InfinitePast();
    fenced_grace_from_ = absl::InfinitePast();
    if (!may_be_ourselves) {
      return absl::FailedPreconditionError(absl::StrCat(
          "another process uses instance name '", options_.kafka.instance, "' for stage ",
          spec_.name, ": give each process its own kafka.instance (", fatal.message(), ")"));
    }
  }
  LogError("consumer_failed", {{"worker", name_}, {"error", fatal}});
  board_.Set(number_, absl::StrCat("consumer failed: ", fatal.message()));
  consumer_->Close();
  consumer_.reset();
  return Connect();
}

bool WorkerLoop::EnsureProducer() {
  if (producer_ready_) return true;
  const absl::Time now = absl::Now();
  if (now < producer_not_before_) return false;
  absl::Status status = absl::OkStatus();
  if (producer_ == nullptr) {
    auto producer =
        TransactionalProducer::Make(options_.kafka, options_.topics.prefix, name_, spec_.changelog);
    if (producer.ok()) {
      producer_ = *std::move(producer);
    } else {
      status = producer.status();
    }
  }
  if (status.ok()) status = producer_->Init(kInitSlice);
  if (status.ok()) {
    producer_ready_ = true;
    producer_backoff_.Reset();
    return true;
  }
  if (absl::IsUnavailable(status)) return false;  // goes on in the background
  LogWarning("producer_failed", {{"worker", name_}, {"error", status}});
  DropProducer();
  producer_not_before_ = std::max(producer_not_before_, now + producer_backoff_.Next());
  return false;
}

void WorkerLoop::DropProducer() {
  if (producer_ != nullptr && producer_->fenced()) {
    // Somebody took our name, or the broker gave up on the transaction. If it was another process, the group tells us
    // with the next heartbeat; a producer made before that would fence the other in turn.
    producer_not_before_ =
        absl::Now() + options_.kafka.session_timeout * 0.3 + absl::Milliseconds(500);
    LogWarning("producer_fenced", {{"worker", name_}, {"error", producer_->error()}});
  }
  producer_.reset();
  producer_ready_ = false;
}

void WorkerLoop::SetStep(WorkerStep step) {
  if (steps_ == nullptr) return;
  steps_->Set(number_, step);
  const bool is_of_transaction = step == WorkerStep::kProducing ||
                                 step == WorkerStep::kOffsetsSent ||
                                 step == WorkerStep::kCommitting;
  if (is_of_transaction && options_.step_pause > absl::ZeroDuration()) {
    absl::SleepFor(options_.step_pause);
  }
}

Partition* WorkerLoop::FindPartition(int32_t number) {
  const auto found = partitions_.find(number);
  return found == partitions_.end() ? nullptr : &found->second;
}

// Keeps up the group membership while nothing can be processed.
void WorkerLoop::PollWithoutWork() {
  if (!recovering_) {
    recovering_ = true;
    std::vector<int32_t> live;
    for (const auto& [number, partition] : partitions_) {
      if (partition.phase == PartitionPhase::kLive) live.push_back(number);
    }
    if (spec_.consumes_input) consumer_->Pause(live);
  }
  // A message that was on its way is dropped: every position is set again afterwards.
  consumer_->Poll(kRecoveryPoll);
}

void WorkerLoop::EndRecovery() {
  recovering_ = false;
  if (!spec_.consumes_input) return;
  std::vector<GroupConsumer::Position> positions;
  for (const auto& [number, partition] : partitions_) {
    if (partition.phase == PartitionPhase::kLive) positions.push_back({number, partition.next});
  }
  GoOnAt(positions);
}

// Lets paused partitions go on at these positions.
void WorkerLoop::GoOnAt(const std::vector<GroupConsumer::Position>& positions) {
  if (positions.empty()) return;
  if (!consumer_->Seek(positions)) {
    ReassignAll();
    return;
  }
  std::vector<int32_t> numbers;
  for (const GroupConsumer::Position& position : positions) numbers.push_back(position.partition);
  consumer_->Resume(numbers);
  // The client's thread for a broker sleeps for up to a second when it had nothing to fetch, and resuming does not wake
  // it; a request does.
  (void)consumer_->QueryRanges(numbers, absl::Milliseconds(500)).ok();
}

// Before another input like the largest would be too much: what a partition gets of a transaction then fits into one request.
bool WorkerLoop::IsBatchFull() const {
  return batch_inputs_ >= batch_limit_ ||
         static_cast<int64_t>(out_.bytes() + held_bytes_ + largest_output_) >=
             options_.kafka.batch_bytes;
}

bool WorkerLoop::IsBatchDue(absl::Time now) const {
  return batch_open_ && (IsBatchFull() || now - batch_opened_ >= options_.kafka.commit_interval);
}

void WorkerLoop::Consume() {
  if (!IsStarting()) SetStep(WorkerStep::kPolling);
  absl::Time now = absl::Now();
  absl::Time until = now + (IsStarting() ? absl::ZeroDuration() : kIdlePoll);
  if (batch_open_) until = std::min(until, batch_opened_ + options_.kafka.commit_interval);
  if (!spec_.consumes_input) until = std::min(until, next_collect_);
  int count = 0;
  const int64_t epoch = epoch_;
  while (true) {
    MessagePtr message = consumer_->Poll(std::max(until - now, absl::ZeroDuration()));
    if (epoch != epoch_) return;  // a rebalance: everything may be different
    if (message == nullptr) return;
    const bool was_open = batch_open_;
    Take(std::move(message));
    if (spoilt_ || IsBatchFull()) return;
    if (++count % kMessagesPerClock != 0 && was_open == batch_open_) continue;
    now = absl::Now();
    if (batch_open_) until = std::min(until, batch_opened_ + options_.kafka.commit_interval);
    if (now >= until) return;
  }
}

void WorkerLoop::Take(MessagePtr message) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    TakeError(*message);
    return;
  }
  Partition* const partition = FindPartition(message->partition);
  if (partition == nullptr || partition->phase != PartitionPhase::kLive ||
      message->offset < partition->next) {
    return;
  }
  if (!batch_open_) {
    batch_open_ = true;
    batch_opened_ = absl::Now();
  }
  ++batch_inputs_;
  partition->touched = true;
  // Once something is held all that follows is, so that a partition keeps its order.
  if (message->offset < partition->trial_until || !held_.empty()) {
    partition->next = message->offset + 1;
    held_bytes_ += message->len;
    held_.push_back(std::move(message));
    return;
  }
  Deliver(*message, *partition);
}

void WorkerLoop::Deliver(const rd_kafka_message_t& raw, Partition& partition) {
  const Message message = ToMessage(raw, input_topic_, headers_);
  const size_t first = out_.entries().size();
  const size_t bytes = out_.bytes();
  const auto rejected = partition.rejected.find(message.offset);
  if (rejected != partition.rejected.end()) {
    stage_->Reject(message, rejected->second, out_);
    ++batch_rejects_[rejected->second];
  } else {
    stage_->Process(message, out_);
    if (HasOversizedEntry(first)) {
      partition.rejected[message.offset] = "oversized";
      spoilt_ = true;
      LogWarning("message_oversized", {{"topic", input_topic_},
                                       {"partition", message.partition},
                                       {"offset", message.offset},
                                       {"kept_in", "dead-letters"}});
    }
  }
  largest_output_ = std::max(largest_output_, out_.bytes() - bytes);
  partition.next = message.offset + 1;
  last_partition_ = message.partition;
  last_offset_ = message.offset;
}

void WorkerLoop::TakeError(const rd_kafka_message_t& message) {
  Partition* const partition = FindPartition(message.partition);
  const bool is_out_of_range = message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                               message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
  if (!is_out_of_range || partition == nullptr || partition->phase != PartitionPhase::kLive) {
    LogWarning("consume_failed", {{"worker", name_},
                                  {"partition", message.partition},
                                  {"error", std::string_view(rd_kafka_message_errstr(&message))}});
    return;
  }
  const auto ranges = consumer_->QueryRanges({message.partition}, absl::Seconds(5));
  const OffsetRange* const range = ranges.ok() ? &ranges->front() : nullptr;
  if (range != nullptr && (partition->next < range->begin || partition->next > range->end)) {
    const int64_t from = partition->gap.has_value() ? partition->gap->from : partition->next;
    partition->gap = {from, range->begin};
    partition->next = range->begin;
    partition->touched = true;
    if (!batch_open_) {
      batch_open_ = true;
      batch_opened_ = absl::Now();
    }
    LogError("input_gap", {{"topic", input_topic_},
                           {"partition", message.partition},
                           {"from", from},
                           {"to", range->begin}});
  }
  // After this error the library no longer follows the partition; only a new assignment brings it back.
  ReassignAll();
}

// A stage without input of its own hands over what it has completed.
void WorkerLoop::Collect() {
  if (!producer_ready_ || partitions_.empty()) return;
  const size_t before = out_.bytes();
  stage_->Collect(static_cast<size_t>(options_.kafka.batch_bytes), out_);
  next_collect_ = absl::Now() + options_.kafka.commit_interval;
  if (out_.empty()) return;
  // There may be more where so much came from.
  if (static_cast<int64_t>(out_.bytes() - before) * 2 >= options_.kafka.batch_bytes) {
    next_collect_ = absl::Now();
  }
  for (const int32_t number : out_.touched()) {
    Partition* const partition = FindPartition(number);
    if (partition == nullptr || partition->phase != PartitionPhase::kLive) {
      LogError("collected_for_foreign_partition", {{"worker", name_}, {"partition", number}});
      stage_->Abort();
      ClearBatch();
      return;
    }
    partition->touched = true;
  }
  batch_open_ = true;
  batch_opened_ = absl::InfinitePast();  // complete as it is
}

void WorkerLoop::Housekeeping() {
  const absl::Time now = absl::Now();
  SayReadiness();
  SayContact(now);
  if (now < next_housekeeping_) return;
  next_housekeeping_ = now + kHousekeeping;
  DropParked(now);
  for (const auto& [number, partition] : partitions_) {
    const int64_t end = consumer_->KnownEnd(number);
    if (spec_.consumes_input && end >= 0) {
      metrics_.Lag(number).Set(static_cast<double>(std::max<int64_t>(0, end - partition.next)));
    }
  }
  if (broker_down_ && !partitions_.empty() &&
      consumer_->QueryRanges({partitions_.begin()->first}, absl::Milliseconds(200)).ok()) {
    broker_down_ = false;
  }
}

void WorkerLoop::SayReadiness() {
  std::string reason;
  if (broker_down_) {
    reason = absl::StrCat("broker unreachable: ", broker_error_);
  } else if (!is_assigned_) {
    reason = absl::StrCat("worker ", number_, " waits for its partitions");
  } else if (!partitions_.empty() && !producer_ready_) {
    reason = absl::StrCat("worker ", number_, " waits for its producer");
  } else if (!undecided_.empty()) {
    reason = absl::StrCat("worker ", number_, " waits for the outcome of a transaction");
  } else {
    for (const auto& [number, partition] : partitions_) {
      if (partition.phase == PartitionPhase::kLive) continue;
      reason = absl::StrCat("restoring partition ", number);
      if (partition.phase == PartitionPhase::kReading && partition.changelog_end > 0) {
        absl::StrAppend(&reason, ": ", partition.changelog_at * 100 / partition.changelog_end,
                        " %");
      } else if (partition.phase == PartitionPhase::kBarrier) {
        absl::StrAppend(&reason, ": waiting for its former owner's transaction");
      }
      break;
    }
  }
  board_.Set(number_, std::move(reason));
}

void WorkerLoop::OnClientError(rd_kafka_resp_err_t code, std::string_view text) {
  if (code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
      code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    answer_lost_ = absl::Now();
  }
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
      code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
      code == RD_KAFKA_RESP_ERR__SSL) {
    if (code != RD_KAFKA_RESP_ERR__TRANSPORT) broker_down_ = true;
    broker_error_ = absl::StrCat(options_.kafka.bootstrap_servers, ": ", ToAbsl(text));
    LogWarning("broker_unreachable", {{"worker", name_}, {"error", broker_error_}});
    return;
  }
  LogWarning(
      "kafka_client_error",
      {{"worker", name_}, {"code", std::string_view(rd_kafka_err2name(code))}, {"error", text}});
}

// The only place where librdkafka tells when the coordinator last answered, a heartbeat at the least:
// {…"brokers":{"GroupCoordinator":{…"rxidle":<microseconds>…
void WorkerLoop::OnStatistics(std::string_view json) {
  constexpr std::string_view kCoordinator = "\"GroupCoordinator\"";
  constexpr std::string_view kIdle = "\"rxidle\":";
  const size_t coordinator = json.find(kCoordinator);
  if (coordinator == std::string_view::npos) return;
  const size_t idle = json.find(kIdle, coordinator);
  if (idle == std::string_view::npos) return;
  int64_t micros = -1;
  std::from_chars(json.data() + idle + kIdle.size(), json.data() + json.size(), micros);
  if (micros >= 0) last_contact_ = absl::Now() - absl::Microseconds(micros);
}

void WorkerLoop::SayContact(absl::Time now) {
  if (spec_.consumes_input || !is_assigned_) return;
  const bool in_contact = now - last_contact_ < options_.kafka.session_timeout / 2;
  if (in_contact == in_contact_) return;
  in_contact_ = in_contact;
  if (in_contact) {
    LogInfo("group_contact_found", {{"worker", name_}});
  } else {
    LogWarning("group_contact_lost", {{"worker", name_}, {"broker", broker_error_}});
  }
  stage_->OnContact(in_contact);
}

}  // namespace picket::kafka
