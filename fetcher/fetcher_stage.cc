#include "fetcher/fetcher_stage.h"

#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <string>
#include <utility>

#include "common/log.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "fetcher/fetcher_metrics.h"
#include "fetcher/raw_messages.h"
#include "fetcher/tenant_session.h"
#include "fetcher/tombstone_queue.h"
#include "kafka/topics.h"
#include "m365/curl_transport.h"
#include "m365/requests.h"

namespace picket::fetcher {
namespace {

constexpr size_t kMostEntries = 2000;  // of one transaction
constexpr size_t kMostTombstones = 500;
constexpr size_t kMuchPending = 100'000;  // some 60 MiB
constexpr absl::Duration kBetweenSweeps = absl::Minutes(10);

// Answers on their way from the transport's thread to the worker's. It outlives the stage while requests are under way.
class AnswerQueue {
 public:
  struct Answer {
    int32_t partition;
    uint64_t epoch;  // of the partition when the request went out
    size_t session;
    RequestTicket ticket;
    m365::HttpResponse response;
  };

  void Push(Answer answer) {
    MutexLock lock(mu_);
    answers_.push_back(std::move(answer));
  }
  std::vector<Answer> TakeAll() {
    MutexLock lock(mu_);
    return std::exchange(answers_, {});
  }

 private:
  Mutex mu_;
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mu_);
};

// Threads: the worker's; the transport's thread touches the answer queue only.
class FetcherStage final : public kafka::Stage {
 public:
  FetcherStage(const FetcherConfig& config, Tenants tenants, const kafka::TopicsConfig& topics,
               std::shared_ptr<m365::HttpTransport> transport, Clock& clock, Metrics& metrics)
      : config_(config),
        tenants_(std::move(tenants)),
        partition_count_(static_cast<int32_t>(topics.partitions)),
        transport_(std::move(transport)),
        clock_(clock),
        metrics_(metrics),
        raw_(kafka::TopicName(topics.prefix, kafka::Topic::kRaw)),
        retired_(config.spill_dir) {
    budgets_.memory = std::make_shared<ByteBudget>(config.byte_budget_mib << 20);
    budgets_.disk = std::make_shared<ByteBudget>(config.spill_budget_mib << 20);
    budgets_.spill_dir = config.spill_dir;
    spec_.name = "fetcher";
    spec_.input = kafka::Topic::kLedger;
    spec_.consumes_input = false;
    spec_.changelogs = {kafka::Topic::kLedger};
  }

  const kafka::StageSpec& spec() const override { return spec_; }

  void BeginRestore(int32_t partition) override {
    Partition& fresh = partitions_[partition];
    fresh = Partition();
    fresh.epoch = ++last_epoch_;
  }

  void RestoreRow(const kafka::Message& message) override {
    const auto partition = partitions_.find(message.partition);
    if (partition == partitions_.end()) return;
    const std::string_view value = message.is_tombstone ? std::string_view() : message.value;
    const absl::StatusOr<LedgerRow> row = ParseLedgerRow(message.key, value);
    if (!row.ok() || (!message.is_tombstone && message.value.empty()) ||
        kafka::PartitionOf(row->tenant, partition_count_) != message.partition) {
      metrics_.foreign_rows.Increment();
      LogWarning("ledger_row_ignored",
                 {{"partition", message.partition},
                  {"offset", message.offset},
                  {"reason", row.ok() ? "its tenant belongs to another partition"
                                      : std::string(row.status().message())}});
      return;
    }
    Ledger& ledger = partition->second.ledger;
    if (message.is_tombstone) {
      ledger.RestoreTombstone(*row);
      return;
    }
    ledger.Restore(*row);
    Retire(*row);
  }

  void EndRestore(int32_t partition) override { GoLive(partition); }
  void Resume(int32_t partition) override { GoLive(partition); }

  void Suspend(int32_t partition) override {
    const auto place = partitions_.find(partition);
    if (place == partitions_.end()) return;
    // The ledger is kept; what is under way is forgotten and begun again from it.
    place->second.epoch = ++last_epoch_;
    place->second.live = false;
    place->second.sessions.clear();
  }

  void Release(int32_t partition) override { partitions_.erase(partition); }

  void BetweenTransactions() override { Work(); }

  // Another member may soon own our tenants; the topics are fenced against us then, Microsoft's quota is not.
  void OnContact(bool in_contact) override { in_contact_ = in_contact; }

  void Collect(size_t max_bytes, kafka::OutputBatch& out) override {
    Work();
    const size_t before = out.bytes();
    while (!outbox_.empty() && open_.size() < kMostEntries) {
      Waiting& next = outbox_.front();
      Partition* const partition = LivePartition(next);
      if (partition == nullptr) {
        CountDropped(next);
        outbox_.pop_front();
        continue;
      }
      // Content that did not fit in memory has a transaction of its own.
      const bool alone = next.what.body != nullptr && next.what.body->spilled();
      const size_t size = next.what.body != nullptr ? next.what.body->size() : 0;
      if (!open_.empty() && (alone || out.bytes() - before + size > max_bytes)) break;
      Add(next, *partition, out);
      outbox_.pop_front();
      if (alone) break;
    }
    metrics_.budget_used.Set(static_cast<double>(budgets_.memory->used()));
  }

  void Commit() override {
    for (auto& [id, partition] : partitions_) partition.ledger.Commit();
    const absl::Time now = clock_.Now();
    for (const Waiting& sent : open_) {
      if (!sent.what.row.has_value()) continue;
      const LedgerRow& row = *sent.what.row;
      if (row.kind == RowKind::kBlob && !sent.what.is_tombstone) {
        if (row.status == BlobStatus::kStored) metrics_.stored.Increment();
        if (row.status == BlobStatus::kDead) metrics_.dead.Increment();
        Retire(row);
      }
      if (LivePartition(sent) != nullptr && sent.session != kNoSession) {
        SessionOf(sent).OnCommitted(row, now);
      }
    }
    open_.clear();  // gives the bodies' memory back
  }

  void Abort() override {
    for (auto& [id, partition] : partitions_) partition.ledger.Abort();
    // The same again, in the same order.
    for (auto sent = open_.rbegin(); sent != open_.rend(); ++sent) {
      outbox_.push_front(std::move(*sent));
    }
    open_.clear();
  }

 private:
  static constexpr size_t kNoSession = static_cast<size_t>(-1);

  struct Partition {
    uint64_t epoch = 0;
    bool live = false;
    Ledger ledger;
    std::vector<std::unique_ptr<TenantSession>> sessions;
  };

  // Something that waits for its transaction, or is in the open one.
  struct Waiting {
    int32_t partition;
    uint64_t epoch;
    size_t session;
    Outgoing what;
  };

  void GoLive(int32_t id) {
    const auto place = partitions_.find(id);
    if (place == partitions_.end()) return;
    Partition& partition = place->second;
    partition.epoch = ++last_epoch_;
    partition.live = true;
    partition.sessions.clear();
    const absl::Time now = clock_.Now();
    for (const m365::TenantConfig& tenant : *tenants_) {
      if (kafka::PartitionOf(tenant.tenant_id, partition_count_) != id) continue;
      partition.sessions.push_back(
          std::make_unique<TenantSession>(tenant, config_, partition.ledger, metrics_, now));
      partition.sessions.back()->share_used = share_;
    }
  }

  template <typename Item>
  Partition* LivePartition(const Item& item) {
    const auto place = partitions_.find(item.partition);
    if (place == partitions_.end() || place->second.epoch != item.epoch || !place->second.live) {
      return nullptr;
    }
    return &place->second;
  }
  TenantSession& SessionOf(const Waiting& item) {
    return *partitions_.at(item.partition).sessions[item.session];
  }
  void CountDropped(const Waiting& item) {
    if (item.what.body != nullptr) metrics_.dropped_results.Increment();
  }

  void Retire(const LedgerRow& row) {
    if (row.kind != RowKind::kBlob || row.status == BlobStatus::kListed) return;
    retired_.Remember(LedgerKey(row), row.created);
  }

  // Takes answers in, lets time pass, sends what may be sent.
  void Work() {
    const absl::Time now = clock_.Now();
    TakeAnswers(now);
    std::vector<Outgoing> out;
    for (auto& [id, partition] : partitions_) {
      if (!partition.live) continue;
      for (size_t i = 0; i < partition.sessions.size(); ++i) {
        partition.sessions[i]->Tick(now, out);
        Enqueue(id, partition.epoch, i, out);
      }
    }
    Sweep(now);
    Send(now);
  }

  void TakeAnswers(absl::Time now) {
    std::vector<Outgoing> out;
    for (AnswerQueue::Answer& answer : answers_->TakeAll()) {
      --in_flight_;
      Partition* const partition = LivePartition(answer);
      if (partition == nullptr) {
        metrics_.dropped_results.Increment();
        continue;
      }
      partition->sessions[answer.session]->OnResponse(answer.ticket, std::move(answer.response),
                                                      now, out);
      Enqueue(answer.partition, answer.epoch, answer.session, out);
    }
  }

  void Enqueue(int32_t partition, uint64_t epoch, size_t session, std::vector<Outgoing>& out) {
    for (Outgoing& what : out) {
      outbox_.push_back({partition, epoch, session, std::move(what)});
    }
    out.clear();
  }

  // Drops what is too old to come again, from memory and, by tombstones, from the topic.
  void Sweep(absl::Time now) {
    if (now >= next_sweep_) {
      next_sweep_ = now + kBetweenSweeps;
      for (auto& [id, partition] : partitions_) {
        partition.ledger.ForgetBefore(now - kKeepBlobRows - absl::Hours(24));
      }
    }
    if (outbox_.size() > kMostEntries) return;
    for (const std::string& key : retired_.Take(now - kKeepBlobRows, kMostTombstones)) {
      absl::StatusOr<LedgerRow> row = ParseLedgerRow(key, "");
      if (!row.ok()) continue;
      const int32_t id = kafka::PartitionOf(row->tenant, partition_count_);
      const auto partition = partitions_.find(id);
      if (partition == partitions_.end() || !partition->second.live) continue;
      Outgoing tombstone;
      tombstone.row = *std::move(row);
      tombstone.is_tombstone = true;
      outbox_.push_back({id, partition->second.epoch, kNoSession, std::move(tombstone)});
    }
  }

  // Tenants take turns by their weight, whatever each has to ask for.
  void Send(absl::Time now) {
    if (!in_contact_) return;
    struct Turn {
      double share_used;
      int32_t partition;
      size_t session;
      bool operator<(const Turn& other) const { return share_used > other.share_used; }
    };
    std::priority_queue<Turn> turns;
    size_t pending = 0;
    for (const auto& [id, partition] : partitions_) {
      if (!partition.live) continue;
      for (size_t i = 0; i < partition.sessions.size(); ++i) {
        turns.push({partition.sessions[i]->share_used, id, i});
        pending += partition.sessions[i]->pending();
      }
    }
    while (!turns.empty() && in_flight_ < config_.parallel_requests) {
      Turn turn = turns.top();
      turns.pop();
      Partition& partition = partitions_.at(turn.partition);
      TenantSession& session = *partition.sessions[turn.session];
      std::optional<SessionRequest> request = session.Next(now, budgets_, pending > kMuchPending);
      if (!request.has_value()) continue;
      // Who was idle does not save up turns.
      share_ = std::max(share_, session.share_used);
      session.share_used = std::max(session.share_used, share_ - 10.0) +
                           1.0 / static_cast<double>(session.tenant().weight);
      turn.share_used = session.share_used;
      turns.push(turn);
      ++in_flight_;
      transport_->Send(
          std::move(request->http),
          [answers = answers_, partition_id = turn.partition, epoch = partition.epoch,
           session_index = turn.session, ticket = request->ticket](m365::HttpResponse response) {
            answers->Push({partition_id, epoch, session_index, ticket, std::move(response)});
          });
    }
  }

  void Add(Waiting& next, Partition& partition, kafka::OutputBatch& out) {
    Outgoing& what = next.what;
    if (what.body != nullptr) {
      const absl::Status status =
          AddRawMessages(*what.row, what.fetched_at, *what.body, raw_, next.partition, out);
      if (!status.ok()) {
        LogError("content_unreadable",
                 {{"tenant", what.row->tenant}, {"content_id", what.row->id}, {"error", status}});
        SessionOf(next).RetrieveAgain(*what.row, clock_.Now());
        return;
      }
    }
    if (what.row.has_value()) {
      const std::string key = LedgerKey(*what.row);
      if (what.is_tombstone) {
        out.AddTombstone(kafka::Topic::kLedger, next.partition, key);
        partition.ledger.PutTombstone(*what.row);
      } else {
        out.Add(kafka::Topic::kLedger, next.partition, key, LedgerValue(*what.row));
        partition.ledger.Put(*what.row);
      }
    }
    for (const CoverageRow& row : what.coverage) {
      out.Add(kafka::Topic::kCoverage, next.partition, row.key, row.value);
    }
    out.Touch(next.partition);
    open_.push_back(std::move(next));
  }

  const FetcherConfig config_;
  const Tenants tenants_;
  const int32_t partition_count_;
  const std::shared_ptr<m365::HttpTransport> transport_;
  Clock& clock_;
  FetcherMetrics metrics_;
  const std::string raw_;  // the topic's name, for dead letters
  kafka::StageSpec spec_;
  BodyBudgets budgets_;

  const std::shared_ptr<AnswerQueue> answers_ = std::make_shared<AnswerQueue>();
  int64_t in_flight_ = 0;
  bool in_contact_ = true;
  uint64_t last_epoch_ = 0;
  std::map<int32_t, Partition> partitions_;
  std::deque<Waiting> outbox_;
  std::vector<Waiting> open_;  // what the open transaction holds
  RetiredRows retired_;
  absl::Time next_sweep_ = absl::InfinitePast();
  double share_ = 0;  // the most that any tenant has used
};

}  // namespace

std::unique_ptr<kafka::Stage> MakeFetcherStage(const FetcherConfig& config, Tenants tenants,
                                               const kafka::TopicsConfig& topics,
                                               std::shared_ptr<m365::HttpTransport> transport,
                                               Clock& clock, Metrics& metrics) {
  return std::make_unique<FetcherStage>(config, std::move(tenants), topics, std::move(transport),
                                        clock, metrics);
}

std::shared_ptr<m365::HttpTransport> MakeTransport(const FetcherConfig& config) {
  m365::CurlOptions options;
  options.connect_timeout = config.connect_timeout;
  options.parallel_requests = static_cast<int>(config.parallel_requests);
  options.ca_file = config.ca_file;
  return std::make_shared<m365::CurlTransport>(std::move(options));
}

}  // namespace picket::fetcher
