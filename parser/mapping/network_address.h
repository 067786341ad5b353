#pragma once

// The network addresses of audit records, which come in many formats.

#include <string_view>

namespace picket::parser {

// What an address field can contain. Lifetime: the views are into the parsed string.
struct NetworkAddress {
  std::string_view ip;        // valid IPv4 or IPv6, no zone, no brackets; ::ffff:v4 as v4
  std::string_view hostname;  // "HOST1 (192.0.2.10)", "localhost"
  int port = 0;               // 0: no port
  std::string_view more;      // what follows a comma
  bool known() const { return !ip.empty() || !hostname.empty(); }
};
// Never fails; the result is not known() if the string contains no address.
NetworkAddress ParseAddress(std::string_view text);
// Parses into an empty `address`, in place: copying a struct whose members have just been written
// causes a store-forwarding stall.
void ParseAddress(std::string_view text, NetworkAddress& address);

// Four numbers without leading zeros, as in OCSF and inet_pton: some readers take 010 for 8, others
// for 10.
bool IsIpV4(std::string_view text);
bool IsIpV6(std::string_view text);

}  // namespace picket::parser
