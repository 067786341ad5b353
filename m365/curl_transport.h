#pragma once

#include <memory>
#include <string>

#include "m365/http_transport.h"

namespace picket::m365 {

struct CurlOptions {
  absl::Duration connect_timeout = absl::Seconds(10);
  // The time after which a transfer without progress is aborted.
  absl::Duration stall_timeout = absl::Seconds(60);
  int parallel_requests = 256;  // maximum number of requests under way; further requests wait
  std::string ca_file;          // if empty, the system's certificate authorities
};

// Sends HTTP requests with libcurl on a separate thread. Connections are kept open and shared.
// HTTP/2 is used if the server supports it. TLS certificates are always verified. Redirects are
// never followed. Compressed bodies are decompressed, and HttpRequest::longest_body limits the
// decompressed size.
// If the process has no free file descriptor, the transport sends fewer requests in parallel, and
// sends each failed request again until its time-out has passed. Later, the transport raises the
// number of parallel requests step by step (m365/parallel_limit.h).
// Threads: Send may be called from any thread; `done` is called on the transport's thread.
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
