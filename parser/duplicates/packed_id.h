#pragma once

// Record Ids as the duplicate window stores them, and the keys that order them.

#include <compare>
#include <cstdint>
#include <cstring>

namespace picket::parser {

// The 16 bytes of a RecordId as two words, so that two Ids compare in two instructions.
struct PackedId {
  uint64_t low = 0;
  uint64_t high = 0;
  // clang-tidy 14 sees a 0 in it. NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const PackedId&, const PackedId&) = default;
};
static_assert(sizeof(PackedId) == 16);

// Reads an Id from 16 bytes.
inline PackedId PackId(const void* bytes) {
  PackedId id;
  std::memcpy(&id, bytes, sizeof(id));
  return id;
}

// Secret random seeds of the Id hash, so that a sender cannot choose Ids that collide.
struct HashSeed {
  uint64_t a = 0;
  uint64_t b = 0;
  static HashSeed Random();
  friend bool operator==(const HashSeed&, const HashSeed&) = default;
};

// A 64-bit hash of an Id: both words are mixed with the seed and multiplied, and the two halves of
// the product are combined. Run files are sorted by this hash, so changing it invalidates them.
inline uint64_t HashId(const PackedId& id, const HashSeed& seed) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(id.low ^ seed.a) * (id.high ^ seed.b);
  const uint64_t folded = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (folded ^ folded >> 32) * 0xd6e8feb86659fd93ull;
}

// The top bit of an hour word. It is set if the Id is a hash: a GUID never equals a hash.
inline constexpr uint32_t kHashedIdBit = 1u << 31;

// Determines the position of an Id among the sorted Ids of a partition.
struct IdKey {
  uint32_t hour_word = 0;  // hour of CreationTime since the epoch, plus kHashedIdBit
  uint32_t tenant = 0;     // the partition's number for the tenant
  uint64_t hash = 0;       // HashId
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const IdKey&, const IdKey&) = default;
};

// An Id with the hour of its arrival, which decides when the Id leaves the window.
struct IdEntry {
  IdKey key;
  PackedId id;
  int32_t arrival_hour = 0;
};

// A 64-bit checksum over whole 8-byte words in four independent lanes; the end is padded with
// zeros and the size is included. Changing any single word changes the checksum. `start` is a
// salt, or the checksum of the bytes before. It detects damage, not forgery. Run files and
// manifests store it, so changing it invalidates them.
uint64_t Checksum(const void* bytes, size_t size, uint64_t start);

}  // namespace picket::parser
