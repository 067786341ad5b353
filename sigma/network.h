#pragma once

// Addresses and CIDR blocks, v4 and v6.

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

// "10.0.0.0/8", "2001:db8::/32"; a bare address is a network of one.
bool ParseNetwork(std::string_view text, Network& network);

// Also takes what audit records hold: "1.2.3.4:443", "[2001:db8::1]:443", "::ffff:1.2.3.4" (as v4), a zone ("%eth0").
bool ParseAddress(std::string_view text, Address& address);

bool Contains(const Network& network, const Address& address);

}  // namespace picket::sigma
