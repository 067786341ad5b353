#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace picket::m365 {

// An absolute http or https URL taken apart, with as little tolerance as trust decisions need: no user information, no
// fragment, no backslash, no blanks or control characters, a port of digits.
struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case, brackets of an IPv6 address kept
  int port = 0;        // the scheme's own where none is given
  std::string path;    // as given, "" or from '/'
  std::string query;   // as given, without '?'
};
std::optional<Url> ParseUrl(std::string_view text);

// 127.0.0.0/8, [::1], localhost.
bool IsLoopback(std::string_view host);

// Everything but letters, digits and "-._~" as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace picket::m365
