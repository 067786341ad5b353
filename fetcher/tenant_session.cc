#include "fetcher/tenant_session.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "m365/requests.h"

namespace picket::fetcher {
namespace {

constexpr absl::Duration kSubscriptionCheckInterval = absl::Hours(1);
// The interval while a subscription is off. The start request of a predecessor may still succeed,
// and another start is not allowed for 15 minutes.
constexpr absl::Duration kMissingSubscriptionCheckInterval = absl::Minutes(1);
// The interval of the requests for the list of subscriptions that refusals of other requests cause.
constexpr absl::Duration kProbeInterval = absl::Minutes(1);
constexpr size_t kTokenDoubtsPerHour = 3;
constexpr absl::Duration kGaugeInterval = absl::Seconds(5);
// No more content of a type is listed while the type has at least this number of pending blobs.
constexpr size_t kPendingLimit = 5000;
// The limit that replaces kPendingLimit while all tenants together have a lot of pending content.
constexpr size_t kPendingLimitUnderLoad = 100;

std::string PublisherOf(const m365::TenantConfig& tenant, const FetcherConfig& config) {
  if (!tenant.publisher_id.empty()) return tenant.publisher_id;
  return config.publisher_id.empty() ? tenant.tenant_id : config.publisher_id;
}

}  // namespace

TenantSession::TenantSession(const m365::TenantConfig& tenant, const FetcherConfig& config,
                             const Ledger& ledger, FetcherMetrics& metrics, const Moment& now)
    : tenant_(tenant),
      context_{tenant.tenant_id,
               {m365::EndpointsOf(tenant).api_url, tenant.tenant_id, PublisherOf(tenant, config)},
               config,
               ledger,
               metrics,
               ServerClock(now)},
      gauges_(metrics.OfTenant(tenant.tenant_id, tenant.name)),
      governor_(static_cast<double>(config.requests_per_minute)),
      health_(context_, gauges_.healthy.gauge()),
      quota_recorded_at_(now.monotonic) {
  if (const std::optional<double> learned = ledger.Quota(tenant.tenant_id)) {
    governor_.SetLearned(*learned);
  }
  recorded_quota_ = governor_.requests_per_minute();
  collectors_.reserve(tenant.content_types.size());
  for (const std::string& type : tenant.content_types) collectors_.emplace_back(context_, type);
}

TenantSession::~TenantSession() = default;

// A tenant that is not to be collected needs no attention of an operator.
void TenantSession::OnRemoved() { gauges_.healthy.Set(1); }

ContentCollector* TenantSession::FindCollector(const std::string& content_type) {
  for (ContentCollector& collector : collectors_) {
    if (collector.type() == content_type) return &collector;
  }
  return nullptr;
}

std::string TenantSession::ContentTypeOf(const RequestTicket& ticket) const {
  return ticket.collector.has_value() ? collectors_[*ticket.collector].type() : "*";
}

std::optional<std::string> TenantSession::Obstacle() const {
  if (std::optional<std::string> obstacle = health_.Obstacle()) return obstacle;
  std::optional<std::string> of_type;
  for (const ContentCollector& collector : collectors_) {
    if (!collector.fault().has_value()) return std::nullopt;
    if (!of_type.has_value()) of_type = absl::StrCat(collector.type(), ": ", *collector.fault());
  }
  return of_type;
}

size_t TenantSession::pending() const {
  size_t pending = 0;
  for (const ContentCollector& collector : collectors_) pending += collector.pending();
  return pending;
}

// ------------------------------------------------------------------------------ timed actions

void TenantSession::Poll(const Moment& now, std::vector<Outgoing>& out) {
  for (ContentCollector& collector : collectors_) collector.Poll(now, out);
  RecordQuota(now, out);
  if (now.monotonic - gauges_exported_at_ >= kGaugeInterval) ExportGauges(now);
}

// Stores the learned rate in the ledger, so that the next worker starts with this rate.
void TenantSession::RecordQuota(const Moment& now, std::vector<Outgoing>& out) {
  const double rate = governor_.requests_per_minute();
  if (now.monotonic - quota_recorded_at_ < absl::Minutes(1) ||
      std::abs(rate - recorded_quota_) < recorded_quota_ * 0.1) {
    return;
  }
  LedgerRow row;
  row.tenant = tenant_.tenant_id;
  row.content_type = "*";
  row.kind = RowKind::kQuota;
  row.requests_per_minute = rate;
  out.emplace_back().row = std::move(row);
  recorded_quota_ = rate;
  quota_recorded_at_ = now.monotonic;
}

void TenantSession::ExportGauges(const Moment& now) {
  gauges_exported_at_ = now.monotonic;
  const absl::Time server_now = context_.ServerNow(now);
  absl::Time oldest_watermark = server_now;
  absl::Time oldest_pending = server_now;
  for (const ContentCollector& collector : collectors_) {
    oldest_watermark = std::min(oldest_watermark, collector.watermark().value_or(server_now));
    oldest_pending = std::min(oldest_pending, collector.OldestPending().value_or(server_now));
  }
  gauges_.listing_lag_seconds.Set(absl::ToDoubleSeconds(server_now - oldest_watermark));
  gauges_.oldest_unfetched_seconds.Set(absl::ToDoubleSeconds(server_now - oldest_pending));
  gauges_.unfetched.Set(static_cast<double>(pending()));
  gauges_.requests_per_minute.Set(governor_.requests_per_minute());
}

// ---------------------------------------------------------------------------------- requests

SessionRequest TenantSession::TokenRequest(const Moment& now) {
  token_.OnSent();
  ReloadSecret();
  SessionRequest request;
  request.ticket.kind = RequestKind::kToken;
  request.ticket.sent_at = now.monotonic;
  request.http = m365::TokenRequest(tenant_, context_.config.list_timeout);
  return request;
}

// Reads the secret again, so that a rotated secret is used for the next token. If the file cannot
// be read, the old secret stays in use.
void TenantSession::ReloadSecret() {
  if (tenant_.client_secret_file.empty()) return;
  absl::StatusOr<m365::Secret> secret = m365::ReadSecretFile(tenant_.client_secret_file);
  if (secret.ok()) {
    tenant_.client_secret = *std::move(secret);
  } else {
    LogWarning("client_secret_reload_failed",
               {{"tenant", tenant_.tenant_id}, {"error", secret.status()}});
  }
}

SessionRequest TenantSession::ApiRequest(RequestKind kind, std::optional<size_t> collector,
                                         m365::HttpRequest::Method method, std::string url,
                                         const Moment& now) {
  const m365::AccessToken& token = *token_.Usable(now.monotonic);
  SessionRequest request;
  request.ticket.kind = kind;
  request.ticket.collector = collector;
  request.ticket.token_generation = token.generation;
  request.ticket.sent_at = now.monotonic;
  request.http.method = method;
  request.http.url = std::move(url);
  request.http.bearer = token.bearer;
  request.http.timeout = context_.config.list_timeout;
  ++in_flight_;
  return request;
}

std::optional<SessionRequest> TenantSession::NextRequest(const Moment& now,
                                                         const BodyBudgets& budgets,
                                                         bool much_pending) {
  using Method = m365::HttpRequest::Method;
  if (token_.Due(now.monotonic)) return TokenRequest(now);
  if (token_.Usable(now.monotonic) == nullptr || health_.IsSuspended(now) ||
      now.monotonic < governor_.paused_until() ||
      in_flight_ >= context_.config.parallel_requests_per_tenant) {
    return std::nullopt;
  }

  if (!subscriptions_.under_way && now.monotonic >= subscriptions_.due) {
    if (!governor_.TryAcquire(now.monotonic)) return std::nullopt;
    subscriptions_.under_way = true;
    return ApiRequest(RequestKind::kListSubscriptions, std::nullopt, Method::kGet,
                      m365::ListSubscriptionsUrl(context_.api), now);
  }
  for (size_t i = 0; i < collectors_.size(); ++i) {
    if (!collectors_[i].WantsSubscriptionStart(now)) continue;
    if (!governor_.TryAcquire(now.monotonic)) return std::nullopt;
    return ApiRequest(RequestKind::kStartSubscription, i, Method::kPost,
                      collectors_[i].StartSubscription(), now);
  }
  // Listing and retrieval alternate, so that a listing of many pages does not delay the retrieval
  // of the listed content.
  const size_t pending_limit = much_pending ? kPendingLimitUnderLoad : kPendingLimit;
  if (!listed_last_ || !HasContentToRetrieve()) {
    for (size_t i = 0; i < collectors_.size(); ++i) {
      if (!collectors_[i].WantsListing(now, pending_limit)) continue;
      if (!governor_.TryAcquire(now.monotonic)) return std::nullopt;
      listed_last_ = true;
      return ApiRequest(RequestKind::kListContent, i, Method::kGet, collectors_[i].StartListing(),
                        now);
    }
  }

  const std::optional<size_t> collector = NextCollectorWithContent();
  if (!collector.has_value()) return std::nullopt;
  std::shared_ptr<BlobBody> body = BlobBody::Reserve(budgets);
  if (body == nullptr || !governor_.TryAcquire(now.monotonic)) return std::nullopt;
  listed_last_ = false;
  // Seven of ten retrievals take the oldest content, which expires first. The other three take
  // the newest content, so that a backlog does not delay current content.
  const bool newest = retrievals_++ % 10 >= 7;
  const std::string content_id = collectors_[*collector].StartRetrieval(newest);
  SessionRequest request = ApiRequest(RequestKind::kRetrieve, collector, Method::kGet,
                                      m365::RetrieveUrl(context_.api, content_id), now);
  request.ticket.content_id = content_id;
  request.http.timeout = context_.config.retrieve_timeout;
  request.http.sink = body.get();
  request.ticket.body = std::move(body);
  return request;
}

bool TenantSession::HasContentToRetrieve() const {
  return std::any_of(collectors_.begin(), collectors_.end(),
                     [](const ContentCollector& collector) { return collector.WantsRetrieval(); });
}

// Returns the next content type that has content to retrieve. The content types take turns.
std::optional<size_t> TenantSession::NextCollectorWithContent() {
  for (size_t i = 0; i < collectors_.size(); ++i) {
    const size_t candidate = (next_collector_ + i) % collectors_.size();
    if (!collectors_[candidate].WantsRetrieval()) continue;
    next_collector_ = candidate + 1;
    return candidate;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------------------------- responses

void TenantSession::OnResponse(const RequestTicket& ticket, const m365::HttpResponse& response,
                               const Moment& now, std::vector<Outgoing>& out) {
  if (ticket.kind == RequestKind::kToken) return OnTokenResponse(response, now, out);

  --in_flight_;
  if (response.error.ok() && response.status == 200) SynchronizeClock(response, now);
  if (ticket.kind == RequestKind::kListContent) collectors_[*ticket.collector].OnListingAnswered();
  if (ticket.kind == RequestKind::kListSubscriptions) subscriptions_.under_way = false;

  const std::string_view kind = RequestKindName(ticket.kind);
  if (!response.error.ok()) {
    context_.metrics.CountRequest(kind, "no_answer");
    OnTransientFault(ticket, RetrievalFailure::kOther, std::string(response.error.message()), now,
                     out);
    return;
  }
  if (response.status != 200) {
    const m365::ApiError error = m365::ClassifyApiError(response.status, response.body);
    // If the content is given up, this body becomes a dead letter.
    if (ticket.body != nullptr) ticket.body->Append(response.body).IgnoreError();
    context_.metrics.CountRequest(kind,
                                  error.is_documented ? error.code : absl::StrCat(response.status));
    OnRefusal(ticket, error, response, now, out);
    return;
  }
  context_.metrics.CountRequest(kind, "200");
  OnSuccess(ticket, response, now, out);
}

void TenantSession::SynchronizeClock(const m365::HttpResponse& response, const Moment& now) {
  const bool was_synchronized = context_.server_clock.is_synchronized();
  context_.server_clock.OnResponse(response.Date(), now);
  // Nothing is planned until further responses have arrived.
  if (was_synchronized && !context_.server_clock.is_synchronized()) {
    subscriptions_.due = now.monotonic;
  }
}

void TenantSession::OnTokenResponse(const m365::HttpResponse& response, const Moment& now,
                                    std::vector<Outgoing>& out) {
  context_.metrics.CountRequest(RequestKindName(RequestKind::kToken),
                                response.error.ok() ? absl::StrCat(response.status) : "no_answer");
  const absl::Status status =
      token_.OnAnswer(m365::ParseTokenResponse(tenant_, response, now.monotonic), now.monotonic);
  if (status.ok()) return;
  context_.metrics.token_errors.Increment();
  const std::string reason(status.message());
  LogWarning("token_request_failed",
             {{"tenant", tenant_.tenant_id},
              {"retry_in_seconds", absl::ToInt64Seconds(token_.not_before() - now.monotonic)},
              {"error", reason}});
  // If the current token is still usable, collection continues with it.
  if (token_.Usable(now.monotonic) == nullptr) health_.ReportFault(reason, now, out);
}

void TenantSession::OnSuccess(const RequestTicket& ticket, const m365::HttpResponse& response,
                              const Moment& now, std::vector<Outgoing>& out) {
  token_.OnAccepted();
  governor_.OnSuccess(now.monotonic);
  health_.OnSuccess(now, out);
  switch (ticket.kind) {
    case RequestKind::kToken:
      break;
    case RequestKind::kListSubscriptions:
      OnSubscriptions(response, now);
      break;
    case RequestKind::kStartSubscription:
      collectors_[*ticket.collector].OnSubscriptionStarted(now, out);
      break;
    case RequestKind::kListContent:
      collectors_[*ticket.collector].OnPage(response, now, out);
      break;
    case RequestKind::kRetrieve: {
      const absl::Status status = collectors_[*ticket.collector].OnContent(
          ticket.content_id, ticket.body, response.wire_bytes, now, out);
      if (!status.ok()) {
        OnTransientFault(ticket, RetrievalFailure::kOther, std::string(status.message()), now, out);
      }
      break;
    }
  }
}

void TenantSession::OnSubscriptions(const m365::HttpResponse& response, const Moment& now) {
  const absl::StatusOr<std::vector<m365::Subscription>> subscriptions =
      m365::ParseSubscriptions(response.body);
  if (!subscriptions.ok()) {
    LogWarning("subscriptions_unreadable",
               {{"tenant", tenant_.tenant_id}, {"error", subscriptions.status()}});
    subscriptions_.due = now.monotonic + absl::Seconds(30);
    return;
  }
  subscriptions_.backoff.Reset();
  for (ContentCollector& collector : collectors_) {
    const bool is_enabled = std::any_of(subscriptions->begin(), subscriptions->end(),
                                        [&collector](const m365::Subscription& s) {
                                          return s.enabled && s.content_type == collector.type();
                                        });
    collector.OnSubscriptionsListed(is_enabled, now);
  }
  const bool is_any_off =
      std::any_of(collectors_.begin(), collectors_.end(),
                  [](const ContentCollector& collector) { return collector.IsSubscriptionOff(); });
  subscriptions_.due =
      now.monotonic + (is_any_off ? kMissingSubscriptionCheckInterval : kSubscriptionCheckInterval);
  // Nothing is planned before the clock is synchronized, which needs several responses.
  if (!context_.server_clock.is_synchronized()) {
    subscriptions_.due = now.monotonic + context_.server_clock.NextSampleIn();
  }
}

void TenantSession::OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                              const m365::HttpResponse& response, const Moment& now,
                              std::vector<Outgoing>& out) {
  const std::string description = m365::Describe(error, response.status);
  switch (error.action) {
    case m365::ApiAction::kThrottle:
      governor_.OnThrottled(ticket.sent_at, now.monotonic,
                            response.RetryAfter().value_or(absl::Seconds(5)));
      LogWarning("api_throttled",
                 {{"tenant", tenant_.tenant_id},
                  {"requests_per_minute", static_cast<int64_t>(governor_.requests_per_minute())},
                  {"error", description}});
      Retry(ticket, now.monotonic, now);
      return;
    case m365::ApiAction::kNewToken:
      if (ticket.kind != RequestKind::kListSubscriptions || !MayDoubtToken(ticket, now)) {
        RefuseNarrowly(ticket, error, description, now, out);
        return;
      }
      if (!token_.OnRefused(ticket.token_generation, now.monotonic)) {
        health_.ReportFault(absl::StrCat("the API rejects new tokens: ", description), now, out);
      }
      Retry(ticket, now.monotonic, now);
      return;
    case m365::ApiAction::kSuspendContentType:
    case m365::ApiAction::kSuspendTenant: {
      RefuseNarrowly(ticket, error, description, now, out);
      return;
    }
    default:
      break;
  }
  if (ticket.collector.has_value() &&
      collectors_[*ticket.collector].OnRefusal(ticket, error, description, now, out)) {
    return;
  }
  const bool is_retrieval = ticket.kind == RequestKind::kRetrieve;
  if (!is_retrieval && (error.action == m365::ApiAction::kRetryContent ||
                        error.action == m365::ApiAction::kOurFault)) {
    LogError("request_rejected", {{"tenant", tenant_.tenant_id},
                                  {"content_type", ContentTypeOf(ticket)},
                                  {"kind", RequestKindName(ticket.kind)},
                                  {"error", description}});
    Retry(ticket, now.monotonic + std::max(context_.config.poll_interval, absl::Minutes(1)), now);
    return;
  }
  OnTransientFault(ticket, RetrievalFailure::kOther, description, now, out);
}

// Returns true if a refusal of the list of subscriptions may cause a request for a new token. The
// token endpoint throttles a client that asks too often, so three such requests an hour are
// allowed.
bool TenantSession::MayDoubtToken(const RequestTicket& ticket, const Moment& now) {
  if (!token_.IsCurrent(ticket.token_generation)) return true;  // causes no request
  while (!token_doubts_.empty() && now.monotonic - token_doubts_.front() >= absl::Hours(1)) {
    token_doubts_.pop_front();
  }
  if (token_doubts_.size() >= kTokenDoubtsPerHour) return false;
  token_doubts_.push_back(now.monotonic);
  return true;
}

// Requests the list of subscriptions, unless this was done a short time ago. The answer shows
// whether a refusal of another request concerns the whole tenant.
void TenantSession::ProbeTenant(const Moment& now) {
  if (subscriptions_.under_way || now.monotonic - probed_at_ < kProbeInterval) return;
  probed_at_ = now.monotonic;
  subscriptions_.due = std::min(subscriptions_.due, now.monotonic);
}

// Handles a refusal that an operator may have to act on. It concerns nothing larger than the
// request: only the list of subscriptions is evidence against the whole tenant.
void TenantSession::RefuseNarrowly(const RequestTicket& ticket, const m365::ApiError& error,
                                   const std::string& description, const Moment& now,
                                   std::vector<Outgoing>& out) {
  switch (ticket.kind) {
    case RequestKind::kRetrieve:
      ProbeTenant(now);
      OnTransientFault(ticket, RetrievalFailure::kOther, description, now, out);
      return;
    case RequestKind::kStartSubscription:
    case RequestKind::kListContent:
      ProbeTenant(now);
      Retry(ticket, now.monotonic, now);
      collectors_[*ticket.collector].Suspend(description, error.is_documented, now, out);
      return;
    case RequestKind::kListSubscriptions:
      Retry(ticket, now.monotonic + subscriptions_.backoff.Next(), now);
      health_.Suspend(description, now, out);
      return;
    case RequestKind::kToken:
      return;
  }
}

void TenantSession::OnTransientFault(const RequestTicket& ticket, RetrievalFailure failed,
                                     const std::string& error, const Moment& now,
                                     std::vector<Outgoing>& out) {
  ContentCollector::Failure failure;
  if (ticket.collector.has_value()) {
    const std::optional<ContentCollector::Failure> of_type =
        collectors_[*ticket.collector].OnTransientFault(ticket, failed, error, now, out);
    if (!of_type.has_value()) return;
    failure = *of_type;
  } else {
    failure.wait = subscriptions_.backoff.Next();
  }
  LogWarning("request_failed", {{"tenant", tenant_.tenant_id},
                                {"kind", RequestKindName(ticket.kind)},
                                {"content_type", ContentTypeOf(ticket)},
                                {"content_id", ticket.content_id},
                                {"attempt", failure.attempts},
                                {"error", error}});
  Retry(ticket, now.monotonic + failure.wait, now);
  health_.OnTransientFault(error, ticket.sent_at, now);
}

void TenantSession::Retry(const RequestTicket& ticket, absl::Duration not_before,
                          const Moment& now) {
  if (ticket.collector.has_value()) {
    collectors_[*ticket.collector].Retry(ticket, not_before, now);
  } else if (ticket.kind == RequestKind::kListSubscriptions) {
    subscriptions_.due = not_before;
  }
}

// ------------------------------------------------------------------------------------- commits

void TenantSession::OnCommitted(const LedgerRow& row) {
  if (ContentCollector* const collector = FindCollector(row.content_type))
    collector->OnCommitted(row);
}

void TenantSession::RetrieveAgain(const LedgerRow& row, const Moment& now) {
  ContentCollector* const collector = FindCollector(row.content_type);
  if (collector != nullptr) collector->RetryContent(row.id, now.monotonic + absl::Seconds(5), now);
}

}  // namespace picket::fetcher
