#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "common/metrics.h"

namespace picket {

// What /readyz answers: ready, or why not ("restoring partition 7: 62 %").
struct Readiness {
  bool ready = false;
  std::string reason;
};

// Pages of JSON beside the fixed ones: path → what makes the text; called from the server's threads.
using AdminPages = std::map<std::string, std::function<std::string()>>;

// A service's HTTP side: /metrics (Prometheus), /healthz (the process runs), /readyz (it does its work), /version.
// Threads: serves on its own; `readiness` is called from there and must be thread-safe.
// Lifetime: stops in the destructor; `metrics` must outlive it.
class AdminServer {
 public:
  // `listen` is host:port; port 0 takes a free one.
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
