#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/backoff.h"
#include "fetcher/blob_body.h"
#include "fetcher/config.h"
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

// Collects the log of one tenant. It decides which request is sent next, and routes each response
// to the part that it concerns: the token, the list of subscriptions, or one content type
// (ContentCollector). Each of them has its own back-off: a fault of one content type or content
// blob delays nothing else, and only a fault of the whole tenant suspends the tenant. Threads: one.
// Lifetime: from the moment the tenant's partition becomes live until it is revoked. A session is
// built from the ledger alone, so a restart, a hand-over and a return are the same to it. Failure:
// nothing is dropped without a row on `coverage`.
class TenantSession {
 public:
  // `config`, `ledger` and `metrics` must outlive it.
  TenantSession(const m365::TenantConfig& tenant, const FetcherConfig& config, const Ledger& ledger,
                FetcherMetrics& metrics, const Moment& now);
  ~TenantSession();
  TenantSession(const TenantSession&) = delete;
  TenantSession& operator=(const TenantSession&) = delete;

  // Handles what depends on time alone: due listings, watermarks, gauges.
  void Poll(const Moment& now, std::vector<Outgoing>& out);
  // Returns the next request that may be sent now. `much_pending`: all tenants together have so
  // much content listed but not stored that only tenants with little of it may list more.
  std::optional<SessionRequest> NextRequest(const Moment& now, const BodyBudgets& budgets,
                                            bool much_pending);
  void OnResponse(const RequestTicket& ticket, const m365::HttpResponse& response,
                  const Moment& now, std::vector<Outgoing>& out);
  // A row that this session produced was committed.
  void OnCommitted(const LedgerRow& row);
  // The content could not be read back from its spill file and must be retrieved once more.
  void RetrieveAgain(const LedgerRow& row, const Moment& now);

  const m365::TenantConfig& tenant() const { return tenant_; }
  size_t pending() const;  // content blobs that are listed, and neither stored nor lost

 private:
  // The list of subscriptions, which is requested once an hour.
  struct SubscriptionCheck {
    bool under_way = false;
    absl::Duration due = kAlreadyDue;
    Backoff backoff{absl::Seconds(1), absl::Minutes(2)};
  };

  ContentCollector* FindFeed(const std::string& content_type);
  // The content type for logs; "*" if the request concerns the whole tenant.
  std::string ContentTypeOf(const RequestTicket& ticket) const;

  SessionRequest TokenRequest(const Moment& now);
  void ReloadSecret();
  // Sends an API request; the governor has admitted it.
  SessionRequest ApiRequest(RequestKind kind, std::optional<size_t> feed,
                            m365::HttpRequest::Method method, std::string url, const Moment& now);
  std::optional<size_t> NextFeedWithContent();
  bool HasContentToRetrieve() const;

  void OnTokenResponse(const m365::HttpResponse& response, const Moment& now,
                       std::vector<Outgoing>& out);
  void OnSuccess(const RequestTicket& ticket, const m365::HttpResponse& response, const Moment& now,
                 std::vector<Outgoing>& out);
  void OnSubscriptions(const m365::HttpResponse& response, const Moment& now);
  void OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                 const m365::HttpResponse& response, const Moment& now, std::vector<Outgoing>& out);
  // There was no response, or one that asks for another attempt.
  void OnTransientFault(const RequestTicket& ticket, const std::string& error, const Moment& now,
                        std::vector<Outgoing>& out);
  // Makes the request of the ticket possible again at `not_before`.
  void Retry(const RequestTicket& ticket, absl::Duration not_before, const Moment& now);

  void RecordQuota(const Moment& now, std::vector<Outgoing>& out);
  void ExportGauges(const Moment& now);

  m365::TenantConfig tenant_;
  TenantContext context_;
  FetcherMetrics::Tenant gauges_;

  m365::TokenState token_;
  Governor governor_;
  TenantHealth health_;
  SubscriptionCheck subscriptions_;
  std::vector<ContentCollector> feeds_;

  int in_flight_ = 0;
  size_t next_feed_ = 0;  // whose content is retrieved next
  uint64_t retrievals_ = 0;
  bool listed_last_ = false;  // the last request of listings and retrievals was a listing

  double recorded_quota_ = 0;
  absl::Duration quota_recorded_at_;
  absl::Duration gauges_exported_at_ = kAlreadyDue;
};

}  // namespace picket::fetcher
