#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace picket::m365 {

// The parts of an absolute http or https URL. Parsing is strict, because trust decisions depend on
// the result: user information, fragments, backslashes, blanks and control characters are rejected,
// and a port must consist of digits.
struct Url {
  std::string scheme;  // in lower case
  std::string host;    // in lower case, including the brackets of an IPv6 address
  int port = 0;        // the scheme's default if the URL contains no port
  std::string path;    // unchanged; empty or beginning with '/'
  std::string query;   // unchanged, without the leading '?'
};
// Parses a URL. Returns nullopt if the string is not an absolute http or https URL.
std::optional<Url> ParseUrl(std::string_view text);

// Returns true if the host is an address in 127.0.0.0/8, [::1] or localhost.
bool IsLoopback(std::string_view host);

// Encodes everything except letters, digits and "-._~" as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace picket::m365
