#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "m365/secret.h"

namespace picket::m365 {

// Receives the body of a successful response in pieces.
// Threads: called from the transport's thread only.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // An error ends the request and becomes HttpResponse::error.
  virtual absl::Status Append(std::string_view bytes) = 0;
};

struct HttpRequest {
  enum class Method { kGet, kPost };
  Method method = Method::kGet;
  std::string url;
  Secret bearer;  // sent in Authorization to this URL only: redirects are never followed
  Secret form;    // body of a POST, application/x-www-form-urlencoded; empty: Content-Length 0
  absl::Duration timeout = absl::Seconds(60);
  // Receives the body of a 200. Null: the body is stored in HttpResponse::body.
  // Lifetime: must live until `done` is called; the owner of the request owns the sink.
  BodySink* sink = nullptr;
  size_t longest_body = size_t{64} << 20;  // limit for HttpResponse::body, after decompression
};

struct HttpResponse {
  // Ok if there was a response, whatever its status. Otherwise Unavailable, DeadlineExceeded,
  // Cancelled or the error of the sink.
  absl::Status error;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  uint64_t wire_bytes = 0;  // size of the body before decompression

  std::string_view FindHeader(std::string_view lower_case_name) const {
    for (const auto& header : headers) {
      if (header.first == lower_case_name) return header.second;
    }
    return {};
  }
  // The server's clock. Empty if the response has no valid Date header.
  std::optional<absl::Time> Date() const;
  // The header Retry-After, given in seconds or as a date.
  std::optional<absl::Duration> RetryAfter() const;
};

// Sends many requests concurrently.
// Threads: Send may be called from any thread. `done` is called exactly once per request, on a
// thread of the transport, and must return quickly.
// Lifetime: the destructor answers the requests under way with Cancelled and returns after the last
// call of `done`.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual void Send(HttpRequest request, std::function<void(HttpResponse)> done) = 0;
};

}  // namespace picket::m365
