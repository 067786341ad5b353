#pragma once

#include <cstdint>
#include <string_view>

namespace picket {

// A 128-bit XXH3 hash. Computing the hash uses the widest instructions of the CPU and takes about
// as long as reading the bytes. Unlike SHA-256, the hash does not protect against forgery, because
// an attacker can construct two inputs with the same hash.
struct Xxh3Digest {
  uint64_t high = 0;
  uint64_t low = 0;
};
Xxh3Digest Xxh3(std::string_view bytes);

}  // namespace picket
