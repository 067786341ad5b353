#pragma once

// Defines record Ids as the duplicate window stores them, and the keys by which Ids are ordered.

#include <compare>
#include <cstdint>
#include <cstring>

namespace picket::parser {

// The 16 bytes of a RecordId as two words, so that two Ids can be compared with two instructions.
struct PackedId {
  uint64_t low = 0;
  uint64_t high = 0;
  // clang-tidy 14 reports a literal 0 here. NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const PackedId&, const PackedId&) = default;
};
static_assert(sizeof(PackedId) == 16);

// Reads an Id from 16 bytes.
inline PackedId PackId(const void* bytes) {
  PackedId id;
  std::memcpy(&id, bytes, sizeof(id));
  return id;
}

// Random seeds of the Id hash. They are secret, so that nobody can choose Ids whose hashes collide.
struct HashSeed {
  uint64_t a = 0;
  uint64_t b = 0;
  static HashSeed Random();
  friend bool operator==(const HashSeed&, const HashSeed&) = default;
};

// Returns a 64-bit hash of an Id. Run files are sorted by this hash, so a change of this function
// invalidates stored run files.
inline uint64_t HashId(const PackedId& id, const HashSeed& seed) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(id.low ^ seed.a) * (id.high ^ seed.b);
  const uint64_t folded = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (folded ^ folded >> 32) * 0xd6e8feb86659fd93ull;
}

// The top bit of an hour word (IdKey::hour_word). The bit tells whether the Id is a hash
// (RecordId::is_hash), so that a hash is never taken for a GUID of the same bytes.
inline constexpr uint32_t kHashedIdBit = 1u << 31;

// The key by which the Ids of a partition are sorted.
struct IdKey {
  uint32_t hour_word = 0;  // hour of CreationTime since the epoch; may include kHashedIdBit
  uint32_t tenant = 0;     // the tenant's index within the partition
  uint64_t hash = 0;       // the result of HashId
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const IdKey&, const IdKey&) = default;
};

// An Id with its hour of arrival, which determines when the Id leaves the window.
struct IdEntry {
  IdKey key;
  PackedId id;
  int32_t arrival_hour = 0;
};

// Returns a 64-bit checksum, which detects damage but not forgery. `start` is a salt, or the
// checksum of the preceding bytes. Run files and manifests contain the checksum, so a change of
// this function invalidates those files.
uint64_t Checksum(const void* bytes, size_t size, uint64_t start);

}  // namespace picket::parser
