#include "detector/text/literal_windows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <numeric>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace picket::detector {
namespace {

constexpr size_t kMaxGroups = LiteralWindows::kMaxGroups, kMaxPlaces = LiteralWindows::kMaxPlaces;
// The symbol for a place after the end of a window or literal. Any byte fits at such a place.
constexpr uint16_t kAnything = 256;
using Symbols = std::array<uint16_t, kMaxPlaces>;

// Returns estimates of how often each byte occurs in names, paths and command lines of events. The
// frequencies are multiples of 1/4096, so that sums of floats are exact.
constexpr std::array<float, 257> MakeFrequencies() {
  std::array<int, 257> thousandths = {};
  for (size_t c = 0; c < 256; ++c) thousandths[c] = c < 0x80 ? 3 : 1;
  constexpr std::string_view kLetters = "etaoinsrlcdmupghfbvwykxjqz";
  for (size_t rank = 0; rank < kLetters.size(); ++rank) {
    thousandths[static_cast<unsigned char>(kLetters[rank])] = 210 / (3 + static_cast<int>(rank));
  }
  for (const char c : std::string_view("\\.\"")) thousandths[static_cast<unsigned char>(c)] = 25;
  for (const char c : std::string_view("-/:,_")) thousandths[static_cast<unsigned char>(c)] = 12;
  for (char c = '0'; c <= '9'; ++c) thousandths[static_cast<unsigned char>(c)] = 14;
  thousandths[' '] = 60;
  thousandths[kAnything] = 1000;
  std::array<float, 257> frequencies = {};
  for (size_t c = 0; c < frequencies.size(); ++c) {
    const int parts = thousandths[c] * 4096 / 1000;
    frequencies[c] = static_cast<float>(parts) / 4096;
  }
  return frequencies;
}
constexpr std::array<float, 257> kFrequencies = MakeFrequencies();

// The estimated frequency of each byte, given the other bytes of the window. It is higher than in
// kFrequencies, because the other bytes partly determine the byte.
const std::array<float, 257> kInWords = [] {
  std::array<float, 257> frequencies = {};
  for (size_t c = 0; c < frequencies.size(); ++c) frequencies[c] = std::pow(kFrequencies[c], 0.6F);
  return frequencies;
}();

uint32_t FourBytes(std::string_view literal, size_t offset) {
  uint32_t bytes;
  std::memcpy(&bytes, literal.data() + offset, sizeof(bytes));
  return bytes;
}

// Distributes windows to groups, and estimates how many positions of a text fit each group.
class GroupFiller {
 public:
  GroupFiller(size_t groups, size_t places) : groups_(groups), places_(places), added_(places) {
    for (auto& by_symbol : added_) {
      for (size_t c = 0; c < by_symbol.size(); ++c) by_symbol[c].fill(kFrequencies[c]);
    }
    users_.resize(places * kFrequencies.size() * groups);
  }

  // Returns the window of a literal and the group that together have the least cost. The cost has
  // two parts. First, adding the window to the group makes more positions fit the group, and these
  // positions must be filtered. Second, each occurrence of the window in a text must be looked up.
  // `shared` counts how often each sequence of four bytes occurs in the literals.
  LiteralWindows::Window Choose(std::string_view literal,
                                const absl::flat_hash_map<uint32_t, uint32_t>& shared) const {
    const size_t size = WindowSizeOf(literal.size());
    LiteralWindows::Window best;
    float least = 0;
    for (size_t offset = 0; offset + size <= literal.size(); ++offset) {
      const Symbols symbols = SymbolsOf(literal, offset);
      Row rates;
      rates.fill(1);
      for (size_t k = 0; k < places_; ++k) {
        const Row &frequency = frequencies_[k], &added = added_[k][symbols[k]];
        for (size_t g = 0; g < kMaxGroups; ++g) {
          rates[g] *= std::min(1.0F, frequency[g] + added[g]);
        }
      }
      float common = 1;
      for (size_t k = 0; k < kMaxPlaces; ++k) common *= kInWords[symbols[k]];
      if (size >= 4) common *= static_cast<float>(shared.find(FourBytes(literal, offset))->second);
      for (size_t g = 0; g < groups_; ++g) {
        const float cost = rates[g] - rates_[g] + common;
        if ((offset > 0 || g > 0) && cost >= least) continue;
        least = cost;
        best = {static_cast<uint32_t>(offset), static_cast<uint8_t>(g)};
      }
    }
    return best;
  }

  // Adds a window if `by` is 1, or removes a window if `by` is -1.
  void Change(std::string_view literal, const LiteralWindows::Window& window, int by) {
    const Symbols symbols = SymbolsOf(literal, window.offset);
    const size_t g = window.group;
    float rate = 1;
    for (size_t k = 0; k < places_; ++k) {
      const uint16_t symbol = symbols[k];
      uint32_t& users = users_[(k * kFrequencies.size() + symbol) * groups_ + g];
      const bool was = users > 0;
      users += static_cast<uint32_t>(by);
      if (was != (users > 0)) {
        frequencies_[k][g] += static_cast<float>(by) * kFrequencies[symbol];
        added_[k][symbol][g] = was ? kFrequencies[symbol] : 0;
      }
      rate *= std::min(1.0F, frequencies_[k][g]);
    }
    rates_[g] = rate;
  }

  double fit() const { return std::min(1.0, std::accumulate(rates_.begin(), rates_.end(), 0.0)); }

 private:
  using Row = std::array<float, kMaxGroups>;

  static Symbols SymbolsOf(std::string_view literal, size_t offset) {
    const size_t size = WindowSizeOf(literal.size());
    const size_t end = size >= 4 ? literal.size() : offset + size;
    Symbols symbols = {};
    for (size_t k = 0; k < kMaxPlaces; ++k) {
      symbols[k] = offset + k < end ? static_cast<unsigned char>(literal[offset + k]) : kAnything;
    }
    return symbols;
  }

  const size_t groups_, places_;
  std::vector<uint32_t> users_;  // number of windows for each place, symbol and group
  // frequencies_ contains, for each place and group, the total frequency of the symbols in the
  // group. added_ contains the frequency that each symbol would add to this total.
  std::array<Row, kMaxPlaces> frequencies_ = {};
  std::vector<std::array<Row, kFrequencies.size()>> added_;
  Row rates_ = {};  // share of positions that fit each group
};

}  // namespace

size_t WindowSizeOf(size_t literal_size) {
  return *std::find_if(std::begin(kWindowSizes), std::end(kWindowSizes),
                       [&](size_t size) { return size <= literal_size; });
}

LiteralWindows ChooseWindows(absl::Span<const std::string> literals) {
  LiteralWindows best;
  if (literals.empty()) return best;
  absl::flat_hash_map<uint32_t, uint32_t> shared;
  for (const std::string& literal : literals) {
    for (size_t i = 0; i + 4 <= literal.size(); ++i) ++shared[FourBytes(literal, i)];
  }
  // Literals with the fewest possible windows come first. The other literals have more choice, so
  // they can adapt to the windows that are already chosen.
  std::vector<uint32_t> order(literals.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return literals[a].size() - WindowSizeOf(literals[a].size()) <
           literals[b].size() - WindowSizeOf(literals[b].size());
  });
  // Returns the average cost of a position. The cost consists of one shuffle for each place and
  // each set of eight groups, and of the filtering of positions that fit.
  const auto cost_of = [](const LiteralWindows& chosen) {
    constexpr double kOfShuffle = 0.01, kOfFit = 20;
    const size_t shuffles = chosen.groups / 8 * chosen.places;
    return static_cast<double>(shuffles) * kOfShuffle + chosen.fit * kOfFit;
  };
  constexpr size_t kMany = 1000;
  constexpr std::pair<size_t, size_t> kForms[] = {{8, 4}, {8, 6}, {16, 6}};
  for (const auto& [groups, places] : kForms) {
    if (literals.size() > kMany && groups < kMaxGroups) continue;
    LiteralWindows chosen;
    chosen.groups = groups;
    chosen.places = places;
    chosen.windows.resize(literals.size());
    GroupFiller filler(groups, places);
    for (const uint32_t id : order) {
      chosen.windows[id] = filler.Choose(literals[id], shared);
      filler.Change(literals[id], chosen.windows[id], 1);
    }
    const int rounds = literals.size() > kMany ? 0 : 2;
    for (int round = 0; round < rounds; ++round) {
      for (const uint32_t id : order) {
        filler.Change(literals[id], chosen.windows[id], -1);
        chosen.windows[id] = filler.Choose(literals[id], shared);
        filler.Change(literals[id], chosen.windows[id], 1);
      }
    }
    chosen.fit = filler.fit();
    if (best.groups == 0 || cost_of(chosen) < cost_of(best)) best = std::move(chosen);
    // The next form needs more shuffles at every position. Stop here if hardly any position fits a
    // group, because more shuffles would then save little.
    constexpr double kHardlyAny = 0.0005;
    if (best.fit < kHardlyAny) break;
  }
  return best;
}

}  // namespace picket::detector
