#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "simulator/cloud.h"
#include "simulator/feed.h"
#include "simulator/tenant.h"

namespace picket::simulator {

class HttpServer;

struct SimulatorOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0 selects a free port
  bool https = false;
  std::string ca_file;  // where to write the authority's certificate; required with https
  absl::Duration response_delay;
  CloudOptions cloud;
  std::vector<Tenant> tenants;
  // Faults that are in force from the start.
  std::vector<Fault> faults;
  // The file of the publish log. If it is empty, the log is in a temporary file.
  std::string publish_log;
  // Options of the feed that fills the tenants' logs. Without a feed, the logs contain only the
  // blobs that are passed to cloud().Publish().
  std::optional<FeedOptions> feed;
};

// A simulated Microsoft 365 cloud that listens on its own port. The cloud has the token endpoint
// and the Management Activity API of several tenants, whose employees work and are attacked.
//   auto simulator =
//       Simulator::Start({.tenants = InventTenants(3, 1), .feed = FeedOptions()}, clock);
//   (*simulator)->feed()->Start();
// Tests in other processes can query the state of the simulator:
//   GET /simulator/status        all_published, records, blobs, requests by kind and result
//   GET /simulator/expectations  the alerts that the stories should raise
//   GET /simulator/published-ids {tenant: [record Id, …]}
//   GET /simulator/published     a row for each published blob (simulator/content/published_blob.h)
// Clients on the same machine can also change the faults:
//   GET /simulator/faults        [{id, fault, active, hits}, …]
//   POST /simulator/faults       adds the faults in the body, in any form that ReadFaults accepts;
//                                the response is {"ids":[…]}
//   DELETE /simulator/faults     removes all faults, and DELETE /simulator/faults/ID one
// Threads: Any thread may use it. Lifetime: the destructor stops the simulator. `clock` must
// outlive the simulator.
class Simulator {
 public:
  static absl::StatusOr<std::unique_ptr<Simulator>> Start(SimulatorOptions options, Clock& clock);
  ~Simulator();

  // Returns the URL of both the login host and the API host, such as "http://127.0.0.1:43210".
  const std::string& url() const { return url_; }
  int port() const;
  Cloud& cloud() { return *cloud_; }
  // Returns null if the options contain no feed.
  Feed* feed() { return feed_.get(); }
  const std::vector<Tenant>& tenants() const { return cloud_->tenants(); }

  std::string StatusJson() const;
  std::string PublishedIdsJson() const;
  // Returns the rows of all blobs that were published until now.
  std::unique_ptr<BodySource> PublishedRows();
  // Adds the missing rows of the steady content up to now to the publish log, if the log has a
  // name.
  void LogSteadyContent();

 private:
  explicit Simulator(Clock& clock);
  HttpResponse HandleOwnPage(const HttpRequest& request);
  HttpResponse HandleFaults(const HttpRequest& request);
  absl::StatusOr<std::vector<uint64_t>> AddFaults(const std::vector<Fault>& faults);

  Clock& clock_;
  std::unique_ptr<PublishLog> log_;
  bool log_has_name_ = false;
  Mutex mu_;
  // The log does not contain the steady content from this time onwards.
  absl::Time logged_to_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

// Writes the files that a fetcher needs to collect from the simulator. For each tenant, these are
// DIR/tenants.d/NAME.yaml and DIR/secrets/NAME. `settings` returns additional YAML for a tenant's
// file.
absl::Status WriteTenantFiles(const std::string& dir, const std::vector<Tenant>& tenants,
                              const std::string& url,
                              const std::function<std::string(const Tenant&)>& settings = nullptr);

// Returns the tenants of a file's records, in order of appearance and with invented credentials. If
// the records contain no tenant, returns one invented tenant.
absl::StatusOr<std::vector<Tenant>> TenantsOfFile(const std::string& records_file, uint64_t seed);

}  // namespace picket::simulator
