#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/metrics.h"

namespace picket {

// The state that /readyz reports. `reason` explains why the service is not ready, for example
// "restoring partition 7: 62 %".
struct Readiness {
  bool ready = false;
  std::string reason;
};

// Additional pages. Each path is mapped to a function that returns the page as JSON. The functions
// are called from the server's threads.
using AdminPages = std::map<std::string, std::function<std::string()>>;

// Serves the HTTP endpoints of a service: /metrics in Prometheus format, /healthz (the process is
// running), /readyz (the service is doing its work) and /version.
// Threads: the server has its own threads. It calls `readiness` from these threads, so `readiness`
// must be thread-safe.
// Lifetime: the destructor stops the server. `metrics` must outlive the server.
class AdminServer {
 public:
  // `listen` is host:port. Port 0 selects a free port.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& listen,
                                                            const Metrics& metrics,
                                                            std::function<Readiness()> readiness,
                                                            const AdminPages& pages = {});
  ~AdminServer();

  int port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket
