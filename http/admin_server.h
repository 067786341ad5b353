#pragma once

// Serves the HTTP endpoints of a service: /metrics in Prometheus format, /healthz (the process is
// running), /readyz (the service is doing its work), /version, and the service's additional pages.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/metrics.h"
#include "common/readiness.h"

namespace picket::http {

// Additional pages. Each path is mapped to a function that returns the page as JSON. The functions
// are called on the server's threads.
using AdminPages = std::map<std::string, std::function<std::string()>>;

struct AdminOptions {
  std::string listen;  // host:port; port 0 selects a free port
  // A client on another machine must send this token (Authorization: Bearer …) to read an
  // additional page. If the token is empty, only clients on this machine may read additional pages.
  std::string page_token;
};

// Returns true if the client may read additional pages: either its address is a loopback address,
// or `authorization` contains the token. Compares the token in constant time.
bool MayReadPages(std::string_view peer, std::string_view authorization, std::string_view token);

// Threads: The server has its own threads. It calls `readiness` and the pages on these threads, so
// they must be thread-safe.
// Lifetime: The destructor stops the server. `metrics` must outlive the server.
// Failure: Start returns InvalidArgument if the address is invalid or in use.
class AdminServer {
 public:
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(AdminOptions options,
                                                            const Metrics& metrics,
                                                            std::function<Readiness()> readiness,
                                                            AdminPages pages = {});
  ~AdminServer();

  int port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::http
