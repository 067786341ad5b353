#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace picket::simulator {

// The seeded source of all invented values. The same seed gives the same sequence on every machine;
// the distributions of <random> do not guarantee that.
// Threads: one.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // splitmix64.
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 … bound - 1; bound > 0.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  // least … most, both included.
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(Below(static_cast<uint64_t>(most - least + 1)));
  }
  // 0 ≤ x < 1
  double Share() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double share) { return Share() < share; }

  template <typename Container>
  const auto& Pick(const Container& choices) {
    return choices[Below(std::size(choices))];
  }

  // 8-4-4-4-12 lower-case hexadecimal digits, marked as version 4.
  std::string Guid();
  // `digits` upper-case hexadecimal digits.
  std::string Hex(int digits);

 private:
  uint64_t state_;
};

// Derives a seed for the part `name`, so that one part can use more random values without changing
// the others.
uint64_t SeedFor(uint64_t seed, std::string_view name);

}  // namespace picket::simulator
