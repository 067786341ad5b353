#include "sigma/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/numbers.h"
#include "common/strings.h"

namespace picket::sigma {
namespace {

bool ParseBare(std::string_view text, Address& address) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof(buffer)) return false;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (std::memchr(buffer, '\0', text.size()) != nullptr) return false;
  address = Address();
  address.is_v6 = text.find(':') != std::string_view::npos;
  return inet_pton(address.is_v6 ? AF_INET6 : AF_INET, buffer, address.bytes.data()) == 1;
}

void UnmapV4(Address& address) {
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (!address.is_v6 || std::memcmp(address.bytes.data(), kMapped, 12) != 0) return;
  Address v4;
  std::memcpy(v4.bytes.data(), address.bytes.data() + 12, 4);
  address = v4;
}

uint32_t V4Number(const std::array<uint8_t, 16>& bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

// Sorts intervals and merges those that overlap.
template <typename Bound>
void Merge(std::vector<std::pair<Bound, Bound>>& intervals) {
  std::sort(intervals.begin(), intervals.end());
  size_t kept = 0;
  for (size_t i = 1; i < intervals.size(); ++i) {
    if (intervals[i].first <= intervals[kept].second) {
      intervals[kept].second = std::max(intervals[kept].second, intervals[i].second);
    } else {
      intervals[++kept] = intervals[i];
    }
  }
  if (!intervals.empty()) intervals.resize(kept + 1);
}

template <typename Bound>
bool IsInside(const std::vector<std::pair<Bound, Bound>>& intervals, const Bound& point) {
  const auto after = std::upper_bound(
      intervals.begin(), intervals.end(), point,
      [](const Bound& value, const auto& interval) { return value < interval.first; });
  return after != intervals.begin() && point <= (after - 1)->second;
}

}  // namespace

bool ParseNetwork(std::string_view text, Network& network) {
  const size_t slash = text.find('/');
  if (!ParseBare(text.substr(0, slash), network.address)) return false;
  const int bits = network.address.is_v6 ? 128 : 32;
  network.prefix_bits = bits;
  if (slash != std::string_view::npos) {
    const std::string_view prefix = text.substr(slash + 1);
    if (prefix.empty() || prefix.find_first_not_of("0123456789") != std::string_view::npos ||
        !absl::SimpleAtoi(ToAbsl(prefix), &network.prefix_bits) || network.prefix_bits > bits) {
      return false;
    }
  }
  for (int bit = network.prefix_bits; bit < 128; ++bit) {
    network.address.bytes[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
  }
  return true;
}

bool ParseAddress(std::string_view text, Address& address) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (const size_t colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    text = text.substr(0, colon);  // a v4 address with a port has a single colon
  }
  if (const size_t zone = text.find('%'); zone != std::string_view::npos) {
    text = text.substr(0, zone);
  }
  if (!ParseBare(text, address)) return false;
  UnmapV4(address);
  return true;
}

bool Contains(const Network& network, const Address& address) {
  if (network.address.is_v6 != address.is_v6) return false;
  const int whole = network.prefix_bits / 8, rest = network.prefix_bits % 8;
  if (std::memcmp(network.address.bytes.data(), address.bytes.data(), whole) != 0) return false;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF << (8 - rest));
  return ((network.address.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
}

size_t WriteAddress(const Address& address, char* out) {
  static_assert(kMaxAddressText >= INET6_ADDRSTRLEN);
  const int family = address.is_v6 ? AF_INET6 : AF_INET;
  if (inet_ntop(family, address.bytes.data(), out, kMaxAddressText) == nullptr) return 0;
  return std::strlen(out);
}

void NetworkSet::Add(const Network& network) {
  Bytes last = network.address.bytes;
  for (int bit = network.prefix_bits; bit < 128; ++bit) {
    last[bit / 8] |= static_cast<uint8_t>(0x80 >> bit % 8);
  }
  if (network.address.is_v6) {
    v6_.emplace_back(network.address.bytes, last);
  } else {
    v4_.emplace_back(V4Number(network.address.bytes), V4Number(last));
  }
}

void NetworkSet::Build() {
  Merge(v4_);
  Merge(v6_);
}

bool NetworkSet::Contains(const Address& address) const {
  return address.is_v6 ? IsInside(v6_, address.bytes) : IsInside(v4_, V4Number(address.bytes));
}

}  // namespace picket::sigma
