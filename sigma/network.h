#pragma once

// IP addresses and CIDR blocks (RFC 4632, RFC 4291), for the modifier `cidr`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

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

// Writes the canonical text of an address: dotted decimals for v4, RFC 5952 for v6. `out` must have
// room for kMaxAddressText bytes. Returns the length of the text.
inline constexpr size_t kMaxAddressText = 46;
size_t WriteAddress(const Address& address, char* out);

// A set of networks. Networks that overlap are merged into intervals of addresses.
// Threads: An instance is immutable once it is built. Complexity: Contains is a binary search.
class NetworkSet {
 public:
  void Add(const Network& network);
  // Sorts and merges the networks. Call this function once, after the last Add.
  void Build();

  bool Contains(const Address& address) const;
  bool empty() const { return v4_.empty() && v6_.empty(); }

 private:
  using Bytes = std::array<uint8_t, 16>;  // compared lexicographically, so in network byte order
  // The first and the last address of each interval. After Build, the intervals are disjoint and
  // ascend.
  std::vector<std::pair<uint32_t, uint32_t>> v4_;
  std::vector<std::pair<Bytes, Bytes>> v6_;
};

}  // namespace picket::sigma
