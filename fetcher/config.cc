#include "fetcher/config.h"

#include "common/tenant.h"

namespace picket::fetcher {

void Describe(ConfigVisitor& v, FetcherConfig& c) {
  v.Duration("poll_interval_secs", "How often each content type of a tenant is listed.",
             &c.poll_interval, absl::Milliseconds(100), absl::Hours(1));
  v.Duration(
      "settle_secs",
      "How far behind the server's clock a listing ends; the newest edge of the log is not stable.",
      &c.settle, absl::ZeroDuration(), absl::Hours(1));
  v.Duration(
      "overlap_secs",
      "How much of what was listed before every tenth listing covers again, for content that "
      "appears late; the listings between cover two poll intervals of it.",
      &c.overlap, absl::Seconds(5), absl::Hours(24));
  v.Duration("look_back_secs",
             "How far back the first listing of a tenant and the daily reconciliation go.",
             &c.look_back, absl::Minutes(1), absl::Hours(24 * 7));
  v.Int("requests_per_minute",
        "Rate at which a tenant begins; it is lowered when the API throttles and raised again.",
        &c.requests_per_minute, 10, 120'000);
  v.Int("parallel_requests", "Requests under way at once, all tenants of one worker together.",
        &c.parallel_requests, 1, 4096);
  v.Int("parallel_requests_per_tenant", "Requests under way at once for one tenant.",
        &c.parallel_requests_per_tenant, 1, 1024);
  v.Int("byte_budget_mib",
        "Memory of one worker for content between its retrieval and the commit, in MiB.",
        &c.byte_budget_mib, 1, 65'536);
  v.DirectoryPath("spill_dir",
                  "Folder for content too large for memory; empty: the system's temporary folder.",
                  &c.spill_dir);
  v.Int("spill_budget_mib", "Disk space of one worker for content too large for memory, in MiB.",
        &c.spill_budget_mib, 1, 1 << 20);
  v.Duration("connect_timeout_secs", "Longest wait for a connection.", &c.connect_timeout,
             absl::Seconds(1), absl::Minutes(5));
  v.Duration("list_timeout_secs",
             "Longest wait for a token, a subscription or a page of a listing.", &c.list_timeout,
             absl::Seconds(1), absl::Hours(1));
  v.Duration("retrieve_timeout_secs", "Longest wait for one piece of content.", &c.retrieve_timeout,
             absl::Seconds(1), absl::Hours(1));
  v.FilePath(
      "ca_file",
      "Certificate authorities (PEM) to trust instead of the system's; for a TLS-inspecting proxy "
      "or a simulated tenant.",
      &c.ca_file);
  v.String(
      "publisher_id",
      "GUID sent as PublisherIdentifier for tenants that set none; empty: the tenant's own id.",
      &c.publisher_id, kOptional, [](const std::string& value) -> std::string {
        return value.empty() || IsGuid(value) ? "" : "must be a GUID";
      });
}

}  // namespace picket::fetcher
