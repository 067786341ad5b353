// What an answer of the API means to the session of a tenant: what was listed and retrieved, what is tried again and when,
// what is lost, and whether the tenant is healthy. When the next request goes out is in tenant_session.cc.

#include <algorithm>

#include "absl/hash/hash.h"
#include "common/log.h"
#include "common/strings.h"
#include "fetcher/chunker.h"
#include "fetcher/tenant_session.h"

namespace picket::fetcher {
namespace {

constexpr std::string_view kKindNames[] = {"token", "list_subscriptions", "start_subscription",
                                           "list_content", "retrieve"};

constexpr absl::Duration kBetweenSubscriptionChecks = absl::Hours(1);
constexpr absl::Duration kTypeParked = absl::Minutes(15);
constexpr size_t kMostPages = 10'000;  // of one window
constexpr int kMostMissing = 4;        // answers that content does not exist before it is dead
constexpr int kMostTornBodies = 3;     // before a body is stored as it comes
constexpr int kFaultsThatPark = 5;     // in a row, of any kind
constexpr absl::Duration kLateMargin = absl::Seconds(1);

// 1 s, 2 s, … 5 min, spread by the content's id.
absl::Duration ItemBackoff(int attempts, const std::string& id) {
  const absl::Duration step =
      std::min(absl::Seconds(1) * (1 << std::min(attempts, 10)), absl::Minutes(5));
  return step * (0.5 + static_cast<double>(absl::HashOf(id) % 1000) / 2000);
}

std::string Describe(const m365::ApiError& error, int status) {
  std::string text = absl::StrCat("HTTP ", status);
  if (!error.code.empty()) absl::StrAppend(&text, " ", error.code);
  if (!error.message.empty()) absl::StrAppend(&text, ": ", error.message);
  if (!error.hint.empty()) absl::StrAppend(&text, " — ", error.hint);
  return text;
}

}  // namespace

void TenantSession::OnResponse(const RequestTicket& ticket, m365::HttpResponse response,
                               absl::Time now, std::vector<Outgoing>& out) {
  const std::string_view kind = kKindNames[static_cast<int>(ticket.kind)];
  if (ticket.kind == RequestKind::kToken) {
    metrics_.CountRequest(kind, response.error.ok() ? absl::StrCat(response.status) : "no_answer");
    const absl::Status status =
        token_.OnAnswer(m365::ParseTokenResponse(tenant_, response, now), now);
    if (status.ok()) return;
    metrics_.token_errors.Increment();
    const std::string reason(status.message());
    LogWarning("token_failed",
               {{"tenant", tenant_.tenant_id},
                {"retry_in_seconds", absl::ToInt64Seconds(token_.not_before() - now)},
                {"error", reason}});
    // A token in hand serves on; without one nothing is collected.
    if (token_.Usable(now) == nullptr) Park(absl::ZeroDuration(), reason, now, out);
    return;
  }

  --in_flight_;
  if (const std::optional<absl::Time> date = response.Date()) skew_ = *date - now;
  Feed& feed = feeds_[ticket.feed];
  if (ticket.kind == RequestKind::kListContent) feed.listing = false;
  if (ticket.kind == RequestKind::kListSubscriptions) subscriptions_asked_ = false;

  if (!response.error.ok()) {
    metrics_.CountRequest(kind, "no_answer");
    const auto* const body = dynamic_cast<const BlobBody*>(response.sink.get());
    if (body != nullptr && body->too_large()) {
      Bury(feed, ticket.content_id, std::string(response.error.message()), now, out);
      return;
    }
    OnTransientFault(ticket, std::string(response.error.message()), now, out);
    return;
  }
  if (response.status != 200) {
    const m365::ApiError error = m365::ClassifyApiError(response.status, response.body);
    metrics_.CountRequest(kind, error.code.empty() ? absl::StrCat(response.status) : error.code);
    OnRefusal(ticket, error, response, now, out);
    return;
  }

  metrics_.CountRequest(kind, "200");
  token_.Accepted();
  governor_.OnSuccess(now);
  faults_in_a_row_ = 0;
  circuit_backoff_.Reset();
  SetHealthy(now, out);
  switch (ticket.kind) {
    case RequestKind::kToken:
      break;
    case RequestKind::kListSubscriptions:
      OnSubscriptions(response, now);
      break;
    case RequestKind::kStartSubscription:
      OnStarted(feed, now, out);
      break;
    case RequestKind::kListContent:
      OnPage(feed, response, now, out);
      break;
    case RequestKind::kRetrieve:
      OnContent(feed, ticket.content_id, std::move(response), now, out);
      break;
  }
}

void TenantSession::OnSubscriptions(const m365::HttpResponse& response, absl::Time now) {
  const absl::StatusOr<std::vector<m365::Subscription>> subscriptions =
      m365::ParseSubscriptions(response.body);
  if (!subscriptions.ok()) {
    LogWarning("subscriptions_unreadable",
               {{"tenant", tenant_.tenant_id}, {"error", subscriptions.status()}});
    subscriptions_due_ = now + absl::Seconds(30);
    return;
  }
  subscriptions_due_ = now + kBetweenSubscriptionChecks;
  for (Feed& feed : feeds_) {
    const bool enabled = std::any_of(
        subscriptions->begin(), subscriptions->end(),
        [&feed](const m365::Subscription& s) { return s.enabled && s.content_type == feed.type; });
    if (enabled) {
      feed.subscription = SubscriptionState::kEnabled;
    } else if (feed.subscription == SubscriptionState::kUnknown ||
               feed.subscription == SubscriptionState::kEnabled) {
      feed.subscription = SubscriptionState::kMissing;
      if (!feed.disabled_since.has_value()) {
        feed.disabled_since = feed.listed_to.has_value() ? feed.listed_to : feed.watermark;
      }
    }
  }
}

void TenantSession::OnStarted(Feed& feed, absl::Time now, std::vector<Outgoing>& out) {
  feed.subscription = SubscriptionState::kEnabled;
  feed.next_poll = now;
  out.emplace_back().coverage.push_back(
      SubscriptionRow(tenant_.tenant_id, feed.type, ServerNow(now), "started"));
  LogInfo("subscription_started", {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}});
}

void TenantSession::OnPage(Feed& feed, const m365::HttpResponse& response, absl::Time now,
                           std::vector<Outgoing>& out) {
  if (feed.windows.empty()) return;  // planned anew meanwhile
  const absl::StatusOr<m365::ContentPage> page = m365::ParseContentPage(response.body);
  if (!page.ok()) {
    LogWarning(
        "content_list_failed",
        {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}, {"error", page.status()}});
    feed.not_before = now + feed.backoff.Next();
    return;
  }
  if (page->unusable > 0) {
    LogWarning(
        "content_entries_unusable",
        {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}, {"count", page->unusable}});
    metrics_.CountGap("unusable_entry");
    out.emplace_back().coverage.push_back(GapRow(
        tenant_.tenant_id, feed.type,
        {feed.windows.front().start, feed.windows.front().end,
         absl::StrCat(page->unusable, " entries of a listing without a usable id or time")}));
  }
  const absl::Time server_now = ServerNow(now);
  if (feed.disabled_since.has_value()) {
    const Gap gap{*feed.disabled_since, server_now,
                  "the subscription was off: content of that time may be missing"};
    out.emplace_back().coverage.push_back(GapRow(tenant_.tenant_id, feed.type, gap));
    metrics_.CountGap("subscription_off");
    LogError("coverage_gap", {{"tenant", tenant_.tenant_id},
                              {"content_type", feed.type},
                              {"from", m365::TimeText(gap.from)},
                              {"to", m365::TimeText(gap.to)},
                              {"reason", gap.reason}});
    feed.disabled_since.reset();
  }
  if (!feed.healthy) {
    feed.healthy = true;
    out.emplace_back().coverage.push_back(
        HealthRow(tenant_.tenant_id, feed.type, server_now, "collecting", ""));
  }
  for (const m365::ContentEntry& entry : page->entries) {
    ++feed.run_listed;
    if (feed.pending.contains(entry.content_id) ||
        ledger_.Find(tenant_.tenant_id, feed.type, entry.content_id).has_value()) {
      continue;
    }
    LedgerRow row;
    row.tenant = tenant_.tenant_id;
    row.content_type = feed.type;
    row.id = entry.content_id;
    row.status = BlobStatus::kListed;
    row.created = entry.created;
    row.expiration = entry.expiration;
    row.late = feed.watermark.has_value() && entry.created < *feed.watermark - kLateMargin;
    row.backfill = !row.late && entry.created < server_now - absl::Hours(1);
    if (row.late) {
      ++feed.run_missed;
      metrics_.late.Increment();
    }
    feed.pending[row.id].listed = {row.created, row.expiration, row.late, row.backfill};
    feed.by_age.emplace(row.created, row.id);
    feed.ready.emplace(row.created, row.id);
    metrics_.listed.Increment();
    out.emplace_back().row = std::move(row);
  }

  const std::string_view link = response.FindHeader("nextpageuri");
  if (link.empty()) {
    OnWindowListed(feed, now, out);
    return;
  }
  absl::StatusOr<std::string> next = m365::FollowPageLink(api_, link);
  if (next.ok() && (!feed.pages_seen.insert(*next).second || feed.pages_seen.size() > kMostPages)) {
    next = absl::DataLossError("the page links of this window do not come to an end");
  }
  if (next.ok()) {
    feed.page_url = *std::move(next);
    return;
  }
  metrics_.refused_links.Increment();
  LogError("page_link_refused",
           {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}, {"error", next.status()}});
  // Halves of the window may need no second page.
  feed.page_url.clear();
  feed.pages_seen.clear();
  Window& window = feed.windows.front();
  const absl::Duration half = absl::Trunc((window.end - window.start) / 2, absl::Seconds(1));
  if (half >= absl::Seconds(1)) {
    const Window first{window.start, window.start + half};
    window.start = first.end;
    feed.windows.push_front(first);
  }
  feed.not_before = now + feed.backoff.Next();
}

void TenantSession::OnWindowListed(Feed& feed, absl::Time now, std::vector<Outgoing>& out) {
  const Window window = feed.windows.front();
  feed.windows.pop_front();
  feed.page_url.clear();
  feed.pages_seen.clear();
  feed.backoff.Reset();
  feed.listed_to = feed.listed_to.has_value() ? std::max(*feed.listed_to, window.end) : window.end;
  if (!feed.windows.empty()) return;
  if (feed.depth == ListingDepth::kDay || feed.depth == ListingDepth::kReconcile) {
    feed.last_day = now;
  }
  if (feed.depth == ListingDepth::kReconcile) {
    feed.reconciled = now;
    out.emplace_back().coverage.push_back(CompletenessRow(
        tenant_.tenant_id, feed.type, std::max(window.end - config_.look_back, absl::UnixEpoch()),
        window.end, feed.run_listed, feed.run_missed));
    PutWatermark(feed, true, out);
  }
}

void TenantSession::OnContent(Feed& feed, const std::string& id, m365::HttpResponse response,
                              absl::Time now, std::vector<Outgoing>& out) {
  Pending& pending = feed.pending[id];
  std::unique_ptr<BlobBody> body(static_cast<BlobBody*>(response.sink.release()));
  const absl::StatusOr<std::string_view> text = body->View();
  if (!text.ok() || (!IsClosedArray(*text) && ++pending.torn_bodies < kMostTornBodies)) {
    RequestTicket ticket;
    ticket.kind = RequestKind::kRetrieve;
    ticket.feed = static_cast<size_t>(&feed - feeds_.data());
    ticket.content_id = id;
    const std::string error = text.ok() ? "the content is not a complete JSON array"
                                        : std::string(text.status().message());
    OnTransientFault(ticket, error, now, out);
    return;
  }
  metrics_.decoded_bytes.Increment(static_cast<double>(body->size()));
  metrics_.wire_bytes.Increment(static_cast<double>(response.wire_bytes));
  if (body->spilled()) metrics_.spilled.Increment();

  Outgoing stored;
  LedgerRow row;
  row.tenant = tenant_.tenant_id;
  row.content_type = feed.type;
  row.id = id;
  row.status = BlobStatus::kStored;
  row.created = pending.listed.created;
  row.expiration = pending.listed.expiration;
  row.late = pending.listed.late;
  row.backfill = pending.listed.backfill;
  stored.row = std::move(row);
  stored.body = std::move(body);
  stored.fetched_at = ServerNow(now);
  out.push_back(std::move(stored));
}

void TenantSession::OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                              const m365::HttpResponse& response, absl::Time now,
                              std::vector<Outgoing>& out) {
  Feed& feed = feeds_[ticket.feed];
  const std::string text = Describe(error, response.status);
  const bool one_type =
      ticket.kind == RequestKind::kStartSubscription || ticket.kind == RequestKind::kListContent;
  switch (error.action) {
    case m365::ApiAction::kThrottle:
      governor_.OnThrottled(ticket.sent_at, now, response.RetryAfter().value_or(absl::Seconds(5)));
      LogWarning("throttled",
                 {{"tenant", tenant_.tenant_id},
                  {"requests_per_minute", static_cast<int64_t>(governor_.requests_per_minute())},
                  {"error", text}});
      TryAgain(ticket, now, now);
      return;
    case m365::ApiAction::kNewToken:
      if (!token_.Refused(ticket.token_generation, now)) {
        Park(absl::ZeroDuration(), absl::StrCat("the API refuses fresh tokens: ", text), now, out);
      }
      TryAgain(ticket, now, now);
      return;
    case m365::ApiAction::kParkType:
    case m365::ApiAction::kParkTenant:
      TryAgain(ticket, now, now);
      if (one_type && (error.action == m365::ApiAction::kParkType || feed.type == "DLP.All")) {
        ParkFeed(feed, text, now, out);
      } else {
        Park(park_backoff_.Next(), text, now, out);
      }
      return;
    case m365::ApiAction::kStartSubscription:
    case m365::ApiAction::kDisabled:
      if (ticket.kind == RequestKind::kListContent) {
        feed.subscription = SubscriptionState::kMissing;
        feed.windows.clear();
        feed.next_poll = now;
        if (!feed.disabled_since.has_value()) {
          feed.disabled_since = feed.listed_to.has_value() ? feed.listed_to : feed.watermark;
        }
        out.emplace_back().coverage.push_back(
            SubscriptionRow(tenant_.tenant_id, feed.type, ServerNow(now),
                            error.action == m365::ApiAction::kDisabled ? "disabled" : "missing"));
        LogWarning("subscription_off",
                   {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}, {"error", text}});
        return;
      }
      if (ticket.kind == RequestKind::kStartSubscription) {
        feed.subscription = SubscriptionState::kMissing;
        ParkFeed(feed, text, now, out);
        return;
      }
      break;
    case m365::ApiAction::kAlreadyEnabled:
      if (ticket.kind == RequestKind::kStartSubscription) {
        feed.subscription = SubscriptionState::kEnabled;
        feed.next_poll = now;
        return;
      }
      break;
    case m365::ApiAction::kReplanWindow:
      if (ticket.kind == RequestKind::kListContent) {
        LogWarning("window_refused",
                   {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}, {"error", text}});
        feed.windows.clear();
        feed.next_poll = now;
        feed.not_before = now + feed.backoff.Next();
        return;
      }
      break;
    case m365::ApiAction::kRestartListing:
      if (ticket.kind == RequestKind::kListContent) {
        feed.page_url.clear();
        feed.pages_seen.clear();
        feed.not_before = now + feed.backoff.Next();
        return;
      }
      break;
    case m365::ApiAction::kContentGone:
      if (ticket.kind == RequestKind::kRetrieve) {
        Bury(feed, ticket.content_id, text, now, out);
        return;
      }
      break;
    case m365::ApiAction::kRetryContent:
    case m365::ApiAction::kOurFault:
      if (ticket.kind == RequestKind::kRetrieve) {
        Pending& pending = feed.pending[ticket.content_id];
        if (++pending.missing >= kMostMissing) {
          Bury(feed, ticket.content_id, text, now, out);
          return;
        }
        TryAgain(ticket, now + ItemBackoff(pending.missing, ticket.content_id), now);
        return;
      }
      LogError("request_refused", {{"tenant", tenant_.tenant_id},
                                   {"content_type", one_type ? feed.type : std::string("*")},
                                   {"kind", kKindNames[static_cast<int>(ticket.kind)]},
                                   {"error", text}});
      TryAgain(ticket, now + std::max(config_.poll_interval, absl::Minutes(1)), now);
      return;
    case m365::ApiAction::kRetry:
      break;
  }
  OnTransientFault(ticket, text, now, out);
}

void TenantSession::OnTransientFault(const RequestTicket& ticket, const std::string& error,
                                     absl::Time now, std::vector<Outgoing>& out) {
  Feed& feed = feeds_[ticket.feed];
  absl::Duration wait = absl::Seconds(1);
  int attempts = 1;
  if (ticket.kind == RequestKind::kRetrieve) {
    Pending& pending = feed.pending[ticket.content_id];
    attempts = ++pending.attempts;
    if (ServerNow(now) > pending.listed.expiration) {
      Bury(feed, ticket.content_id, absl::StrCat("expired after ", attempts, " attempts: ", error),
           now, out);
      return;
    }
    wait = ItemBackoff(attempts, ticket.content_id);
  } else {
    wait = feed.backoff.Next();
  }
  LogWarning("request_failed", {{"tenant", tenant_.tenant_id},
                                {"kind", kKindNames[static_cast<int>(ticket.kind)]},
                                {"content_type", feed.type},
                                {"content_id", ticket.content_id},
                                {"attempt", attempts},
                                {"error", error}});
  TryAgain(ticket, now + wait, now);
  // When everything fails, one request at a time finds out when it no longer does.
  if (++faults_in_a_row_ >= kFaultsThatPark) {
    parked_until_ = std::max(parked_until_, now + circuit_backoff_.Next());
  }
}

void TenantSession::TryAgain(const RequestTicket& ticket, absl::Time not_before, absl::Time now) {
  Feed& feed = feeds_[ticket.feed];
  switch (ticket.kind) {
    case RequestKind::kToken:
      break;
    case RequestKind::kListSubscriptions:
      subscriptions_due_ = not_before;
      break;
    case RequestKind::kStartSubscription:
      feed.subscription = SubscriptionState::kStart;
      feed.not_before = not_before;
      break;
    case RequestKind::kListContent:
      feed.not_before = not_before;
      break;
    case RequestKind::kRetrieve: {
      const auto pending = feed.pending.find(ticket.content_id);
      if (pending == feed.pending.end()) break;
      pending->second.busy = false;
      if (not_before <= now) {
        feed.ready.emplace(pending->second.listed.created, ticket.content_id);
      } else {
        feed.delayed.emplace(not_before, ticket.content_id);
      }
      break;
    }
  }
}

void TenantSession::Bury(Feed& feed, const std::string& id, const std::string& reason,
                         absl::Time now, std::vector<Outgoing>& out) {
  const Ledger::Listed& listed = feed.pending[id].listed;
  LedgerRow row;
  row.tenant = tenant_.tenant_id;
  row.content_type = feed.type;
  row.id = id;
  row.status = BlobStatus::kDead;
  row.created = listed.created;
  row.expiration = listed.expiration;
  row.reason = reason;
  Outgoing dead;
  dead.coverage.push_back(
      GapRow(tenant_.tenant_id, feed.type, {listed.created, listed.created, reason}, id));
  dead.row = std::move(row);
  dead.fetched_at = ServerNow(now);
  out.push_back(std::move(dead));
  metrics_.CountGap("content");
  LogError("content_lost", {{"tenant", tenant_.tenant_id},
                            {"content_type", feed.type},
                            {"content_id", id},
                            {"reason", reason}});
}

// ------------------------------------------------------------------------------------------------------- health

void TenantSession::Park(absl::Duration wait, const std::string& reason, absl::Time now,
                         std::vector<Outgoing>& out) {
  parked_until_ = std::max(parked_until_, now + wait);
  gauges_.healthy.Set(0);
  if (fault_ == reason) return;  // said already
  if (!fault_.has_value()) {
    out.emplace_back().coverage.push_back(
        HealthRow(tenant_.tenant_id, "*", ServerNow(now), "parked", reason));
  }
  fault_ = reason;
  LogError("tenant_parked", {{"tenant", tenant_.tenant_id}, {"reason", reason}});
}

void TenantSession::SetHealthy(absl::Time now, std::vector<Outgoing>& out) {
  gauges_.healthy.Set(1);
  if (!fault_.has_value()) return;
  fault_.reset();
  park_backoff_.Reset();
  out.emplace_back().coverage.push_back(
      HealthRow(tenant_.tenant_id, "*", ServerNow(now), "collecting", ""));
  LogInfo("tenant_collecting", {{"tenant", tenant_.tenant_id}});
}

void TenantSession::ParkFeed(Feed& feed, const std::string& reason, absl::Time now,
                             std::vector<Outgoing>& out) {
  feed.not_before = now + kTypeParked;
  LogError("content_type_parked",
           {{"tenant", tenant_.tenant_id}, {"content_type", feed.type}, {"reason", reason}});
  if (!feed.healthy) return;
  feed.healthy = false;
  out.emplace_back().coverage.push_back(
      HealthRow(tenant_.tenant_id, feed.type, ServerNow(now), "parked", reason));
}

}  // namespace picket::fetcher
