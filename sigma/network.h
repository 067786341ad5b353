#pragma once

// IP addresses and CIDR blocks (RFC 4632, RFC 4291), for the modifier `cidr`.

#include <array>
#include <cstdint>
#include <string_view>

namespace picket::sigma {

struct Address {
  bool is_v6 = false;
  std::array<uint8_t, 16> bytes = {};  // a v4 address uses the first four bytes
};

struct Network {
  Address address;  // the bits after the prefix are zero
  int prefix_bits = 0;
};

// Parses a network such as "10.0.0.0/8" or "2001:db8::/32". An address without a prefix length is a
// network of one address. Returns false if `text` is not a network.
bool ParseNetwork(std::string_view text, Network& network);

// Parses an address. Accepts the forms that occur in audit records: an address with a port
// ("1.2.3.4:443" or "[2001:db8::1]:443"), a mapped v4 address ("::ffff:1.2.3.4", which is converted
// to v4), and an address with a zone ("fe80::1%eth0"). Returns false if `text` is not an address.
bool ParseAddress(std::string_view text, Address& address);

bool Contains(const Network& network, const Address& address);

}  // namespace picket::sigma
