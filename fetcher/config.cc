#include "fetcher/config.h"

#include "common/tenant.h"

namespace picket::fetcher {

void Describe(ConfigVisitor& v, FetcherConfig& c) {
  v.Duration("poll_interval_secs", "How often each content type of a tenant is listed.",
             &c.poll_interval, absl::Milliseconds(100), absl::Hours(1));
  v.Duration("settle_secs",
             "How far behind the API's clock a listing ends, because the newest part of the log "
             "still changes.",
             &c.settle, absl::ZeroDuration(), absl::Hours(1));
  v.Duration(
      "overlap_secs",
      "How far every tenth listing reaches back into the span already listed, to find content that "
      "appears late. The other listings reach back two poll intervals.",
      &c.overlap, absl::Seconds(5), absl::Hours(24));
  v.Duration("look_back_secs",
             "How far back the first listing of a tenant and the daily reconciliation reach.",
             &c.look_back, absl::Minutes(1), absl::Hours(24 * 7));
  v.Int("requests_per_minute",
        "Initial request rate of a tenant. It is lowered when the API throttles and then raised "
        "again.",
        &c.requests_per_minute, 10, 120'000);
  v.Int("parallel_requests",
        "Maximum number of concurrent requests of one worker, all tenants together.",
        &c.parallel_requests, 1, 4096);
  v.Int("parallel_requests_per_tenant", "Maximum number of concurrent requests for one tenant.",
        &c.parallel_requests_per_tenant, 1, 1024);
  v.Int("byte_budget_mib", "Memory of one worker for content between retrieval and commit, in MiB.",
        &c.byte_budget_mib, 1, 65'536);
  v.DirectoryPath(
      "spill_dir",
      "Folder for content that is too large for memory. Empty: the system's temporary folder.",
      &c.spill_dir);
  v.Int("spill_budget_mib",
        "Disk space of one worker for content that is too large for memory, in MiB.",
        &c.spill_budget_mib, 1, 1 << 20);
  v.Duration("connect_timeout_secs", "Maximum time to establish a connection.", &c.connect_timeout,
             absl::Seconds(1), absl::Minutes(5));
  v.Duration("list_timeout_secs", "Maximum time for a token, subscription or listing request.",
             &c.list_timeout, absl::Seconds(1), absl::Hours(1));
  v.Duration("retrieve_timeout_secs", "Maximum time to retrieve one content blob.",
             &c.retrieve_timeout, absl::Seconds(1), absl::Hours(1));
  v.FilePath("ca_file",
             "Certificate authorities (PEM) to trust instead of the system's, for a TLS-inspecting "
             "proxy or "
             "a simulated tenant.",
             &c.ca_file);
  v.String("publisher_id",
           "GUID sent as PublisherIdentifier for tenants that do not set their own. Empty: the "
           "tenant id.",
           &c.publisher_id, kOptional, [](const std::string& value) -> std::string {
             return value.empty() || IsGuid(value) ? "" : "must be a GUID";
           });
}

}  // namespace picket::fetcher
