#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "simulator/cloud.h"
#include "simulator/feed.h"
#include "simulator/tenant.h"

namespace picket::simulator {

class HttpServer;

struct SimulatorOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0 selects a free port
  bool https = false;
  std::string ca_file;  // receives the authority's certificate; required with https
  absl::Duration response_delay;
  CloudOptions cloud;
  std::vector<Tenant> tenants;
  // The contents of the tenants' logs. Without a feed, only what cloud().Publish() receives.
  std::optional<FeedOptions> feed;
};

// A simulated Microsoft 365 cloud on a port of its own: the token endpoint and the Management
// Activity API of several tenants, whose employees work and are attacked.
//   auto simulator =
//       Simulator::Start({.tenants = InventTenants(3, 1), .feed = FeedOptions()}, clock);
//   (*simulator)->feed()->Start();
// For tests in other processes it also reports about itself:
//   GET /simulator/status        all_published, records, blobs, requests by kind and result
//   GET /simulator/expectations  the alerts that the stories should raise
//   GET /simulator/published-ids {tenant: [record Id, …]}
// Threads: any. Lifetime: the destructor stops it; `clock` must outlive it.
class Simulator {
 public:
  static absl::StatusOr<std::unique_ptr<Simulator>> Start(SimulatorOptions options, Clock& clock);
  ~Simulator();

  // "http://127.0.0.1:43210", which is both the login host and the API host.
  const std::string& url() const { return url_; }
  int port() const;
  Cloud& cloud() { return *cloud_; }
  // Null if the options contain no feed.
  Feed* feed() { return feed_.get(); }
  const std::vector<Tenant>& tenants() const { return cloud_->tenants(); }

  std::string StatusJson() const;
  std::string PublishedIdsJson() const;

 private:
  Simulator() = default;
  HttpResponse HandleStatusPage(const HttpRequest& request) const;

  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

// Writes the files that a fetcher needs to collect from the simulator: DIR/tenants.d/NAME.yaml and
// DIR/secrets/NAME for each tenant. `settings` returns additional YAML for a tenant's file.
absl::Status WriteTenantFiles(const std::string& dir, const std::vector<Tenant>& tenants,
                              const std::string& url,
                              const std::function<std::string(const Tenant&)>& settings = nullptr);

// Returns the tenants of a file's records, in order of appearance and with invented credentials. If
// the records contain no tenant, returns one invented tenant.
absl::StatusOr<std::vector<Tenant>> TenantsOfFile(const std::string& records_file, uint64_t seed);

}  // namespace picket::simulator
