#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace picket::simulator {

// One request as the cloud sees it, whatever server took it in.
struct HttpRequest {
  std::string method;
  std::string target;  // path and query, still percent-encoded
  std::string origin;  // scheme and host the client used, e.g. "http://127.0.0.1:8080"
  std::string authorization;
  std::string body;
};

enum class BodyFault {
  kNone,
  kTruncated,  // the connection closes half-way
  kStalled,    // half-way nothing comes for `stall`, then the connection closes
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body;
  BodyFault fault = BodyFault::kNone;
  absl::Duration stall;
};

// An answer with a JSON body.
HttpResponse JsonAnswer(int status, std::string body);

// Name and value of a query or form, decoded, in order.
using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string PercentDecode(std::string_view text);
Parameters ParseParameters(std::string_view query);
// The value of the parameter whose name equals `name` but for case; null when absent.
const std::string* FindParameter(const Parameters& parameters, std::string_view name);

}  // namespace picket::simulator
