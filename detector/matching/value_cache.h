#pragma once

// A cache that maps field values to candidate rules and is kept across events.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/stable_hash.h"
#include "detector/matching/parsed_event.h"
#include "detector/matching/rule_index.h"
#include "detector/text/literal_compare.h"

namespace picket::detector {

// Caches the candidate rules of field values. Many values recur, such as the names of programs and
// users. A cached value is found with one hash and one comparison and need not be folded. A value
// is added when it occurs for the second time, so a value that never recurs is only hashed. In each
// slot, a newer value replaces an older value.
// Threads: Use each instance from one thread. Lifetime: The indexes whose fields are passed to Find
// must live until the next Clear. Memory: The cache holds kSlots values and is allocated by the
// first Find.
class ValueCache {
 public:
  static constexpr size_t kMaxText = 192;  // maximum size of a cached value in bytes
  static constexpr size_t kMaxRoots = 10;

  // Returns the candidate roots of the field's value if the value is cached. Pass true for
  // `is_alone` if the field has no other value in this event. The result is valid until the next
  // Add.
  std::optional<absl::Span<const uint32_t>> Find(const RuleIndex::Field& field,
                                                 const EventValue& value, bool is_alone) {
    if (value.size > kMaxText) {
      slot_ = nullptr;
      return std::nullopt;
    }
    if (slots_.empty()) slots_.resize(kSlots);
    kind_ = KindOf(value, is_alone);
    field_ = &field;
    value_ = &value;
    hash_ = StableHash(value.raw(), reinterpret_cast<uintptr_t>(&field) + kind_);
    slot_ = &slots_[hash_ % kSlots];
    const Slot& slot = *slot_;
    if (slot.hash != hash_ || slot.field != &field || slot.kind != kind_ ||
        !IsText({slot.text.data(), slot.size}, value.raw())) {
      return std::nullopt;
    }
    if (slot.root_count > kMaxRoots) {
      slot_ = nullptr;
      return std::nullopt;
    }
    return absl::MakeConstSpan(slot.roots.data(), slot.root_count);
  }

  // Records that the last Find did not find the value. Returns true if this is the second
  // occurrence of the value and the value should be added.
  bool HasRecurred() {
    if (slot_ == nullptr) return false;
    const auto hash = static_cast<uint32_t>(hash_ >> 32);
    if (slot_->last_missed == hash) return true;
    slot_->last_missed = hash;
    return false;
  }
  // Stores the candidate roots of the value that was passed to the last Find. If the value has more
  // than kMaxRoots roots, stores only that it has too many.
  void Add(absl::Span<const uint32_t> roots) {
    Slot& slot = *slot_;
    slot.hash = hash_;
    slot.field = field_;
    slot.kind = kind_;
    slot.size = static_cast<uint8_t>(value_->size);
    slot.root_count = static_cast<uint8_t>(std::min(roots.size(), kMaxRoots + 1));
    std::copy_n(roots.begin(), std::min(roots.size(), kMaxRoots), slot.roots.begin());
    std::memcpy(slot.text.data(), value_->data, value_->size);
  }

  // Empties the cache. Call this function before an index is destroyed.
  void Clear() { std::fill(slots_.begin(), slots_.end(), Slot()); }

 private:
  static constexpr size_t kSlots = 1024;

  // Returns the kind of a value. Values with the same bytes but different kinds can have different
  // candidate roots. For example, the number 1.50 equals 1.5, but the string "1.50" does not.
  static uint8_t KindOf(const EventValue& value, bool is_alone) {
    return static_cast<uint8_t>(static_cast<unsigned>(value.type) << 2 |
                                (value.is_fraction ? 2U : 0U) | (is_alone ? 1U : 0U));
  }

  // A slot has 256 bytes, which are four cache lines.
  struct alignas(64) Slot {
    uint64_t hash = 0;
    const RuleIndex::Field* field = nullptr;
    // Part of the hash of the last value that Find did not find in this slot.
    uint32_t last_missed = 0;
    uint8_t size = 0, root_count = 0, kind = 0;
    std::array<uint32_t, kMaxRoots> roots;
    std::array<char, kMaxText> text;
  };

  std::vector<Slot> slots_;
  // The state of the last Find. slot_ is null if the value is too long or has too many roots.
  Slot* slot_ = nullptr;
  const RuleIndex::Field* field_ = nullptr;
  const EventValue* value_ = nullptr;
  uint64_t hash_ = 0;
  uint8_t kind_ = 0;
};

}  // namespace picket::detector
