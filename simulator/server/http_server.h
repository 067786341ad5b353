#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/server/certificates.h"
#include "simulator/server/http.h"

namespace picket::simulator {

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Serves a handler over HTTP or, with an identity, over HTTPS, to hundreds of concurrent
// connections.
// Threads: the server uses one thread per open connection, and at most 512 threads. The handler is
// called on all of these threads.
// Lifetime: the destructor stops the server, and waits up to two seconds for idle connections.
class HttpServer {
 public:
  // Starts a server. Port 0 selects a free port. Each response is delayed by `delay`, which
  // simulates a slow network.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& host, int port,
                                                           std::unique_ptr<ServerIdentity> identity,
                                                           absl::Duration delay,
                                                           HttpHandler handler);
  ~HttpServer();

  int port() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::simulator
