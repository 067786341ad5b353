#pragma once

// IP addresses and CIDR blocks (RFC 4632, RFC 4291), for the modifier `cidr`.

#include <array>
#include <cstdint>
#include <string_view>

namespace picket::sigma {

struct Address {
  bool is_v6 = false;
  std::array<uint8_t, 16> bytes = {};  // a v4 address in the first four
};

struct Network {
  Address address;  // host bits are zero
  int prefix_bits = 0;
};

// Parses "10.0.0.0/8" or "2001:db8::/32"; an address alone is a network of one address. Returns
// false for anything else.
bool ParseNetwork(std::string_view text, Network& network);

// Parses an address, also in the forms that audit records contain: "1.2.3.4:443",
// "[2001:db8::1]:443", "::ffff:1.2.3.4" (as v4), and with a zone ("fe80::1%eth0"). Returns false
// for anything else.
bool ParseAddress(std::string_view text, Address& address);

bool Contains(const Network& network, const Address& address);

}  // namespace picket::sigma
