#pragma once

#include <cstdint>
#include <string_view>

namespace picket {

// 128 bits of xxHash H3, by the widest instructions of the CPU: tells texts apart, as fast as they are read. Whoever wants
// to can make two texts with one hash: no proof against forgery, as SHA-256 is.
struct Xxh3Digest {
  uint64_t high = 0;
  uint64_t low = 0;
};
Xxh3Digest Xxh3(std::string_view bytes);

}  // namespace picket
