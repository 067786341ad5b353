#pragma once

// The identity of a record as the duplicate window keeps it, and where it has its place.

#include <compare>
#include <cstdint>
#include <cstring>

namespace picket::parser {

// The 16 bytes of a RecordId as two words, which compare in two instructions.
struct SeenId {
  uint64_t low = 0;
  uint64_t high = 0;
  // clang-tidy 14 sees a 0 in it. NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const SeenId&, const SeenId&) = default;
};
static_assert(sizeof(SeenId) == 16);

inline SeenId SeenIdOf(const void* bytes) {
  SeenId id;
  std::memcpy(&id, bytes, sizeof(id));
  return id;
}

// Secret numbers that the hash of an Id hangs on, so that no sender can choose Ids that meet in one place.
struct SeenSeed {
  uint64_t a = 0;
  uint64_t b = 0;
  static SeenSeed Random();
  friend bool operator==(const SeenSeed&, const SeenSeed&) = default;
};

inline uint64_t HashOf(const SeenId& id, const SeenSeed& seed) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(id.low ^ seed.a) * (id.high ^ seed.b);
  const uint64_t folded = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (folded ^ folded >> 32) * 0xd6e8feb86659fd93ull;
}

// Hours of CreationTime since the epoch, the top bit set where the Ids are hashes: a GUID never equals a hash.
inline constexpr uint32_t kSeenHashBit = 1u << 31;

// Where an Id has its place among the sorted Ids of a partition.
struct SeenKey {
  uint32_t hour_word = 0;
  uint32_t tenant = 0;  // the partition's number for it
  uint64_t hash = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const SeenKey&, const SeenKey&) = default;
};

// An Id with the hour of its arrival, which the window runs on.
struct SeenEntry {
  SeenKey key;
  SeenId id;
  int32_t arrival_hour = 0;
};

// Over whole words, in four lanes; any change of a single word changes it.
uint64_t SeenChecksum(const void* bytes, size_t size, uint64_t start);

}  // namespace picket::parser
