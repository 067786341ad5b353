#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "fetcher/content/blob_body.h"
#include "fetcher/content_listing.h"
#include "fetcher/content_queue.h"
#include "fetcher/outbox.h"
#include "fetcher/request_ticket.h"
#include "fetcher/tenant_context.h"
#include "m365/api_error.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

// Collects one content type of one tenant: starts the subscription, and lists and retrieves the
// content. The collector decides which requests the content type needs and how to handle the
// responses. The session decides when each request is sent. An error of one content blob delays
// only that blob.
// Threads: an instance is used by one thread only.
// Lifetime: a session builds one collector per content type from the ledger. `tenant` must outlive
// the collector.
// Failure: content is never dropped without a row on the topic `coverage`.
class ContentCollector {
 public:
  ContentCollector(const TenantContext& tenant, std::string type);

  const std::string& type() const { return type_; }

  // Performs the work that depends only on time: releases delayed content, plans due listings and
  // moves the watermark.
  void Poll(const Moment& now, std::vector<Outgoing>& out);

  // The next three functions return true if a request of their kind may be sent now. No listing is
  // sent while `pending_limit` or more blobs are pending.
  bool WantsSubscriptionStart(const Moment& now) const;
  bool WantsListing(const Moment& now, size_t pending_limit) const;
  bool WantsRetrieval() const { return queue_.HasReady(); }
  // Returns true if the subscription was found to be off and its start is not under way.
  bool IsSubscriptionOff() const { return subscription_ == Subscription::kMissing; }
  // The next three functions mark a request as started. They return its URL or, for a retrieval,
  // the content id.
  std::string StartSubscription();
  std::string StartListing() { return listing_.StartRequest(); }
  std::string StartRetrieval(bool newest);

  // Called after the API's list of subscriptions has been read. `enabled` is true if the list
  // contains an enabled subscription for this content type.
  void OnSubscriptionsListed(bool enabled, const Moment& now);
  void OnSubscriptionStarted(const Moment& now, std::vector<Outgoing>& out);
  // Called after a listing request has been answered, successfully or not, and before the response
  // is handled.
  void OnListingAnswered() { listing_.OnAnswered(); }
  void OnPage(const m365::HttpResponse& response, const Moment& now, std::vector<Outgoing>& out);
  // Adds the retrieved content to `out`. Returns an error if the body is not one complete JSON
  // array. It is then not the content, and the content must be retrieved again.
  absl::Status OnContent(const std::string& id, std::shared_ptr<BlobBody> body, uint64_t wire_bytes,
                         const Moment& now, std::vector<Outgoing>& out);
  // Handles a rejected request. Returns false if the error has no special meaning for a request of
  // this kind.
  bool OnRefusal(const RequestTicket& ticket, const m365::ApiError& error,
                 const std::string& description, const Moment& now, std::vector<Outgoing>& out);
  // The number of failed attempts and the wait before the next attempt.
  struct Failure {
    int attempts = 1;
    absl::Duration wait;
  };
  // Handles a failure that may be temporary. Returns nullopt for a retrieval whose content is no
  // longer in the queue or is given up with this failure.
  std::optional<Failure> OnTransientFault(const RequestTicket& ticket, RetrievalFailure failure,
                                          const std::string& error, const Moment& now,
                                          std::vector<Outgoing>& out);
  // Allows the ticket's request to be sent again at `not_before` or later.
  void Retry(const RequestTicket& ticket, absl::Duration not_before, const Moment& now);
  void RetryContent(const std::string& id, absl::Duration not_before, const Moment& now) {
    queue_.Retry(id, not_before, now.monotonic);
  }

  // Sends no start or list request of this content type for a while, which grows until a listing
  // succeeds. Reports the reason if `is_certain`, or if this is not the first refusal in a row.
  void Suspend(const std::string& reason, bool is_certain, const Moment& now,
               std::vector<Outgoing>& out);

  // Called after a row of this content type has been committed.
  void OnCommitted(const LedgerRow& row);

  // Returns the reported reason why the content type is suspended, or nullopt if there is none. The
  // reason stays until a listing succeeds.
  const std::optional<std::string>& fault() const { return fault_; }
  std::optional<absl::Time> watermark() const { return watermark_; }
  std::optional<absl::Time> OldestPending() const { return queue_.Oldest(); }
  // Returns the number of blobs that are listed but neither stored nor lost.
  size_t pending() const { return queue_.size(); }

 private:
  enum class Subscription {
    kUnknown,
    kMissing,
    // The ledger row with the time of the start is not committed yet (GuardSubscriptionStart).
    kGuarding,
    kMayStart,
    kStarting,
    kEnabled,
  };

  // Counts a failed retrieval. Returns the wait before the next attempt, or nullopt if the content
  // is no longer in the queue or is given up, which is reported as a gap.
  std::optional<Failure> FailRetrieval(const RequestTicket& ticket, RetrievalFailure failure,
                                       const std::string& error, const Moment& now,
                                       std::vector<Outgoing>& out);
  void GiveUp(const RequestTicket& ticket, const ContentQueue::Item& item, EndCause cause,
              const std::string& error, const Moment& now, std::vector<Outgoing>& out);
  LedgerRow NewRow(RowKind kind, absl::Time time) const;
  absl::Time LastListed(absl::Time server_now) const;
  void ReplaceImpossibleWatermark(const Moment& now);
  void GuardSubscriptionStart(const Moment& now, std::vector<Outgoing>& out);
  void MoveWatermark(bool reconciled, const Moment& now, std::vector<Outgoing>& out);
  void AddListed(const m365::ContentEntry& entry, absl::Time server_now,
                 std::vector<Outgoing>& out);
  void OnWindowListed(const Moment& now, std::vector<Outgoing>& out);
  void OnSubscriptionLost(const Moment& now);
  // Reports a gap on `coverage`, in the metrics and in the log. `cause` is a constant.
  void ReportGap(Gap gap, std::string_view cause, std::vector<Outgoing>& out);

  const TenantContext& tenant_;
  const std::string type_;

  Subscription subscription_ = Subscription::kUnknown;
  std::optional<absl::Time> last_start_;  // last start of the subscription, by the server's clock
  // Set while the subscription is disabled. Content that became available after this time may be
  // missing.
  std::optional<absl::Time> disabled_since_;
  absl::Duration not_before_ = kAlreadyDue;  // earliest time of the next start or list request
  Backoff backoff_;
  Backoff suspension_backoff_;
  int refusals_ = 0;  // since the last successful listing
  std::optional<std::string> fault_;

  ContentListing listing_;
  ContentQueue queue_;

  std::optional<absl::Time> watermark_;          // the committed watermark
  std::optional<absl::Time> watermark_pending_;  // a newer watermark that is not committed yet
};

}  // namespace picket::fetcher
