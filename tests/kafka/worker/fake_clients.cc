#include "tests/kafka/worker/fake_clients.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

// Only the beginning of a large value is stored, since the checks do not need the rest.
constexpr size_t kKeptValueBytes = 64;
// The broker refuses a value that ends with this suffix as too large.
constexpr std::string_view kRefused = "refused";

class FakeGroupMetadata final : public GroupMetadata {
 public:
  FakeGroupMetadata(int64_t member, int64_t generation) : member(member), generation(generation) {}
  const int64_t member;
  const int64_t generation;
};

struct OwnedMessage {
  std::string topic;
  LogModel::Entry entry;
  std::vector<Header> headers;
};

class FakeConsumer final : public InputConsumer {
 public:
  FakeConsumer(FakeClients& clients, MemberSpec member, Listener* listener)
      : clients_(clients),
        model_(clients.model()),
        spec_(std::move(member)),
        topic_(TopicName(clients.prefix(), spec_.input)),
        listener_(listener) {
    Join();
  }
  ~FakeConsumer() override { Close(); }

  std::optional<ConsumedMessage> Poll(absl::Duration timeout) override {
    const Failure failure = clients_.Begin(Call::kPoll);
    if (clients_.process().is_dead) return std::nullopt;
    if (failure == Failure::kFatal) fatal_ = absl::InternalError("simulated");
    if (failure == Failure::kFenced) fatal_ = absl::AlreadyExistsError("simulated fence");
    FakeProcess& process = clients_.process();
    if (spec_.reports_contact) {
      const int64_t since = process.coordinator_silent_since;
      listener_->OnCoordinatorAnswered(
          absl::Microseconds(since < 0 ? 0 : clients_.clock().micros() - since));
    }
    if (process.client_error.has_value()) {
      listener_->OnClientError(*std::exchange(process.client_error, std::nullopt));
    }
    if (!fatal_.ok() || process.is_broker_silent) {
      clients_.WaitFor(timeout);
      return std::nullopt;
    }
    if (FollowGroup()) return std::nullopt;
    if (!process.poll_errors.empty()) {
      const int32_t partition = process.poll_errors.begin()->first;
      process.poll_errors.clear();
      return ErrorFor(partition, ConsumedMessage::Error::kOther, "simulated");
    }
    if (std::optional<ConsumedMessage> message = Next(); message.has_value()) return message;
    clients_.WaitFor(timeout);
    return std::nullopt;
  }

  absl::StatusOr<std::vector<CommittedOffset>> Committed(const std::vector<int32_t>& partitions,
                                                         absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kCommitted);
    const bool must_wait =
        std::any_of(partitions.begin(), partitions.end(),
                    [this](int32_t partition) { return model_.HasPendingOffset(partition); });
    if (failure != Failure::kNone || (must_wait && !clients_.ignores_pending_offsets) ||
        clients_.process().is_broker_silent) {
      if (failure != Failure::kError) clients_.WaitFor(limit);
      return absl::UnavailableError("no answer");
    }
    std::vector<CommittedOffset> offsets;
    for (const int32_t partition : partitions) {
      const auto committed = model_.CommittedOffset(partition);
      offsets.emplace_back();
      if (committed.has_value()) offsets.back() = {committed->offset, committed->metadata};
    }
    return offsets;
  }

  void Pause(const std::vector<int32_t>& partitions) override {
    for (const int32_t partition : partitions) positions_[partition].is_paused = true;
  }
  void Resume(const std::vector<int32_t>& partitions) override {
    for (const int32_t partition : partitions) positions_[partition].is_paused = false;
  }
  bool Seek(const std::vector<Position>& positions) override {
    if (clients_.Begin(Call::kSeek) != Failure::kNone) return false;
    for (const Position& position : positions) {
      if (positions_[position.partition].has_failed) return false;
      positions_[position.partition].next = position.offset;
      positions_[position.partition].reported_end = -1;
    }
    return true;
  }
  void Reassign(const std::vector<Position>& positions) override {
    positions_.clear();
    for (const Position& position : positions) {
      positions_[position.partition] = {position.offset, true, false};
    }
  }

  absl::StatusOr<std::vector<OffsetRange>> QueryRanges(const std::vector<int32_t>& partitions,
                                                       absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kQueryRanges);
    if (failure != Failure::kNone || clients_.process().is_broker_silent) {
      if (failure != Failure::kError) clients_.WaitFor(limit);
      return absl::UnavailableError("no answer");
    }
    std::vector<OffsetRange> ranges;
    for (const int32_t partition : partitions) {
      const LogModel::Log& log = model_.log(spec_.input, partition);
      ranges.push_back({log.begin, log.stable_end()});
    }
    return ranges;
  }
  void StartRangeQuery(const std::vector<int32_t>& partitions, absl::Duration limit) override {
    const bool is_unanswered =
        clients_.process().is_broker_silent ||
        std::any_of(partitions.begin(), partitions.end(), [this](int32_t partition) {
          return clients_.process().without_leader.contains(partition);
        });
    Failure failure = clients_.Begin(Call::kQueryRanges);
    if (is_unanswered && failure == Failure::kNone) failure = Failure::kNoAnswer;
    absl::Duration delay = clients_.process().range_delay;
    if (failure == Failure::kError) delay = absl::ZeroDuration();
    if (failure == Failure::kNoAnswer || delay > limit) {
      failure = Failure::kNoAnswer;
      delay = limit;
    }
    range_query_ = {partitions, failure == Failure::kNone, clients_.clock().MonotonicNow() + delay};
  }
  std::optional<RangeResult> TakeRangeQuery() override {
    if (!range_query_.has_value() || clients_.clock().MonotonicNow() < range_query_->answered) {
      return std::nullopt;
    }
    const RangeQuery query = *std::exchange(range_query_, std::nullopt);
    if (!query.succeeds) return absl::UnavailableError("no answer");
    std::vector<OffsetRange> ranges;
    for (const int32_t partition : query.partitions) {
      const LogModel::Log& log = model_.log(spec_.input, partition);
      ranges.push_back({log.begin, log.stable_end()});
    }
    return ranges;
  }
  int64_t KnownEnd(int32_t partition) const override {
    return model_.log(spec_.input, partition).end();
  }
  absl::Status FatalError() const override { return fatal_; }

  void Close() override {
    if (is_closed_) return;
    is_closed_ = true;
    if (clients_.process().is_dead) return;
    // After a fatal error, librdkafka drops the assignment without the callback.
    if (is_assigned_ && fatal_.ok()) listener_->OnRevoked(LostMembership());
    is_assigned_ = false;
    // The member sends no more heartbeats.
    if (clients_.process().member == member_) clients_.process().member = 0;
  }

 private:
  struct InputPosition {
    int64_t next = 0;
    bool is_paused = true;
    // True if the position was reported as out of range. Reassign or a new assignment clears the
    // flag.
    bool has_failed = false;
    int64_t reported_end = -1;  // the last end that was reported
    bool has_reported_error = false;
  };

  struct RangeQuery {
    std::vector<int32_t> partitions;
    bool succeeds = false;
    MonotonicTime answered;
  };

  void Join() {
    member_ = model_.Join(spec_.name, clients_.clock().micros());
    clients_.process().member = member_;
  }

  bool LostMembership() const {
    const LogModel::Member* const member = model_.FindMember(spec_.name);
    return member == nullptr || member->id != member_;
  }

  // Follows the group's protocol. Returns true if the listener was called.
  bool FollowGroup() {
    const LogModel::Member* member = model_.FindMember(spec_.name);
    if (member != nullptr && member->id != member_) {
      fatal_ = absl::AlreadyExistsError("another member has this name");
      return false;
    }
    if (member == nullptr) {  // the member was removed because its session ended
      const bool was_assigned = is_assigned_;
      if (was_assigned) {
        is_assigned_ = false;
        listener_->OnRevoked(true);
        positions_.clear();
      }
      Join();
      seen_generation_ = -1;
      // A heartbeat from before the join may arrive after it (librdkafka issue 3437). The
      // coordinator then fences the member, although no other process has its name.
      if (clients_.Begin(Call::kRejoin) == Failure::kFenced) {
        fatal_ = absl::AlreadyExistsError("simulated late heartbeat");
      }
      return was_assigned;
    }
    if (model_.is_rebalancing()) {
      if (member->has_joined) return false;
      const bool was_assigned = is_assigned_;
      if (was_assigned) {
        is_assigned_ = false;
        listener_->OnRevoked(false);
        positions_.clear();
        // The member may have been removed while OnRevoked was running.
        if (LostMembership()) return true;
      }
      model_.JoinRebalance(spec_.name);
      return was_assigned;
    }
    if (seen_generation_ == model_.generation()) return false;
    if (is_assigned_) {  // a whole rebalance took place while this member was silent
      is_assigned_ = false;
      listener_->OnRevoked(true);
      positions_.clear();
      return true;
    }
    seen_generation_ = model_.generation();
    is_assigned_ = true;
    positions_.clear();
    for (const int32_t partition : member->assigned) positions_[partition] = {};
    listener_->OnAssigned(member->assigned,
                          std::make_unique<FakeGroupMetadata>(member_, seen_generation_));
    return true;
  }

  ConsumedMessage ErrorFor(int32_t partition, ConsumedMessage::Error error,
                           std::string_view text) const {
    ConsumedMessage consumed;
    consumed.message.partition = partition;
    consumed.error = error;
    consumed.error_text = text;
    return consumed;
  }

  std::optional<ConsumedMessage> Next() {
    if (positions_.empty()) return std::nullopt;
    // Takes messages from the partitions in turn.
    auto at = positions_.upper_bound(last_partition_);
    for (size_t i = 0; i < positions_.size(); ++i, ++at) {
      if (at == positions_.end()) at = positions_.begin();
      auto& [partition, position] = *at;
      if (position.is_paused || position.has_failed) continue;
      if (clients_.process().unreadable.contains(partition)) {
        if (std::exchange(position.has_reported_error, true)) continue;
        return ErrorFor(partition, ConsumedMessage::Error::kOther, "authorization failed");
      }
      position.has_reported_error = false;
      const LogModel::Log& log = model_.log(spec_.input, partition);
      if (position.next < log.begin || position.next > log.end()) {
        position.has_failed = true;
        return ErrorFor(partition, ConsumedMessage::Error::kOutOfRange, "out of range");
      }
      int64_t end = log.stable_end();
      const auto visible = clients_.process().visible_end.find(partition);
      if (visible != clients_.process().visible_end.end()) end = std::min(end, visible->second);
      while (position.next < end) {
        const int64_t offset = position.next++;
        if (!model_.IsCommitted(log.entries[offset])) continue;
        last_partition_ = partition;
        return CopyOf(log.entries[offset], topic_, partition, offset);
      }
      if (position.next == end && position.reported_end != end) {
        position.reported_end = end;
        ConsumedMessage reached = ErrorFor(partition, ConsumedMessage::Error::kEnd, "");
        reached.message.offset = end;
        return reached;
      }
    }
    return std::nullopt;
  }

  FakeClients& clients_;
  LogModel& model_;
  const MemberSpec spec_;
  const std::string topic_;
  Listener* const listener_;
  int64_t member_ = 0;
  bool is_assigned_ = false;
  bool is_closed_ = false;
  int64_t seen_generation_ = -1;
  std::map<int32_t, InputPosition> positions_;
  std::optional<RangeQuery> range_query_;
  int32_t last_partition_ = -1;
  absl::Status fatal_;
};

class FakeProducer final : public BatchProducer {
 public:
  FakeProducer(FakeClients& clients, std::string name, std::vector<Topic> followed)
      : clients_(clients),
        model_(clients.model()),
        name_(std::move(name)),
        followed_(followed.begin(), followed.end()) {}

  absl::Status Init(absl::Duration slice) override {
    const Failure failure = clients_.Begin(Call::kInit);
    if (failure == Failure::kNoAnswer || clients_.process().is_broker_silent) {
      clients_.WaitFor(slice);
      return absl::UnavailableError("no answer");
    }
    if (failure != Failure::kNone) return absl::InternalError("simulated");
    epoch_ = model_.InitProducer(name_, clients_.clock().micros() % 2 == 0);
    return absl::OkStatus();
  }

  CallResult Begin() override {
    too_large_ = false;
    transaction_ = 0;
    unsent_ = {};
    last_offsets_.clear();
    const Failure failure = clients_.Begin(Call::kBegin);
    if (is_fatal_) return CallResult::kMustRecreate;
    return ResultOf(failure);
  }

  CallResult Produce(const OutputBatch& batch, absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kProduce);
    if (clients_.process().is_broker_silent) return NoAnswer(limit);
    unsent_ = {&batch, 0};
    // Sends half of the messages immediately, as the real client may do. Flush sends the rest.
    const CallResult sent = Send(batch.entries().size() / 2);
    return sent == CallResult::kOk ? ResultOf(failure) : sent;
  }

  CallResult Flush(absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kFlush);
    if (clients_.process().is_broker_silent) return NoAnswer(limit);
    // After a failure, the remaining messages are never sent.
    if (failure != Failure::kNone) return ResultOf(failure);
    if (unsent_.batch == nullptr) return CallResult::kOk;
    const CallResult sent = Send(unsent_.batch->entries().size());
    if (sent == CallResult::kOk && too_large_) {
      error_ = "message too large";
      return CallResult::kMustAbort;
    }
    return sent;
  }

  CallResult SendOffsets(Topic, const std::vector<InputOffset>& offsets,
                         const GroupMetadata& metadata, absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kSendOffsets);
    if (clients_.process().is_broker_silent) return NoAnswer(limit);
    if (failure != Failure::kNone) return ResultOf(failure);
    // The client sends no request if there are no offsets, so the call does not detect fencing.
    if (offsets.empty()) return CallResult::kOk;
    if (!IsCurrent()) return Fenced();
    BeginInModel();
    std::map<int32_t, LogModel::Offset> sent;
    for (const InputOffset& offset : offsets) {
      sent[offset.partition] = {offset.offset, offset.metadata};
    }
    const auto& group = static_cast<const FakeGroupMetadata&>(metadata);
    if (model_.SendOffsets(transaction_, sent, group.member, group.generation)) {
      return CallResult::kOk;
    }
    error_ = "the group refuses the offsets";
    return CallResult::kMustAbort;
  }

  CallResult Commit(absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kCommit);
    if (clients_.process().is_dead) return CallResult::kMustRecreate;
    if (clients_.process().is_broker_silent) {
      clients_.WaitFor(limit);
      error_ = "no answer";
      if (IsOpen()) model_.LoseCommitRequest(transaction_);
      return CallResult::kMustRecreate;
    }
    switch (failure) {
      case Failure::kNone:
      case Failure::kCommitNotAnswered:
        break;
      case Failure::kCommitLost:
        error_ = "no answer";
        return CallResult::kMustRecreate;
      case Failure::kCommitDelayed:
        error_ = "no answer";
        if (IsOpen()) model_.LoseCommitRequest(transaction_);
        return CallResult::kMustRecreate;
      default:
        return ResultOf(failure);
    }
    if (!IsCurrent()) return Fenced();
    if (IsOpen()) model_.End(transaction_, true);
    if (failure == Failure::kNone) return CallResult::kOk;
    error_ = "no answer";
    return CallResult::kMustRecreate;
  }

  CallResult Abort(absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kAbort);
    if (clients_.process().is_broker_silent) {
      clients_.WaitFor(limit);
      error_ = "no answer";
      return CallResult::kMustRecreate;
    }
    if (failure != Failure::kNone) return ResultOf(failure);
    if (!IsCurrent()) return Fenced();
    if (IsOpen()) model_.End(transaction_, false);
    return CallResult::kOk;
  }

  std::map<TopicPartition, int64_t> LastOffsets() override { return last_offsets_; }
  const std::string& error() const override { return error_; }
  bool too_large() const override { return too_large_; }
  bool fenced() const override { return fenced_; }

 private:
  struct Unsent {
    const OutputBatch* batch = nullptr;
    size_t next = 0;
  };

  // Returns false after a fatal error, because the client then refuses every call.
  bool IsCurrent() const { return !is_fatal_ && model_.IsCurrent(name_, epoch_); }
  bool IsOpen() const { return transaction_ != 0 && model_.IsOpen(transaction_); }
  void BeginInModel() {
    if (transaction_ == 0) transaction_ = model_.Begin(name_, clients_.clock().micros());
  }

  CallResult Fenced() {
    fenced_ = true;
    is_fatal_ = true;
    error_ = "another producer has this name";
    return CallResult::kMustRecreate;
  }
  CallResult NoAnswer(absl::Duration limit) {
    clients_.WaitFor(limit);
    error_ = "no answer";
    return CallResult::kMustAbort;
  }
  CallResult ResultOf(Failure failure) {
    if (failure == Failure::kNone) return CallResult::kOk;
    error_ = "simulated";
    if (failure == Failure::kFenced) fenced_ = true;
    if (failure != Failure::kFatal && failure != Failure::kFenced) return CallResult::kMustAbort;
    is_fatal_ = true;
    return CallResult::kMustRecreate;
  }

  // Sends the remaining entries before `end`.
  CallResult Send(size_t end) {
    const OutputBatch& batch = *unsent_.batch;
    for (; unsent_.next < end; ++unsent_.next) {
      if (!IsCurrent() || (transaction_ != 0 && !IsOpen())) return Fenced();
      BeginInModel();
      const OutputBatch::Entry& entry = batch.entries()[unsent_.next];
      if (entry.value.ends_with(kRefused) && entry.topic != Topic::kDeadLetters) {
        too_large_ = true;
        continue;
      }
      LogModel::Entry sent;
      sent.key = entry.key;
      sent.value = entry.value.substr(0, kKeptValueBytes);
      // Tests read the rows of `coverage`, and the parser reads the messages that it moved.
      if (entry.topic == Topic::kCoverage || entry.topic == Topic::kRaw) sent.value = entry.value;
      for (const Header& header : batch.HeadersOf(entry)) {
        sent.headers.emplace_back(header.name, header.value);
      }
      const int64_t offset =
          model_.Append(transaction_, entry.topic, entry.partition, std::move(sent));
      if (followed_.contains(entry.topic)) last_offsets_[{entry.topic, entry.partition}] = offset;
    }
    return CallResult::kOk;
  }

  FakeClients& clients_;
  LogModel& model_;
  const std::string name_;
  const std::set<Topic> followed_;
  int64_t epoch_ = -1;
  int64_t transaction_ = 0;
  Unsent unsent_;
  std::map<TopicPartition, int64_t> last_offsets_;
  std::string error_;
  bool too_large_ = false;
  bool fenced_ = false;
  bool is_fatal_ = false;
};

class FakeChangelog final : public ChangelogSource {
 public:
  FakeChangelog(FakeClients& clients, Topic topic)
      : clients_(clients), topic_(topic), name_(TopicName(clients.prefix(), topic)) {}

  absl::Status Start(int32_t partition, std::optional<int64_t> from, int64_t end) override {
    if (clients_.Begin(Call::kStartReader) != Failure::kNone) {
      return absl::UnavailableError("simulated");
    }
    const LogModel::Log& log = clients_.model().log(topic_, partition);
    positions_[partition] = {std::max(from.value_or(log.begin), log.begin), end};
    return absl::OkStatus();
  }
  void Stop(int32_t partition) override { positions_.erase(partition); }

  void Step(absl::Duration slice, const std::function<void(const Message&)>& row,
            const std::function<void(int32_t)>& done) override {
    const Failure failure = clients_.Begin(Call::kReadChangelog);
    if (failure != Failure::kNone || clients_.process().is_broker_silent) {
      if (!positions_.empty()) clients_.WaitFor(slice);
      return;
    }
    int rows = 0;
    std::vector<int32_t> finished;
    for (auto& [partition, position] : positions_) {
      const LogModel::Log& log = clients_.model().log(topic_, partition);
      while (position.next < std::min(position.end, log.stable_end())) {
        if (++rows > 20) break;  // the slice has ended
        const int64_t offset = position.next++;
        if (!clients_.model().IsCommitted(log.entries[offset])) continue;
        const ConsumedMessage message = CopyOf(log.entries[offset], name_, partition, offset);
        row(message.message);
      }
      if (position.next >= position.end) finished.push_back(partition);
    }
    if (rows == 0 && finished.empty() && !positions_.empty()) clients_.WaitFor(slice);
    for (const int32_t partition : finished) {
      positions_.erase(partition);
      done(partition);
    }
  }

 private:
  struct ReadPosition {
    int64_t next;
    int64_t end;
  };
  FakeClients& clients_;
  const Topic topic_;
  const std::string name_;
  std::map<int32_t, ReadPosition> positions_;
};

class FakeRanges final : public UncommittedRanges {
 public:
  explicit FakeRanges(FakeClients& clients) : clients_(clients) {}
  absl::StatusOr<std::vector<OffsetRange>> Query(Topic topic,
                                                 const std::vector<int32_t>& partitions,
                                                 absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kQueryEnds);
    if (failure != Failure::kNone || clients_.process().is_broker_silent) {
      if (failure != Failure::kError) clients_.WaitFor(limit);
      return absl::UnavailableError("no answer");
    }
    std::vector<OffsetRange> ranges;
    for (const int32_t partition : partitions) {
      const LogModel::Log& log = clients_.model().log(topic, partition);
      ranges.push_back({log.begin, clients_.reports_committed_ends ? log.stable_end() : log.end()});
    }
    return ranges;
  }

 private:
  FakeClients& clients_;
};

class FakeRollCall final : public RollCall {
 public:
  FakeRollCall(FakeClients& clients, RollCallSpec spec)
      : clients_(clients),
        spec_(std::move(spec)),
        part_(clients_.model().TakePart(spec_.name, spec_.process)) {}
  ~FakeRollCall() override {
    if (clients_.process().is_dead) {
      clients_.model().DieTakingPart(part_, clients_.clock().micros());
    } else {
      clients_.model().StopTakingPart(part_);
    }
  }
  void Poll() override {}
  absl::StatusOr<std::vector<NameUser>> Others(absl::Duration limit) override {
    const Failure failure = clients_.Begin(Call::kRollCall);
    if (failure != Failure::kNone || clients_.process().is_broker_silent) {
      if (failure != Failure::kError) clients_.WaitFor(limit);
      return absl::UnavailableError("no answer");
    }
    std::vector<NameUser> others;
    for (const ProcessId& process : clients_.model().WhoTakesPart(spec_.name)) {
      if (process != spec_.process) others.push_back({process, HostOf(process)});
    }
    return others;
  }

 private:
  FakeClients& clients_;
  const RollCallSpec spec_;
  const int64_t part_;
};

}  // namespace

std::string HostOf(const ProcessId& process) {
  return absl::StrCat("host-", FormatProcessId(process));
}

ConsumedMessage CopyOf(const LogModel::Entry& entry, const std::string& topic, int32_t partition,
                       int64_t offset) {
  auto owned = std::make_unique<OwnedMessage>(OwnedMessage{topic, entry, {}});
  for (const auto& [name, value] : owned->entry.headers) owned->headers.push_back({name, value});
  ConsumedMessage consumed;
  consumed.message.topic = owned->topic;
  consumed.message.partition = partition;
  consumed.message.offset = offset;
  consumed.message.key = owned->entry.key;
  consumed.message.value = owned->entry.value;
  consumed.message.headers = Headers(owned->headers);
  consumed.memory = {owned.release(),
                     [](void* memory) { delete static_cast<OwnedMessage*>(memory); }};
  return consumed;
}

absl::StatusOr<std::unique_ptr<InputConsumer>> FakeClients::MakeConsumer(
    const MemberSpec& member, InputConsumer::Listener* listener) {
  (void)Begin(Call::kMakeConsumer);
  return std::make_unique<FakeConsumer>(*this, member, listener);
}

absl::StatusOr<std::unique_ptr<BatchProducer>> FakeClients::MakeProducer(
    const std::string& transactional_id, const std::vector<Topic>& followed) {
  if (Begin(Call::kMakeProducer) != Failure::kNone) return absl::InternalError("simulated");
  return std::make_unique<FakeProducer>(*this, transactional_id, followed);
}

absl::StatusOr<std::unique_ptr<ChangelogSource>> FakeClients::MakeChangelogSource(Topic changelog) {
  if (Begin(Call::kMakeReader) != Failure::kNone) return absl::InternalError("simulated");
  return std::make_unique<FakeChangelog>(*this, changelog);
}

absl::StatusOr<std::unique_ptr<UncommittedRanges>> FakeClients::MakeUncommittedRanges(
    const std::string&) {
  return std::make_unique<FakeRanges>(*this);
}

absl::StatusOr<std::unique_ptr<RollCall>> FakeClients::MakeRollCall(const RollCallSpec& spec) {
  return std::make_unique<FakeRollCall>(*this, spec);
}

}  // namespace picket::kafka
