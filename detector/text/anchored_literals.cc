#include "detector/text/anchored_literals.h"

#include "common/check.h"

namespace picket::detector {

AnchoredLiterals::AnchoredLiterals(At at, const std::vector<std::string_view>& literals) : at_(at) {
  if (literals.empty()) return;
  uint32_t bits = 3;
  while ((size_t{1} << bits) < literals.size() * 2) ++bits;
  shift_ = 64 - bits;
  std::vector<uint64_t> hashes;
  for (const std::string_view literal : literals) {
    if (at == At::kWhole) {
      sizes_ |= uint64_t{1} << SizeBit(literal.size());
      hashes.push_back(HashOfWhole(literal));
      continue;
    }
    PICKET_CHECK(!literal.empty());
    size_t size = 8;
    while (size > literal.size()) size /= 2;
    sizes_ |= size;
    hashes.push_back(HashOfAnchor(AnchorOf(literal), size));
  }
  filter_.resize((size_t{1} << (bits + kFilterBits)) / 64);
  bucket_.resize((size_t{1} << bits) + 1);
  for (uint64_t& hash : hashes) {
    const uint64_t bit = hash >> (shift_ - kFilterBits);
    filter_[bit / 64] |= uint64_t{1} << (bit % 64);
    hash >>= shift_;
    ++bucket_[hash + 1];
  }
  for (size_t i = 1; i < bucket_.size(); ++i) bucket_[i] += bucket_[i - 1];
  entries_.resize(literals.size());
  std::vector<uint32_t> next(bucket_.begin(), bucket_.end() - 1);
  for (uint32_t id = 0; id < literals.size(); ++id) {
    const auto size = static_cast<uint32_t>(literals[id].size());
    entries_[next[hashes[id]]++] = {id, static_cast<uint32_t>(literals_.size()), size};
    literals_ += literals[id];
  }
}

}  // namespace picket::detector
