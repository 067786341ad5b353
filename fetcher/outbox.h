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

// What was lost: a span of time, or one piece of content.
CoverageRow GapRow(const std::string& tenant, const std::string& content_type, const Gap& gap,
                   const std::string& content_id = "");
// A subscription was started, found switched off, …
CoverageRow SubscriptionRow(const std::string& tenant, const std::string& content_type,
                            absl::Time at, const std::string& state);
// A tenant or one of its content types began or ceased to be collected.
CoverageRow HealthRow(const std::string& tenant, const std::string& content_type, absl::Time at,
                      const std::string& state, const std::string& reason);
// What a reconciliation found between `from` and `to`.
CoverageRow CompletenessRow(const std::string& tenant, const std::string& content_type,
                            absl::Time from, absl::Time to, int64_t listed, int64_t missed);

// What goes to the topics in one piece: rows, and the content that they are about.
struct Outgoing {
  std::optional<LedgerRow> row;
  bool is_tombstone = false;  // of `row`'s key
  std::vector<CoverageRow> coverage;
  std::unique_ptr<BlobBody> body;  // with a row of stored content
  absl::Time fetched_at;
};

}  // namespace picket::fetcher
