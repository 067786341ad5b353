#include "simulator/random.h"

namespace picket::simulator {

std::string Random::Guid() {
  static constexpr char kDigits[] = "0123456789abcdef";
  char guid[36];
  char* out = guid;
  uint64_t bits = 0;
  for (int i = 0; i < 32; ++i) {
    if (i % 16 == 0) bits = Next();
    if (i == 8 || i == 12 || i == 16 || i == 20) *out++ = '-';
    unsigned digit = bits & 15;
    bits >>= 4;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 | (digit & 3);
    *out++ = kDigits[digit];
  }
  return std::string(guid, sizeof(guid));
}

std::string Random::Hex(int digits) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string hex;
  for (int i = 0; i < digits; ++i) hex.push_back(kDigits[Below(16)]);
  return hex;
}

uint64_t SeedFor(uint64_t seed, std::string_view name) {
  // The seed changes the start value of the hash FNV-1a.
  uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return Random(hash).Next();
}

}  // namespace picket::simulator
