#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/certificates.h"
#include "simulator/http.h"

namespace picket::simulator {

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Serves a handler over HTTP or, with an identity, HTTPS, to hundreds of connections at once.
// Threads: one per open connection, at most 512; the handler is called from all of them.
// Lifetime: stops in the destructor, which waits for idle connections up to two seconds.
class HttpServer {
 public:
  // `port` 0 takes a free one; `delay` passes before each answer, as on a far network.
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
