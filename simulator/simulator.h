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
  int port = 0;  // 0 takes a free one
  bool https = false;
  std::string ca_file;  // where the authority's certificate is written; needed with https
  absl::Duration response_delay;
  CloudOptions cloud;
  std::vector<Tenant> tenants;
  // What the tenants' logs hold; without it, only what is given to cloud().Publish().
  std::optional<FeedOptions> feed;
};

// A simulated Microsoft 365 cloud on a port of its own: token endpoint and Management Activity API for several tenants,
// whose employees work and are attacked.
//   auto simulator = Simulator::Start({.tenants = InventTenants(3, 1), .feed = FeedOptions()}, clock);
//   (*simulator)->feed()->Start();
// It answers about itself too, to those who test with it from another process:
//   GET /simulator/status        all_published, records, blobs, requests by kind and result
//   GET /simulator/expectations  what the stories deserve
//   GET /simulator/published-ids {tenant: [record Id, …]}
// Threads: any. Lifetime: stops in the destructor; `clock` must outlive it.
class Simulator {
 public:
  static absl::StatusOr<std::unique_ptr<Simulator>> Start(SimulatorOptions options, Clock& clock);
  ~Simulator();

  // "http://127.0.0.1:43210": login host and API host in one.
  const std::string& url() const { return url_; }
  int port() const;
  Cloud& cloud() { return *cloud_; }
  // Null when no feed was asked for.
  Feed* feed() { return feed_.get(); }
  const std::vector<Tenant>& tenants() const { return cloud_->tenants(); }

  std::string StatusJson() const;
  std::string PublishedIdsJson() const;

 private:
  Simulator() = default;
  HttpResponse HandleOwn(const HttpRequest& request) const;

  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

// Writes what a fetcher needs to collect from the simulator: DIR/tenants.d/NAME.yaml and DIR/secrets/NAME for each tenant.
// `settings`: YAML that a tenant's file has besides.
absl::Status WriteTenantFiles(const std::string& dir, const std::vector<Tenant>& tenants,
                              const std::string& url,
                              const std::function<std::string(const Tenant&)>& settings = nullptr);

// The tenants that the records of a file name, in the order they come, with invented credentials; one invented tenant
// where they name none.
absl::StatusOr<std::vector<Tenant>> TenantsOfFile(const std::string& records_file, uint64_t seed);

}  // namespace picket::simulator
