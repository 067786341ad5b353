#include "fetcher/fetcher_stage.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "fetcher/fetcher_metrics.h"
#include "fetcher/moment.h"
#include "fetcher/raw_messages.h"
#include "fetcher/tenant_session.h"
#include "fetcher/tombstone_queue.h"
#include "kafka/topics.h"
#include "kafka/worker/stage_counts.h"
#include "m365/curl_transport.h"

namespace picket::fetcher {
namespace {

constexpr char kStage[] = "fetcher";
constexpr size_t kEntriesPerTransaction = 2000;
constexpr size_t kTombstonesPerSweep = 500;
constexpr size_t kMuchPending = 100'000;  // blobs that are listed but not stored (about 60 MiB)
constexpr absl::Duration kSweepInterval = absl::Minutes(10);

// Passes responses from the transport's thread to the worker's thread. The queue may outlive the
// stage while requests are under way.
class ResponseQueue {
 public:
  struct Entry {
    int32_t partition;
    uint64_t epoch;    // the partition's epoch when the request was sent
    uint64_t session;  // key in Partition::tenants
    RequestTicket ticket;
    m365::HttpResponse response;
  };

  void Push(Entry entry) {
    MutexLock lock(mu_);
    entries_.push_back(std::move(entry));
  }
  std::vector<Entry> PopAll() {
    MutexLock lock(mu_);
    return std::exchange(entries_, {});
  }

 private:
  Mutex mu_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mu_);
};

// The stage that MakeFetcherStage() returns.
// Threads: the stage is used by the worker's thread only. The transport's thread uses only the
// response queue.
class FetcherStage final : public kafka::Stage {
 public:
  FetcherStage(const FetcherConfig& config, std::shared_ptr<const TenantHandover> tenants,
               const kafka::TopicsConfig& topics, std::shared_ptr<m365::HttpTransport> transport,
               Clock& clock, Metrics& metrics)
      : config_(config),
        handover_(std::move(tenants)),
        generation_(handover_->generation()),
        tenants_(handover_->Get()),
        partition_count_(static_cast<int32_t>(topics.partitions)),
        transport_(std::move(transport)),
        clock_(clock),
        metrics_(metrics),
        registry_(metrics),
        counts_(metrics, kStage),
        late_(counts_.batch().Of(metrics.GetCounter("picket_fetcher_late_blobs_total"))),
        foreign_rows_(metrics.GetCounter(
            "picket_foreign_rows_total",
            {{"stage", kStage},
             {"topic", kafka::TopicName(topics.prefix, kafka::Topic::kLedger)}})),
        unreadable_rows_(metrics.GetCounter(
            "picket_unreadable_rows_total",
            {{"stage", kStage},
             {"topic", kafka::TopicName(topics.prefix, kafka::Topic::kLedger)}})),
        raw_topic_(kafka::TopicName(topics.prefix, kafka::Topic::kRaw)),
        tombstones_(config.spill_dir) {
    budgets_.memory = std::make_shared<ByteBudget>(config.byte_budget_mib << 20);
    budgets_.disk = std::make_shared<ByteBudget>(config.spill_budget_mib << 20);
    budgets_.spill_dir = config.spill_dir;
    spec_.name = kStage;
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
    const bool is_empty = !message.is_tombstone && message.value.empty();
    const bool is_foreign =
        row.ok() && kafka::PartitionOf(row->tenant, partition_count_) != message.partition;
    if (!row.ok() || is_empty || is_foreign) {
      (is_foreign ? foreign_rows_ : unreadable_rows_).Increment();
      LogWarning("ledger_row_ignored",
                 {{"partition", message.partition},
                  {"offset", message.offset},
                  {"reason", is_foreign ? "its tenant belongs to another partition"
                             : is_empty ? "the value is empty"
                                        : std::string(row.status().message())}});
      return;
    }
    Ledger& ledger = partition->second.ledger;
    if (message.is_tombstone) {
      ledger.RestoreTombstone(*row);
      return;
    }
    ledger.Restore(*row);
    ScheduleTombstone(*row);
  }

  void EndRestore(int32_t partition) override { StartSessions(partition); }
  void Resume(int32_t partition) override { StartSessions(partition); }

  void Suspend(int32_t partition) override {
    const auto place = partitions_.find(partition);
    if (place == partitions_.end()) return;
    // The ledger is kept. The responses to the requests under way are ignored, because they belong
    // to the old epoch. Resume() sends the requests again.
    place->second.epoch = ++last_epoch_;
    place->second.live = false;
    place->second.tenants.clear();
  }

  void Release(int32_t partition) override { partitions_.erase(partition); }

  void BetweenTransactions() override { Advance(); }

  std::optional<std::string> Obstacle() const override {
    std::optional<std::string> reason;
    for (const auto& [id, partition] : partitions_) {
      for (const auto& [key, tenant] : partition.tenants) {
        const std::optional<std::string> obstacle = tenant.session->Obstacle();
        if (!obstacle.has_value()) return "";
        reason = absl::StrCat("every tenant of this process is suspended: tenant ",
                              tenant.session->tenant().tenant_id, ": ", *obstacle);
      }
    }
    return reason;
  }

  // Sends no requests while the group's coordinator does not answer, because another group member
  // may take over this worker's tenants. Fencing protects the topics but not Microsoft's quota.
  void OnContact(bool in_contact) override { in_contact_ = in_contact; }

  void Collect(size_t max_bytes, kafka::OutputBatch& out) override {
    Advance();
    const size_t before = out.bytes();
    while (!outbox_.empty() && open_.size() < kEntriesPerTransaction) {
      Waiting& next = outbox_.front();
      Partition* const partition = LivePartition(next);
      if (partition == nullptr || !HasSession(next)) {
        if (next.what.body != nullptr) metrics_.discarded_responses.Increment();
        outbox_.pop_front();
        continue;
      }
      // Content that did not fit in memory gets a transaction of its own.
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
    counts_.Commit();
    for (auto& [id, partition] : partitions_) partition.ledger.Commit();
    for (const Waiting& sent : open_) {
      if (!sent.what.row.has_value()) continue;
      const LedgerRow& row = *sent.what.row;
      if (!sent.what.is_tombstone) ScheduleTombstone(row);
      if (TenantSession* const session = FindSession(sent)) session->OnCommitted(row);
    }
    open_.clear();  // releases the memory of the bodies
  }

  void Abort() override {
    counts_.Abort();
    for (auto& [id, partition] : partitions_) partition.ledger.Abort();
    // The output returns to the front of the outbox, so that the next transaction contains the same
    // output in the same order.
    for (auto sent = open_.rbegin(); sent != open_.rend(); ++sent) {
      outbox_.push_front(std::move(*sent));
    }
    open_.clear();
  }

 private:
  static constexpr uint64_t kNoSession = 0;

  struct ActiveTenant {
    std::unique_ptr<TenantSession> session;
    double share_used = 0;  // requests sent, divided by the tenant's weight
  };

  struct Partition {
    // Changes whenever the sessions of the partition start or end. A response whose request was
    // sent in an earlier epoch is late and is discarded.
    uint64_t epoch = 0;
    bool live = false;
    Ledger ledger;
    // The sessions of the tenants. A key is never used again, so that a late response or an output
    // of an ended session is recognized.
    std::map<uint64_t, ActiveTenant> tenants;
  };

  // An output that waits for a transaction or belongs to the open transaction.
  struct Waiting {
    int32_t partition;
    uint64_t epoch;
    uint64_t session;  // key in Partition::tenants, or kNoSession
    Outgoing what;
  };

  void StartSessions(int32_t id) {
    const auto place = partitions_.find(id);
    if (place == partitions_.end()) return;
    Partition& partition = place->second;
    partition.epoch = ++last_epoch_;
    partition.live = true;
    partition.tenants.clear();
    const Moment now = ReadMoment(clock_);
    for (const m365::TenantConfig& tenant : *tenants_) {
      if (kafka::PartitionOf(tenant.tenant_id, partition_count_) != id) continue;
      AddSession(partition, tenant, now);
    }
  }

  void AddSession(Partition& partition, const m365::TenantConfig& tenant, const Moment& now) {
    partition.tenants.emplace(++last_session_,
                              ActiveTenant{std::make_unique<TenantSession>(
                                               tenant, config_, partition.ledger, metrics_, now),
                                           highest_share_});
  }

  // Takes over changes of the list of tenants. Ends the sessions of tenants that are gone or have
  // changed, and starts sessions for those that are new or have changed. Called only while no
  // transaction is open, so every output of an ended session is in the outbox and is dropped there.
  void TakeTenants(const Moment& now) {
    const uint64_t generation = handover_->generation();
    if (generation == generation_) return;
    generation_ = generation;
    tenants_ = handover_->Get();
    std::map<std::string_view, const m365::TenantConfig*> wanted;
    for (const m365::TenantConfig& tenant : *tenants_) wanted[tenant.tenant_id] = &tenant;
    std::set<std::string_view> unchanged;
    for (auto& [id, partition] : partitions_) {
      if (!partition.live) continue;
      for (auto place = partition.tenants.begin(); place != partition.tenants.end();) {
        TenantSession& session = *place->second.session;
        const auto found = wanted.find(session.tenant().tenant_id);
        if (found != wanted.end() && IsCollectedAlike(*found->second, session.tenant())) {
          unchanged.insert(found->first);
          ++place;
          continue;
        }
        if (found == wanted.end()) session.OnRemoved();
        place = partition.tenants.erase(place);
      }
    }
    for (const m365::TenantConfig& tenant : *tenants_) {
      const auto place = partitions_.find(kafka::PartitionOf(tenant.tenant_id, partition_count_));
      if (place == partitions_.end() || !place->second.live) continue;
      if (!unchanged.contains(tenant.tenant_id)) AddSession(place->second, tenant, now);
    }
  }

  // Returns the partition of the item, or null if the item's epoch has ended.
  template <typename Item>
  Partition* LivePartition(const Item& item) {
    const auto place = partitions_.find(item.partition);
    if (place == partitions_.end() || place->second.epoch != item.epoch || !place->second.live) {
      return nullptr;
    }
    return &place->second;
  }
  // Returns the session of the item, or null if the session has ended or the item has none.
  template <typename Item>
  TenantSession* FindSession(const Item& item) {
    Partition* const partition = LivePartition(item);
    if (partition == nullptr) return nullptr;
    const auto place = partition->tenants.find(item.session);
    return place == partition->tenants.end() ? nullptr : place->second.session.get();
  }
  // Returns true if the output may be written: its session still exists, or it needs none.
  bool HasSession(const Waiting& item) {
    return item.session == kNoSession || FindSession(item) != nullptr;
  }

  void ScheduleTombstone(const LedgerRow& row) {
    if (row.kind != RowKind::kBlob || row.status == BlobStatus::kListed) return;
    tombstones_.Add(LedgerKey(row), row.created);
  }

  // Processes responses, polls the sessions, deletes old rows and sends requests.
  void Advance() {
    const Moment now = ReadMoment(clock_);
    TakeTenants(now);
    ProcessResponses(now);
    std::vector<Outgoing> out;
    for (auto& [id, partition] : partitions_) {
      if (!partition.live) continue;
      for (auto& [key, tenant] : partition.tenants) {
        tenant.session->Poll(now, out);
        Enqueue(id, partition.epoch, key, out);
      }
    }
    Sweep(now);
    SendRequests(now);
  }

  void ProcessResponses(const Moment& now) {
    std::vector<Outgoing> out;
    for (ResponseQueue::Entry& entry : responses_->PopAll()) {
      --in_flight_;
      TenantSession* const session = FindSession(entry);
      if (session == nullptr) {
        metrics_.discarded_responses.Increment();
        continue;
      }
      session->OnResponse(entry.ticket, entry.response, now, out);
      Enqueue(entry.partition, entry.epoch, entry.session, out);
    }
  }

  void Enqueue(int32_t partition, uint64_t epoch, uint64_t session, std::vector<Outgoing>& out) {
    for (Outgoing& what : out) outbox_.push_back({partition, epoch, session, std::move(what)});
    out.clear();
  }

  // Returns the earliest of the API's times, or the infinite past before the first answer of the
  // API. The local time is not used, since a wrong local clock could delete rows too early.
  absl::Time EarliestServerTime(const Moment& now) const {
    std::optional<absl::Time> earliest;
    for (const auto& [id, partition] : partitions_) {
      for (const auto& [key, tenant] : partition.tenants) {
        const std::optional<absl::Time> server_now = tenant.session->ServerNow(now);
        if (!server_now.has_value()) continue;
        earliest = std::min(earliest.value_or(*server_now), *server_now);
      }
    }
    return earliest.value_or(absl::InfinitePast());
  }

  // Deletes the rows of content that is too old to be listed again. The rows are dropped from
  // memory and deleted from the topic with tombstones.
  void Sweep(const Moment& now) {
    const absl::Time oldest = EarliestServerTime(now) - kBlobRowLifetime;
    if (now.monotonic >= next_sweep_) {
      next_sweep_ = now.monotonic + kSweepInterval;
      for (auto& [id, partition] : partitions_) {
        partition.ledger.DropBefore(oldest - absl::Hours(24));
      }
    }
    if (outbox_.size() > kEntriesPerTransaction) return;
    for (const std::string& key : tombstones_.PopBefore(oldest, kTombstonesPerSweep)) {
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

  // Sends the requests that may be sent now. The tenant that has used the smallest share goes
  // first, regardless of the kind of request.
  void SendRequests(const Moment& now) {
    if (!in_contact_) return;
    struct Turn {
      double share_used;
      int32_t partition;
      uint64_t session;
      bool operator<(const Turn& other) const { return share_used > other.share_used; }
    };
    std::priority_queue<Turn> turns;
    size_t pending = 0;
    for (const auto& [id, partition] : partitions_) {
      if (!partition.live) continue;
      for (const auto& [key, tenant] : partition.tenants) {
        turns.push({tenant.share_used, id, key});
        pending += tenant.session->pending();
      }
    }
    while (!turns.empty() && in_flight_ < config_.parallel_requests) {
      Turn turn = turns.top();
      turns.pop();
      Partition& partition = partitions_.at(turn.partition);
      ActiveTenant& tenant = partition.tenants.at(turn.session);
      std::optional<SessionRequest> request =
          tenant.session->NextRequest(now, budgets_, pending > kMuchPending);
      if (!request.has_value()) continue;
      // A tenant that sent few requests for a while has used less than its share, so its requests
      // go first. This limits how many requests it may send before the other tenants get their
      // turn: ten per unit of weight.
      highest_share_ = std::max(highest_share_, tenant.share_used);
      tenant.share_used = std::max(tenant.share_used, highest_share_ - 10.0) +
                          1.0 / static_cast<double>(tenant.session->tenant().weight);
      turn.share_used = tenant.share_used;
      turns.push(turn);
      ++in_flight_;
      transport_->Send(
          std::move(request->http),
          [responses = responses_, partition_id = turn.partition, epoch = partition.epoch,
           session = turn.session, ticket = request->ticket](m365::HttpResponse response) {
            responses->Push({partition_id, epoch, session, ticket, std::move(response)});
          });
    }
  }

  void Add(Waiting& next, Partition& partition, kafka::OutputBatch& out) {
    Outgoing& what = next.what;
    if (what.body != nullptr) {
      const auto on_dead_letter = [this](std::string_view reason) {
        counts_.dead_letters(reason).Add();
      };
      const auto add = what.row->status == BlobStatus::kStored ? AddRawMessages : AddLostBody;
      const absl::Status status = add(*what.row, what.fetched_at, *what.body, raw_topic_,
                                      next.partition, out, on_dead_letter);
      if (!status.ok()) {
        LogError("content_read_back_failed",
                 {{"tenant", what.row->tenant}, {"content_id", what.row->id}, {"error", status}});
        if (TenantSession* const session = FindSession(next)) {
          session->RetrieveAgain(*what.row, ReadMoment(clock_));
        }
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
    Count(what);
    open_.push_back(std::move(next));
  }

  // Counts an output as part of the open transaction. The unit of the counts is a content blob. A
  // dead letter is a part of a stored blob.
  void Count(const Outgoing& what) {
    if (!what.gap_cause.empty()) {
      counts_.batch()
          .Of(registry_.GetCounter("picket_fetcher_gaps_total",
                                   {{"cause", std::string(what.gap_cause)}}))
          .Add();
    }
    if (!what.row.has_value() || what.is_tombstone || what.row->kind != RowKind::kBlob) return;
    switch (what.row->status) {
      case BlobStatus::kListed:
        counts_.in().Add();
        if (what.row->late) late_.Add();
        break;
      case BlobStatus::kStored:
        counts_.out().Add();
        break;
      case BlobStatus::kDead:
        counts_.dropped("lost").Add();
        break;
    }
  }

  const FetcherConfig config_;
  const std::shared_ptr<const TenantHandover> handover_;
  uint64_t generation_;  // generation of `tenants_`
  Tenants tenants_;
  const int32_t partition_count_;
  const std::shared_ptr<m365::HttpTransport> transport_;
  Clock& clock_;
  FetcherMetrics metrics_;
  Metrics& registry_;
  kafka::StageCounts counts_;
  BatchCount& late_;
  Counter& foreign_rows_;
  Counter& unreadable_rows_;
  const std::string raw_topic_;  // name of the topic `raw`, for dead letters
  kafka::StageSpec spec_;
  BodyBudgets budgets_;

  const std::shared_ptr<ResponseQueue> responses_ = std::make_shared<ResponseQueue>();
  int64_t in_flight_ = 0;
  bool in_contact_ = true;
  uint64_t last_epoch_ = 0;
  uint64_t last_session_ = kNoSession;
  std::map<int32_t, Partition> partitions_;
  std::deque<Waiting> outbox_;
  std::vector<Waiting> open_;  // the contents of the open transaction
  TombstoneQueue tombstones_;
  absl::Duration next_sweep_ = kAlreadyDue;
  double highest_share_ = 0;  // highest share that any tenant has used so far
};

}  // namespace

std::unique_ptr<kafka::Stage> MakeFetcherStage(const FetcherConfig& config,
                                               std::shared_ptr<const TenantHandover> tenants,
                                               const kafka::TopicsConfig& topics,
                                               std::shared_ptr<m365::HttpTransport> transport,
                                               Clock& clock, Metrics& metrics) {
  return std::make_unique<FetcherStage>(config, std::move(tenants), topics, std::move(transport),
                                        clock, metrics);
}

std::unique_ptr<kafka::Stage> MakeFetcherStage(const FetcherConfig& config, Tenants tenants,
                                               const kafka::TopicsConfig& topics,
                                               std::shared_ptr<m365::HttpTransport> transport,
                                               Clock& clock, Metrics& metrics) {
  return MakeFetcherStage(config, std::make_shared<const TenantHandover>(std::move(tenants)),
                          topics, std::move(transport), clock, metrics);
}

std::shared_ptr<m365::HttpTransport> MakeTransport(const FetcherConfig& config) {
  m365::CurlOptions options;
  options.connect_timeout = config.connect_timeout;
  options.parallel_requests = static_cast<int>(config.parallel_requests);
  options.ca_file = config.ca_file;
  return std::make_shared<m365::CurlTransport>(std::move(options));
}

}  // namespace picket::fetcher
