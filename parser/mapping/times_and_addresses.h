#pragma once

// Values that audit records carry as text in many shapes: times and network addresses. Parsing is never fatal.

#include <cstdint>
#include <optional>
#include <string_view>

namespace picket::parser {

// Milliseconds since the epoch of `YYYY-MM-DDThh:mm:ss[.fraction][Z|±hh:mm]` (a blank instead of T too) or the US
// style `M/D/YYYY h:mm:ss AM`; UTC where no zone is given. Nothing when it is no time or outside 1990–2199, which are
// fillers.
std::optional<int64_t> ParseTime(std::string_view text);

// What a field for an address can say. Views are into the text parsed.
struct Address {
  std::string_view ip;        // valid IPv4 or IPv6 text, no zone, no brackets; ::ffff:v4 as v4
  std::string_view hostname;  // "HOST1 (192.0.2.10)", "localhost"
  int port = 0;               // 0: none
  std::string_view more;      // what follows a comma
  bool known() const { return !ip.empty() || !hostname.empty(); }
};
Address ParseAddress(std::string_view text);
// The same into an empty one: what has been written in halves and is copied whole at once makes the processor wait.
void ParseAddress(std::string_view text, Address& address);

// Four numbers without leading zeros, as OCSF and inet_pton have them: with them one reader takes 010 for 8, another for 10.
bool IsIpV4(std::string_view text);
bool IsIpV6(std::string_view text);

}  // namespace picket::parser
