#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/metrics.h"

namespace picket {

// The answer of /readyz: ready, or the reason why not ("restoring partition 7: 62 %").
struct Readiness {
  bool ready = false;
  std::string reason;
};

// Additional pages: path → function that returns the page as JSON. The functions are called from
// the server's threads.
using AdminPages = std::map<std::string, std::function<std::string()>>;

// The HTTP endpoint of a service: /metrics (Prometheus format), /healthz (the process runs),
// /readyz (the service does its work), /version.
// Threads: serves on threads of its own; `readiness` is called from them and must be thread-safe.
// Lifetime: the destructor stops the server; `metrics` must outlive it.
class AdminServer {
 public:
  // `listen` is host:port; port 0 selects a free port.
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
