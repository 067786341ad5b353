#pragma once

#include <cstdint>
#include <string_view>

namespace picket {

// 128-bit xxHash H3 with the widest instructions of the CPU, about as fast as reading the bytes.
// Unlike SHA-256 it does not protect against forgery: an attacker can construct two inputs with the
// same hash.
struct Xxh3Digest {
  uint64_t high = 0;
  uint64_t low = 0;
};
Xxh3Digest Xxh3(std::string_view bytes);

}  // namespace picket
