#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace picket::simulator {

// A seeded source of invented values. The same seed gives the same sequence on every machine. The
// distributions of <random> do not guarantee this.
// Threads: One thread uses an instance.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // Returns the next number of the splitmix64 generator.
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // Returns a number from 0 to `bound` - 1. `bound` must be positive.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  // Returns a number from `least` to `most`, inclusive.
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(Below(static_cast<uint64_t>(most - least + 1)));
  }
  // Returns a number that is at least 0 and less than 1.
  double Share() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double share) { return Share() < share; }

  template <typename Container>
  const auto& Pick(const Container& choices) {
    return choices[Below(std::size(choices))];
  }

  // Returns a GUID of version 4 in lower case.
  std::string Guid();
  // Returns `digits` upper-case hexadecimal digits.
  std::string Hex(int digits);

 private:
  uint64_t state_;
};

// Derives a seed for the part of the simulation called `name`. With a seed of its own, a part can
// use more random values without changing the values of the other parts.
uint64_t SeedFor(uint64_t seed, std::string_view name);

}  // namespace picket::simulator
