#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace picket::m365 {

// The parts of an absolute http or https URL. Parsing is strict, because trust decisions depend on
// it: no user information, no fragment, no backslash, no blanks or control characters, and a port
// consisting of digits.
struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case, brackets of an IPv6 address kept
  int port = 0;        // the scheme's default if the URL has none
  std::string path;    // unchanged; empty or beginning with '/'
  std::string query;   // unchanged, without '?'
};
// Empty if the string is not such a URL.
std::optional<Url> ParseUrl(std::string_view text);

// True for 127.0.0.0/8, [::1] and localhost.
bool IsLoopback(std::string_view host);

// Encodes everything except letters, digits and "-._~" as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace picket::m365
