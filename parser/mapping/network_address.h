#pragma once

// Parses the network addresses of audit records, which have many formats.

#include <string_view>

namespace picket::parser {

// The parts that an address field can contain.
// Lifetime: The views are valid as long as the parsed string is.
struct NetworkAddress {
  // A valid IPv4 or IPv6 address without zone and brackets. For ::ffff:192.0.2.10, this is
  // 192.0.2.10.
  std::string_view ip;
  std::string_view hostname;  // the host in "HOST1 (192.0.2.10)" or "localhost"
  int port = 0;               // 0 if there is no port
  std::string_view more;      // the text after the first comma
  bool known() const { return !ip.empty() || !hostname.empty(); }
};
// Parses an address. Never fails. If the string contains no address, known() is false for the
// result.
NetworkAddress ParseAddress(std::string_view text);
// Parses an address directly into `address`, which must be empty. Copying a struct immediately
// after its members were written would cause a store-forwarding stall.
void ParseAddress(std::string_view text, NetworkAddress& address);

// Returns true if the text is an IPv4 address of four numbers without leading zeros. Leading zeros
// are ambiguous: some programs read 010 as 8, and others as 10.
bool IsIpV4(std::string_view text);
bool IsIpV6(std::string_view text);

}  // namespace picket::parser
