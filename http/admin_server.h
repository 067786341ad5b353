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

// Maps the path of each additional page to a function that returns the page as JSON. The server
// calls the functions on its own threads.
using AdminPages = std::map<std::string, std::function<std::string()>>;

struct AdminOptions {
  std::string listen;  // host:port; port 0 selects a free port
  // If not empty, every client must send this token (Authorization: Bearer …) to read an additional
  // page. If empty, only clients on this machine may read additional pages.
  std::string page_token;
};

// Returns why the client must not read additional pages, or an empty string if it may read them.
// If `token` is not empty, the request must contain it. The function compares it in constant time.
// If `token` is empty, the client's address must be a loopback address, and the function refuses
// requests that others send through this machine. It detects
// - a proxy on this machine by a header such as X-Forwarded-For, and
// - a web page of another site, in a browser on this machine, by the header Sec-Fetch-Site or by a
//   Host header that is not localhost, a loopback address or `own_host` (DNS rebinding).
// `own_host` is the host that the server listens on.
std::string_view RefusalOfPage(const Request& request, std::string_view token,
                               std::string_view own_host);

// Threads: The server has its own threads. It calls `readiness` and the pages on these threads, so
// they must be thread-safe.
// Lifetime: The destructor stops the server. `metrics` must outlive the server.
// Failure: Start returns InvalidArgument if the address is invalid, and AlreadyExists if it is in
// use. The server answers /healthz and /version at once, even while `readiness` or a page blocks
// and while other clients send nothing.
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
