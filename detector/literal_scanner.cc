#include "detector/literal_scanner.h"

#include "absl/container/flat_hash_map.h"
#include "common/check.h"

namespace picket::detector {
namespace {

// How common a byte is in names, paths and command lines; a window of rare bytes rejects more text.
int Commonness(unsigned char c) {
  constexpr std::string_view kCommon = "etaoinsrlcdmupe";
  if (kCommon.find(static_cast<char>(c)) != std::string_view::npos) return 6;
  if (c >= 'a' && c <= 'z') return 4;
  if (c == ' ' || c == '\\' || c == '.' || c == '0') return 5;
  if (c >= '0' && c <= '9') return 3;
  return 2;
}

uint32_t FourBytes(const std::string& literal, size_t offset) {
  uint32_t window;
  std::memcpy(&window, literal.data() + offset, 4);
  return window;
}

}  // namespace

LiteralScanner::LiteralScanner(std::vector<std::string> literals) : literals_(std::move(literals)) {
  uint32_t bits =
      10;  // of the hash; about 32 slots a literal keep false hits near three in a hundred
  while (bits < 20 && (size_t{1} << bits) < literals_.size() * 32) ++bits;
  shift_ = 32 - bits;
  const size_t buckets = size_t{1} << bits;

  absl::flat_hash_map<uint32_t, uint32_t> windows;  // window → literals that hold it
  for (const std::string& literal : literals_) {
    PICKET_CHECK(!literal.empty());
    for (size_t i = 0; i + 4 <= literal.size(); ++i) ++windows[FourBytes(literal, i)];
  }
  std::vector<std::pair<uint32_t, Entry>> filed;
  for (uint32_t id = 0; id < literals_.size(); ++id) {
    const std::string& literal = literals_[id];
    if (literal.size() >= 4) {
      has_four_ = true;
      size_t best = 0;
      int best_score = INT32_MAX;
      for (size_t i = 0; i + 4 <= literal.size(); ++i) {
        int score = static_cast<int>(windows[FourBytes(literal, i)]);
        for (size_t k = 0; k < 4; ++k) score += Commonness(literal[i + k]);
        if (score >= best_score) continue;
        best_score = score;
        best = i;
      }
      filed.push_back({HashFour(FourBytes(literal, best)), {id, static_cast<uint32_t>(best)}});
    } else if (literal.size() >= 2) {
      has_two_ = true;
      uint16_t window;
      std::memcpy(&window, literal.data(), 2);
      filed.push_back({HashTwo(window), {id, 0}});
    } else {
      has_one_ = true;
      filed.push_back({HashOne(static_cast<unsigned char>(literal[0])), {id, 0}});
    }
  }
  bits_.resize((buckets + 63) / 64);
  bucket_.resize(buckets + 1);
  for (const auto& [hash, entry] : filed) {
    bits_[hash / 64] |= uint64_t{1} << hash % 64;
    ++bucket_[hash + 1];
  }
  for (size_t i = 0; i < buckets; ++i) bucket_[i + 1] += bucket_[i];
  entries_.resize(filed.size());
  std::vector<uint32_t> next(bucket_.begin(), bucket_.end() - 1);
  for (const auto& [hash, entry] : filed) entries_[next[hash]++] = entry;
}

}  // namespace picket::detector
