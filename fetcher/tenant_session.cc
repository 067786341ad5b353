#include "fetcher/tenant_session.h"

#include <algorithm>

#include "common/file.h"
#include "common/log.h"
#include "common/strings.h"

namespace picket::fetcher {
namespace {

constexpr absl::Duration kBetweenStarts = absl::Minutes(15);  // the API's own rule
constexpr absl::Duration kBetweenReconciliations = absl::Hours(24);
constexpr absl::Duration kBetweenDayListings = absl::Hours(1);
constexpr size_t kMostPending = 5000;  // of one content type; then listing waits for retrieval
constexpr size_t kFewPending = 100;    // the same while all tenants together have much pending
constexpr int kEdgeListings = 9;       // between two that cover the whole overlap

std::string PublisherOf(const m365::TenantConfig& tenant, const FetcherConfig& config) {
  if (!tenant.publisher_id.empty()) return tenant.publisher_id;
  return config.publisher_id.empty() ? tenant.tenant_id : config.publisher_id;
}

}  // namespace

TenantSession::TenantSession(const m365::TenantConfig& tenant, const FetcherConfig& config,
                             const Ledger& ledger, FetcherMetrics& metrics, absl::Time now)
    : tenant_(tenant),
      config_(config),
      ledger_(ledger),
      metrics_(metrics),
      gauges_(metrics.OfTenant(tenant.tenant_id)),
      api_{m365::EndpointsOf(tenant).api_url, tenant.tenant_id, PublisherOf(tenant, config)},
      governor_(static_cast<double>(config.requests_per_minute)),
      park_backoff_(absl::Seconds(30), absl::Minutes(15)),
      circuit_backoff_(absl::Seconds(1), absl::Minutes(1)) {
  if (const std::optional<double> learned = ledger.Quota(tenant.tenant_id)) {
    governor_.SetLearned(*learned);
  }
  quota_put_ = governor_.requests_per_minute();
  quota_put_at_ = now;
  feeds_.reserve(tenant.content_types.size());
  for (const std::string& type : tenant.content_types) {
    Feed& feed = feeds_.emplace_back(type);
    const Ledger::Feed* const known = ledger.FindFeed(tenant.tenant_id, type);
    if (known == nullptr) continue;
    feed.watermark = known->watermark;
    feed.reconciled = known->reconciled;
    feed.start_guard = known->subscription_started;
    for (const auto& [id, listed] : known->listed) {
      feed.pending[id].listed = listed;
      feed.by_age.emplace(listed.created, id);
      feed.ready.emplace(listed.created, id);
    }
  }
}

// What another worker exports now is not to be mixed with what was true here.
TenantSession::~TenantSession() {
  gauges_.listing_lag_seconds.Set(0);
  gauges_.oldest_unfetched_seconds.Set(0);
  gauges_.unfetched.Set(0);
}

TenantSession::Feed* TenantSession::FeedOf(const std::string& content_type) {
  for (Feed& feed : feeds_) {
    if (feed.type == content_type) return &feed;
  }
  return nullptr;
}

// ------------------------------------------------------------------------------------------------ what time brings

void TenantSession::Tick(absl::Time now, std::vector<Outgoing>& out) {
  for (Feed& feed : feeds_) TickFeed(feed, now, out);
  PutQuota(now, out);
  if (now - gauges_at_ >= absl::Seconds(5)) ExportGauges(now);
}

void TenantSession::TickFeed(Feed& feed, absl::Time now, std::vector<Outgoing>& out) {
  while (!feed.delayed.empty() && feed.delayed.begin()->first <= now) {
    const std::string& id = feed.delayed.begin()->second;
    const auto pending = feed.pending.find(id);
    if (pending != feed.pending.end() && !pending->second.busy) {
      feed.ready.emplace(pending->second.listed.created, id);
    }
    feed.delayed.erase(feed.delayed.begin());
  }
  if (feed.subscription == SubscriptionState::kMissing &&
      (!feed.start_guard.has_value() || now - *feed.start_guard >= kBetweenStarts)) {
    // Written before the call, so that a crash between them does not start it twice.
    LedgerRow row;
    row.tenant = tenant_.tenant_id;
    row.content_type = feed.type;
    row.kind = RowKind::kSubscription;
    row.time = now;
    out.emplace_back().row = std::move(row);
    feed.subscription = SubscriptionState::kGuarding;
  }
  PlanListing(feed, now, out);
  PutWatermark(feed, false, out);
}

void TenantSession::PlanListing(Feed& feed, absl::Time now, std::vector<Outgoing>& out) {
  if (feed.subscription != SubscriptionState::kEnabled || feed.listing || !feed.windows.empty() ||
      now < feed.next_poll) {
    return;
  }
  feed.depth = ListingDepth::kEdge;
  if (++feed.edge_listings > kEdgeListings) feed.depth = ListingDepth::kOverlap;
  if (now - feed.reconciled >= kBetweenReconciliations) {
    feed.depth = ListingDepth::kReconcile;
  } else if (now - feed.last_day >= kBetweenDayListings) {
    feed.depth = ListingDepth::kDay;
  }
  ListingState state;
  state.watermark = feed.listed_to.has_value() ? feed.listed_to : feed.watermark;
  state.settle = config_.settle;
  state.edge_overlap = std::max(2 * config_.poll_interval, absl::Seconds(5));
  state.overlap = config_.overlap;
  state.look_back = config_.look_back;
  state.depth = feed.depth;
  WindowPlan plan = PlanWindows(state, ServerNow(now));
  if (plan.gap.has_value()) {
    out.emplace_back().coverage.push_back(GapRow(tenant_.tenant_id, feed.type, *plan.gap));
    metrics_.CountGap("not_listed_in_time");
    LogError("coverage_gap", {{"tenant", tenant_.tenant_id},
                              {"content_type", feed.type},
                              {"from", m365::TimeText(plan.gap->from)},
                              {"to", m365::TimeText(plan.gap->to)},
                              {"reason", plan.gap->reason}});
    feed.listed_to = plan.gap->to;
  }
  if (feed.depth != ListingDepth::kEdge) feed.edge_listings = 0;
  feed.windows.assign(plan.windows.begin(), plan.windows.end());
  feed.page_url.clear();
  feed.pages_seen.clear();
  feed.run_listed = 0;
  feed.run_missed = 0;
  feed.next_poll = now + config_.poll_interval;
}

void TenantSession::PutWatermark(Feed& feed, bool reconciled, std::vector<Outgoing>& out) {
  if (!feed.listed_to.has_value() || feed.watermark_put.has_value()) return;
  std::optional<absl::Time> oldest;
  if (!feed.by_age.empty()) oldest = feed.by_age.begin()->first;
  const absl::Time target = NextWatermark(feed.watermark, *feed.listed_to, oldest);
  const bool moves = !feed.watermark.has_value() || target > *feed.watermark;
  if (!moves && !reconciled) return;
  // While a backlog is worked off it moves with every piece; a row a second is enough.
  if (!reconciled && oldest.has_value() && feed.watermark.has_value() &&
      target - *feed.watermark < absl::Seconds(10) && target < *feed.listed_to) {
    return;
  }
  LedgerRow row;
  row.tenant = tenant_.tenant_id;
  row.content_type = feed.type;
  row.kind = RowKind::kWatermark;
  row.time = target;
  row.reconciled = feed.reconciled;
  out.emplace_back().row = std::move(row);
  feed.watermark_put = target;
}

void TenantSession::PutQuota(absl::Time now, std::vector<Outgoing>& out) {
  const double rate = governor_.requests_per_minute();
  if (now - quota_put_at_ < absl::Minutes(1) || std::abs(rate - quota_put_) < quota_put_ * 0.1) {
    return;
  }
  LedgerRow row;
  row.tenant = tenant_.tenant_id;
  row.content_type = "*";
  row.kind = RowKind::kQuota;
  row.requests_per_minute = rate;
  out.emplace_back().row = std::move(row);
  quota_put_ = rate;
  quota_put_at_ = now;
}

void TenantSession::ExportGauges(absl::Time now) {
  gauges_at_ = now;
  const absl::Time server_now = ServerNow(now);
  absl::Time oldest_watermark = server_now;
  absl::Time oldest_pending = server_now;
  for (const Feed& feed : feeds_) {
    if (feed.watermark.has_value()) oldest_watermark = std::min(oldest_watermark, *feed.watermark);
    if (!feed.by_age.empty()) {
      oldest_pending = std::min(oldest_pending, feed.by_age.begin()->first);
    }
  }
  gauges_.listing_lag_seconds.Set(absl::ToDoubleSeconds(server_now - oldest_watermark));
  gauges_.oldest_unfetched_seconds.Set(absl::ToDoubleSeconds(server_now - oldest_pending));
  gauges_.unfetched.Set(static_cast<double>(pending()));
  gauges_.requests_per_minute.Set(governor_.requests_per_minute());
}

// --------------------------------------------------------------------------------------------- what to request next

m365::HttpRequest TenantSession::ApiRequest(const m365::AccessToken& token,
                                            m365::HttpRequest::Method method,
                                            std::string url) const {
  m365::HttpRequest request;
  request.method = method;
  request.url = std::move(url);
  request.bearer = token.bearer;
  request.timeout = config_.list_timeout;
  return request;
}

std::optional<SessionRequest> TenantSession::Next(absl::Time now, const BodyBudgets& budgets,
                                                  bool much_pending) {
  SessionRequest request;
  RequestTicket& ticket = request.ticket;
  ticket.sent_at = now;
  if (token_.Due(now)) {
    token_.OnSent();
    ReloadSecret();
    ticket.kind = RequestKind::kToken;
    request.http = m365::TokenRequest(tenant_, config_.list_timeout);
    return request;
  }
  const m365::AccessToken* const token = token_.Usable(now);
  if (token == nullptr || now < parked_until_ || now < governor_.paused_until() ||
      in_flight_ >= config_.parallel_requests_per_tenant) {
    return std::nullopt;
  }
  ticket.token_generation = token->generation;

  const auto go = [&](RequestKind kind, m365::HttpRequest::Method method, std::string url) {
    ticket.kind = kind;
    request.http = ApiRequest(*token, method, std::move(url));
    ++in_flight_;
  };
  if (!subscriptions_asked_ && now >= subscriptions_due_) {
    if (!governor_.TryTake(now)) return std::nullopt;
    subscriptions_asked_ = true;
    go(RequestKind::kListSubscriptions, m365::HttpRequest::Method::kGet,
       m365::ListSubscriptionsUrl(api_));
    return request;
  }
  for (size_t i = 0; i < feeds_.size(); ++i) {
    Feed& feed = feeds_[i];
    if (now < feed.not_before) continue;
    ticket.feed = i;
    if (feed.subscription == SubscriptionState::kStart) {
      if (!governor_.TryTake(now)) return std::nullopt;
      feed.subscription = SubscriptionState::kStarting;
      go(RequestKind::kStartSubscription, m365::HttpRequest::Method::kPost,
         m365::StartSubscriptionUrl(api_, feed.type));
      return request;
    }
  }
  // Listing and retrieval take turns: many pages must not keep what they found waiting.
  if (!listed_last_ || !AnythingReady()) {
    for (size_t i = 0; i < feeds_.size(); ++i) {
      Feed& feed = feeds_[i];
      if (now < feed.not_before || feed.subscription != SubscriptionState::kEnabled ||
          feed.listing || feed.windows.empty() ||
          feed.pending.size() >= (much_pending ? kFewPending : kMostPending)) {
        continue;
      }
      if (!governor_.TryTake(now)) return std::nullopt;
      listed_last_ = true;
      feed.listing = true;
      ticket.feed = i;
      const Window& window = feed.windows.front();
      go(RequestKind::kListContent, m365::HttpRequest::Method::kGet,
         feed.page_url.empty() ? m365::ListContentUrl(api_, feed.type, window.start, window.end)
                               : feed.page_url);
      return request;
    }
  }

  const std::optional<size_t> picked = PickRetrieval();
  if (!picked.has_value()) return std::nullopt;
  std::unique_ptr<BlobBody> body = BlobBody::Reserve(budgets);
  if (body == nullptr || !governor_.TryTake(now)) return std::nullopt;
  listed_last_ = false;
  Feed& feed = feeds_[*picked];
  // Mostly the oldest, which expires first; some of the newest, so that a backlog does not blind us for what happens now.
  const auto place = retrievals_++ % 10 < 7 ? feed.ready.begin() : std::prev(feed.ready.end());
  ticket.feed = *picked;
  ticket.content_id = place->second;
  feed.ready.erase(place);
  feed.pending[ticket.content_id].busy = true;
  go(RequestKind::kRetrieve, m365::HttpRequest::Method::kGet,
     m365::RetrieveUrl(api_, ticket.content_id));
  request.http.timeout = config_.retrieve_timeout;
  request.http.sink = std::move(body);
  return request;
}

bool TenantSession::AnythingReady() const {
  return std::any_of(feeds_.begin(), feeds_.end(),
                     [](const Feed& feed) { return !feed.ready.empty(); });
}

size_t TenantSession::pending() const {
  size_t pending = 0;
  for (const Feed& feed : feeds_) pending += feed.pending.size();
  return pending;
}

// A rotated secret is taken up with the next token; the old one serves while the file cannot be read.
void TenantSession::ReloadSecret() {
  if (tenant_.client_secret_file.empty()) return;
  const absl::StatusOr<std::string> text = ReadFile(tenant_.client_secret_file);
  const std::string fault =
      text.ok() ? m365::SecretFault(TrimBlanks(*text)) : std::string(text.status().message());
  if (fault.empty()) {
    tenant_.client_secret = m365::Secret(std::string(TrimBlanks(*text)));
  } else {
    LogWarning(
        "secret_not_reloaded",
        {{"tenant", tenant_.tenant_id}, {"file", tenant_.client_secret_file}, {"error", fault}});
  }
}

// The content types take turns.
std::optional<size_t> TenantSession::PickRetrieval() {
  for (size_t i = 0; i < feeds_.size(); ++i) {
    const size_t candidate = (next_feed_ + i) % feeds_.size();
    if (feeds_[candidate].ready.empty()) continue;
    next_feed_ = candidate + 1;
    return candidate;
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------------------- what others tell it

void TenantSession::OnCommitted(const LedgerRow& row, absl::Time /*now*/) {
  Feed* const feed = FeedOf(row.content_type);
  if (feed == nullptr) return;
  switch (row.kind) {
    case RowKind::kBlob: {
      if (row.status == BlobStatus::kListed) break;
      feed->pending.erase(row.id);
      feed->by_age.erase({row.created, row.id});
      feed->ready.erase({row.created, row.id});
      break;
    }
    case RowKind::kWatermark:
      feed->watermark = row.time;
      feed->watermark_put.reset();
      break;
    case RowKind::kSubscription:
      feed->start_guard = row.time;
      if (feed->subscription == SubscriptionState::kGuarding) {
        feed->subscription = SubscriptionState::kStart;
      }
      break;
    case RowKind::kQuota:
      break;
  }
}

void TenantSession::RetrieveAgain(const LedgerRow& row, absl::Time now) {
  Feed* const feed = FeedOf(row.content_type);
  if (feed == nullptr) return;
  RequestTicket ticket;
  ticket.kind = RequestKind::kRetrieve;
  ticket.feed = static_cast<size_t>(feed - feeds_.data());
  ticket.content_id = row.id;
  TryAgain(ticket, now + absl::Seconds(5), now);
}

}  // namespace picket::fetcher
