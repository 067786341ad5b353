#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "m365/secret.h"

namespace picket::m365 {

// Takes the body of a successful answer piece by piece.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // An error ends the request and becomes its answer.
  virtual absl::Status Append(std::string_view bytes) = 0;
};

struct HttpRequest {
  enum class Method { kGet, kPost };
  Method method = Method::kGet;
  std::string url;
  Secret bearer;  // sent as Authorization, to this URL only: redirects are never followed
  Secret form;    // body of a POST, application/x-www-form-urlencoded; empty: Content-Length 0
  absl::Duration timeout = absl::Seconds(60);
  std::unique_ptr<BodySink> sink;          // where the body of a 200 goes; none: HttpResponse::body
  size_t longest_body = size_t{64} << 20;  // of HttpResponse::body, decoded
};

struct HttpResponse {
  absl::Status error;  // no answer was had: Unavailable, DeadlineExceeded, Cancelled; else Ok
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::unique_ptr<BodySink> sink;  // the request's, filled
  uint64_t wire_bytes = 0;         // of the body before decoding

  std::string_view FindHeader(std::string_view lower_case_name) const {
    for (const auto& header : headers) {
      if (header.first == lower_case_name) return header.second;
    }
    return {};
  }
  // The server's clock, where the answer tells it.
  std::optional<absl::Time> Date() const;
  // Retry-After in seconds or as a date.
  std::optional<absl::Duration> RetryAfter() const;
};

// "Mon, 23 Nov 2026 22:48:13 GMT".
std::optional<absl::Time> ParseHttpDate(std::string_view text);

// Sends requests, many at once.
// Threads: Send from any; `done` is called once for each request, on a thread of the transport's, and must be quick.
// Lifetime: the destructor ends what is under way with Cancelled and returns after the last `done`.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual void Send(HttpRequest request, std::function<void(HttpResponse)> done) = 0;
};

}  // namespace picket::m365
