#pragma once

// Defines the requests and responses of the HTTP server as plain values.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace picket::http {

struct Request {
  std::string method;  // "GET"
  std::string path;    // without the query, still percent-encoded
  std::string query;   // the part after the '?'
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  // the client's IP address, taken from its socket and never from a header

  // Returns the value of the first header with this name, or an empty value if there is none. Upper
  // and lower case in the name do not matter.
  std::string_view FindHeader(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace picket::http
