#include "parser/duplicates/packed_id.h"

#include <random>

namespace picket::parser {
namespace {

uint64_t Stir(uint64_t state, uint64_t word) {
  state = (state ^ word) * 0x9e3779b97f4a7c15ull;
  return state ^ state >> 29;
}

}  // namespace

HashSeed HashSeed::Random() {
  std::random_device random;
  const auto word = [&random] { return uint64_t{random()} << 32 | random(); };
  return {word(), word()};
}

uint64_t Checksum(const void* bytes, size_t size, uint64_t start) {
  const char* at = static_cast<const char*>(bytes);
  uint64_t lanes[4] = {start, start + 1, start + 2, start + 3};
  size_t left = size;
  for (; left >= 32; left -= 32, at += 32) {
    uint64_t words[4];
    std::memcpy(words, at, sizeof(words));
    for (int i = 0; i < 4; ++i) lanes[i] = Stir(lanes[i], words[i]);
  }
  uint64_t rest[4] = {};
  std::memcpy(rest, at, left);
  uint64_t sum = Stir(size, start);
  for (int i = 0; i < 4; ++i) sum = Stir(sum, Stir(lanes[i], rest[i]));
  return sum;
}

}  // namespace picket::parser
