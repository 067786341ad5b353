#include "fetcher/content_collector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "m365/api_time.h"

namespace picket::fetcher {
namespace {

// The API requires this interval between two starts of the same subscription.
constexpr absl::Duration kBetweenStarts = absl::Minutes(15);
constexpr absl::Duration kShortestSuspension = absl::Seconds(2);
constexpr absl::Duration kLongestSuspension = absl::Minutes(15);
// The wait after a body that was too large. Each attempt costs a lot.
constexpr absl::Duration kTooLargeDelay = absl::Hours(1);
constexpr absl::Duration kLateMargin = absl::Seconds(1);
// A restart lists at most this much more than necessary.
constexpr absl::Duration kWatermarkStep = absl::Seconds(10);

absl::Time LastReconciliation(const TenantContext& tenant, const std::string& type) {
  const Ledger::Feed* const rows = tenant.ledger.FindFeed(tenant.tenant_id, type);
  return rows == nullptr ? absl::InfinitePast() : rows->reconciled;
}

}  // namespace

ContentCollector::ContentCollector(const TenantContext& tenant, std::string type)
    : tenant_(tenant),
      type_(std::move(type)),
      backoff_(absl::Seconds(1), absl::Minutes(2)),
      suspension_backoff_(kShortestSuspension, kLongestSuspension),
      listing_(tenant, type_, LastReconciliation(tenant, type_)) {
  const Ledger::Feed* const rows = tenant.ledger.FindFeed(tenant.tenant_id, type_);
  if (rows == nullptr) return;
  watermark_ = rows->watermark;
  last_start_ = rows->subscription_started;
  for (const auto& [id, listed] : rows->listed) queue_.Add(id, listed);
}

LedgerRow ContentCollector::NewRow(RowKind kind, absl::Time time) const {
  LedgerRow row;
  row.tenant = tenant_.tenant_id;
  row.content_type = type_;
  row.kind = kind;
  row.time = time;
  return row;
}

void ContentCollector::ReportGap(Gap gap, std::string_view cause, std::vector<Outgoing>& out) {
  // Both ends can come from clocks that differ a little.
  gap.to = std::max(gap.from, gap.to);
  Outgoing& report = out.emplace_back();
  report.coverage.push_back(GapRow(tenant_.tenant_id, type_, gap));
  report.gap_cause = cause;
  LogError("coverage_gap", {{"tenant", tenant_.tenant_id},
                            {"content_type", type_},
                            {"from", m365::FormatApiTime(gap.from)},
                            {"to", m365::FormatApiTime(gap.to)},
                            {"reason", gap.reason}});
}

// ------------------------------------------------------------------------------ timed actions

void ContentCollector::Poll(const Moment& now, std::vector<Outgoing>& out) {
  queue_.ReleaseDelayed(now.monotonic);
  if (!tenant_.server_clock.is_synchronized()) return;
  GuardSubscriptionStart(now, out);
  if (subscription_ == Subscription::kEnabled) {
    ReplaceImpossibleWatermark(now);
    if (const std::optional<Gap> gap = listing_.PlanRun(watermark_, now)) {
      ReportGap(*gap, "not_listed_in_time", out);
    }
  }
  MoveWatermark(/*reconciled=*/false, now, out);
}

// Returns the latest recorded time at which the content of this type was surely being listed. If no
// such time is known, returns the earliest time that can still be listed.
absl::Time ContentCollector::LastListed(absl::Time server_now) const {
  std::optional<absl::Time> last;
  for (const absl::Time time :
       {listing_.reconciled(), last_start_.value_or(absl::InfinitePast())}) {
    // A time in the future was recorded by a clock that was wrong, so it proves nothing.
    if (time == absl::InfinitePast() || time > server_now + kClockTolerance) continue;
    last = std::max(last.value_or(time), time);
  }
  return last.value_or(server_now - kListable + kClockTolerance);
}

// Replaces a watermark that is after the server's time. It was committed while a clock was wrong,
// so nobody knows what has been listed. The next listing therefore covers everything that the API
// still lists, whatever the configured look-back is. Content that is stored already is not
// retrieved again. If nothing is known to have been listed for longer than that, the next plan
// reports a gap.
void ContentCollector::ReplaceImpossibleWatermark(const Moment& now) {
  if (!watermark_.has_value()) return;
  const absl::Time server_now = tenant_.ServerNow(now);
  if (*watermark_ <= server_now + kClockTolerance) {
    // Two correct clocks can differ this much.
    watermark_ = std::min(*watermark_, server_now - tenant_.config.settle);
    return;
  }
  LogWarning("watermark_in_the_future", {{"tenant", tenant_.tenant_id},
                                         {"content_type", type_},
                                         {"watermark", m365::FormatApiTime(*watermark_)},
                                         {"server_time", m365::FormatApiTime(server_now)}});
  watermark_ = std::min(LastListed(server_now), server_now - kListable + kClockTolerance);
}

// Writes a row with the time of the start. The start request is sent only after this row has been
// committed, so a worker that takes over after a crash knows when the next start is allowed.
void ContentCollector::GuardSubscriptionStart(const Moment& now, std::vector<Outgoing>& out) {
  if (subscription_ != Subscription::kMissing) return;
  const absl::Time server_now = tenant_.ServerNow(now);
  // A start in the future was recorded by a clock that was wrong, and must not block the next one.
  if (last_start_.has_value() && server_now - *last_start_ < kBetweenStarts &&
      *last_start_ <= server_now + kClockTolerance) {
    return;
  }
  out.emplace_back().row = NewRow(RowKind::kSubscription, server_now);
  subscription_ = Subscription::kGuarding;
}

void ContentCollector::MoveWatermark(bool reconciled, const Moment& now,
                                     std::vector<Outgoing>& out) {
  const std::optional<absl::Time> listed_to = listing_.listed_to();
  if (!listed_to.has_value() || watermark_pending_.has_value()) return;
  const std::optional<absl::Time> oldest = queue_.Oldest();
  if (!tenant_.server_clock.is_synchronized()) return;
  const absl::Time settled = tenant_.ServerNow(now) - tenant_.config.settle;
  const absl::Time target = NextWatermark(watermark_, std::min(*listed_to, settled), oldest);
  const bool moves = !watermark_.has_value() || target > *watermark_;
  if (!moves && !reconciled) return;
  // The watermark could move with every blob of a backlog and with every listing. To limit the
  // number of rows, and of transactions of an idle tenant, it moves in steps.
  if (!reconciled && watermark_.has_value() && target - *watermark_ < kWatermarkStep) return;
  LedgerRow row = NewRow(RowKind::kWatermark, target);
  row.reconciled = listing_.reconciled();
  out.emplace_back().row = std::move(row);
  watermark_pending_ = target;
}

// ---------------------------------------------------------------------------------- requests

bool ContentCollector::WantsSubscriptionStart(const Moment& now) const {
  return subscription_ == Subscription::kMayStart && now.monotonic >= not_before_;
}

bool ContentCollector::WantsListing(const Moment& now, size_t pending_limit) const {
  return subscription_ == Subscription::kEnabled && now.monotonic >= not_before_ &&
         listing_.HasRequest() && queue_.size() < pending_limit;
}

std::string ContentCollector::StartSubscription() {
  subscription_ = Subscription::kStarting;
  return m365::StartSubscriptionUrl(tenant_.api, type_);
}

std::string ContentCollector::StartRetrieval(bool newest) {
  return newest ? queue_.StartNewest() : queue_.StartOldest();
}

// -------------------------------------------------------------------------------- subscription

void ContentCollector::OnSubscriptionsListed(bool enabled, const Moment& now) {
  if (enabled) {
    subscription_ = Subscription::kEnabled;
  } else if (subscription_ == Subscription::kUnknown || subscription_ == Subscription::kEnabled) {
    OnSubscriptionLost(now);
  }
}

void ContentCollector::OnSubscriptionLost(const Moment& now) {
  subscription_ = Subscription::kMissing;
  if (disabled_since_.has_value()) return;
  disabled_since_ = listing_.listed_to().has_value() ? listing_.listed_to() : watermark_;
  const absl::Time server_now = tenant_.ServerNow(now);
  if (disabled_since_ > server_now + kClockTolerance) disabled_since_ = LastListed(server_now);
}

void ContentCollector::OnSubscriptionStarted(const Moment& now, std::vector<Outgoing>& out) {
  subscription_ = Subscription::kEnabled;
  listing_.PlanAt(now.monotonic);
  out.emplace_back().coverage.push_back(
      SubscriptionRow(tenant_.tenant_id, type_, tenant_.ServerNow(now), "started"));
  LogInfo("subscription_started", {{"tenant", tenant_.tenant_id}, {"content_type", type_}});
}

// ------------------------------------------------------------------------------------- listing

void ContentCollector::OnPage(const m365::HttpResponse& response, const Moment& now,
                              std::vector<Outgoing>& out) {
  const Window* const window = listing_.window();
  if (window == nullptr) return;
  const absl::StatusOr<m365::ContentPage> page = m365::ParseContentPage(response.body);
  if (!page.ok()) {
    LogWarning("listing_unreadable",
               {{"tenant", tenant_.tenant_id}, {"content_type", type_}, {"error", page.status()}});
    not_before_ = now.monotonic + backoff_.Next();
    return;
  }
  if (page->unusable > 0) {
    LogWarning("listing_entries_unusable",
               {{"tenant", tenant_.tenant_id}, {"content_type", type_}, {"count", page->unusable}});
    const Gap gap{
        window->start, window->end,
        absl::StrCat(page->unusable, " entries of a listing without a usable id or time")};
    Outgoing& report = out.emplace_back();
    report.coverage.push_back(GapRow(tenant_.tenant_id, type_, gap));
    report.gap_cause = "unusable_entry";
  }
  const absl::Time server_now = tenant_.ServerNow(now);
  if (disabled_since_.has_value()) {
    ReportGap({*disabled_since_, server_now,
               "the subscription was off: content of that time may be missing"},
              "subscription_off", out);
    disabled_since_.reset();
  }
  refusals_ = 0;
  suspension_backoff_.Reset();
  if (fault_.has_value()) {
    fault_.reset();
    out.emplace_back().coverage.push_back(
        HealthRow(tenant_.tenant_id, type_, server_now, "collecting", ""));
  }
  for (const m365::ContentEntry& entry : page->entries) {
    listing_.CountEntry();
    AddListed(entry, server_now, out);
  }

  const std::string_view link = response.FindHeader("nextpageuri");
  if (link.empty()) {
    OnWindowListed(now, out);
    return;
  }
  if (const absl::Status status = listing_.Continue(link); !status.ok()) {
    tenant_.metrics.rejected_links.Increment();
    LogError("page_link_rejected",
             {{"tenant", tenant_.tenant_id}, {"content_type", type_}, {"error", status}});
    not_before_ = now.monotonic + backoff_.Next();
  }
}

void ContentCollector::AddListed(const m365::ContentEntry& entry, absl::Time server_now,
                                 std::vector<Outgoing>& out) {
  if (queue_.Contains(entry.content_id) ||
      tenant_.ledger.Find(tenant_.tenant_id, type_, entry.content_id).has_value()) {
    return;
  }
  ListedContent listed{entry.created, entry.expiration};
  listed.late = watermark_.has_value() && entry.created < *watermark_ - kLateMargin;
  listed.backfill = !listed.late && entry.created < server_now - absl::Hours(1);
  if (listed.late) listing_.CountMissed();
  queue_.Add(entry.content_id, listed);
  out.emplace_back().row =
      BlobRow(tenant_.tenant_id, type_, entry.content_id, BlobStatus::kListed, listed);
}

void ContentCollector::OnWindowListed(const Moment& now, std::vector<Outgoing>& out) {
  backoff_.Reset();
  const std::optional<ContentListing::Reconciliation> result = listing_.CompleteWindow(now);
  if (!result.has_value()) return;
  out.emplace_back().coverage.push_back(CompletenessRow(
      tenant_.tenant_id, type_, result->from, result->to, result->listed, result->missed));
  MoveWatermark(/*reconciled=*/true, now, out);
}

// ----------------------------------------------------------------------------------- retrieval

absl::Status ContentCollector::OnContent(const std::string& id, std::shared_ptr<BlobBody> body,
                                         uint64_t wire_bytes, const Moment& now,
                                         std::vector<Outgoing>& out) {
  const ContentQueue::Item* const item = queue_.Find(id);
  if (item == nullptr) return absl::OkStatus();
  if (!body->is_complete_array()) {
    return absl::DataLossError(
        absl::StrCat("the body of ", body->size(), " bytes is not one complete JSON array"));
  }
  tenant_.metrics.decoded_bytes.Increment(static_cast<double>(body->size()));
  tenant_.metrics.wire_bytes.Increment(static_cast<double>(wire_bytes));
  if (body->spilled()) tenant_.metrics.spilled.Increment();

  Outgoing& stored = out.emplace_back();
  stored.row = BlobRow(tenant_.tenant_id, type_, id, BlobStatus::kStored, item->listed);
  stored.body = std::move(body);
  stored.fetched_at = tenant_.ServerNow(now);
  return absl::OkStatus();
}

std::optional<ContentCollector::Failure> ContentCollector::FailRetrieval(
    const RequestTicket& ticket, RetrievalFailure failure, const std::string& error,
    const Moment& now, std::vector<Outgoing>& out) {
  ContentQueue::Item* const item = queue_.Find(ticket.content_id);
  if (item == nullptr) return std::nullopt;
  std::optional<absl::Time> sent_at;
  if (tenant_.server_clock.is_synchronized()) {
    sent_at = tenant_.ServerNow(now) - (now.monotonic - ticket.sent_at);
  }
  const std::optional<EndCause> end =
      CountFailure(failure, item->listed, sent_at, now.monotonic, item->history);
  if (end.has_value()) {
    GiveUp(ticket, *item, *end, error, now, out);
    return std::nullopt;
  }
  const bool is_too_large = ticket.body != nullptr && ticket.body->too_large();
  return Failure{item->history.attempts,
                 is_too_large ? kTooLargeDelay
                              : RetrievalDelay(failure == RetrievalFailure::kMissing,
                                               item->history.attempts, ticket.content_id)};
}

void ContentCollector::GiveUp(const RequestTicket& ticket, const ContentQueue::Item& item,
                              EndCause cause, const std::string& error, const Moment& now,
                              std::vector<Outgoing>& out) {
  const ListedContent& listed = item.listed;
  std::string reason = error;
  if (cause == EndCause::kApiMissing) {
    reason = absl::StrCat("the API has said ", item.history.missing,
                          " times in a day or more that the content does not exist: ", error);
  } else if (cause == EndCause::kTime) {
    reason = absl::StrCat("not retrieved until ", m365::FormatApiTime(LastChance(listed)),
                          ", after ", item.history.attempts, " attempts: ", error);
  }
  Outgoing& lost = out.emplace_back();
  lost.row = BlobRow(tenant_.tenant_id, type_, ticket.content_id, BlobStatus::kDead, listed);
  lost.row->reason = reason;
  lost.coverage.push_back(GapRow(tenant_.tenant_id, type_, {listed.created, listed.created, reason},
                                 LostContent{ticket.content_id, EndCauseName(cause)}));
  // The API's own words explain the other ends.
  if (cause == EndCause::kTime && ticket.body != nullptr && ticket.body->size() > 0) {
    lost.body = ticket.body;
  }
  lost.fetched_at = tenant_.ServerNow(now);
  lost.gap_cause = "content";
  LogError("content_lost", {{"tenant", tenant_.tenant_id},
                            {"content_type", type_},
                            {"content_id", ticket.content_id},
                            {"ended_by", EndCauseName(cause)},
                            {"reason", reason}});
}

// -------------------------------------------------------------------------------------- errors

bool ContentCollector::OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                                 const std::string& description, const Moment& now,
                                 std::vector<Outgoing>& out) {
  const bool is_start = ticket.kind == RequestKind::kStartSubscription;
  const bool is_listing = ticket.kind == RequestKind::kListContent;
  const bool is_retrieval = ticket.kind == RequestKind::kRetrieve;
  switch (error.action) {
    case m365::ApiAction::kStartSubscription:
    case m365::ApiAction::kDisabled:
      if (is_listing) {
        OnSubscriptionLost(now);
        listing_.AbandonRun(now);
        const bool disabled = error.action == m365::ApiAction::kDisabled;
        out.emplace_back().coverage.push_back(SubscriptionRow(
            tenant_.tenant_id, type_, tenant_.ServerNow(now), disabled ? "disabled" : "missing"));
        LogWarning(
            "subscription_off",
            {{"tenant", tenant_.tenant_id}, {"content_type", type_}, {"error", description}});
        return true;
      }
      if (is_start) {
        subscription_ = Subscription::kMissing;
        Suspend(description, error.is_documented, now, out);
        return true;
      }
      return false;
    case m365::ApiAction::kAlreadyEnabled:
      if (!is_start) return false;
      subscription_ = Subscription::kEnabled;
      listing_.PlanAt(now.monotonic);
      return true;
    case m365::ApiAction::kReplanWindow:
      if (!is_listing) return false;
      LogWarning("listing_window_rejected",
                 {{"tenant", tenant_.tenant_id}, {"content_type", type_}, {"error", description}});
      listing_.AbandonRun(now);
      not_before_ = now.monotonic + backoff_.Next();
      return true;
    case m365::ApiAction::kRestartListing:
      if (!is_listing) return false;
      listing_.RestartWindow();
      not_before_ = now.monotonic + backoff_.Next();
      return true;
    case m365::ApiAction::kContentGone:
    case m365::ApiAction::kRetryContent: {
      if (!is_retrieval) return false;
      const bool is_expired = error.action == m365::ApiAction::kContentGone;
      const std::optional<Failure> failure = FailRetrieval(
          ticket, is_expired ? RetrievalFailure::kExpired : RetrievalFailure::kMissing, description,
          now, out);
      if (failure.has_value()) {
        RetryContent(ticket.content_id, now.monotonic + failure->wait, now);
      }
      return true;
    }
    default:
      return false;
  }
}

std::optional<ContentCollector::Failure> ContentCollector::OnTransientFault(
    const RequestTicket& ticket, RetrievalFailure failure, const std::string& error,
    const Moment& now, std::vector<Outgoing>& out) {
  if (ticket.kind != RequestKind::kRetrieve) return Failure{1, backoff_.Next()};
  return FailRetrieval(ticket, failure, error, now, out);
}

void ContentCollector::Retry(const RequestTicket& ticket, absl::Duration not_before,
                             const Moment& now) {
  switch (ticket.kind) {
    case RequestKind::kStartSubscription:
      subscription_ = Subscription::kMayStart;
      not_before_ = not_before;
      break;
    case RequestKind::kListContent:
      not_before_ = not_before;
      break;
    case RequestKind::kRetrieve:
      RetryContent(ticket.content_id, not_before, now);
      break;
    case RequestKind::kToken:
    case RequestKind::kListSubscriptions:
      break;
  }
}

void ContentCollector::Suspend(const std::string& reason, bool is_certain, const Moment& now,
                               std::vector<Outgoing>& out) {
  not_before_ = now.monotonic + suspension_backoff_.Next();
  ++refusals_;
  if (!is_certain && refusals_ < 2) return;
  if (fault_ == reason) return;  // this reason is already reported
  LogError("content_type_suspended",
           {{"tenant", tenant_.tenant_id}, {"content_type", type_}, {"reason", reason}});
  fault_ = reason;
  out.emplace_back().coverage.push_back(
      HealthRow(tenant_.tenant_id, type_, tenant_.ServerNow(now), "parked", reason));
}

// ------------------------------------------------------------------------------------- commits

void ContentCollector::OnCommitted(const LedgerRow& row) {
  switch (row.kind) {
    case RowKind::kBlob:
      if (row.status != BlobStatus::kListed) queue_.Remove(row.id);
      break;
    case RowKind::kWatermark:
      watermark_ = row.time;
      watermark_pending_.reset();
      break;
    case RowKind::kSubscription:
      last_start_ = row.time;
      if (subscription_ == Subscription::kGuarding) subscription_ = Subscription::kMayStart;
      break;
    case RowKind::kQuota:
      break;
  }
}

}  // namespace picket::fetcher
