#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "fetcher/blob_body.h"
#include "fetcher/ledger.h"
#include "fetcher/planner.h"

namespace picket::fetcher {

// A row for the topic `coverage`.
struct CoverageRow {
  std::string key;
  std::string value;
};

// Returns a row that records the loss of a time span or, if `content_id` is given, of one content
// blob.
CoverageRow GapRow(const std::string& tenant, const std::string& content_type, const Gap& gap,
                   const std::string& content_id = "");
// Returns a row that records the state of a subscription, such as "started" or "disabled".
CoverageRow SubscriptionRow(const std::string& tenant, const std::string& content_type,
                            absl::Time at, const std::string& state);
// Returns a row that records that the collection of a tenant or of one content type started or
// stopped.
CoverageRow HealthRow(const std::string& tenant, const std::string& content_type, absl::Time at,
                      const std::string& state, const std::string& reason);
// Returns a row with the result of a reconciliation between `from` and `to`.
CoverageRow CompletenessRow(const std::string& tenant, const std::string& content_type,
                            absl::Time from, absl::Time to, int64_t listed, int64_t missed);

// A unit of output that is written in one transaction: rows and the content that they describe.
struct Outgoing {
  std::optional<LedgerRow> row;
  bool is_tombstone = false;  // if true, a tombstone deletes the key of `row`
  std::vector<CoverageRow> coverage;
  std::shared_ptr<BlobBody> body;  // the content, if `row` marks it as stored
  absl::Time fetched_at;           // time of the retrieval, by the API's clock
};

}  // namespace picket::fetcher
