#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "simulator/cloud.h"
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
};

// A simulated Microsoft 365 cloud on a port of its own: token endpoint and Management Activity API for several tenants.
//   auto simulator = Simulator::Start({.tenants = InventTenants(3, 1)}, clock);
//   (*simulator)->cloud().Publish(tenant, kExchange, "[…]");
// Threads: any. Lifetime: stops in the destructor; `clock` must outlive it.
class Simulator {
 public:
  static absl::StatusOr<std::unique_ptr<Simulator>> Start(SimulatorOptions options,
                                                          const Clock& clock);
  ~Simulator();

  // "http://127.0.0.1:43210": login host and API host in one.
  const std::string& url() const { return url_; }
  int port() const;
  Cloud& cloud() { return *cloud_; }
  const std::vector<Tenant>& tenants() const { return cloud_->tenants(); }

 private:
  Simulator() = default;

  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<HttpServer> server_;
  std::string url_;
};

}  // namespace picket::simulator
