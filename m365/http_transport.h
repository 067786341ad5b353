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
// Threads: the sink is called from the transport's thread only.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // Appends the next piece of the body. If this function returns an error, the request ends and
  // HttpResponse::error contains the error.
  virtual absl::Status Append(std::string_view bytes) = 0;
};

struct HttpRequest {
  enum class Method { kGet, kPost };
  Method method = Method::kGet;
  std::string url;
  Secret bearer;  // token for the Authorization header; sent only to `url`
  Secret form;    // URL-encoded body of a POST; may be empty
  absl::Duration timeout = absl::Seconds(60);
  // Receives the body of a response with status 200. Without a sink, the body is stored in
  // HttpResponse::body.
  // Lifetime: the owner of the request owns the sink, which must live until `done` is called.
  BodySink* sink = nullptr;
  size_t longest_body = size_t{64} << 20;  // maximum size of the decompressed HttpResponse::body
};

struct HttpResponse {
  // OK if a response was received, regardless of the HTTP status. Otherwise, the error is
  // Unavailable, DeadlineExceeded, Cancelled, ResourceExhausted (this process has no free file
  // descriptor) or the error of the sink.
  absl::Status error;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // pairs of lower-case name and value
  std::string body;
  uint64_t wire_bytes = 0;  // size of the body before decompression

  std::string_view FindHeader(std::string_view lower_case_name) const {
    for (const auto& header : headers) {
      if (header.first == lower_case_name) return header.second;
    }
    return {};
  }
  // Returns the time of the server's clock. Returns nullopt if the response has no valid Date
  // header.
  std::optional<absl::Time> Date() const;
  // Returns the delay that the Retry-After header requests. The header contains either a number of
  // seconds or a date. Returns nullopt if the response has no valid Retry-After header.
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
