#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "fetcher/content/blob_body.h"
#include "fetcher/ledger.h"
#include "fetcher/planner.h"

namespace picket::fetcher {

// A row for the topic `coverage`.
struct CoverageRow {
  std::string key;
  std::string value;
};

// A content blob that was given up, and why (EndCauseName).
struct LostContent {
  std::string id;
  std::string_view ended_by;
};
// Returns a row that records a gap in the log. If `lost` is given, only this content blob is
// missing. Otherwise, the whole time span is missing.
CoverageRow GapRow(const std::string& tenant, const std::string& content_type, const Gap& gap,
                   const std::optional<LostContent>& lost = std::nullopt);
// Returns a row that records the state of a subscription, such as "started" or "disabled".
CoverageRow SubscriptionRow(const std::string& tenant, const std::string& content_type,
                            absl::Time at, const std::string& state);
// Returns a row that records whether content is collected. The row concerns one content type or, if
// `content_type` is "*", the whole tenant.
CoverageRow HealthRow(const std::string& tenant, const std::string& content_type, absl::Time at,
                      const std::string& state, const std::string& reason);
// Returns a row with the result of a reconciliation. The reconciliation listed all content between
// `from` and `to` again.
CoverageRow CompletenessRow(const std::string& tenant, const std::string& content_type,
                            absl::Time from, absl::Time to, int64_t listed, int64_t missed);

// A unit of output that is written in one transaction. A unit consists of rows and, after a
// retrieval, the content.
struct Outgoing {
  std::optional<LedgerRow> row;
  bool is_tombstone = false;  // if true, a tombstone deletes the key of `row`
  std::vector<CoverageRow> coverage;
  // The content if `row` has status kStored. If it has status kDead, the last body that was
  // received instead of the content, for the dead letters.
  std::shared_ptr<BlobBody> body;
  absl::Time fetched_at;  // time of the retrieval, by the API's clock
  // The cause of the gap that `coverage` reports: a string literal, used as the label `cause` of a
  // metric. Empty if `coverage` reports no gap.
  std::string_view gap_cause;
};

}  // namespace picket::fetcher
