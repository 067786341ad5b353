#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/backoff.h"
#include "fetcher/config.h"
#include "fetcher/content/blob_body.h"
#include "fetcher/content_collector.h"
#include "fetcher/fetcher_metrics.h"
#include "fetcher/governor.h"
#include "fetcher/ledger.h"
#include "fetcher/outbox.h"
#include "fetcher/request_ticket.h"
#include "fetcher/tenant_context.h"
#include "fetcher/tenant_health.h"
#include "m365/api_error.h"
#include "m365/tenant_config.h"
#include "m365/token.h"

namespace picket::fetcher {

// Collects the log of one tenant. The session decides which request is sent next, and passes each
// response to the part that handles it: the token, the list of subscriptions, or one content type
// (ContentCollector). Each part has its own back-off. An error of one content type or content blob
// does not delay other content. The tenant is suspended only if its token or its list of
// subscriptions is refused, or after several transient errors in a row without a success.
// Threads: an instance is used by one thread only.
// Lifetime: a session is created when the tenant's partition has been restored or resumed, and is
// destroyed when the partition is suspended or released. A session is always built from the ledger
// alone, whether after a restart, a hand-over from another worker, or a resumption.
// Failure: content is never dropped without a row on the topic `coverage`.
class TenantSession {
 public:
  // `config`, `ledger` and `metrics` must outlive the session.
  TenantSession(const m365::TenantConfig& tenant, const FetcherConfig& config, const Ledger& ledger,
                FetcherMetrics& metrics, const Moment& now);
  ~TenantSession();
  TenantSession(const TenantSession&) = delete;
  TenantSession& operator=(const TenantSession&) = delete;

  // Performs the work that depends only on time: plans due listings, moves watermarks and updates
  // gauges.
  void Poll(const Moment& now, std::vector<Outgoing>& out);
  // Returns the next request, or nullopt if no request may be sent now. A content type that has too
  // many pending blobs (see pending()) is not listed. `much_pending` is true if all tenants
  // together have many pending blobs. The limit for each content type is then lower.
  std::optional<SessionRequest> NextRequest(const Moment& now, const BodyBudgets& budgets,
                                            bool much_pending);
  void OnResponse(const RequestTicket& ticket, const m365::HttpResponse& response,
                  const Moment& now, std::vector<Outgoing>& out);
  // Called after a ledger row of this tenant has been committed.
  void OnCommitted(const LedgerRow& row);
  // Schedules another retrieval of content that could not be read back from its spill file.
  void RetrieveAgain(const LedgerRow& row, const Moment& now);

  // Called before the session ends because the tenant is no longer to be collected.
  void OnRemoved();

  const m365::TenantConfig& tenant() const { return tenant_; }
  // Returns why nothing of this tenant can be collected: the tenant or all its content types are
  // suspended, or the API cannot be used. Otherwise returns nullopt.
  std::optional<std::string> Obstacle() const;
  // Returns the API's time, or nullopt before the API's first answer.
  std::optional<absl::Time> ServerNow(const Moment& now) const {
    if (!context_.server_clock.is_synchronized()) return std::nullopt;
    return context_.ServerNow(now);
  }
  size_t pending() const;  // content blobs that are listed but neither stored nor lost

 private:
  // The state of the regular request for the list of subscriptions.
  struct SubscriptionCheck {
    bool under_way = false;
    absl::Duration due = kAlreadyDue;
    Backoff backoff{absl::Seconds(1), absl::Minutes(2)};
  };

  ContentCollector* FindCollector(const std::string& content_type);
  // Returns the content type for logs, or "*" if the request concerns the whole tenant.
  std::string ContentTypeOf(const RequestTicket& ticket) const;

  SessionRequest TokenRequest(const Moment& now);
  void ReloadSecret();
  // Builds an API request. The governor must have admitted the request.
  SessionRequest ApiRequest(RequestKind kind, std::optional<size_t> collector,
                            m365::HttpRequest::Method method, std::string url, const Moment& now);
  std::optional<size_t> NextCollectorWithContent();
  bool HasContentToRetrieve() const;

  void SynchronizeClock(const m365::HttpResponse& response, const Moment& now);
  void OnTokenResponse(const m365::HttpResponse& response, const Moment& now,
                       std::vector<Outgoing>& out);
  void OnSuccess(const RequestTicket& ticket, const m365::HttpResponse& response, const Moment& now,
                 std::vector<Outgoing>& out);
  void OnSubscriptions(const m365::HttpResponse& response, const Moment& now);
  void OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                 const m365::HttpResponse& response, const Moment& now, std::vector<Outgoing>& out);
  // Called if there was no response, or if the response calls for another attempt.
  void OnTransientFault(const RequestTicket& ticket, RetrievalFailure failed,
                        const std::string& error, const Moment& now, std::vector<Outgoing>& out);
  bool MayDoubtToken(const RequestTicket& ticket, const Moment& now);
  void ProbeTenant(const Moment& now);
  void RefuseNarrowly(const RequestTicket& ticket, const m365::ApiError& error,
                      const std::string& description, const Moment& now,
                      std::vector<Outgoing>& out);
  // Allows the ticket's request to be sent again at `not_before` or later.
  void Retry(const RequestTicket& ticket, absl::Duration not_before, const Moment& now);

  void RecordQuota(const Moment& now, std::vector<Outgoing>& out);
  void ExportGauges(const Moment& now);

  m365::TenantConfig tenant_;
  TenantContext context_;
  FetcherMetrics::Tenant gauges_;

  m365::TokenState token_;
  std::deque<absl::Duration> token_doubts_;  // times of the token requests that refusals caused
  absl::Duration probed_at_ = kAlreadyDue;
  Governor governor_;
  TenantHealth health_;
  SubscriptionCheck subscriptions_;
  std::vector<ContentCollector> collectors_;

  int in_flight_ = 0;
  size_t next_collector_ = 0;  // index of the collector whose content is retrieved next
  uint64_t retrievals_ = 0;
  bool listed_last_ = false;  // the latest listing or retrieval request was a listing

  double recorded_quota_ = 0;
  absl::Duration quota_recorded_at_;
  absl::Duration gauges_exported_at_ = kAlreadyDue;
};

}  // namespace picket::fetcher
