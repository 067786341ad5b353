#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "simulator/content/body_source.h"

namespace picket::simulator {

// An HTTP request in a form that does not depend on the HTTP library.
struct HttpRequest {
  std::string method;
  std::string target;  // path and query, still percent-encoded
  std::string origin;  // scheme and host that the client used, such as "http://127.0.0.1:8080"
  std::string authorization;
  std::string body;
  // The names and values of all headers, in any order.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string remote_address;  // of the client, such as "127.0.0.1"
};

enum class BodyFault {
  kNone,
  kTruncated,  // the connection is closed after half of the body
  kStalled,    // the connection pauses for `stall` after half of the body and is then closed
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body;
  // If set, the body comes from this source instead of `body`.
  MakeBodySource source;
  // The length of the body that comes from the source. If it is not set, the body is sent in
  // chunks.
  std::optional<uint64_t> source_bytes;
  BodyFault fault = BodyFault::kNone;
  absl::Duration stall;
  absl::Duration delay;          // before the response
  int64_t bytes_per_second = 0;  // the speed of the body; 0 for no limit
};

// Returns the whole body. Must not be called for an endless body.
std::string WholeBody(const HttpResponse& response);

// Returns the value of a header, or an empty view. Ignores the case of the name.
std::string_view FindHeader(const HttpRequest& request, std::string_view name);
// Replaces the header, or adds it.
void SetHeader(HttpResponse& response, std::string_view name, std::string value);
void RemoveHeader(HttpResponse& response, std::string_view name);

std::string Gzip(std::string_view bytes);

// Returns a response with a JSON body.
HttpResponse JsonAnswer(int status, std::string body);

// The decoded names and values of a query or form, in their original order.
using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string Base64UrlEncode(std::string_view bytes);
std::optional<std::string> Base64UrlDecode(std::string_view text);
std::optional<std::string> Base64Decode(std::string_view text);
std::string PercentDecode(std::string_view text);
Parameters ParseParameters(std::string_view query);
// Returns the value of a parameter, or null if the parameter is absent. Ignores the case of the
// name.
const std::string* FindParameter(const Parameters& parameters, std::string_view name);

}  // namespace picket::simulator
