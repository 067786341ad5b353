#pragma once

// What the values of fields led to, kept from event to event.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/stable_hash.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/parsed_event.h"
#include "detector/text/literal_compare.h"

namespace picket::detector {

// Programs, their parents, command lines, users: the values of a field come again and again. A value that comes again is
// found by one hash and one comparison, and need not be folded. A value is kept when it is met for the second time, so
// that those that never come again cost no more than a hash; a newer one takes the place of an older one.
// Threads: one. Lifetime: the indexes whose fields it is asked for must live until the next Clear. Memory: kSlots values,
// taken by the first Find.
class ValueMemory {
 public:
  static constexpr size_t kMaxText = 192;  // bytes of a value that is kept
  static constexpr size_t kMaxRoots = 10;

  // The roots that the value of the field leads to, if that is known. `is_alone`: its field has no other value. Valid
  // until the next Keep.
  std::optional<absl::Span<const uint32_t>> Find(const RuleIndex::Field& field,
                                                 const EventValue& value, bool is_alone) {
    if (value.size > kMaxText) {
      asked_ = nullptr;
      return std::nullopt;
    }
    if (slots_.empty()) slots_.resize(kSlots);
    asked_kind_ = KindOf(value, is_alone);
    asked_field_ = &field;
    asked_value_ = &value;
    asked_hash_ = StableHash(value.raw(), reinterpret_cast<uintptr_t>(&field) + asked_kind_);
    asked_ = &slots_[asked_hash_ % kSlots];
    const Slot& slot = *asked_;
    if (slot.hash != asked_hash_ || slot.field != &field || slot.kind != asked_kind_ ||
        !IsText({slot.text.data(), slot.size}, value.raw())) {
      return std::nullopt;
    }
    if (slot.root_count > kMaxRoots) {
      asked_ = nullptr;
      return std::nullopt;
    }
    return absl::MakeConstSpan(slot.roots.data(), slot.root_count);
  }

  // Whether the value that the last Find did not know has now been met twice.
  bool IsMetAgain() {
    if (asked_ == nullptr) return false;
    const auto met = static_cast<uint32_t>(asked_hash_ >> 32);
    if (asked_->met_once == met) return true;
    asked_->met_once = met;
    return false;
  }
  // What this value leads to. Of more than kMaxRoots only this is kept, that they are too many.
  void Keep(absl::Span<const uint32_t> roots) {
    Slot& slot = *asked_;
    slot.hash = asked_hash_;
    slot.field = asked_field_;
    slot.kind = asked_kind_;
    slot.size = static_cast<uint8_t>(asked_value_->size);
    slot.root_count = static_cast<uint8_t>(std::min(roots.size(), kMaxRoots + 1));
    std::copy_n(roots.begin(), std::min(roots.size(), kMaxRoots), slot.roots.begin());
    std::memcpy(slot.text.data(), asked_value_->data, asked_value_->size);
  }

  // Forgets everything: an index is no more.
  void Clear() { std::fill(slots_.begin(), slots_.end(), Slot()); }

 private:
  static constexpr size_t kSlots = 1024;

  // What a value means beside its bytes: 1.50 is 1.5, "1.50" is not.
  static uint8_t KindOf(const EventValue& value, bool is_alone) {
    return static_cast<uint8_t>(static_cast<unsigned>(value.type) << 2 |
                                (value.is_fraction ? 2U : 0U) | (is_alone ? 1U : 0U));
  }

  // 256 bytes.
  struct alignas(64) Slot {
    uint64_t hash = 0;
    const RuleIndex::Field* field = nullptr;
    uint32_t met_once = 0;  // of the hash of the value that was not known last
    uint8_t size = 0, root_count = 0, kind = 0;
    std::array<uint32_t, kMaxRoots> roots;
    std::array<char, kMaxText> text;
  };

  std::vector<Slot> slots_;
  // Of the last Find; no slot when the value is too long.
  Slot* asked_ = nullptr;
  const RuleIndex::Field* asked_field_ = nullptr;
  const EventValue* asked_value_ = nullptr;
  uint64_t asked_hash_ = 0;
  uint8_t asked_kind_ = 0;
};

}  // namespace picket::detector
