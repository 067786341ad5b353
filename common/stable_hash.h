#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace picket {

// Returns a hash that can be stored in Kafka topics. Unlike the values of absl::Hash, this hash is
// the same in every process, build and release. Do not use it to protect secrets. The function
// supports little-endian machines only.
inline uint64_t StableHash(std::string_view text, uint64_t seed) {
  const auto mix = [](uint64_t a, uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  constexpr uint64_t kOdd1 = 0x9e3779b97f4a7c15;
  constexpr uint64_t kOdd2 = 0xd1342543de82ef95;
  uint64_t hash = mix(seed ^ kOdd1, text.size() + kOdd2);
  while (text.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    hash = mix(hash ^ word ^ kOdd2, kOdd1) + word;
    text.remove_prefix(8);
  }
  uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  hash = mix(hash ^ word ^ kOdd2, kOdd1) + word;
  return mix(hash ^ (hash >> 32), kOdd2);
}

}  // namespace picket
