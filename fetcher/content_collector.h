#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "fetcher/blob_body.h"
#include "fetcher/content_listing.h"
#include "fetcher/content_queue.h"
#include "fetcher/outbox.h"
#include "fetcher/request_ticket.h"
#include "fetcher/tenant_context.h"
#include "m365/api_error.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

// Collects one content type of one tenant: subscription → listing → retrieval. It decides which
// requests the content type needs and what their responses mean; the session decides when a request
// is sent. A fault of one content blob delays only that blob.
// Threads: one. Lifetime: one per content type of a session; built from the ledger. `tenant` must
// outlive it.
// Failure: content is never dropped without a row on `coverage`.
class ContentCollector {
 public:
  ContentCollector(const TenantContext& tenant, std::string type);

  const std::string& type() const { return type_; }

  // Handles what depends on time alone: delayed content, due listings, the watermark.
  void Poll(const Moment& now, std::vector<Outgoing>& out);

  // Which requests may be sent now. A listing waits while `pending_limit` blobs are pending.
  bool WantsSubscriptionStart(const Moment& now) const;
  bool WantsListing(const Moment& now, size_t pending_limit) const;
  bool WantsRetrieval() const { return queue_.HasReady(); }
  // Start the request and return its URL or, for a retrieval, the content id.
  std::string StartSubscription();
  std::string StartListing() { return listing_.StartRequest(); }
  std::string StartRetrieval(bool newest);

  // The API's list of subscriptions was read.
  void OnSubscriptionsListed(bool enabled);
  void OnSubscriptionStarted(const Moment& now, std::vector<Outgoing>& out);
  // A listing request was answered, successfully or not. Called before anything else.
  void OnListingAnswered() { listing_.OnAnswered(); }
  void OnPage(const m365::HttpResponse& response, const Moment& now, std::vector<Outgoing>& out);
  // An error means that the content has to be retrieved again.
  absl::Status OnContent(const std::string& id, std::shared_ptr<BlobBody> body, uint64_t wire_bytes,
                         const Moment& now, std::vector<Outgoing>& out);
  // Returns false if the error has no special meaning for a request of this kind.
  bool OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                 const std::string& description, const Moment& now, std::vector<Outgoing>& out);
  // A request failed in a way that may pass. Returns how long to wait before the next attempt.
  // Empty if the request was a retrieval whose content has expired; it is then marked as lost.
  struct Failure {
    int attempts = 1;
    absl::Duration wait;
  };
  std::optional<Failure> OnTransientFault(const RequestTicket& ticket, const std::string& error,
                                          const Moment& now, std::vector<Outgoing>& out);
  // Makes the request of the ticket possible again at `not_before`.
  void Retry(const RequestTicket& ticket, absl::Duration not_before, const Moment& now);
  void RetryContent(const std::string& id, absl::Duration not_before, const Moment& now) {
    queue_.Retry(id, not_before, now.monotonic);
  }

  // The content cannot be retrieved any more: it is reported as a gap.
  void MarkLost(const std::string& id, const std::string& reason, const Moment& now,
                std::vector<Outgoing>& out);
  // An operator must act: stops listing this content type for a while.
  void Suspend(const std::string& reason, const Moment& now, std::vector<Outgoing>& out);

  // A row of this content type was committed.
  void OnCommitted(const LedgerRow& row);

  std::optional<absl::Time> watermark() const { return watermark_; }
  std::optional<absl::Time> OldestPending() const { return queue_.Oldest(); }
  size_t pending() const { return queue_.size(); }  // listed, and neither stored nor lost

 private:
  enum class Subscription {
    kUnknown,
    kMissing,
    kGuarding,  // the row that enforces the 15 minutes between starts is not committed yet
    kMayStart,
    kStarting,
    kEnabled,
  };

  LedgerRow NewRow(RowKind kind, absl::Time time) const;
  void GuardSubscriptionStart(const Moment& now, std::vector<Outgoing>& out);
  void MoveWatermark(bool reconciled, std::vector<Outgoing>& out);
  void AddListed(const m365::ContentEntry& entry, absl::Time server_now,
                 std::vector<Outgoing>& out);
  void OnWindowListed(const Moment& now, std::vector<Outgoing>& out);
  void OnSubscriptionLost();
  // Reports a gap on `coverage`, in the metrics and in the log.
  void ReportGap(const Gap& gap, std::string_view cause, std::vector<Outgoing>& out);

  const TenantContext& tenant_;
  const std::string type_;

  Subscription subscription_ = Subscription::kUnknown;
  std::optional<absl::Time> last_start_;      // of the subscription, by our time of day
  std::optional<absl::Time> disabled_since_;  // content from then on may be missing
  absl::Duration not_before_ = kAlreadyDue;   // of subscription starts and listings
  Backoff backoff_;
  bool healthy_ = true;

  ContentListing listing_;
  ContentQueue queue_;

  std::optional<absl::Time> watermark_;          // committed
  std::optional<absl::Time> watermark_pending_;  // not committed yet
};

}  // namespace picket::fetcher
