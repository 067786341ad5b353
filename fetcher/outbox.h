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

// Records a loss: a span of time, or one content blob if `content_id` is given.
CoverageRow GapRow(const std::string& tenant, const std::string& content_type, const Gap& gap,
                   const std::string& content_id = "");
// Records that a subscription was started, found disabled, …
CoverageRow SubscriptionRow(const std::string& tenant, const std::string& content_type,
                            absl::Time at, const std::string& state);
// Records that collection of a tenant or one of its content types began or stopped.
CoverageRow HealthRow(const std::string& tenant, const std::string& content_type, absl::Time at,
                      const std::string& state, const std::string& reason);
// Records what a reconciliation found between `from` and `to`.
CoverageRow CompletenessRow(const std::string& tenant, const std::string& content_type,
                            absl::Time from, absl::Time to, int64_t listed, int64_t missed);

// One unit that is written to the topics in one transaction: rows, and the content they describe.
struct Outgoing {
  std::optional<LedgerRow> row;
  bool is_tombstone = false;  // deletes the key of `row`
  std::vector<CoverageRow> coverage;
  std::shared_ptr<BlobBody> body;  // with a row of stored content
  absl::Time fetched_at;           // by the API's clock
};

}  // namespace picket::fetcher
