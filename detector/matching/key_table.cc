#include "detector/matching/key_table.h"

namespace picket::detector {

void KeyTable::Build(const StringMap<uint32_t>& keys) {
  size_t size = 2;
  while (size < keys.size() * 2) size *= 2;
  mask_ = size - 1;
  slots_.assign(size, {});
  for (const auto& [key, value] : keys) {
    sizes_[StartOf(key)] |= uint32_t{1} << (key.size() & 31);
    const uint64_t hash = Hash(key);
    size_t i = hash & mask_;
    while (slots_[i].value != kNone) i = (i + 1) & mask_;
    slots_[i] = {hash, value, key};
  }
}

}  // namespace picket::detector
