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
#include "detector/compiled_rules.h"
#include "detector/literal_compare.h"
#include "detector/parsed_event.h"
#include "detector/stable_hash.h"

namespace picket::detector {

// Programs, their parents, command lines, users: the values of a field come again and again. A value that comes again is
// found by one hash and one comparison, and need not be folded. A value is kept when it is met for the second time, so
// that those that never come again cost no more than a hash; a newer one takes the place of an older one.
// Threads: one. Lifetime: the indexes whose fields it is asked for must live until the next Clear. Memory: kSlots values,
// taken by the first Find.
class ValueMemory {
 public:
  static constexpr size_t kMaxText = 192;  // bytes of a value that is kept
  static constexpr size_t kMaxFound = 10;  // literals

  // The literals of the field's index that are in the value, if that is known. Valid until the next Keep.
  std::optional<absl::Span<const uint32_t>> Find(const RuleIndex::Field& field,
                                                 const EventValue& value) {
    if (value.size > kMaxText) {
      asked_ = nullptr;
      return std::nullopt;
    }
    if (slots_.empty()) slots_.resize(kSlots);
    asked_field_ = &field;
    asked_value_ = &value;
    asked_hash_ = StableHash(value.raw(), reinterpret_cast<uintptr_t>(&field));
    asked_ = &slots_[asked_hash_ % kSlots];
    const Slot& slot = *asked_;
    if (slot.hash != asked_hash_ || slot.field != &field || slot.is_fraction != value.is_fraction ||
        !IsText({slot.text.data(), slot.size}, value.raw())) {
      return std::nullopt;
    }
    return absl::MakeConstSpan(slot.found.data(), slot.found_count);
  }

  // What the value has that the last Find did not know.
  void Keep(absl::Span<const uint32_t> found) {
    if (asked_ == nullptr || found.size() > kMaxFound) return;
    Slot& slot = *asked_;
    const auto met = static_cast<uint32_t>(asked_hash_ >> 32);
    if (slot.met_once != met) {
      slot.met_once = met;
      return;
    }
    slot.hash = asked_hash_;
    slot.field = asked_field_;
    slot.size = static_cast<uint8_t>(asked_value_->size);
    slot.is_fraction = asked_value_->is_fraction;
    slot.found_count = static_cast<uint8_t>(found.size());
    std::copy(found.begin(), found.end(), slot.found.begin());
    std::memcpy(slot.text.data(), asked_value_->data, asked_value_->size);
  }

  // Forgets everything: an index is no more.
  void Clear() { std::fill(slots_.begin(), slots_.end(), Slot()); }

 private:
  static constexpr size_t kSlots = 1024;

  // 256 bytes.
  struct alignas(64) Slot {
    uint64_t hash = 0;
    const RuleIndex::Field* field = nullptr;
    uint32_t met_once = 0;  // of the hash of the value that was not known last
    uint8_t size = 0, found_count = 0;
    bool is_fraction = false;  // 1.50 is 1.5, "1.50" is not
    std::array<uint32_t, kMaxFound> found;
    std::array<char, kMaxText> text;
  };

  std::vector<Slot> slots_;
  // Of the last Find; no slot when the value is too long.
  Slot* asked_ = nullptr;
  const RuleIndex::Field* asked_field_ = nullptr;
  const EventValue* asked_value_ = nullptr;
  uint64_t asked_hash_ = 0;
};

}  // namespace picket::detector
