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
#include "http/message.h"

namespace picket::http {

// Additional pages. Each path is mapped to a function that returns the page as JSON. The functions
// are called on the server's threads.
using AdminPages = std::map<std::string, std::function<std::string()>>;

struct AdminOptions {
  std::string listen;  // host:port; port 0 selects a free port
  // If not empty, every client must send this token (Authorization: Bearer …) to read an additional
  // page. If empty, only clients on this machine may read additional pages.
  std::string page_token;
};

// Returns why the client must not read additional pages, or an empty string if it may read them.
// With a token, the request must contain the token, which is compared in constant time. Without a
// token, the client's address must be a loopback address, and the request must not come from
// elsewhere through this machine:
// - A proxy on this machine adds a header such as X-Forwarded-For.
// - A page in a browser on this machine reaches this server only under a name that is not
// `own_host`
//   or a loopback name (DNS rebinding), or with a header that says so (Sec-Fetch-Site).
// `own_host` is the host that the server listens on.
std::string_view RefusalOfPage(const Request& request, std::string_view token,
                               std::string_view own_host);

// Threads: The server has its own threads. It calls `readiness` and the pages on these threads, so
// they must be thread-safe.
// Lifetime: The destructor stops the server. `metrics` must outlive the server.
// Failure: Start returns InvalidArgument if the address is invalid, and AlreadyExists if it is in
// use. The server always answers /healthz and /version at once, even while `readiness`, a page or
// 200 silent clients make it wait.
class AdminServer {
 public:
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(AdminOptions options,
                                                            const Metrics& metrics,
                                                            std::function<Readiness()> readiness,
                                                            AdminPages pages = {});
  ~AdminServer();

  int port() const;
  // Replaces AdminOptions::page_token. May be called on any thread.
  void SetPageToken(std::string token);

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::http
