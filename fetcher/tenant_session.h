#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/backoff.h"
#include "fetcher/blob_body.h"
#include "fetcher/config.h"
#include "fetcher/fetcher_metrics.h"
#include "fetcher/governor.h"
#include "fetcher/ledger.h"
#include "fetcher/outbox.h"
#include "fetcher/planner.h"
#include "m365/api_error.h"
#include "m365/http_transport.h"
#include "m365/requests.h"
#include "m365/tenant_config.h"
#include "m365/token.h"

namespace picket::fetcher {

enum class RequestKind : uint8_t {
  kToken,
  kListSubscriptions,
  kStartSubscription,
  kListContent,
  kRetrieve,
};

// What an answer is the answer to.
struct RequestTicket {
  RequestKind kind = RequestKind::kToken;
  size_t feed = 0;
  std::string content_id;
  int token_generation = 0;
  absl::Time sent_at;
};

struct SessionRequest {
  RequestTicket ticket;
  m365::HttpRequest http;
};

// Collects the log of one tenant: says which request comes next and what an answer means. Token → subscriptions →
// listing → retrieval, each with its own back-off; a fault of one content type or one piece of content holds up
// nothing else, and a fault of the tenant parks the tenant.
// Threads: one. Lifetime: from the moment its partition is live until it is taken away; it is built from the ledger
// alone, which is why a restart, a hand-over and a return are all the same to it.
// Failure: nothing is dropped without a row on `coverage`.
class TenantSession {
 public:
  // `config`, `ledger` and `metrics` must outlive it.
  TenantSession(const m365::TenantConfig& tenant, const FetcherConfig& config, const Ledger& ledger,
                FetcherMetrics& metrics, absl::Time now);
  ~TenantSession();

  // What time alone brings: listings that are due, watermarks that may move.
  void Tick(absl::Time now, std::vector<Outgoing>& out);
  // The next request that may go out now. `much_pending`: so much is listed and not stored, all tenants together, that
  // only those with little of it may list more.
  std::optional<SessionRequest> Next(absl::Time now, const BodyBudgets& budgets, bool much_pending);
  void OnResponse(const RequestTicket& ticket, m365::HttpResponse response, absl::Time now,
                  std::vector<Outgoing>& out);
  // A row that was put out here has been committed.
  void OnCommitted(const LedgerRow& row, absl::Time now);
  // Content that could not be read back from its spill file: to be retrieved once more.
  void RetrieveAgain(const LedgerRow& row, absl::Time now);

  const m365::TenantConfig& tenant() const { return tenant_; }
  size_t pending() const;  // pieces of content listed and not decided

  // For the fair queue between tenants: the share used so far.
  double share_used = 0;

 private:
  enum class SubscriptionState : uint8_t {
    kUnknown,
    kMissing,
    kGuarding,  // the row that guards the 15 minutes is on its way to the ledger
    kStart,     // may be started now
    kStarting,
    kEnabled,
  };

  struct Pending {
    Ledger::Listed listed;
    int attempts = 0;
    int missing = 0;      // answers that it does not exist
    int torn_bodies = 0;  // answers that were no closed array
    bool busy = false;    // being retrieved, or on its way to the topics
  };

  using Place = std::pair<absl::Time, std::string>;  // created, content id

  struct Feed {
    explicit Feed(std::string content_type)
        : type(std::move(content_type)), backoff(absl::Seconds(1), absl::Minutes(2)) {}

    std::string type;
    SubscriptionState subscription = SubscriptionState::kUnknown;
    std::optional<absl::Time> start_guard;     // when it was started last
    std::optional<absl::Time> disabled_since;  // switched off by an administrator
    absl::Time not_before = absl::InfinitePast();
    bool healthy = true;

    // Listing
    std::deque<Window> windows;  // of the run; the first is being listed
    std::string page_url;        // of the first window; empty: from its start
    std::set<std::string> pages_seen;
    bool listing = false;  // a request is under way
    ListingDepth depth = ListingDepth::kOverlap;
    int edge_listings = 0;  // since the last that covered the whole overlap
    int64_t run_listed = 0;
    int64_t run_missed = 0;
    absl::Time next_poll = absl::InfinitePast();
    absl::Time last_day = absl::InfinitePast();
    absl::Time reconciled = absl::InfinitePast();
    std::optional<absl::Time> listed_to;
    Backoff backoff;

    // Content listed and not decided
    std::map<std::string, Pending> pending;
    std::set<Place> by_age;                          // all of `pending`
    std::set<Place> ready;                           // may be retrieved now
    std::multimap<absl::Time, std::string> delayed;  // may be retrieved at that time

    std::optional<absl::Time> watermark;      // committed
    std::optional<absl::Time> watermark_put;  // on its way
  };

  absl::Time ServerNow(absl::Time now) const { return now + skew_; }
  Feed* FeedOf(const std::string& content_type);

  void TickFeed(Feed& feed, absl::Time now, std::vector<Outgoing>& out);
  void PutWatermark(Feed& feed, bool reconciled, std::vector<Outgoing>& out);
  void PlanListing(Feed& feed, absl::Time now, std::vector<Outgoing>& out);

  m365::HttpRequest ApiRequest(const m365::AccessToken& token, m365::HttpRequest::Method method,
                               std::string url) const;
  std::optional<size_t> PickRetrieval();
  bool AnythingReady() const;
  void ReloadSecret();

  void OnSubscriptions(const m365::HttpResponse& response, absl::Time now);
  void OnStarted(Feed& feed, absl::Time now, std::vector<Outgoing>& out);
  void OnPage(Feed& feed, const m365::HttpResponse& response, absl::Time now,
              std::vector<Outgoing>& out);
  void OnWindowListed(Feed& feed, absl::Time now, std::vector<Outgoing>& out);
  void OnContent(Feed& feed, const std::string& id, m365::HttpResponse response, absl::Time now,
                 std::vector<Outgoing>& out);
  void OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                 const m365::HttpResponse& response, absl::Time now, std::vector<Outgoing>& out);
  // Puts what a request was for back in its queue.
  void TryAgain(const RequestTicket& ticket, absl::Time not_before, absl::Time now);
  // Without an answer, or with one that says to try again.
  void OnTransientFault(const RequestTicket& ticket, const std::string& error, absl::Time now,
                        std::vector<Outgoing>& out);
  void Bury(Feed& feed, const std::string& id, const std::string& reason, absl::Time now,
            std::vector<Outgoing>& out);
  void Park(absl::Duration wait, const std::string& reason, absl::Time now,
            std::vector<Outgoing>& out);
  void SetHealthy(absl::Time now, std::vector<Outgoing>& out);
  void ParkFeed(Feed& feed, const std::string& reason, absl::Time now, std::vector<Outgoing>& out);
  void PutQuota(absl::Time now, std::vector<Outgoing>& out);
  void ExportGauges(absl::Time now);

  m365::TenantConfig tenant_;
  const FetcherConfig& config_;
  const Ledger& ledger_;
  FetcherMetrics& metrics_;
  FetcherMetrics::Tenant gauges_;
  const m365::ApiAddress api_;

  m365::TokenState token_;
  Governor governor_;
  absl::Duration skew_;  // of the API's clock against ours
  std::vector<Feed> feeds_;
  size_t next_feed_ = 0;
  uint64_t retrievals_ = 0;
  bool listed_last_ = false;
  int in_flight_ = 0;

  bool subscriptions_asked_ = false;
  absl::Time subscriptions_due_ = absl::InfinitePast();

  absl::Time parked_until_ = absl::InfinitePast();
  Backoff park_backoff_;
  Backoff circuit_backoff_;
  int faults_in_a_row_ = 0;
  std::optional<std::string> fault_;  // why it is not healthy

  double quota_put_ = 0;
  absl::Time quota_put_at_ = absl::InfinitePast();
  absl::Time gauges_at_ = absl::InfinitePast();
};

}  // namespace picket::fetcher
