#pragma once

#include <memory>
#include <string>

#include "m365/http_transport.h"

namespace picket::m365 {

struct CurlOptions {
  absl::Duration connect_timeout = absl::Seconds(10);
  // A transfer on which nothing moves for this long is given up.
  absl::Duration stall_timeout = absl::Seconds(60);
  int parallel_requests = 256;  // more wait their turn
  std::string ca_file;          // empty: the system's authorities
};

// HTTP over libcurl on one thread of its own: connections are kept and shared, HTTP/2 where the server speaks it, TLS
// always verified, redirects never followed, compressed bodies taken and counted as decoded.
// Threads: Send from any; `done` on the transport's thread.
class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options);
  ~CurlTransport() override;

  void Send(HttpRequest request, std::function<void(HttpResponse)> done) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::m365
